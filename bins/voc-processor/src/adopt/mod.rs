//! `voc-processor adopt`: takes over the tables and the consumer groups of the Python services.

mod copy;
mod group;
mod report;

use std::time::SystemTime;

use anyhow::{Context as _, bail};
use tokio_util::sync::CancellationToken;
use voc_events::{
    Timestamp,
    families::{self, ALL},
};
use voc_service::{
    FAILURE, SUCCESS, clickhouse,
    config::{clickhouse::ClickHouseSettings, lifecycle::LifecycleSettings},
    signals::{EndSignal, Signals},
};
use voc_store::{
    adoption::{AdoptionError, AdoptionState, Contents, PredecessorTable},
    clickhouse::{ClickHouse, ClickHouseStore},
};

use self::{
    copy::{Copied, Copying},
    group::Group,
    report::{FamilyReport, Report, TableReport},
};
use crate::{
    annotation,
    config::{AdoptTask, FamilyConfig, StoreConfig},
    store::{self, Store},
};

/// A family, and what there is to adopt for it.
struct Candidate {
    config: FamilyConfig,
    /// The predecessor's table and where it is, if there is one to adopt.
    table: Option<(PredecessorTable<ClickHouse>, AdoptionState)>,
    /// The predecessor's group, unless Kafka is left out.
    group: Option<Group>,
}

/// Runs until everything is adopted or a signal is caught; returns the exit status.
pub(crate) async fn run(
    task: AdoptTask,
    store: StoreConfig,
    lifecycle: LifecycleSettings,
    signals: &Signals,
) -> anyhow::Result<u8> {
    let StoreConfig::ClickHouse(settings) = store else { bail!("tables are adopted in a server") };
    // The old table, and how far its adoption has come, are on this server alone, also if the new tables are
    // replicated.
    let settings = ClickHouseSettings { other_hosts: Vec::new(), ..*settings };
    match adopt(task, settings, lifecycle, &signals.shutdown_token()).await? {
        Some(()) => Ok(SUCCESS),
        None => {
            tracing::warn!("interrupted; run the same command again to continue");
            Ok(signals.caught().map_or(FAILURE, EndSignal::status))
        }
    }
}

/// Adopts everything; `None` if it was interrupted.
async fn adopt(
    task: AdoptTask,
    settings: ClickHouseSettings,
    lifecycle: LifecycleSettings,
    shutdown: &CancellationToken,
) -> anyhow::Result<Option<()>> {
    // Its statements read whole partitions of the old table.
    let server = clickhouse::connect(settings.clone().patient())?;
    let Some(candidates) = unless(shutdown, candidates(&task, &server, &lifecycle)).await? else { return Ok(None) };
    if task.dry_run {
        return unless(shutdown, plan(&task, &candidates)).await;
    }
    let annotator = annotation::annotator(&task.annotation)?;
    let prepared = unless(shutdown, prepare(&task, &candidates, settings, &lifecycle)).await?;
    let Some(store) = prepared else { return Ok(None) };
    let mut report = Report::default();
    for Candidate { config, table, group } in &candidates {
        let mut family = FamilyReport { family: config.family.name, table: None, group: None };
        if let Some((table, _)) = table {
            let Some(contents) = unless(shutdown, count(table, AdoptionState::SetAside)).await? else {
                return Ok(None);
            };
            let copying = Copying {
                task: &task,
                lifecycle: &lifecycle,
                table,
                contents: &contents,
                batch: config.batch,
                store: &store,
                annotator: &annotator,
                shutdown,
            };
            let copied = families::visit(config.family.name, copying).context("there is no such family")?.await?;
            let Some(Copied { topic, coerced }) = copied else { return Ok(None) };
            tracing::info!(table = table.name(), "looking up every event");
            let now = Timestamp::from(SystemTime::now()).as_millis();
            let compare = table.compare(&contents, config.family.name, &topic, now);
            let Some(comparison) = unless(shutdown, async { Ok(compare.await?) }).await? else { return Ok(None) };
            family.table = Some(TableReport::new(table, &contents, topic, coerced, comparison));
        }
        if let Some(group) = group {
            // An event that is missing is a reason to look closer before anything else changes.
            let rewind = task.rewind.filter(|_| family.table.as_ref().is_none_or(TableReport::is_complete));
            let Some(positions) = unless(shutdown, group.take_over(rewind, task.dry_run)).await? else {
                return Ok(None);
            };
            family.group = Some(positions);
        }
        report.families.push(family);
    }
    voc_service::print(&report.text(task.json)?)?;
    report.check()?;
    Ok(Some(()))
}

