//! The SQL layer, written once for every engine that speaks ClickHouse's SQL.
//!
//! A [`SqlBackend`] runs statements; [`SqlStore`] implements [`EventStore`](crate::EventStore),
//! [`EventQueries`](crate::EventQueries) and the migrations on top of it.

mod audit;
mod block;
mod dead_letters;
mod deduplication;
mod erasure;
mod examination;
mod insert;
mod ledger;
mod ledger_queries;
mod merged;
mod query;
mod recent;
mod reinsert;
mod retention;
mod revisions;
mod statements;
mod table_engine;
mod time;

use std::{fmt, sync::Arc, time::Instant};

use async_trait::async_trait;
pub use audit::{AuditWindow, AuditedBatch, AuditedLog, AuditedOffsets, MissingOfTenant};
pub(crate) use block::quoted;
pub use block::{Block, BlockColumn, BlockValues};
pub use examination::{Disk, MissingRight};
use futures_util::{
    StreamExt as _,
    stream::{self, BoxStream},
};
pub use query::KnownParts;
use serde::de::DeserializeOwned;
pub(crate) use table_engine::{is_merge_tree, is_replicated};
pub(crate) use time::Clock;
use tokio::sync::mpsc;

use crate::{Param, QueryError, ReadMeter, StoreError, TableLayout, TenantScope};

/// Settings of queries that count every stored row: no `FINAL` except where it is written, whatever the user's profile
/// says; and 64-bit integers as numbers.
pub(crate) const EVERY_ROW: &str = "SETTINGS final = 0, output_format_json_quote_64bit_integers = 0";

/// The most bytes of a statement, and of the one that sets its parameters. A server reads 256 KiB of each, unless it
/// is set to do otherwise.
const MAX_STATEMENT_BYTES: usize = 250 * 1024;

/// Condition for the rows, dead letters or entries of a log of a partition.
const OF_LOG: &str =
    "source_topic = {topic:String} AND source_partition = {partition:Int32} AND source_epoch = {epoch:Int64}";

/// Tables that every family's batches are stored in, beside its own.
pub(crate) const SHARED_TABLES: [&str; 2] = ["dead_letters", "ledger"];

/// An engine that speaks ClickHouse's SQL.
#[async_trait]
pub trait SqlBackend: Send + Sync + 'static {
    /// A session for statements that must reach the same run of the engine.
    ///
    /// # Errors
    /// [`StoreError`] if none is available now.
    async fn session(&self) -> Result<Box<dyn SqlSession + '_>, StoreError>;

    /// A free session that was already open at an instant; `None` if there is none.
    ///
    /// # Errors
    /// [`StoreError`] if no session at all is available now.
    async fn session_open_at(&self, instant: Instant) -> Result<Option<Box<dyn SqlSession + '_>>, StoreError>;

    /// A session for `SELECT`s about tenants. An engine with row policies shows them no other tenant's rows; one that
    /// knows how many rows it reads tells the meter.
    ///
    /// # Errors
    /// [`StoreError`] if none is available now.
    async fn reading(&self, tenants: &TenantScope, meter: &ReadMeter) -> Result<Box<dyn SqlSession + '_>, StoreError> {
        let _ = (tenants, meter);
        self.session().await
    }

    /// Whether an operation ends when its future is dropped.
    fn ends_with_its_caller(&self) -> bool {
        false
    }

    /// How many of the engine's threads a question about some tenants may take, so that others are answered meanwhile;
    /// `None` if that is the engine's own business.
    fn threads_for_tenants(&self) -> Option<usize> {
        None
    }

    /// How the tables are laid out on the engine's servers.
    fn layout(&self) -> TableLayout {
        TableLayout::default()
    }

    /// Further settings, separated by commas, of a statement whose rows are sent while they are read. There may be any
    /// number of rows, so the statement must take little of this process's memory; from a server, only blocks arrive.
    fn stream_settings(&self) -> &'static str {
        "max_block_size = 512"
    }

    /// [`SqlSession::execute`] in any session.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn execute(&self, sql: &str, params: &[Param]) -> Result<(), StoreError> {
        self.session().await?.execute(sql, params).await
    }

    /// [`SqlSession::select_texts`] in any session.
    ///
    /// # Errors
    /// [`StoreError`]; never `Ok` with rows missing.
    async fn select_texts(&self, sql: &str, params: &[Param]) -> Result<Vec<String>, StoreError> {
        self.session().await?.select_texts(sql, params).await
    }

    /// [`SqlSession::insert`] in any session.
    ///
    /// # Errors
    /// [`StoreError`]; whether the rows are stored is then unknown, unless it is [`StoreError::Rejected`].
    async fn insert(&self, block: &Block) -> Result<(), StoreError> {
        self.session().await?.insert(block).await
    }
}

