//! `voc-processor verify`: compares Kafka, the ledger and the store.

use std::{pin::Pin, sync::Arc};

use anyhow::Context as _;
use voc_events::{
    DecodeOptions, Family,
    families::{self, FamilyVisitor},
};
use voc_ingest::{
    kafka::KafkaSettings,
    registry::Schemas,
    verify::{PartitionReport, Verifier, VerifyReport},
};
use voc_service::{clickhouse, config::lifecycle::LifecycleSettings};
use voc_store::clickhouse::ClickHouseStore;

use crate::{
    config::{StoreConfig, VerifyTask},
    registry,
};

/// Prints the findings; fails if anything differs, so that scripts can check.
pub(crate) async fn run(task: VerifyTask, store: StoreConfig, lifecycle: &LifecycleSettings) -> anyhow::Result<()> {
    let StoreConfig::ClickHouse(settings) = store else { anyhow::bail!("verify compares Kafka with a server") };
    let registry = registry::open(task.registry.as_ref())?;
    let store = clickhouse::connect(*settings)?;
    // Read-only: missing tables are reported, not created.
    let lifecycle = LifecycleSettings { migrate: false, ..lifecycle.clone() };
    clickhouse::prepare(&store, &lifecycle).await.context("cannot use the ClickHouse server")?;
    let mut report = VerifyReport::default();
    for kafka in &task.families {
        let schemas = registry::schemas(registry.as_ref());
        let compare = Compare { store: &store, kafka, options: &task.options, schemas };
        let compared = families::visit(kafka.family, compare).context("there is no such family")?;
        report.append(compared.await?);
    }
    let text = if task.json { format!("{}\n", serde_json::to_string(&report)?) } else { report.to_string() };
    voc_service::print(&text)?;
    let missing = report.missing_topics.join(", ");
    let is_in_kafka = |partition: &PartitionReport| partition.end_offset.is_some();
    let is_compared = !task.names_topics && report.partitions.iter().any(is_in_kafka);
    anyhow::ensure!(
        missing.is_empty() || is_compared,
        "kafka has no topic {missing}, or does not show it to this client"
    );
    let differences = report.differences();
    anyhow::ensure!(differences == 0, "{differences} differences between Kafka, the ledger and the store");
    Ok(())
}

/// Compares the topics of one family.
struct Compare<'c> {
    store: &'c ClickHouseStore,
    kafka: &'c KafkaSettings,
    options: &'c DecodeOptions,
    schemas: Option<Arc<dyn Schemas>>,
}

impl<'c> FamilyVisitor for Compare<'c> {
    type Output = Pin<Box<dyn Future<Output = anyhow::Result<VerifyReport>> + 'c>>;

    fn visit<F: Family>(self) -> Self::Output {
        Box::pin(async move {
            let Self { store, kafka, options, schemas } = self;
            let verifier = Verifier::new(store, kafka, options.clone()).context("cannot query Kafka")?;
            verifier.schemas(schemas).run::<F>().await.context("cannot compare")
        })
    }
}
