//! Adopting the tables of the programs that this one replaces.
//!
//! A predecessor's table has the name of ours and other columns. It is *set aside*: renamed, and not written any more.
//! Then its rows are read in an order that never changes, so that a row's place in it is an offset, and stored through
//! the pipeline like the records of a topic. How far that has come is kept in a table of its own, so that a process
//! that was killed is continued by the next. At the end every row of the table that was set aside is looked up in
//! ours.

mod comparison;
mod contents;
mod error;
mod predecessor;
mod progress;
mod rows;
mod table;

pub use self::{
    comparison::{Comparison, TenantComparison},
    contents::{Contents, ContentsPart},
    error::AdoptionError,
    progress::{AdoptionClaim, AdoptionStart},
    rows::{OldDocument, OldRow, OldRows},
    table::{AdoptionState, PredecessorTable},
};
