//! The store's two faces: one that takes rows, one that answers questions.

use std::{sync::Arc, time::Instant};

use async_trait::async_trait;
use serde::Serialize;
use voc_events::{Table, TenantId, Timestamp};

use crate::{
    DeadLetter, InsertBatch, Isolated, LedgerEntry, LedgerFilter, PartitionLedger, RecentEvent, RecentRange, Replayed,
    SourceRange, StoreError,
};

/// Takes rows.
#[async_trait]
pub trait EventStore: Send + Sync {
    /// Inserts a batch, part by part, each under its deduplication token. After `Ok` every row is stored.
    ///
    /// For a batch that nobody but the caller will ever insert, and nobody has tried to insert before: what tests and measurements do. The
    /// pipeline's batches are declared first, and go through [`insert_declared`](Self::insert_declared). Inserting the same batch again
    /// mostly adds nothing, but the token alone is no proof: after an error of unknown outcome the caller goes on with
    /// [`replay`](Self::replay).
    ///
    /// # Errors
    /// [`StoreError`]; parts before the failing one may be stored, and the failing one, too.
    async fn insert(&self, batch: Arc<InsertBatch>) -> Result<(), StoreError>;

    /// The same for a batch that was declared to whoever takes over from the caller. Nobody had tried to insert it at `declared_at`.
    ///
    /// Since then somebody who took over may have replayed it. The token makes this insert do nothing then, unless the store has died
    /// and lost the token. So it goes only through a session of before.
    ///
    /// # Errors
    /// [`StoreError::NoSession`] if there is no such session, and as for [`insert`](Self::insert).
    async fn insert_declared(&self, batch: Arc<InsertBatch>, declared_at: Instant) -> Result<(), StoreError>;

    /// Inserts what is missing of a batch that an earlier try may have stored in part or whole: a try before a crash, a time-out or
    /// any error but [`StoreError::Rejected`], of this process or another. After `Ok` every row is stored, once.
    ///
    /// An engine remembers a token and stores the rows by two writes. Killed between them it knows the token without having the
    /// rows, and drops every repetition; or it has the rows without knowing the token, which it may also have forgotten over later
    /// inserts, and doubles them. So a replay reads back which of the batch's offsets are stored, inserts the others under the token,
    /// reads back again, and inserts what is missing even then under a token of its own, `<token>/retry-1` and so on. These tokens
    /// are the same in every process, so a replay may itself be cut off, repeated, or run twice at the same time.
    ///
    /// It must be the identical batch: the same range split into the same parts. Whether a row is stored is decided by its source
    /// coordinates alone; rows of these coordinates stored by an older version of the program count.
    ///
    /// # Errors
    /// [`StoreError`]; repeat the replay if it [is retryable](StoreError::is_retryable), as it is when rows that were inserted do not
    /// become visible.
    async fn replay(&self, batch: Arc<InsertBatch>) -> Result<Replayed, StoreError>;

    /// Stores every row the store takes of a batch that it refused for its data ([`Remedy::Isolate`](crate::Remedy::Isolate)), and
    /// says which rows it does not take, and why.
    ///
    /// The batch is halved until what is refused are single rows: about twice log₂ of the batch's rows inserts a refused row. Every
    /// piece is stored as by a [`replay`](Self::replay), and under a token that is the same in every process: so this, too, may be
    /// cut off, repeated, or run twice at the same time.
    ///
    /// # Errors
    /// [`StoreError::RefusesAll`] if it is not some rows that are refused, but everything; else as for [`replay`](Self::replay). Any
    /// of the rows may be stored; repeat the call if the error [is retryable](StoreError::is_retryable).
    async fn isolate(&self, batch: Arc<InsertBatch>) -> Result<Isolated, StoreError>;

    /// Writes dead letters. Those (by family, topic, partition, epoch and offset) that are stored already add nothing,
    /// whatever set they come in; after an error the caller repeats the call.
    ///
    /// # Errors
    /// [`StoreError`]; the dead letters may be stored.
    async fn insert_dead_letters(&self, dead_letters: Arc<[DeadLetter]>) -> Result<(), StoreError>;

    /// Those of the dead letters that are not stored.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn new_dead_letters(&self, dead_letters: Arc<[DeadLetter]>) -> Result<Arc<[DeadLetter]>, StoreError>;

    /// Records in the ledger what became of a batch, once its rows and dead letters are stored. To record a batch again, after an error
    /// or when it is replayed, is harmless: of the entries of one range the one with more rows counts.
    ///
    /// # Errors
    /// [`StoreError`]; the entry may be stored.
    async fn record(&self, entry: &LedgerEntry) -> Result<(), StoreError>;

    /// The newest stored events of a source partition before an offset, in the order of their offsets: what its new
    /// owner must know to recognise resends as the owner before would have. An event may come twice; a table without
    /// identifiers has none.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn recent_events(&self, range: &RecentRange) -> Result<Vec<RecentEvent>, StoreError>;

    /// The offsets in a range of which a table has rows, in ascending order.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn stored_offsets(&self, table: &Table, range: &SourceRange) -> Result<Vec<i64>, StoreError>;

    /// Checks that the store answers.
    ///
    /// # Errors
    /// [`StoreError`] with the reason why it does not.
    async fn ping(&self) -> Result<(), StoreError>;
}

/// Answers questions.
#[async_trait]
pub trait EventQueries: Send + Sync {
    /// A table's events by type, most frequent first; of one tenant, or of all. Events of a table that does not tell
    /// types apart are all of one type, which has the table's name. A table without tenants has nothing of any one
    /// tenant.
    ///
    /// # Errors
    /// [`StoreError`] if the store cannot answer.
    async fn summary(
        &self,
        table: &Table,
        tenant: Option<&TenantId>,
        period: Period,
    ) -> Result<Vec<TypeSummary>, StoreError>;

    /// A table's annotated events by topic, most frequent first; of one tenant, or of all. Nothing of a table that is
    /// not annotated, and nothing of any one tenant of a table without tenants.
    ///
    /// # Errors
    /// [`StoreError`] if the store cannot answer.
    async fn topics(
        &self,
        table: &Table,
        tenant: Option<&TenantId>,
        period: Period,
    ) -> Result<Vec<TopicSummary>, StoreError>;

    /// What became of the records of every partition, by family, topic, partition and epoch.
    ///
    /// # Errors
    /// [`StoreError`] if the store cannot answer.
    async fn ledger(&self, filter: &LedgerFilter) -> Result<Vec<PartitionLedger>, StoreError>;

    /// Checks that the store answers.
    ///
    /// # Errors
    /// [`StoreError`] with the reason why it does not.
    async fn ping(&self) -> Result<(), StoreError>;
}

/// A span of event time. It always has an end: events may be dated decades ahead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    /// First instant inside.
    pub since: Timestamp,
    /// First instant outside.
    pub until: Timestamp,
}

/// Events of one type.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TypeSummary {
    /// The events' type.
    pub event_type: String,
    /// Number of events.
    pub event_count: u64,
    /// Mean sentiment of the annotated ones, from -1 to 1; none if no event has a score.
    pub avg_sentiment: Option<f64>,
    /// Time of the earliest event.
    pub first_event: Timestamp,
    /// Time of the latest event.
    pub last_event: Timestamp,
}

/// Events of one topic.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TopicSummary {
    /// The topic.
    pub topic: String,
    /// Number of events.
    pub event_count: u64,
    /// Mean sentiment of those with a score, from -1 to 1.
    pub avg_sentiment: Option<f64>,
}
