//! Storing rows again with later values, without a moment in which they count twice.
//!
//! Rows of the same event replace each other by the latest `processed_at`, but only when they are merged, and the hourly rollups count
//! what is stored until then. So whoever stores rows again opens a [`Revision`] first: it names the span of event time in which rows may
//! be there in two versions, and [`EventQueries`](crate::EventQueries) read that span row by row, the latest version of each. When the
//! rows are merged, the record is closed.
//!
//! A question reads the open records before and after it asks, and asks again if they have changed meanwhile. A record is written before
//! the first row is inserted; so an answer into which a second version fell was asked while the record appeared, and is not given.

use std::sync::Arc;

use async_trait::async_trait;
use voc_events::{Table, Timestamp};

use crate::{InsertBatch, StoreError};

pub(crate) const MILLIS_PER_HOUR: i64 = 3_600_000;

/// In UTC milliseconds, from the first instant inside to the first outside.
pub(crate) type Interval = (i64, i64);

/// The hours in which rows of a table may be there in two versions, as one interval around them all.
pub(crate) fn revised<'r>(revisions: impl IntoIterator<Item = &'r Revision>, table: &Table) -> Option<Interval> {
    let of_table = revisions.into_iter().filter(|revision| revision.is_open && revision.table == table.name);
    let open = of_table.filter_map(|revision| revision.events);
    let (first, last) = open.reduce(|all, more| (all.0.min(more.0), all.1.max(more.1)))?;
    let hour_of = |time: Timestamp| time.as_millis().div_euclid(MILLIS_PER_HOUR) * MILLIS_PER_HOUR;
    Some((hour_of(first), hour_of(last) + MILLIS_PER_HOUR))
}

/// Offsets of a source partition, whichever of its logs they are of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OffsetSpan {
    /// Topic.
    pub topic: Arc<str>,
    /// Partition.
    pub partition: i32,
    /// First offset.
    pub first: i64,
    /// Offset behind the last.
    pub end: i64,
}

/// The record of rows being stored again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revision {
    /// Its name, which no other record has, of whatever family; the same rows stored again under the same name add
    /// nothing.
    pub id: String,
    /// The name of the family whose rows are stored again.
    pub family: String,
    /// The name of the family's table: questions about other tables need not know of the record.
    pub table: String,
    /// The offsets whose rows are stored again.
    pub offsets: OffsetSpan,
    /// How far that has come: everything before is done.
    pub next_offset: i64,
    /// Times of the earliest and the latest event that may be there in two versions; none so far if `None`.
    pub events: Option<(Timestamp, Timestamp)>,
    /// Whether rows may be there in two versions.
    pub is_open: bool,
    /// Grows when what questions must know has changed.
    pub generation: u64,
    /// Grows with every change.
    pub change: u64,
}

impl Revision {
    /// A record to be opened: nothing done yet.
    #[must_use]
    pub fn new(id: impl Into<String>, family: impl Into<String>, table: &Table, offsets: OffsetSpan) -> Self {
        Self {
            id: id.into(),
            family: family.into(),
            table: table.name.to_owned(),
            next_offset: offsets.first,
            offsets,
            events: None,
            is_open: true,
            generation: 1,
            change: 1,
        }
    }

    /// The record with a span that covers further times, if it does not yet.
    #[must_use]
    pub fn covering(&self, first: Timestamp, last: Timestamp) -> Option<Self> {
        let (from, to) = self.events.unwrap_or((first, last));
        let events = Some((from.min(first), to.max(last)));
        (self.events != events).then(|| Self {
            events,
            generation: self.generation + 1,
            change: self.change + 1,
            ..self.clone()
        })
    }

    /// The record when everything before an offset is done.
    #[must_use]
    pub fn done_until(&self, next_offset: i64) -> Self {
        Self { next_offset, change: self.change + 1, ..self.clone() }
    }

    /// The record opened or closed.
    #[must_use]
    pub fn opened(&self, is_open: bool) -> Self {
        Self { is_open, generation: self.generation + 1, change: self.change + 1, ..self.clone() }
    }
}

/// What is stored of a record: of several versions the latest.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredRow {
    /// Its offset.
    pub offset: i64,
    /// Which of the partition's logs the offset is of.
    pub epoch: i64,
    /// The event's identifier; `None` if the table has none.
    pub event_id: Option<uuid::Uuid>,
    /// When the event happened.
    pub time: Timestamp,
    /// Score, if the text has one and the table is annotated.
    pub sentiment: Option<f32>,
    /// Best topic, if the text has one and the table is annotated.
    pub topic: Option<String>,
}

/// Stores rows again.
#[async_trait]
pub trait Revisions: Send + Sync {
    /// The rows stored of a span of offsets, in ascending order. Of an offset in several logs the newest log's.
    ///
    /// # Errors
    /// [`StoreError`] if the store cannot answer.
    async fn stored_rows(&self, table: &Table, offsets: &OffsetSpan) -> Result<Vec<StoredRow>, StoreError>;

    /// Offset and epoch of a family's dead letters of a span of offsets, in ascending order. Of an offset in several
    /// logs the newest log's.
    ///
    /// # Errors
    /// [`StoreError`] if the store cannot answer.
    async fn dead_letter_offsets(&self, family: &str, offsets: &OffsetSpan) -> Result<Vec<(i64, i64)>, StoreError>;

    /// Times of the earliest and the latest event stored of a span of offsets.
    ///
    /// # Errors
    /// [`StoreError`] if the store cannot answer.
    async fn stored_times(
        &self,
        table: &Table,
        offsets: &OffsetSpan,
    ) -> Result<Option<(Timestamp, Timestamp)>, StoreError>;

    /// Every record of every family, open or closed, in the order of their names.
    ///
    /// # Errors
    /// [`StoreError`] if the store cannot answer.
    async fn revisions(&self) -> Result<Vec<Revision>, StoreError>;

    /// Writes a record, in place of the one of the same name.
    ///
    /// # Errors
    /// [`StoreError`]; the record may be written.
    async fn save_revision(&self, revision: &Revision) -> Result<(), StoreError>;

    /// Stores rows again, in the span of an open record, under tokens made of the record's name.
    ///
    /// # Errors
    /// [`StoreError`]; rows may be stored. To repeat the call is harmless.
    async fn insert_revised(&self, batch: Arc<InsertBatch>, revision: &Revision) -> Result<(), StoreError>;

    /// Has the table partitions of a record's rows merged, as far as they need it; gives the number of rows that are there in an
    /// earlier version all the same. A row stored again as another event, of another tenant or time, is no version of the earlier one,
    /// which stays and is not counted.
    ///
    /// # Errors
    /// [`StoreError`]; a merge may be under way.
    async fn merge_revised(&self, table: &Table, revision: &Revision) -> Result<u64, StoreError>;
}
