//! `voc-processor replay`: re-annotates a range of a partition.

use std::{pin::Pin, sync::Arc};

use anyhow::{Context as _, ensure};
use voc_events::{
    Family,
    families::{self, FamilyVisitor},
};
use voc_ingest::{ReplayReport, Replayer, TopicPartition, kafka::AddressedReader};
use voc_service::config::lifecycle::LifecycleSettings;
use voc_store::{OffsetSpan, Revision, Revisions};

use crate::{
    annotation,
    config::{Bound, ReplayTask, StoreConfig},
    registry, store,
};

pub(crate) async fn run(
    task: ReplayTask,
    store_config: StoreConfig,
    lifecycle: &LifecycleSettings,
) -> anyhow::Result<()> {
    let replay = Replay { task, store_config, lifecycle };
    families::visit(replay.task.kafka.family, replay).context("there is no such family")?.await
}

/// A replay of records of one family.
struct Replay<'l> {
    task: ReplayTask,
    store_config: StoreConfig,
    lifecycle: &'l LifecycleSettings,
}

impl<'l> FamilyVisitor for Replay<'l> {
    type Output = Pin<Box<dyn Future<Output = anyhow::Result<()>> + 'l>>;

    fn visit<F: Family>(self) -> Self::Output {
        Box::pin(replay::<F>(self.task, self.store_config, self.lifecycle))
    }
}

async fn replay<F: Family>(
    task: ReplayTask,
    store_config: StoreConfig,
    lifecycle: &LifecycleSettings,
) -> anyhow::Result<()> {
    let tables = [F::TABLE];
    let annotator = annotation::annotator(&task.annotation)?;
    let registry = registry::open(task.registry.as_ref())?;
    let store = store::open(store_config, lifecycle, &tables, task.allow_no_deduplication).await?;
    let reader = AddressedReader::new(&task.kafka).context("cannot read")?;
    let version = annotator.version().to_owned();
    let revisions = Arc::clone(&store.revisions);
    let replayer = Replayer::<F>::new(revisions, annotator, &task.topic, &task.options, lifecycle.partition_by)
        .schemas(registry::schemas(registry.as_ref()))
        .with_unknown(task.unknown_too)
        .redactor(annotation::redactor(&task.annotation));
    if task.dry_run {
        let offsets = resolve(&reader, &task).await?;
        let report = replayer.plan(&reader, &offsets).await.context("the replay failed")?;
        return print(&report, &serde_json::json!({"dry_run": true, "from": offsets.first, "until": offsets.end}));
    }

    let revision = begin::<F>(&*store.revisions, &reader, &task, &version).await?;
    tracing::info!(
        id = revision.id,
        from = revision.next_offset,
        until = revision.offsets.end,
        "replaying; if this is interrupted, the same command resumes with --id and this name"
    );
    let (revision, report) = replayer.run(&reader, &revision).await.context("the replay was interrupted")?;
    let merged = task.merge;
    if merged {
        replayer.finish(&revision).await.context("the rows are stored, but earlier versions are not merged yet")?;
    } else {
        tracing::info!(
            id = revision.id,
            "earlier versions are not merged yet; to merge them, run the same command without --no-merge"
        );
    }
    let OffsetSpan { first, end, .. } = revision.offsets;
    print(&report, &serde_json::json!({"id": revision.id, "from": first, "until": end, "merged": merged}))
}

/// The configured offsets.
async fn resolve(reader: &AddressedReader, task: &ReplayTask) -> anyhow::Result<OffsetSpan> {
    let partition = TopicPartition { topic: task.topic.as_str().into(), partition: task.partition };
    let partitions = reader.partitions(&task.topic).await?;
    ensure!(partitions.contains(&partition), "there is no partition {partition}");
    let available = reader.offsets(&partition).await?;
    let mut bounds = [0; 2];
    for (bound, place) in [task.from, task.until].into_iter().zip(&mut bounds) {
        *place = match bound {
            Bound::Beginning => available.start,
            Bound::End => available.end,
            Bound::Offset(offset) => offset,
            Bound::Time(time) => reader.offset_at(&partition, time).await?,
        };
    }
    let [first, end] = bounds;
    if first < available.start {
        tracing::warn!(from = first, oldest = available.start, "the oldest records of the range have expired");
    }
    let (first, end) = (first.max(available.start), end.min(available.end));
    ensure!(first < end, "there are no records in the range; {partition} has {} to {}", available.start, available.end);
    Ok(OffsetSpan { topic: partition.topic, partition: task.partition, first, end })
}

/// The revision to work on: a new one, or the interrupted one of the same name.
async fn begin<F: Family>(
    store: &dyn Revisions,
    reader: &AddressedReader,
    task: &ReplayTask,
    version: &str,
) -> anyhow::Result<Revision> {
    let records = store.revisions().await.context("cannot query the store")?;
    let named = |id: &str| records.iter().find(|known| known.id == id);
    // It has its own range, whose records may have expired by now.
    if let Some(known) = task.id.as_deref().and_then(named) {
        return cut_off(known, task);
    }
    let offsets = resolve(reader, task).await?;
    let OffsetSpan { topic, partition, first, end } = &offsets;
    // For compatibility, the default family's names do not contain the family.
    let of_family = if families::DEFAULT.name == F::NAME { String::new() } else { format!("{}/", F::NAME) };
    let id = task.id.clone().unwrap_or_else(|| format!("{of_family}{topic}/{partition}/{first}-{end}/{version}"));
    match named(&id) {
        Some(known) => cut_off(known, task),
        None => Ok(Revision::new(id, F::NAME, &F::TABLE, offsets)),
    }
}

/// The revision of the task's name, if the task can resume it.
fn cut_off(known: &Revision, task: &ReplayTask) -> anyhow::Result<Revision> {
    let Revision { id, offsets: OffsetSpan { topic, partition, .. }, .. } = known;
    ensure!(known.is_open, "{id} is done; a replay of the same range needs another name: --id NAME");
    ensure!((&**topic, *partition) == (&*task.topic, task.partition), "{id} is a replay of {topic}/{partition}");
    ensure!(known.family == task.kafka.family, "{id} is a replay of the family {}", known.family);
    Ok(known.clone())
}

/// Prints a report as a line of JSON.
fn print(report: &ReplayReport, of: &serde_json::Value) -> anyhow::Result<()> {
    let mut line = serde_json::to_value(report)?;
    if let (Some(line), Some(of)) = (line.as_object_mut(), of.as_object()) {
        line.extend(of.clone());
    }
    Ok(voc_service::print(&format!("{line}\n"))?)
}
