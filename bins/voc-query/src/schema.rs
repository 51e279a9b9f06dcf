//! The store's tables, on which readiness depends.

use std::sync::Arc;

use async_trait::async_trait;
use voc_api::Probe;
use voc_store::{Migrator, PartitionBy, clickhouse::ClickHouseStore};

/// Checks that all migrations are applied. Without its tables, every query would be an internal error.
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
        let migrations = Migrator::new(&self.store, self.partition_by).status().await;
        let migrations = migrations.map_err(|error| error.to_string())?;
        let missing = migrations.iter().filter(|migration| migration.applied_at.is_none());
        let missing: Vec<&str> = missing.map(|migration| migration.name).collect();
        if missing.is_empty() {
            return Ok(());
        }
        Err(format!("not applied: {}; start with --migrate, or start voc-processor with it", missing.join(", ")))
    }
}
