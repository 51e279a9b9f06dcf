//! Questions about events: what their parameters have in common, and what their answers have.
//!
//! Each endpoint is a [`Query`](voc_store::Query) with some parts given. An endpoint reads what it has in common with
//! others as [`Asked`], and answers with a [`Grid`].

pub(crate) mod activity;
pub(crate) mod agents;
mod asked;
mod body;
pub(crate) mod calls;
mod compared;
pub(crate) mod cursor;
pub(crate) mod customer;
pub(crate) mod drivers;
pub(crate) mod factors;
pub(crate) mod filters;
pub(crate) mod funnel;
mod grid;
mod meta;
mod page;
pub(crate) mod product;
pub(crate) mod qos;
pub(crate) mod quality;
pub(crate) mod query;
mod range;
pub(crate) mod repeat_contacts;
mod series;
pub(crate) mod summary;
pub(crate) mod tools;
pub(crate) mod topics;
pub(crate) mod trends;
mod whole;

pub(crate) use asked::{Asked, Families};
use grid::Grid;
use meta::FirstTableBody;
pub(crate) use meta::{Meta, TableBody};
pub(crate) use page::{MAX_LIMIT, Page};
pub(crate) use range::MAX_DAYS;
pub(crate) use range::Range;
