//! The store's tables, and the templates of reports about them, on which readiness depends.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use tokio::sync::OnceCell;
use voc_api::{Probe, Reports, ReportsError};
use voc_events::families;
use voc_store::{Migrator, PartitionBy, clickhouse::ClickHouseStore};

/// Checks that all migrations are applied, and that the tables are as they need to be; and then, once, that the store
/// understands the templates of reports. Without that, queries and reports would be internal errors.
pub(crate) struct SchemaProbe {
    store: Arc<ClickHouseStore>,
    partition_by: PartitionBy,
    reports: Arc<Reports>,
    understood: OnceCell<()>,
}

impl SchemaProbe {
    pub(crate) fn new(store: Arc<ClickHouseStore>, partition_by: PartitionBy, reports: Arc<Reports>) -> Self {
        Self { store, partition_by, reports, understood: OnceCell::new() }
    }

    /// Checks the tables; the error says what is missing or wrong.
    pub(crate) async fn check_tables(&self) -> Result<(), String> {
        let tables = families::tables();
        let migrator = Migrator::new(&self.store, self.partition_by).tables(&tables);
        let checked = async {
            migrator.check().await?;
            self.store.check_replication(&tables).await
        };
        checked.await.map_err(|error| error.to_string())
    }

    /// Checks the templates, which needs the tables.
    pub(crate) async fn check_templates(&self) -> Result<(), ReportsError> {
        self.understood.get_or_try_init(|| self.reports.check(self.store.as_ref())).await.copied()
    }
}

#[async_trait]
impl Probe for SchemaProbe {
    fn role(&self) -> &'static str {
        "schema"
    }

    fn system(&self) -> &'static str {
        "migrations"
    }

    async fn check(&self) -> Result<(), String> {
        self.check_tables().await?;
        self.check_templates().await.map_err(|error| format!("{:#}", anyhow::Error::from(error)))
    }
    /// A folder may have many templates, each of which takes a statement, once.
    fn limit(&self) -> Duration {
        Duration::from_secs(10)
    }
}
