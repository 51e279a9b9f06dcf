//! The store's tables, on which readiness depends.

use std::sync::Arc;

use async_trait::async_trait;
use voc_api::Probe;
use voc_events::families;
use voc_store::{Migrator, PartitionBy, clickhouse::ClickHouseStore};

/// Checks that all migrations are applied, and that the tables are as they need to be. Without them, queries would be
/// internal errors.
pub(crate) struct SchemaProbe {
    store: Arc<ClickHouseStore>,
    partition_by: PartitionBy,
}

impl SchemaProbe {
    pub(crate) fn new(store: Arc<ClickHouseStore>, partition_by: PartitionBy) -> Self {
        Self { store, partition_by }
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
        let migrator = Migrator::new(&self.store, self.partition_by).tables(&families::tables());
        migrator.check().await.map_err(|error| error.to_string())
    }
}
