//! Storing rows again with later values.
//!
//! Rows of the same event replace each other by the latest `processed_at`, but only when they are merged. Until then
//! [`EventQueries`](crate::EventQueries) see that parts of the table overlap, and read the latest version of each row.
//! A [`Revision`] records how far a process that stores rows again has come, so that another process can continue.

use std::sync::Arc;

use async_trait::async_trait;
use voc_events::{Table, Timestamp};

use crate::{InsertBatch, StoreError};

pub(crate) const MILLIS_PER_HOUR: i64 = 3_600_000;

/// In UTC milliseconds, from the first instant inside to the first outside.
pub(crate) type Interval = (i64, i64);

/// Offsets of a source partition, in any of its logs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OffsetSpan {
    /// Topic.
    pub topic: Arc<str>,
    /// Partition.
    pub partition: i32,
    /// First offset.
    pub first: i64,
    /// Offset after the last.
    pub end: i64,
}

/// A record of rows being stored again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revision {
    /// Its name, unique across families. Storing the same rows again under the same name adds nothing.
    pub id: String,
    /// The name of the family whose rows are stored again.
    pub family: String,
    /// The name of the family's table.
    pub table: String,
    /// The offsets whose rows are stored again.
    pub offsets: OffsetSpan,
    /// The progress: everything before this offset is done.
    pub next_offset: i64,
    /// Whether rows may exist in two versions.
    pub is_open: bool,
    /// Grows with every change.
    pub change: u64,
}

impl Revision {
    /// A revision to be opened, without progress.
    #[must_use]
    pub fn new(id: impl Into<String>, family: impl Into<String>, table: &Table, offsets: OffsetSpan) -> Self {
        Self {
            id: id.into(),
            family: family.into(),
            table: table.name.to_owned(),
            next_offset: offsets.first,
            offsets,
            is_open: true,
            change: 1,
        }
    }

    /// The revision when everything before an offset is done.
    #[must_use]
    pub fn done_until(&self, next_offset: i64) -> Self {
        Self { next_offset, change: self.change + 1, ..self.clone() }
    }

    /// The revision opened or closed.
    #[must_use]
    pub fn opened(&self, is_open: bool) -> Self {
        Self { is_open, change: self.change + 1, ..self.clone() }
    }
}

/// What is stored for a record: the latest version.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredRow {
    /// Its offset.
    pub offset: i64,
    /// Which of the partition's logs the offset belongs to.
    pub epoch: i64,
    /// The event's identifier; `None` if the table has none.
    pub event_id: Option<uuid::Uuid>,
    /// When the event happened.
    pub time: Timestamp,
    /// Sentiment, if the text has one and the table is annotated.
    pub sentiment: Option<f32>,
    /// Best topic, if the text has one and the table is annotated.
    pub topic: Option<String>,
}

/// Stores rows again.
#[async_trait]
pub trait Revisions: Send + Sync {
    /// The stored rows in a span of offsets, in ascending order. For an offset in several logs, the newest log's row.
    ///
    /// # Errors
    /// [`StoreError`] if the store cannot answer.
    async fn stored_rows(&self, table: &Table, offsets: &OffsetSpan) -> Result<Vec<StoredRow>, StoreError>;

    /// Offset and epoch of a family's dead letters in a span of offsets, in ascending order. For an offset in several
    /// logs, the newest log's.
    ///
    /// # Errors
    /// [`StoreError`] if the store cannot answer.
    async fn dead_letter_offsets(&self, family: &str, offsets: &OffsetSpan) -> Result<Vec<(i64, i64)>, StoreError>;

    /// The offsets in a span of which a family's row or dead letter was erased, in any of the partition's logs.
    ///
    /// # Errors
    /// [`StoreError`] if the store cannot answer.
    async fn erased_offsets(&self, family: &str, offsets: &OffsetSpan) -> Result<Vec<i64>, StoreError>;

    /// Every revision of every family, open or closed, in the order of their names.
    ///
    /// # Errors
    /// [`StoreError`] if the store cannot answer.
    async fn revisions(&self) -> Result<Vec<Revision>, StoreError>;

    /// Writes a revision; it replaces the one of the same name.
    ///
    /// # Errors
    /// [`StoreError`]; the revision may have been written.
    async fn save_revision(&self, revision: &Revision) -> Result<(), StoreError>;

    /// Stores rows again, under tokens derived from the revision's name.
    ///
    /// # Errors
    /// [`StoreError`]; rows may have been stored. Repeating the call is harmless.
    async fn insert_revised(&self, batch: Arc<InsertBatch>, revision: &Revision) -> Result<(), StoreError>;

    /// Merges the table partitions of a revision's rows as far as necessary. Returns the number of rows that still
    /// exist in an earlier version. A row stored again as another event, of another tenant or time, is not a version
    /// of the earlier one, which remains and is not counted.
    ///
    /// # Errors
    /// [`StoreError`]; a merge may be running.
    async fn merge_revised(&self, table: &Table, revision: &Revision) -> Result<u64, StoreError>;
}
