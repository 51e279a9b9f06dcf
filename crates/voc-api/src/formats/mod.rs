//! Tables in the formats that people and programs read: JSON, NDJSON, CSV and Parquet.
//!
//! A handler makes a [`TableAnswer`]: columns, and a batch of rows or a stream of them. A batch is written before it
//! is sent, so that its length is known. A stream is sent while it is made, whatever the format, a batch at a time, so
//! its memory does not depend on the number of rows. A failure before the head is sent is a problem; a later one
//! breaks the connection, so that no client takes a part for the whole.

mod body;
mod cells;
mod columns;
mod csv;
mod encode_error;
mod encoder;
mod extension;
mod json;
mod negotiation;
mod parquet;
mod table;

pub(crate) use body::Broken;
pub(crate) use cells::{batch_of, columns_of};
pub(crate) use columns::{Column, RowsBatch};
pub(crate) use extension::{PathsWithFormats, extensions};
pub(crate) use json::Row;
pub(crate) use negotiation::Format;
pub(crate) use table::TableAnswer;

#[cfg(test)]
mod tests;
