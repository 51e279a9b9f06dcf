//! The table of a predecessor as a source: its rows are records, and their places in the table's order are offsets.
//!
//! The rows go the same way as records of Kafka: they are decoded, validated and annotated, become dead letters if
//! that is impossible, and are stored exactly once, however often the process is killed. What a topic and its commits
//! are for Kafka, here are a [`PredecessorTable`](voc_store::adoption::PredecessorTable) and its claim.

mod committer;
mod record;
mod source;

pub use self::source::AdoptionSource;
