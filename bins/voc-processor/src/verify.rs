//! `voc-processor verify`: Kafka, the ledger and the store compared.

use std::io::Write as _;

use anyhow::Context as _;
use voc_events::voc::Voc;
use voc_ingest::verify::{Verifier, VerifyReport};
use voc_service::{clickhouse, config::lifecycle::LifecycleSettings};

use crate::config::{StoreConfig, VerifyTask};

/// Prints what was found; an error if anything differs, so that scripts can ask.
pub(crate) async fn run(task: VerifyTask, store: StoreConfig, lifecycle: &LifecycleSettings) -> anyhow::Result<()> {
    let StoreConfig::ClickHouse(settings) = store else { anyhow::bail!("what is compared is Kafka and a server") };
    let store = clickhouse::connect(settings);
    // It reads only: tables that are not there are told of and not made.
    let lifecycle = LifecycleSettings { migrate: false, ..lifecycle.clone() };
    clickhouse::prepare(&store, &lifecycle).await.context("cannot use the ClickHouse server")?;
    let verifier = Verifier::new(&store, &task.kafka, task.limits).context("cannot ask Kafka")?;
    let report = verifier.run::<Voc>().await.context("cannot compare")?;
    print(&report, task.json).context("cannot write to standard output")?;
    let differences = report.differences();
    anyhow::ensure!(differences == 0, "{differences} differences between Kafka, the ledger and the store");
    Ok(())
}

fn print(report: &VerifyReport, json: bool) -> anyhow::Result<()> {
    let text = if json { format!("{}\n", serde_json::to_string(report)?) } else { report.to_string() };
    std::io::stdout().lock().write_all(text.as_bytes())?;
    Ok(())
}
