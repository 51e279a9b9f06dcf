//! A store with generated events, ingested as the processor ingests them.

use std::{
    fs::File,
    io::{BufWriter, Write as _},
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use anyhow::{Context as _, ensure};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use voc_events::{Family as _, TenantId, voc::Voc};
use voc_ingest::BatchSettings;
use voc_store::{
    Dimension, Direction, EventQueries, Metric, Period, Query, SqlBackend as _, TenantScope, embedded::EmbeddedStore,
};
use voc_testkit::generator::{Generator, GeneratorConfig};

use crate::ingestion::{Commits, ingest, open};

/// Days of the generated events.
pub(super) const DAYS: u32 = 30;
/// How often it is asked whether merges are under way.
const PAUSE: Duration = Duration::from_secs(1);
/// How often in succession there must be none: the engine looks for parts to merge every few seconds.
const PAUSES_WITHOUT_MERGES: u32 = 15;

/// The events, and the tenants that have some, those with the most first.
pub(super) struct Stored {
    store: Arc<EmbeddedStore>,
    tenants: Vec<TenantId>,
    /// Deleted when the store is closed.
    _temporary: Option<TempDir>,
}

impl Stored {
    pub(super) fn open(runtime: &Runtime, data: Option<&Path>, events: u64, tenants: usize) -> anyhow::Result<Self> {
        let temporary = if data.is_none() { Some(tempfile::tempdir()?) } else { None };
        let folder: PathBuf = data.or(temporary.as_ref().map(TempDir::path)).context("there is no folder")?.to_owned();
        let store = Arc::new(runtime.block_on(open(&folder.join("data")))?);
        let mut found = runtime.block_on(by_tenant(&store))?;
        if found.is_empty() {
            fill(runtime, &folder, &store, events, tenants)?;
            found = runtime.block_on(by_tenant(&store))?;
        }
        let total: i64 = found.iter().map(|(_, events)| events).sum();
        let wanted = i64::try_from(events)?;
        ensure!(total == wanted, "the store has {total} events, not {wanted}; give another folder for the data");
        let tenants = found.into_iter().map(|(tenant, _)| tenant).collect();
        Ok(Self { store, tenants, _temporary: temporary })
    }

    pub(super) fn queries(&self) -> Arc<dyn EventQueries> {
        self.store.clone()
    }

    /// A question about each of the tenants.
    pub(super) fn paths(&self, question: &str) -> Vec<String> {
        self.tenants.iter().map(|tenant| format!("{question}&tenant_id={tenant}")).collect()
    }

    /// The heaviest question of the tenant with the most events: all its calls, whatever they are ordered by.
    pub(super) fn heaviest(&self, range: &str) -> String {
        let tenant = self.tenants.first().map(TenantId::as_str).unwrap_or_default();
        format!("/api/v1/calls?{range}&tenant_id={tenant}&sort=worst_turn_sentiment&limit=10000")
    }
}

/// The tenants of all events, and how many they have.
async fn by_tenant(store: &EmbeddedStore) -> anyhow::Result<Vec<(TenantId, i64)>> {
    let query = Query::new(Voc::TABLE, TenantScope::All, Period::EVER)
        .dimension(Dimension::parse(&Voc::TABLE, "tenant_id")?)
        .metric(Metric::parse(&Voc::TABLE, "event_count")?)
        .order_by("event_count", Direction::Descending)?;
    let answer = store.query(&query).await?;
    let tenant = |row: &Vec<voc_store::Cell>| Some((TenantId::new(row[0].text()?).ok()?, row[1].integer()?));
    Ok(answer.rows.iter().filter_map(tenant).collect())
}

fn fill(
    runtime: &Runtime,
    folder: &Path,
    store: &Arc<EmbeddedStore>,
    events: u64,
    tenants: usize,
) -> anyhow::Result<()> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).context("the clock is before 1970")?;
    let ending = GeneratorConfig::ending_at(i64::try_from(now.as_millis())?);
    let file = folder.join("events.ndjson");
    println!("generating {events} events");
    let mut writer = BufWriter::new(File::create(&file).context("cannot write the events")?);
    for event in Generator::new(&GeneratorConfig { events, tenants, days: DAYS, ..ending }) {
        writeln!(writer, "{}", event.json)?;
    }
    writer.flush()?;
    println!("storing them");
    let work = ingest(&file, folder, Arc::clone(store), BatchSettings::default(), Commits::All);
    let stored = runtime.block_on(work)?;
    ensure!(stored == events, "stored {stored} of {events} events");
    std::fs::remove_file(&file)?;
    println!("waiting for the engine's merges");
    runtime.block_on(async {
        let mut without_merges = 0;
        while without_merges < PAUSES_WITHOUT_MERGES {
            tokio::time::sleep(PAUSE).await;
            let merges = "SELECT toString(count()) FROM system.merges WHERE database = currentDatabase()";
            let is_idle = store.backend().select_texts(merges, &[]).await? == ["0"];
            without_merges = if is_idle { without_merges + 1 } else { 0 };
        }
        Ok(())
    })
}
