//! The store's two interfaces: one accepts rows, one answers queries.

use std::{sync::Arc, time::Instant};

use async_trait::async_trait;
use voc_events::{Table, TenantId, Timestamp};

use crate::{
    Answer, DeadLetter, DeadLetterList, DeadLetterPage, Drivers, EventList, EventPage, EventStream, Freshness, Funnel,
    InsertBatch, IsolationOutcome, LedgerEntry, LedgerFilter, PartitionLedger, Period, Query, ReadMeter, RecentEvent,
    RecentRange, ReinsertOutcome, RepeatContacts, SourceRange, StoreError, TenantScope, TopicSummary, TypeSummary,
    query,
};

/// Accepts rows.
#[async_trait]
pub trait EventStore: Send + Sync {
    /// Inserts a batch, part by part, each under its deduplication token. After `Ok` every row is stored.
    ///
    /// For a batch that only the caller inserts and that was never attempted before, as in tests and measurements. The
    /// pipeline's batches are declared first, and go through [`insert_declared`](Self::insert_declared). Inserting the
    /// same batch again usually adds nothing, but the token alone is no proof: after an error with unknown outcome the
    /// caller continues with [`reinsert`](Self::reinsert).
    ///
    /// # Errors
    /// [`StoreError`]; parts before the failed one may be stored, and so may the failed one.
    async fn insert(&self, batch: Arc<InsertBatch>) -> Result<(), StoreError>;

    /// Like [`insert`](Self::insert), for a batch that was declared to the caller's possible successors. No process
    /// had tried to insert it at `declared_at`.
    ///
    /// Since then a successor may have re-inserted it. The token then makes this insert do nothing, unless the store
    /// has died and lost the token. Therefore it only uses a session opened before.
    ///
    /// # Errors
    /// [`StoreError::NoSession`] if there is no such session, else as for [`insert`](Self::insert).
    async fn insert_declared(&self, batch: Arc<InsertBatch>, declared_at: Instant) -> Result<(), StoreError>;

    /// Inserts the missing rows of a batch that an earlier attempt may have stored partly or completely: an attempt
    /// before a crash, a timeout or any error but [`StoreError::Rejected`], of this process or another. After `Ok`
    /// every row is stored, once, or is one of the outcome's [resends](ReinsertOutcome::resends).
    ///
    /// An engine remembers a token and stores the rows in two writes. Killed between them, it knows the token without
    /// having the rows, and drops every repetition; or it has the rows without knowing the token, which it may also
    /// have forgotten over later inserts, and duplicates them. So a re-insert reads back which of the batch's offsets
    /// are stored, inserts the others under the token, reads back again, and inserts the rows that are still missing
    /// under another token, `<token>/retry-1` and so on. These tokens are the same in every process, so a re-insert
    /// may itself be interrupted, repeated, or run twice at the same time.
    ///
    /// It must be the identical batch: the same range split into the same parts. Whether a row is stored is decided by
    /// its source coordinates alone; rows with these coordinates from an older version of the program count.
    ///
    /// # Errors
    /// [`StoreError`]; repeat the re-insert if it [is retryable](StoreError::is_retryable), as it is when inserted
    /// rows do not become visible.
    async fn reinsert(&self, batch: Arc<InsertBatch>) -> Result<ReinsertOutcome, StoreError>;

    /// Stores every row that the store accepts of a batch that it refused because of its data
    /// ([`Remedy::Isolate`](crate::Remedy::Isolate)), and reports the refused rows with the reasons.
    ///
    /// The batch is halved until only single rows are refused: about twice log₂ of the batch's rows inserts per
    /// refused row. Every piece is stored as by a [`reinsert`](Self::reinsert), and under a token that is the same in
    /// every process, so this, too, may be interrupted, repeated, or run twice at the same time.
    ///
    /// # Errors
    /// [`StoreError::RefusesAll`] if not some rows but everything is refused; else as for
    /// [`reinsert`](Self::reinsert). Any of the rows may be stored; repeat the call if the error [is
    /// retryable](StoreError::is_retryable).
    async fn isolate(&self, batch: Arc<InsertBatch>) -> Result<IsolationOutcome, StoreError>;

    /// Writes dead letters. Those that are already stored (by family, topic, partition, epoch and offset) add nothing,
    /// in whatever set they come; after an error the caller repeats the call.
    ///
    /// # Errors
    /// [`StoreError`]; the dead letters may be stored.
    async fn insert_dead_letters(&self, dead_letters: Arc<[DeadLetter]>) -> Result<(), StoreError>;

    /// The dead letters that are not stored.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn new_dead_letters(&self, dead_letters: Arc<[DeadLetter]>) -> Result<Arc<[DeadLetter]>, StoreError>;

