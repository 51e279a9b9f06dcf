//! Moves events from a source to the store: sources, lanes, batches, dead letters.
//!
//! A [`Source`] hands out partitions. The [`Pipeline`] runs one *lane* per partition: decode, annotate, collect,
//! insert, commit. Records that cannot become rows go to a [`DeadLetterSink`] before their batch is committed, so bad
//! input loses nothing. While the store is down, lanes wait and sources stop reading, so an outage loses nothing
//! either.
//!
//! This is the only crate that knows Kafka.

#![forbid(unsafe_code)]

pub mod adoption;
mod backoff;
mod clock;
mod dead_letters;
mod disk;
mod event_times;
mod event_types;
pub mod files;
mod freshness;
mod insert_slots;
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
mod waiting;

pub use dead_letters::{
    DeadLetterError, DeadLetterSink, DeliveryRemedy, FileDeadLetters, OnceDeadLetters, StoreDeadLetters,
};
pub use insert_slots::InsertSlots;
pub use intent::{
    Attempt, CommitMetadata, DueCommit, Inheritance, Intent, NewEpoch, ParseCommitMetadataError, Protocol,
    ProtocolError, UnknownCommitMetadata,
};
pub use lane::{DeliveryError, Failure, LaneError};
pub use memory::{MemoryBudget, MemoryPermit};
pub use meter::Tally;
pub use pipeline::{Pipeline, PipelineError};
pub use record::{Headers, Record, RecordChunk, TopicPartition};
pub use replay::{ReplayError, ReplayReport, Replayer};
pub use settings::{BatchSettings, RecentSettings};
pub use source::{
    Assignment, CommitError, CommittedOffset, Committer, LaneControl, LaneDone, LaneEnd, LaneHandle, Source,
    SourceError,
};
