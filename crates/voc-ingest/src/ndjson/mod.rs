//! NDJSON as a source: a file or standard input, one event a line.
//!
//! A line's offset is its number, counted from 0. Blank lines are skipped, as readers of NDJSON may do; a carriage
//! return before the line feed and a byte order mark at a line's start, as files put together have them, are not part
//! of a line. How far a file was stored is remembered in a [`Checkpoints`] file, so an import that was interrupted
//! goes on where it stopped, and one that was complete does not count its events twice. What is not NDJSON at all is
//! [named](ForeignFormat) and not read.

mod checkpoint;
mod foreign;
mod lines;
mod snapshot;
mod source;

pub use checkpoint::Checkpoints;
pub use foreign::ForeignFormat;
pub use source::{NdjsonInput, NdjsonSource, UnfinishedLine};