    /// Records the outcome of a batch in the ledger, once its rows and dead letters are stored. Recording a batch
    /// again, after an error or when it is re-inserted, is harmless: among the entries of one range the one with more
    /// rows counts.
    ///
    /// # Errors
    /// [`StoreError`]; the entry may be stored.
    async fn record(&self, entry: &LedgerEntry) -> Result<(), StoreError>;

    /// The newest stored events of a source partition before an offset, in the order of their offsets: what its new
    /// owner must know to recognise resends as the previous owner would have. An event may occur twice; a table
    /// without identifiers has none.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn recent_events(&self, range: &RecentRange) -> Result<Vec<RecentEvent>, StoreError>;

    /// The offsets in a range at which a table has rows, or had ones that were erased, in ascending order.
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

/// Answers queries.
#[async_trait]
pub trait EventQueries: Send + Sync {
    /// The same store; a meter is told how many rows are read for what is asked here.
    fn metered(self: Arc<Self>, meter: ReadMeter) -> Arc<dyn EventQueries>;

    /// Answers a question. No event counts twice, however often it is stored.
    ///
    /// # Errors
    /// [`StoreError`] if the store cannot answer.
    async fn query(&self, query: &Query) -> Result<Answer, StoreError>;

    /// A page of a list of events. No event is on it twice, however often it is stored.
    ///
    /// # Errors
    /// [`StoreError`] if the store cannot answer.
    async fn events(&self, list: &EventList) -> Result<EventPage, StoreError>;

    /// How far a number of a list's events reach: the time of the last of them, in the list's order; `None` if there
    /// are not as many. So a search knows how much it reads before it reads it. The list's patterns and beginning do
    /// not matter, and an event that is stored several times may count as often.
    ///
    /// # Errors
    /// [`StoreError`] if the store cannot answer.
    async fn reach(&self, list: &EventList, events: usize) -> Result<Option<Timestamp>, StoreError>;

    /// All events of a list, each once, in the order of the table's sorting key; the list's order, beginning and limit
    /// do not matter. They are read at the pace at which the stream is, so the memory does not depend on their number.
    ///
    /// # Errors
    /// [`StoreError`] if the store cannot answer; the stream ends with one if it breaks off.
    async fn stream(&self, list: &EventList) -> Result<EventStream, StoreError>;

    /// Answers how far sessions or users come in a sequence of steps.
    ///
    /// # Errors
    /// [`StoreError`] if the store cannot answer.
    async fn funnel(&self, funnel: &Funnel) -> Result<Answer, StoreError>;

    /// Answers which values go with a better or worse outcome.
    ///
    /// # Errors
    /// [`StoreError`] if the store cannot answer.
    async fn drivers(&self, drivers: &Drivers) -> Result<Answer, StoreError>;

    /// Answers how many contacts are followed by another one of the same customer.
    ///
    /// # Errors
    /// [`StoreError`] if the store cannot answer.
    async fn repeat_contacts(&self, question: &RepeatContacts) -> Result<Answer, StoreError>;

    /// A page of a list of dead letters. None is on it twice, however often it is stored.
    ///
    /// # Errors
    /// [`StoreError`] if the store cannot answer.
    async fn dead_letters(&self, list: &DeadLetterList) -> Result<DeadLetterPage, StoreError>;

    /// The latest stored event of tenants; `None` without events.
    ///
    /// # Errors
    /// [`StoreError`] if the store cannot answer.
    async fn freshness(&self, table: &Table, tenants: &TenantScope) -> Result<Option<Freshness>, StoreError>;

    /// A text that changes with every insert into a table, and with every other change of its rows. `None` if the
    /// store cannot tell.
    ///
    /// # Errors
    /// [`StoreError`] if the store cannot answer.
    async fn version(&self, table: &Table) -> Result<Option<String>, StoreError>;

    /// A table's events by type, most frequent first, for one tenant or all. Events of a table without types are all
    /// of one type, named after the table. A table without tenants has no events of any one tenant.
    ///
    /// # Errors
    /// [`StoreError`] if the store cannot answer.
    async fn summary(
        &self,
        table: &Table,
        tenant: Option<&TenantId>,
        period: Period,
    ) -> Result<Vec<TypeSummary>, StoreError> {
        let query = query::summary(table, tenant.cloned().into(), period)?;
        Ok(TypeSummary::of(&query, &self.query(&query).await?))
    }

    /// A table's annotated events by topic, most frequent first, for one tenant or all. Empty for a table that is not
    /// annotated, and, for one tenant, for a table without tenants.
    ///
    /// # Errors
    /// [`StoreError`] if the store cannot answer.
    async fn topics(
        &self,
        table: &Table,
        tenant: Option<&TenantId>,
        period: Period,
    ) -> Result<Vec<TopicSummary>, StoreError> {
        let Some(query) = query::topics(table, tenant.cloned().into(), period)? else { return Ok(Vec::new()) };
        Ok(TopicSummary::of(&self.query(&query).await?))
    }

    /// The outcome of the records of every partition, by family, topic, partition and epoch.
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