/// A session with one run of an engine. It ends with the engine, so while it works, the engine has not died since the
/// session was opened. It must not be used after an error.
///
/// Data that an engine has stored or remembered may be gone or incomplete after its death. So an insert that relies on
/// an earlier read, or on something known to be impossible, goes through the session of that time: see
/// [`EventStore::reinsert`](crate::EventStore::reinsert).
#[async_trait]
pub trait SqlSession: Send {
    /// Runs a statement without a result.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn execute(&mut self, sql: &str, params: &[Param]) -> Result<(), StoreError>;

    /// Runs a `SELECT` of exactly one column of type `String`, and returns its values in order. Queries assemble each
    /// row as a JSON text, so that no engine needs to know more types.
    ///
    /// # Errors
    /// [`StoreError`]; never `Ok` with rows missing.
    async fn select_texts(&mut self, sql: &str, params: &[Param]) -> Result<Vec<String>, StoreError>;

    /// Runs a `SELECT` of the store's own, whose result is for no caller: rows of all tenants count, and no meter is
    /// told.
    ///
    /// # Errors
    /// As [`select_texts`](Self::select_texts).
    async fn select_texts_of_all(&mut self, sql: &str, params: &[Param]) -> Result<Vec<String>, StoreError> {
        self.select_texts(sql, params).await
    }

    /// Runs a `SELECT` as [`select_texts`](Self::select_texts) does, and hands over the values in pieces while they
    /// arrive, at the pace at which they are taken. Unless an engine does better, all of them are one piece.
    ///
    /// # Errors
    /// [`StoreError`]; also if nobody takes the values any more. Only after `Ok` all of them were handed over.
    async fn select_in_pieces(
        &mut self,
        sql: &str,
        params: &[Param],
        pieces: &mpsc::Sender<Vec<String>>,
    ) -> Result<(), StoreError> {
        let texts = self.select_texts(sql, params).await?;
        pieces.send(texts).await.map_err(|_| StoreError::abandoned())
    }

    /// Inserts a block; after `Ok` its rows are stored, in one part, under its token.
    ///
    /// # Errors
    /// [`StoreError`]; whether the rows are stored is then unknown, unless it is [`StoreError::Rejected`].
    async fn insert(&mut self, block: &Block) -> Result<(), StoreError>;

    /// What is known of the parts of tables in this run of the engine: what sessions with the same run have in common.
    fn known_parts(&self) -> Arc<KnownParts> {
        Arc::default()
    }

    /// Whether an operation failed because the session ended early enough to repeat a read in another session.
    fn has_ended(&self) -> bool {
        false
    }
}

/// A store of rows in an engine that speaks ClickHouse's SQL. A clone is another handle of the same store.
pub struct SqlStore<B> {
    backend: Arc<B>,
    /// Learns how many rows are read for questions.
    meter: ReadMeter,
}

impl<B> Clone for SqlStore<B> {
    fn clone(&self) -> Self {
        Self { backend: self.backend.clone(), meter: self.meter.clone() }
    }
}

impl<B> fmt::Debug for SqlStore<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SqlStore")
    }
}

impl<B: SqlBackend> SqlStore<B> {
    /// A store on an engine.
    pub fn new(backend: B) -> Self {
        Self { backend: Arc::new(backend), meter: ReadMeter::default() }
    }

    /// The engine.
    #[must_use]
    pub fn backend(&self) -> &B {
        &self.backend
    }

