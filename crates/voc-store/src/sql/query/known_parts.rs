//! Lists of parts that questions to the same run of an engine share.

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::sync::Mutex;
use voc_events::Table;

use super::parts::Parts;
use crate::StoreError;

/// How old the list may be with which a question begins. One that is too old only costs another attempt.
const KEPT: Duration = Duration::from_secs(1);

/// The parts that tables of a run of an engine had lately. Asking for them costs as much as a small question, and
/// questions that are asked at the same time need the same list.
#[derive(Debug, Default)]
pub struct KnownParts {
    by_table: Mutex<BTreeMap<&'static str, Known>>,
}

#[derive(Debug)]
struct Known {
    asked_at: Instant,
    parts: Arc<Parts>,
}

impl KnownParts {
    /// The parts that a table had lately; `ask` finds out those that it has now.
    pub(super) async fn lately(
        &self,
        table: &Table,
        ask: impl Future<Output = Result<Parts, StoreError>>,
    ) -> Result<Arc<Parts>, StoreError> {
        let now = Instant::now();
        self.since(now.checked_sub(KEPT).unwrap_or(now), table, ask).await
    }

    /// The parts that a table had at an instant or later. Of several questions that wait for them, one asks.
    pub(super) async fn since(
        &self,
        instant: Instant,
        table: &Table,
        ask: impl Future<Output = Result<Parts, StoreError>>,
    ) -> Result<Arc<Parts>, StoreError> {
        let mut by_table = self.by_table.lock().await;
        if let Some(known) = by_table.get(table.name).filter(|known| known.asked_at >= instant) {
            return Ok(Arc::clone(&known.parts));
        }
        let asked_at = Instant::now();
        let parts = Arc::new(ask.await?);
        by_table.insert(table.name, Known { asked_at, parts: Arc::clone(&parts) });
        Ok(parts)
    }
}
