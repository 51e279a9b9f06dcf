//! How events travel: sources, lanes, batches, dead letters.
//!
//! A [`Source`] hands out partitions. The [`Pipeline`] runs one *lane* for each: decode, annotate, collect, insert, commit. What
//! cannot become a row goes to a [`DeadLetterSink`] before the batch is committed, so nothing is lost on bad input; while the
//! store is away, lanes wait and sources stop reading, so nothing is lost then, either.
//!
//! The only crate that knows Kafka.

#![forbid(unsafe_code)]

mod backoff;
mod clock;
mod dead_letters;
mod disk;
mod event_types;
pub mod files;
mod freshness;
mod intent;
pub mod kafka;
mod lane;
mod memory;
mod meter;
mod misdirected;
mod pipeline;
mod recent;
mod record;
pub mod registry;
mod replay;
mod settings;
mod source;
pub mod telemetry;
pub mod verify;

pub use dead_letters::{
    DeadLetterError, DeadLetterSink, DeliveryRemedy, FileDeadLetters, OnceDeadLetters, StoreDeadLetters,
};
pub use intent::{
    Attempt, CommitMetadata, DueCommit, Inheritance, Intent, NewEpoch, ParseCommitMetadataError, Protocol,
    ProtocolError, UnknownCommitMetadata,
};
pub use lane::{DeliveryError, Failure, LaneError};
pub use memory::{MemoryBudget, MemoryPermit};
pub use meter::Tally;
pub use pipeline::{InsertSlots, Pipeline, PipelineError};
pub use record::{Headers, Record, RecordChunk, TopicPartition};
pub use replay::{ReplayError, ReplayReport, Replayer};
pub use settings::{BatchSettings, RecentSettings};
pub use source::{
    Assignment, CommitError, CommittedOffset, Committer, LaneControl, LaneDone, LaneEnd, LaneHandle, Source,
    SourceError,
};
