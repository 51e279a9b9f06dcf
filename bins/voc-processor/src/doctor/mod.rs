//! `voc-processor doctor`: checks the set-up from outside in, so that the first failure is the cause.
//!
//! Each subject has a file whose `examine` makes its checks in order. A check is a function that returns a
//! [`Verdict`]: what it found, what to do, and a value without which the checks that need it are not
//! made. Subjects do not depend on each other, and are checked at the same time. Nothing is changed or left behind.

mod acl;
mod broker;
mod certificate;
mod data;
mod embedded;
mod group;
mod host;
mod http;
mod kafka;
mod network;
mod registry;
mod report;
mod section;
mod store;
mod topics;

use std::time::Duration;

use tokio::time::Instant;
use voc_service::config::lifecycle::LifecycleSettings;

use self::{
    http::Port,
    report::Report,
    section::{Section, Status, Verdict},
    store::Use,
};
use crate::config::{DoctorTask, Input, ProcessConfig, StoreConfig};

/// Longest time for all checks.
const LIMIT: Duration = Duration::from_secs(50);

/// Prints the report; fails if a check did, so that scripts can check.
pub(crate) async fn run(task: DoctorTask, store: StoreConfig, lifecycle: &LifecycleSettings) -> anyhow::Result<()> {
    let DoctorTask { process, json } = task;
    let report = examine(&process, &store, lifecycle).await;
    voc_service::print(&if json { report.to_json() } else { report.to_text() })?;
    if let Some(first) = report.first_failure() {
        anyhow::bail!("{} checks failed; begin with the first: {first}", report.count(Status::Failed));
    }
    Ok(())
}

async fn examine(process: &ProcessConfig, store: &StoreConfig, lifecycle: &LifecycleSettings) -> Report {
    let deadline = Instant::now() + LIMIT;
    let port = match &process.http {
        Some(http) => Some(Port::of(http).await),
        None => None,
    };
    let is_running = port.as_ref().is_some_and(Port::is_processor);
    let wanted =
        Use { lifecycle, tables: process.input.tables(), allow_no_deduplication: process.allow_no_deduplication };
    let kafka = async {
        match &process.input {
            Input::Kafka(families) => kafka::examine(families, deadline).await,
            _ => Section::new("Kafka", deadline),
        }
    };
    let is_embedded = matches!(store, StoreConfig::Embedded(_));
    let of_store = async {
        match store {
            StoreConfig::ClickHouse(settings) => store::examine(settings, &wanted, deadline).await,
            StoreConfig::Embedded(directory) => embedded::examine(directory, &wanted, is_running, deadline).await,
        }
    };
    let (kafka, registry, of_store, host) = tokio::join!(
        kafka,
        registry::examine(process.registry.as_ref(), deadline),
        of_store,
        host::examine(process, is_embedded, port.as_ref(), deadline)
    );
    Report(vec![configuration(process, is_embedded, deadline), kafka, registry, of_store, host])
}

/// What the settings say; they are valid, because otherwise nothing would have been checked.
fn configuration(process: &ProcessConfig, is_embedded: bool, deadline: Instant) -> Section {
    let mut section = Section::new("configuration", deadline);
    let families: Vec<&str> = process.input.families().iter().map(|family| family.name).collect();
    let input = match &process.input {
        Input::Kafka(_) => format!("{} from Kafka", families.join(", ")),
        Input::Files { .. } => format!("{} from files", families.join(", ")),
        Input::None => "no input".to_owned(),
    };
    let store = if is_embedded { "the embedded engine" } else { "ClickHouse" };
    section.add("settings", Verdict::ok(format!("valid: {input}, into {store}"), ()));
    section
}
