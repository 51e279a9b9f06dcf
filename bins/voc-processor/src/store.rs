//! Opens the configured store and applies its migrations.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::Context as _;
use voc_api::StoreProbe;
use voc_events::{Table, families};
use voc_service::{
    clickhouse,
    config::{erasure::EraseTask, lifecycle::LifecycleSettings},
    erasure,
};
use voc_store::{
    EventQueries, EventStore, MigrationStatus, Migrator, Retention, Revisions, SqlBackend, SqlStore, StatementQueries,
    StoreError,
    clickhouse::ClickHouseTls,
    embedded::{EmbeddedOptions, EmbeddedStore},
};

use crate::{
    config::{RetentionTask, StoreConfig},
    migration_plan, retention,
};

/// Name of the embedded engine in readiness checks.
const EMBEDDED: &str = "embedded";

/// An open store with up-to-date tables.
pub(crate) struct Store {
    pub(crate) events: Arc<dyn EventStore>,
    pub(crate) queries: Arc<dyn EventQueries>,
    pub(crate) statements: Arc<dyn StatementQueries>,
    pub(crate) revisions: Arc<dyn Revisions>,
    /// How long rows are kept, by the name of their family.
    pub(crate) retention: HashMap<&'static str, Retention>,
    system: &'static str,
    /// How the server is verified, if it is.
    pub(crate) tls: Option<ClickHouseTls>,
}

impl Store {
    async fn of<B: SqlBackend>(
        store: SqlStore<B>,
        system: &'static str,
        lifecycle: &LifecycleSettings,
    ) -> Result<Self, StoreError> {
        let mut retention = HashMap::new();
        for family in families::ALL {
            let asked =
                clickhouse::until_answered(lifecycle, async || store.retention(family.name, &family.table).await);
            retention.insert(family.name, asked.await?);
        }
        let store = Arc::new(store);
        Ok(Self {
            events: Arc::clone(&store) as Arc<dyn EventStore>,
            revisions: Arc::clone(&store) as Arc<dyn Revisions>,
            statements: Arc::clone(&store) as Arc<dyn StatementQueries>,
            queries: store,
            retention,
            system,
            tls: None,
        })
    }

    /// Whether rows are stored by a server, which may survive a power failure of this machine.
    pub(crate) fn is_server(&self) -> bool {
        self.system != EMBEDDED
    }

    /// The readiness check of the store.
    pub(crate) fn probe(&self) -> StoreProbe {
        StoreProbe::of_events(Arc::clone(&self.events), self.system)
    }
}

/// Opens the store and checks or migrates its tables, of which `tables` will be written. The embedded engine's tables
/// are always brought up to date, because only this process can do it; a server's only on request.
pub(crate) async fn open(
    config: StoreConfig,
    lifecycle: &LifecycleSettings,
    tables: &[Table],
    allow_no_deduplication: bool,
) -> anyhow::Result<Store> {
    match config {
        StoreConfig::Embedded(directory) => {
            let store = embedded(&directory).await?;
            migrator(&store, lifecycle).up().await?;
            check_deduplication(&store, lifecycle, tables, allow_no_deduplication).await?;
            Ok(Store::of(store, EMBEDDED, lifecycle).await?)
        }
        StoreConfig::ClickHouse(settings) => {
            let store = clickhouse::connect(*settings)?;
            clickhouse::prepare(&store, lifecycle).await.context("cannot use the ClickHouse server")?;
            check_deduplication(&store, lifecycle, tables, allow_no_deduplication).await?;
            let tls = store.backend().config().tls.clone();
            Ok(Store { tls, ..Store::of(store, "clickhouse", lifecycle).await? })
        }
    }
}

async fn check_deduplication<B: SqlBackend>(
    store: &SqlStore<B>,
    lifecycle: &LifecycleSettings,
    tables: &[Table],
    is_optional: bool,
) -> anyhow::Result<()> {
    match clickhouse::until_answered(lifecycle, async || store.check_deduplication(tables).await).await {
        Err(error) if is_optional => {
            tracing::warn!(%error, "starting despite the store, as configured");
            Ok(())
        }
        outcome => outcome.context("the store is not reliable enough"),
    }
}

/// Brings the tables of all families up to date, including those that are not processed.
fn migrator<'s, B: SqlBackend>(store: &'s SqlStore<B>, lifecycle: &LifecycleSettings) -> Migrator<'s, B> {
    Migrator::new(store, lifecycle.partition_by).tables(&families::tables())
}

/// The embedded engine's own folder, beside the checkpoints and dead letters of files.
pub(crate) fn engine_directory(data_dir: &Path) -> PathBuf {
    data_dir.join("engine")
}

