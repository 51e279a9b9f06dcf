//! Answers that are kept as long as the data is the same.

use std::{future::Future, sync::Arc, time::Duration};

use moka::{Entry, future::Cache};
use voc_events::Table;
use voc_store::{Answer, Cell, Freshness, TenantScope};

use crate::{current_route, hash::hash, limits::Limits, problem::Problem, telemetry::CACHE};

/// How long an answer is kept if nobody asks for it, and at most: rows may expire without another version of the data.
const KEPT: (Duration, Duration) = (Duration::from_secs(120), Duration::from_secs(600));

/// Number of scopes of tenants and versions of which it is kept how fresh they are.
const FRESHNESS_KEPT: u64 = 10_000;

/// Answers by their questions and the version of the data. Equal questions that are asked at once are one.
pub(crate) struct Answers {
    answers: Cache<String, Arc<Answer>>,
    versions: Cache<&'static str, Option<String>>,
    freshness: Cache<String, Option<Freshness>>,
}

impl Answers {
    pub(crate) fn new(limits: &Limits) -> Self {
        let answers = Cache::builder()
            .max_capacity(limits.answer_bytes)
            .weigher(|key: &String, answer: &Arc<Answer>| bytes(key, answer))
            .time_to_idle(KEPT.0)
            .time_to_live(KEPT.1)
            .build();
        Self {
            answers,
            versions: Cache::builder().max_capacity(64).time_to_live(limits.staleness).build(),
            freshness: Cache::builder().max_capacity(FRESHNESS_KEPT).time_to_live(KEPT.1).build(),
        }
    }

    /// The version of a table's data, which `ask` finds out; it may be as old as the limits allow.
    pub(crate) async fn version(
        &self,
        table: &'static str,
        ask: impl Future<Output = Result<Option<String>, Problem>>,
    ) -> Result<Option<String>, Problem> {
        self.versions.try_get_with(table, ask).await.map_err(|problem| (*problem).clone())
    }

    /// How fresh a version of a table's data of tenants is, which `ask` finds out.
    pub(crate) async fn freshness(
        &self,
        table: &Table,
        tenants: &TenantScope,
        version: &str,
        ask: impl Future<Output = Result<Option<Freshness>, Problem>>,
    ) -> Result<Option<Freshness>, Problem> {
        let key = hash(&[table.name, version, &format!("{tenants:?}")]);
        self.freshness.try_get_with(key, ask).await.map_err(|problem| (*problem).clone())
    }

    /// The answer to a question, which its description tells from all others, about a version of the data, if it is
    /// kept.
    pub(crate) async fn kept(&self, question: &str, version: &str) -> Option<Arc<Answer>> {
        let kept = self.answers.get(&hash(&[version, question])).await?;
        count("hit");
        Some(kept)
    }

    /// The same; if it is not kept, `ask` finds it out.
    pub(crate) async fn answer(
        &self,
        question: &str,
        version: &str,
        ask: impl Future<Output = Result<Answer, Problem>>,
    ) -> Result<Arc<Answer>, Problem> {
        let ask = async { ask.await.map(Arc::new) };
        let found = self.answers.entry(hash(&[version, question])).or_try_insert_with(ask).await;
        let is_kept = found.as_ref().is_ok_and(|entry| !entry.is_fresh());
        count(if is_kept { "hit" } else { "miss" });
        found.map(Entry::into_value).map_err(|problem| (*problem).clone())
    }
}

fn count(outcome: &'static str) {
    metrics::counter!(CACHE, "route" => current_route::current(), "outcome" => outcome).increment(1);
}

/// The memory of an answer, about.
fn bytes(key: &str, answer: &Answer) -> u32 {
    let cell = |cell: &Cell| size_of::<Cell>() + cell.text().map_or(0, str::len);
    let row = |row: &Vec<Cell>| size_of::<Vec<Cell>>() + row.iter().map(cell).sum::<usize>();
    let bytes = key.len() + size_of::<Answer>() + answer.rows.iter().map(row).sum::<usize>();
    u32::try_from(bytes).unwrap_or(u32::MAX)
}