    /// The same store with another meter.
    fn with_meter(&self, meter: ReadMeter) -> Self {
        Self { backend: Arc::clone(&self.backend), meter }
    }

    /// [`SqlBackend::reading`] with the meter of this handle.
    pub(crate) async fn reading(&self, tenants: &TenantScope) -> Result<Box<dyn SqlSession + '_>, StoreError> {
        self.backend.reading(tenants, &self.meter).await
    }

    /// Runs a `SELECT` of one column of texts about tenants. If its session ends meanwhile, as when a connection
    /// breaks, it is repeated once in another session.
    pub(crate) async fn select_texts_about(
        &self,
        tenants: &TenantScope,
        sql: &str,
        params: &[Param],
    ) -> Result<Vec<String>, StoreError> {
        check_size(sql, params)?;
        let mut session = self.reading(tenants).await?;
        let texts = session.select_texts(sql, params).await;
        if texts.is_err() && session.has_ended() {
            drop(session);
            return self.reading(tenants).await?.select_texts(sql, params).await;
        }
        texts
    }

    /// The same, of JSON texts.
    pub(crate) async fn select_about<T: DeserializeOwned>(
        &self,
        tenants: &TenantScope,
        sql: &str,
        params: &[Param],
    ) -> Result<Vec<T>, StoreError> {
        parse(&self.select_texts_about(tenants, sql, params).await?)
    }

    /// Runs a `SELECT` of one column of JSON texts. Rows are best assembled as arrays
    /// (`formatRowNoNewline('JSONCompactEachRow', …)`), because the member names of objects depend on the server's
    /// version.
    pub(crate) async fn select<T: DeserializeOwned>(&self, sql: &str, params: &[Param]) -> Result<Vec<T>, StoreError> {
        parse(&self.backend.select_texts(sql, params).await?)
    }

    /// The same text by text, while they arrive. The select ends when the stream is dropped.
    fn stream_texts(
        &self,
        tenants: TenantScope,
        sql: String,
        params: Vec<Param>,
    ) -> BoxStream<'static, Result<Vec<String>, StoreError>> {
        let (sender, receiver) = mpsc::channel(1);
        let store = self.clone();
        let select =
            tokio::spawn(async move { store.reading(&tenants).await?.select_in_pieces(&sql, &params, &sender).await });
        let pieces = stream::unfold(receiver, |mut receiver| async { Some((receiver.recv().await?, receiver)) });
        // The pieces end when the select does; only its own result says whether they are all.
        let end = stream::once(async {
            let ended = select.await;
            ended.unwrap_or_else(|error| Err(StoreError::Unavailable(format!("a select ended: {error}"))))
        });
        let end = end.filter_map(|ended| async { ended.err().map(Err) });
        pieces.map(Ok).chain(end).boxed()
    }
}

impl dyn SqlSession + '_ {
    /// [`SqlStore::select`] in this session.
    pub(crate) async fn select<T: DeserializeOwned>(
        &mut self,
        sql: &str,
        params: &[Param],
    ) -> Result<Vec<T>, StoreError> {
        parse(&self.select_texts(sql, params).await?)
    }
}

/// How a statement sets a parameter.
pub(crate) fn assignment(param: &Param) -> String {
    format!("param_{} = {}", param.name(), quoted(&param.escaped_value()))
}

/// Checks that a server reads a statement and its parameters.
///
/// # Errors
/// [`QueryError::Size`] if they are too long.
fn check_size(sql: &str, params: &[Param]) -> Result<(), QueryError> {
    let of_params: usize = params.iter().map(|param| assignment(param).len() + ", ".len()).sum();
    let fits = sql.len().max(of_params) <= MAX_STATEMENT_BYTES;
    if fits { Ok(()) } else { Err(QueryError::Size { max: MAX_STATEMENT_BYTES }) }
}

fn parse<T: DeserializeOwned>(rows: &[String]) -> Result<Vec<T>, StoreError> {
    let parse = |row: &String| {
        serde_json::from_str(row).map_err(|error| StoreError::Rejected {
            code: 0,
            message: format!("the store returned an unexpected row, {row}: {error}"),
        })
    };
    rows.iter().map(parse).collect()
}