fn check_has_data(data_dir: &Path) -> anyhow::Result<()> {
    anyhow::ensure!(
        engine_directory(data_dir).is_dir(),
        "nothing is stored in the data directory {}: name another one with --data-dir",
        data_dir.display()
    );
    Ok(())
}

async fn embedded(data_dir: &Path) -> anyhow::Result<EmbeddedStore> {
    let opened = EmbeddedStore::open(&engine_directory(data_dir), EmbeddedOptions::default()).await;
    opened.context("cannot open the embedded engine")
}

/// Erases events, or reports what would be erased.
pub(crate) async fn erase(task: EraseTask, config: StoreConfig, lifecycle: &LifecycleSettings) -> anyhow::Result<()> {
    match config {
        StoreConfig::Embedded(directory) => {
            // A mistyped directory must not look like one without the customer.
            check_has_data(&directory)?;
            let store = embedded(&directory).await?;
            migrator(&store, lifecycle).up().await?;
            Ok(erasure::run(&task, &store).await?)
        }
        StoreConfig::ClickHouse(settings) => Ok(erasure::run_on_server(&task, *settings, lifecycle).await?),
    }
}

/// Shows or changes how long rows are kept. Missing tables of a server are reported, not created.
pub(crate) async fn retention(
    task: RetentionTask,
    config: StoreConfig,
    lifecycle: &LifecycleSettings,
) -> anyhow::Result<()> {
    match config {
        StoreConfig::Embedded(directory) => {
            if matches!(task, RetentionTask::List | RetentionTask::Repeat) {
                check_has_data(&directory)?;
            }
            let store = embedded(&directory).await?;
            migrator(&store, lifecycle).up().await?;
            retention::run(&task, &store).await
        }
        StoreConfig::ClickHouse(settings) => {
            let store = clickhouse::connect(settings.patient())?;
            let lifecycle = LifecycleSettings { migrate: false, ..lifecycle.clone() };
            clickhouse::prepare(&store, &lifecycle).await.context("cannot use the ClickHouse server")?;
            retention::run(&task, &store).await
        }
    }
}

/// Applies the missing migrations and reports which are applied.
pub(crate) async fn migrate_up(config: StoreConfig, lifecycle: &LifecycleSettings) -> anyhow::Result<()> {
    match config {
        StoreConfig::Embedded(directory) => {
            let store = embedded(&directory).await?;
            migrator(&store, lifecycle).up().await?;
            print_status(&store, lifecycle).await
        }
        StoreConfig::ClickHouse(settings) => {
            let store = clickhouse::connect(*settings)?;
            clickhouse::prepare(&store, &LifecycleSettings { migrate: true, ..lifecycle.clone() }).await?;
            print_status(&store, lifecycle).await
        }
    }
}

/// Reports which migrations are applied; fails if any is missing, so that scripts can check.
pub(crate) async fn migrate_status(config: StoreConfig, lifecycle: &LifecycleSettings) -> anyhow::Result<()> {
    match config {
        StoreConfig::Embedded(directory) => print_status(&embedded(&directory).await?, lifecycle).await,
        StoreConfig::ClickHouse(settings) => print_status(&clickhouse::connect(*settings)?, lifecycle).await,
    }
}

/// Prints what [`migrate_up`] would do, and does nothing of it.
pub(crate) async fn migrate_plan(config: StoreConfig, lifecycle: &LifecycleSettings) -> anyhow::Result<()> {
    let plan = match config {
        StoreConfig::Embedded(directory) => migrator(&embedded(&directory).await?, lifecycle).plan().await?,
        StoreConfig::ClickHouse(settings) => {
            let store = clickhouse::connect(*settings)?;
            let migrator = migrator(&store, lifecycle);
            if store.backend().has_database().await? {
                migrator.plan().await?
            } else {
                voc_service::print(&format!(
                    "-- The database {} is created first.\n",
                    store.backend().config().database
                ))?;
                migrator.plan_from_nothing()
            }
        }
    };
    Ok(voc_service::print(&migration_plan::text(&plan))?)
}

async fn print_status<B: SqlBackend>(store: &SqlStore<B>, lifecycle: &LifecycleSettings) -> anyhow::Result<()> {
    let status = migrator(store, lifecycle).status().await?;
    let lines: String = status.iter().map(line).collect();
    voc_service::print(&lines)?;
    let missing = status.iter().filter(|migration| migration.applied_at.is_none()).count();
    anyhow::ensure!(missing == 0, "{missing} migrations are not applied; `voc-processor migrate up` applies them");
    Ok(())
}

fn line(migration: &MigrationStatus) -> String {
    let state = migration.applied_at.as_deref().map_or_else(|| "missing".to_owned(), |at| format!("applied {at}"));
    format!("{:04}_{:<24} {state}\n", migration.version, migration.name)
}
