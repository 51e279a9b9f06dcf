//! Questions about events: what their parameters have in common, and what their answers have.
//!
//! Each endpoint is a [`Query`](voc_store::Query) with some parts given. An endpoint reads what it has in common with
//! others as [`Asked`], and answers with a [`Grid`].

pub(crate) mod agents;
mod asked;
mod body;
pub(crate) mod calls;
mod compared;
mod cursor;
pub(crate) mod filters;
mod grid;
mod meta;
mod page;
pub(crate) mod qos;
pub(crate) mod query;
mod range;
pub(crate) mod summary;
pub(crate) mod tools;
pub(crate) mod topics;
pub(crate) mod trends;

use asked::Asked;
use grid::Grid;
use meta::{FirstTableBody, Meta, TableBody};
pub(crate) use page::MAX_LIMIT;
pub(crate) use range::MAX_DAYS;
use range::Range;
