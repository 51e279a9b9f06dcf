//! How far the adoption of a table has come.
//!
//! Each commit is a row of the table `adoptions`, of which the last one counts. A process begins with a *claim*: a row
//! of a new generation. It finds the claim of another process before its next commit, and ends. (A commit that was
//! under way then counts for nothing, because it is of an older generation.)

use std::sync::atomic::{AtomicU64, Ordering};

use serde::Deserialize;
use uuid::Uuid;

use super::{contents::Contents, error::AdoptionError, table::PredecessorTable};
use crate::{Param, SqlBackend, StoreError};

const CREATE: &str = "\
    CREATE TABLE IF NOT EXISTS adoptions \
    (table_name String, mark String, rows UInt64, events UInt64, generation UInt64, owner String, change UInt64, \
    next_offset Int64, metadata String, committed_at DateTime64(3, 'UTC')) \
    ENGINE = MergeTree ORDER BY (table_name, generation, change)";

/// The right of a process to adopt a table.
#[derive(Debug)]
pub struct AdoptionClaim {
    /// The topic that stands for the table in the coordinates of its rows. No other table has it.
    pub topic: String,
    mark: String,
    rows: u64,
    events: u64,
    generation: u64,
    owner: String,
    /// Commits so far.
    changes: AtomicU64,
}

/// Where a process continues.
#[derive(Debug)]
pub struct AdoptionStart {
    /// Its claim.
    pub claim: AdoptionClaim,
    /// The events before this one are stored.
    pub next_offset: i64,
    /// The metadata committed with it.
    pub metadata: Option<String>,
}

/// The last commit.
#[derive(Debug, Deserialize)]
struct LastCommit {
    mark: String,
    rows: u64,
    events: u64,
    generation: u64,
    owner: String,
    next_offset: i64,
    metadata: String,
    committed_at: String,
}

impl<B: SqlBackend> PredecessorTable<B> {
    /// Claims the adoption of the table, which is set aside. If another process has begun it, continues where that one
    /// was; it will notice.
    ///
    /// # Errors
    /// [`AdoptionError::Changed`] if the table is not what it was at the beginning, or the store's.
    pub async fn claim(&self, contents: &Contents) -> Result<AdoptionStart, AdoptionError> {
        self.store.backend().execute(CREATE, &[]).await?;
        let last = self.last_commit().await?;
        if let Some(last) = &last
            && (last.rows, last.events) != (contents.rows, contents.events)
        {
            return Err(AdoptionError::Changed {
                table: self.name(),
                kept_as: self.kept_as(),
                rows_before: last.rows,
                events_before: last.events,
                rows: contents.rows,
                events: contents.events,
            });
        }
        let mark = match &last {
            Some(last) => last.mark.clone(),
            None => self.first_mark(contents).await?,
        };
        let claim = AdoptionClaim {
            topic: format!("{}#{mark}", self.kept_as()),
            mark,
            rows: contents.rows,
            events: contents.events,
            generation: last.as_ref().map_or(1, |last| last.generation + 1),
            owner: Uuid::new_v4().simple().to_string(),
            changes: AtomicU64::new(0),
        };
        let (next_offset, metadata) = last.map_or((0, String::new()), |last| (last.next_offset, last.metadata));
        self.write(&claim, next_offset, &metadata).await?;
        Ok(AdoptionStart { claim, next_offset, metadata: Some(metadata).filter(|metadata| !metadata.is_empty()) })
    }

    /// Commits that the events before `next_offset` are stored.
    ///
    /// # Errors
    /// [`AdoptionError::TakenOver`] if another process has claimed the adoption, or the store's.
    pub async fn commit(
        &self,
        claim: &AdoptionClaim,
        next_offset: i64,
        metadata: Option<&str>,
    ) -> Result<(), AdoptionError> {
        if let Some(other) = self.last_commit().await?.filter(|last| last.owner != claim.owner) {
            return Err(AdoptionError::TakenOver { table: self.name(), since: other.committed_at });
        }
        Ok(self.write(claim, next_offset, metadata.unwrap_or_default()).await?)
    }

    /// The topic of a table that is being adopted or was, and the offset of its last commit.
    ///
    /// # Errors
    /// [`StoreError`] if the store cannot answer.
    pub async fn committed(&self) -> Result<Option<(String, i64)>, StoreError> {
        let last = self.last_commit().await?;
        Ok(last.map(|last| (format!("{}#{}", self.kept_as(), last.mark), last.next_offset)))
    }

    /// The mark of a new adoption: the same for two processes that begin it at once, and another for tables that are
    /// created again.
    async fn first_mark(&self, contents: &Contents) -> Result<String, StoreError> {
        let sql = "SELECT hex(sipHash64(groupArray((name, uuid)), {rows:UInt64}, {events:UInt64})) FROM \
            (SELECT name, uuid FROM system.tables WHERE database = currentDatabase() \
            AND name IN ({table:String}, {kept_as:String}) ORDER BY name)";
        let params = [
            Param::new("table", self.name()),
            Param::new("kept_as", self.kept_as()),
            Param::new("rows", contents.rows),
            Param::new("events", contents.events),
        ];
        Ok(self.store.backend().select_texts(sql, &params).await?.pop().unwrap_or_default().to_lowercase())
    }

    async fn last_commit(&self) -> Result<Option<LastCommit>, StoreError> {
        // By the owner, if two processes have claimed it at once.
        let sql = "SELECT formatRowNoNewline('JSONCompactEachRow', mark, rows, events, generation, owner, next_offset, \
            metadata, committed_at) FROM adoptions WHERE table_name = {table:String} \
            ORDER BY generation DESC, owner DESC, change DESC LIMIT 1 \
            SETTINGS output_format_json_quote_64bit_integers = 0";
        let commits = self.store.select(sql, &[Param::new("table", self.name())]).await?;
        Ok(commits.into_iter().next())
    }

    async fn write(&self, claim: &AdoptionClaim, next_offset: i64, metadata: &str) -> Result<(), StoreError> {
        let sql = "INSERT INTO adoptions SELECT {table:String}, {mark:String}, {rows:UInt64}, {events:UInt64}, \
            {generation:UInt64}, {owner:String}, {change:UInt64}, {next:Int64}, {metadata:String}, now64(3, 'UTC') \
            SETTINGS async_insert = 0";
        let params = [
            Param::new("table", self.name()),
            Param::new("mark", &claim.mark),
            Param::new("rows", claim.rows),
            Param::new("events", claim.events),
            Param::new("generation", claim.generation),
            Param::new("owner", &claim.owner),
            Param::new("change", claim.changes.fetch_add(1, Ordering::Relaxed)),
            Param::new("next", next_offset),
            Param::new("metadata", metadata),
        ];
        self.store.backend().execute(sql, &params).await
    }
}
