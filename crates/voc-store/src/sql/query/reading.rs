//! Reading rows so that every event counts once, although rows are inserted and merged meanwhile.

use std::time::Instant;

use serde::de::DeserializeOwned;
use voc_events::Table;

use super::spans::{covers, union, within};
use crate::{
    Param, Period, StoreError, TenantScope,
    revision::Interval,
    sql::{SqlBackend, SqlSession, SqlStore, check_size},
};

/// Maximum number of times a statement is repeated because rows got versions meanwhile.
const MAX_ATTEMPTS: usize = 10;

/// What a statement reads.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scope<'q> {
    pub(super) table: &'q Table,
    pub(super) tenants: &'q TenantScope,
    pub(super) period: Period,
}

/// How a statement must read rows.
#[derive(Debug, Clone, Copy)]
pub(super) struct Manner<'v> {
    /// Where only the latest version of a row counts, in order and apart.
    pub(super) versioned: &'v [Interval],
    /// The engine's threads; `None` for as many as it likes.
    threads: Option<usize>,
}

impl Manner<'_> {
    pub(super) fn with_threads(self, threads: usize) -> Self {
        Self { threads: Some(threads), ..self }
    }

    /// What follows a table's name in a statement that reads all of its rows alike.
    pub(super) fn keyword(self) -> &'static str {
        if self.versioned.is_empty() { "" } else { " FINAL" }
    }

    /// The clause at the end of a statement; more settings may follow.
    ///
    /// The engine shares rows among its threads by granules, and counts each with as many bytes as a table's granules
    /// may have. Those of rollups have far fewer, so by default, 240 MiB, a single thread would read them. Tables
    /// limit granules to a tenth of the engine's default, so a thread's share is a tenth, too.
    pub(super) fn settings(self) -> String {
        let settings = "SETTINGS final = 0, output_format_json_quote_64bit_integers = 0, \
            output_format_json_quote_denormals = 0, merge_tree_min_bytes_for_concurrent_read = 25165824";
        match self.threads {
            Some(threads) => format!("{settings}, max_threads = {threads}, max_threads_for_indexes = {threads}"),
            None => settings.to_owned(),
        }
    }
}

impl<B: SqlBackend> SqlStore<B> {
    /// How rows are read for questions about tenants, where no row has several versions.
    pub(super) fn manner(&self, tenants: &TenantScope) -> Manner<'static> {
        let threads = match tenants {
            TenantScope::All => None,
            TenantScope::Only(_) => self.backend().threads_for_tenants(),
        };
        Manner { versioned: &[], threads }
    }

    /// The rows of the statement of a question; `None` if it has none, because nothing can be stored in its period. If
    /// the session ends meanwhile, the question is asked once more in another one.
    pub(super) async fn select_once<T: DeserializeOwned>(
        &self,
        scope: Scope<'_>,
        statement: impl Fn(Manner<'_>) -> Result<Option<(String, Vec<Param>)>, StoreError>,
    ) -> Result<Option<Vec<T>>, StoreError> {
        let threads = self.manner(scope.tenants).threads;
        let statement = |versioned: &[Interval]| statement(Manner { versioned, threads });
        let mut session = self.reading(scope.tenants).await?;
        let mut rows = select_in(&mut *session, scope, &statement).await;
        if rows.is_err() && session.has_ended() {
            drop(session);
            rows = select_in(&mut *self.reading(scope.tenants).await?, scope, &statement).await;
        }
        rows
    }
}

/// All statements reach the same server, whose parts are meant.
async fn select_in<T: DeserializeOwned>(
    session: &mut (dyn SqlSession + '_),
    Scope { table, period, .. }: Scope<'_>,
    statement: &impl Fn(&[Interval]) -> Result<Option<(String, Vec<Param>)>, StoreError>,
) -> Result<Option<Vec<T>>, StoreError> {
    let known = session.known_parts();
    let mut layout = known.lately(table, async |before| session.layout(table, before).await).await?;
    // Where inserts were merged that no list has shown: there it may happen again.
    let mut merged = Vec::new();
    for _ in 0..MAX_ATTEMPTS {
        let versioned = within(period, &union([&*layout.versioned, &merged].concat()));
        let Some((sql, params)) = statement(&versioned)? else { return Ok(None) };
        check_size(&sql, &params)?;
        let rows = session.select(&sql, &params).await?;
        // The rows count only if none has got a second version where rows were read as if they had one.
        let now = known.since(Instant::now(), table, async |before| session.layout(table, before).await).await?;
        merged.extend(now.parts.merged_since(&layout.parts));
        if covers(&versioned, &within(period, &union([&*now.versioned, &merged].concat()))) {
            return Ok(Some(rows));
        }
        layout = now;
    }
    Err(StoreError::Unavailable("rows are stored again faster than the question is answered".to_owned()))
}
