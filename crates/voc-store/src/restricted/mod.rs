//! Restricted SQL: one `SELECT` over the tables of the families, by somebody who is not trusted with the store.
//!
//! The text is [parsed](parse) and written anew ([`Writer`](writer::Writer)): every part of the syntax tree that the
//! writer does not know is a mistake, and so is every table and function that it does not list. Texts become
//! parameters, and identifiers are quoted, so what runs has no byte of the caller's in which the engine could read
//! something else. A table is written as a subquery that has the rows that the statement may see, by tenant and
//! period, each event once; the caller cannot name the table itself.
//!
//! [`RestrictedSql`] is a text that has passed; a [`Statement`] says whose events it is about; [`StatementQueries`] is
//! a store that can run it.

mod error;
mod expression;
mod functions;
mod parse;
mod placeholder;
mod sql;
mod statement;
mod types;
mod window;
mod writer;

pub use error::SqlMistake;
pub use placeholder::Placeholder;
pub use sql::RestrictedSql;
pub(crate) use sql::SafeSql;
pub use statement::{Rows, Statement, StatementLimits, StatementQueries};