/// Finds what there is to adopt, and checks that nothing is in the way. Nothing is changed.
async fn candidates(
    task: &AdoptTask,
    server: &ClickHouseStore,
    lifecycle: &LifecycleSettings,
) -> anyhow::Result<Vec<Candidate>> {
    let mut candidates = Vec::new();
    let mut no_table = None;
    for (config, kafka) in &task.families {
        let group = kafka.as_ref().map(Group::new).transpose()?;
        let mut table = None;
        if let Some(predecessor) = PredecessorTable::of(server, &config.family.table) {
            match state(&predecessor, lifecycle).await {
                Ok(AdoptionState::OnlyOurs) => {}
                Ok(state) => table = Some((predecessor, state)),
                Err(error @ AdoptionError::NoTable { .. }) => no_table = Some(error),
                Err(error) => return Err(error.into()),
            }
        }
        candidates.push(Candidate { config: config.clone(), table, group });
    }
    let has_table = candidates.iter().any(|candidate| candidate.table.is_some());
    // With several families, one may have had no service that stored its events.
    if let Some(error) = no_table.filter(|_| !has_table) {
        return Err(error.into());
    }
    check_other_families(task, server, lifecycle).await?;
    for Candidate { config, table, group } in &candidates {
        let Some(group) = group else { continue };
        // Or a right that is missing would be noticed once everything is stored. Without it, a group seems to have no
        // members.
        group.positions().await?;
        let is_begun = matches!(table, Some((_, AdoptionState::SetAside)));
        // A processor may run meanwhile, once its table is there.
        if (!is_begun || task.rewind.is_some()) && !task.dry_run {
            group.check_has_no_members().await.with_context(|| format!("cannot adopt {}", config.family.name))?;
        }
    }
    Ok(candidates)
}

/// The migrations create the tables of all families, so none of their names may be taken.
async fn check_other_families(
    task: &AdoptTask,
    server: &ClickHouseStore,
    lifecycle: &LifecycleSettings,
) -> anyhow::Result<()> {
    let is_adopted = |name: &str| task.families.iter().any(|(config, _)| config.family.name == name);
    for other in ALL.iter().filter(|family| !is_adopted(family.name)) {
        let Some(table) = PredecessorTable::of(server, &other.table) else { continue };
        let names: Vec<&str> = task.families.iter().map(|(config, _)| config.family.name).collect();
        match state(&table, lifecycle).await {
            Ok(AdoptionState::Pending) => bail!(
                "there is also a table {} of a Python service, whose name the table of {} needs: adopt both, with \
                 VOC_FAMILIES={},{}",
                other.table.name,
                other.name,
                names.join(","),
                other.name
            ),
            Ok(_) | Err(AdoptionError::NoTable { .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// The state of a table, once the server answers.
async fn state(
    table: &PredecessorTable<ClickHouse>,
    lifecycle: &LifecycleSettings,
) -> Result<AdoptionState, AdoptionError> {
    let ask = async || match table.state().await {
        Err(AdoptionError::Store(error)) => Err(error),
        other => Ok(other),
    };
    clickhouse::until_answered(lifecycle, ask).await?
}

/// Prints what would be done.
async fn plan(task: &AdoptTask, candidates: &[Candidate]) -> anyhow::Result<()> {
    let mut report = Report { dry_run: true, ..Report::default() };
    for Candidate { config, table, group } in candidates {
        let mut family = FamilyReport { family: config.family.name, table: None, group: None };
        if let Some((table, state)) = table {
            family.table = Some(TableReport::planned(table, *state, &count(table, *state).await?));
        }
        if let Some(group) = group {
            family.group = Some(group.take_over(task.rewind, task.dry_run).await?);
        }
        report.families.push(family);
    }
    Ok(voc_service::print(&report.text(task.json)?)?)
}

async fn count(table: &PredecessorTable<ClickHouse>, state: AdoptionState) -> anyhow::Result<Contents> {
    tracing::info!(table = table.name(), "counting the events");
    table.contents(state).await.with_context(|| format!("cannot count the events of {}", table.name()))
}

/// Sets the old tables aside, and opens the store with the new ones.
async fn prepare(
    task: &AdoptTask,
    candidates: &[Candidate],
    settings: ClickHouseSettings,
    lifecycle: &LifecycleSettings,
) -> anyhow::Result<Store> {
    for Candidate { table, .. } in candidates {
        let Some((table, state)) = table else { continue };
        table.set_aside().await?;
        if *state == AdoptionState::Pending {
            tracing::info!(table = table.name(), kept_as = table.kept_as(), "the old table is set aside");
        }
    }
    let tables: Vec<_> = candidates.iter().map(|candidate| candidate.config.family.table).collect();
    let lifecycle = LifecycleSettings { migrate: true, ..lifecycle.clone() };
    store::open(StoreConfig::ClickHouse(Box::new(settings)), &lifecycle, &tables, task.allow_no_deduplication).await
}

/// Waits for some work, unless the process is to end; `None` then.
async fn unless<T>(
    shutdown: &CancellationToken,
    work: impl Future<Output = anyhow::Result<T>>,
) -> anyhow::Result<Option<T>> {
    tokio::select! {
        done = work => done.map(Some),
        () = shutdown.cancelled() => Ok(None),
    }
}
