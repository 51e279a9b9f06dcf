//! What questions to the same run of an engine share about its tables.

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::sync::Mutex;
use voc_events::Table;

use super::layout::Layout;
use crate::{StoreError, writes::Writes};

/// How old the layout may be with which a question begins. One that is too old only costs another attempt.
const KEPT: Duration = Duration::from_secs(1);

/// The layouts that tables of a run of an engine had lately. Asking for one costs as much as a small question, and
/// questions that are asked at the same time need the same one. A connection to a server has its own, because another
/// one may lead to another server.
#[derive(Debug, Default)]
pub struct KnownParts {
    by_table: Mutex<BTreeMap<&'static str, Arc<Mutex<Option<Known>>>>>,
    /// All writes to the engine, if this process knows them.
    writes: Option<Arc<Writes>>,
}

#[derive(Debug)]
struct Known {
    asked_at: Instant,
    /// The mark of the writes when it was asked for.
    mark: Option<u64>,
    layout: Arc<Layout>,
}

impl KnownParts {
    /// Of an engine to which nobody else writes.
    pub(crate) fn with_writes(writes: Arc<Writes>) -> Self {
        Self { by_table: Mutex::default(), writes: Some(writes) }
    }

    /// The layout that a table had lately; `ask` finds out the one that it has now, given one from before.
    pub(super) async fn lately(
        &self,
        table: &Table,
        ask: impl AsyncFnOnce(Option<Arc<Layout>>) -> Result<Arc<Layout>, StoreError>,
    ) -> Result<Arc<Layout>, StoreError> {
        let now = Instant::now();
        self.since(now.checked_sub(KEPT).unwrap_or(now), table, ask).await
    }

    /// The layout that a table had at an instant or later. Of several questions that wait for it, one asks.
    pub(super) async fn since(
        &self,
        instant: Instant,
        table: &Table,
        ask: impl AsyncFnOnce(Option<Arc<Layout>>) -> Result<Arc<Layout>, StoreError>,
    ) -> Result<Arc<Layout>, StoreError> {
        // Who waits for one table does not make those wait who ask about another.
        let of_table = Arc::clone(self.by_table.lock().await.entry(table.name).or_default());
        let mut lately = of_table.lock().await;
        let known = lately.as_ref();
        if let Some(known) = known.filter(|known| known.asked_at >= instant || self.is_unwritten_since(known)) {
            return Ok(Arc::clone(&known.layout));
        }
        let (asked_at, mark) = (Instant::now(), self.writes.as_ref().and_then(|writes| writes.mark()));
        let layout = ask(known.map(|known| Arc::clone(&known.layout))).await?;
        *lately = Some(Known { asked_at, mark, layout: Arc::clone(&layout) });
        Ok(layout)
    }

    /// Whether nothing was written since a layout was asked for. Merges may have changed it, but leave no row with
    /// more versions than it had.
    fn is_unwritten_since(&self, known: &Known) -> bool {
        self.writes.as_ref().zip(known.mark).is_some_and(|(writes, mark)| writes.none_since(mark))
    }
}
