//! The running input: its source, its pipelines, its end.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::Context as _;
use async_trait::async_trait;
use tokio::task::{JoinError, JoinSet};
use tokio_util::sync::CancellationToken;
use voc_api::Probe;
use voc_events::{
    Family,
    families::{self, FamilyVisitor},
};
use voc_ingest::{
    BatchSettings, DeadLetterSink, FileDeadLetters, InsertSlots, MemoryBudget, OnceDeadLetters, Pipeline, Source,
    Tally,
    files::{Checkpoints, FileSettings, FileSource, FileTally, Selection, UnfinishedTail},
    kafka::{self, KafkaDeadLetters, KafkaProbe, KafkaSettings, KafkaSource},
    registry::SchemaRegistry,
};
use voc_nlp::Annotator;
use voc_service::config::lifecycle::LifecycleSettings;

use crate::{
    annotation,
    config::{FamilyConfig, Input, ProcessConfig},
    registry::{self, RegistryProbe},
    store::Store,
};

/// Timeout of a request to a broker.
const BROKER_TIMEOUT: Duration = Duration::from_millis(1500);

/// How long deliveries may fail, attempt after attempt, before the process is not ready.
const DELIVERY_PATIENCE: Duration = Duration::from_secs(30);

/// Maximum number of skipped files that the log names.
const SHOWN_SKIPPED_PATHS: usize = 20;

/// The running pipelines, one per family; none without an input.
pub(super) struct Running {
    pipelines: JoinSet<anyhow::Result<()>>,
    /// The first failure of a pipeline, kept here so that no cancelled wait loses it.
    failure: Option<anyhow::Error>,
    /// Whether there is an input.
    has_input: bool,
    /// Stops the sources early.
    stop: CancellationToken,
    started_at: Instant,
    ended_at: Option<Instant>,
    /// By family.
    pub(super) tallies: Vec<(&'static str, Arc<Tally>)>,
    /// Number of files and other inputs; 0 for Kafka.
    pub(super) inputs: usize,
    /// For files.
    pub(super) files: Arc<FileTally>,
    /// The input's readiness checks: the broker's, the schema registry's, and whether each family can deliver.
    pub(super) probes: Vec<Arc<dyn Probe>>,
}

/// Starts to process the configured input. `shutdown` only interrupts what this function waits for; end running
/// pipelines with [`Running::drained`].
pub(super) async fn start(
    config: &ProcessConfig,
    store: &Store,
    annotator: &Arc<Annotator>,
    registry: Option<SchemaRegistry>,
    lifecycle: &LifecycleSettings,
    shutdown: &CancellationToken,
) -> anyhow::Result<Running> {
    let mut starter = Starter {
        config,
        store,
        annotator,
        lifecycle,
        insert_slots: InsertSlots::new(config.insert_slots),
        running: Running::new(shutdown.child_token()),
        registry,
    };
    if let Some(registry) = &starter.registry {
        starter.running.probes.push(Arc::new(RegistryProbe(registry.clone())));
    }
    match &config.input {
        Input::None => {
            tracing::info!("no input; serving stored events");
            Ok(Running { has_input: false, ..starter.running })
        }
        Input::Files { input, once, family } => starter.files(input, *once, family).await,
        Input::Kafka(families) => starter.kafka(families).await,
    }
}

/// Starts pipelines that share the store, the annotator, the memory and the limit on concurrent inserts.
struct Starter<'c> {
    config: &'c ProcessConfig,
    store: &'c Store,
    annotator: &'c Arc<Annotator>,
    lifecycle: &'c LifecycleSettings,
    insert_slots: InsertSlots,
    registry: Option<SchemaRegistry>,
    running: Running,
}

/// The pipeline of a family, to be started.
struct Start<'s, 'c, S> {
    starter: &'s mut Starter<'c>,
    source: S,
    dead_letters: Arc<dyn DeadLetterSink>,
    batch: BatchSettings,
}

impl<S: Source + 'static> FamilyVisitor for Start<'_, '_, S> {
    type Output = ();

    fn visit<F: Family>(self) {
        let Self { starter, source, dead_letters, batch } = self;
        let config = starter.config;
        let events = || Arc::clone(&starter.store.events);
        let dead_letters = OnceDeadLetters::new(events(), dead_letters);
        let pipeline = Pipeline::<F>::new(events(), Arc::clone(starter.annotator), Arc::new(dead_letters))
            .batch(batch)
            .recent(config.recent)
            .options(config.options.clone())
            .schemas(registry::schemas(starter.registry.as_ref()))
            .partition_by(starter.lifecycle.partition_by)
            .shared_insert_slots(&starter.insert_slots)
            .tenant_metrics(config.tenant_metrics)
            .retention(starter.store.retention.get(F::NAME))
            .redactor(annotation::redactor(&config.annotation));
        starter.running.tallies.push((F::NAME, pipeline.tally()));
        starter.running.probes.push(Arc::new(DeliveryProbe::new(F::NAME, pipeline.tally())));
        let run =
            async move { pipeline.run(source).await.with_context(|| format!("processing of {} failed", F::NAME)) };
        starter.running.pipelines.spawn(run);
    }
}

impl Starter<'_> {
    fn run(
        &mut self,
        family: &FamilyConfig,
        source: impl Source + 'static,
        dead_letters: impl DeadLetterSink + 'static,
    ) -> anyhow::Result<()> {
        let start = Start { starter: self, source, dead_letters: Arc::new(dead_letters), batch: family.batch };
        families::visit(family.family.name, start).context("there is no such family")
    }

    async fn files(mut self, input: &str, once: bool, family: &FamilyConfig) -> anyhow::Result<Running> {
        let directory = &self.config.data_dir;
        std::fs::create_dir_all(directory)
            .with_context(|| format!("cannot create the data directory {}", directory.display()))?;
        let checkpoints = Checkpoints::open(Input::checkpoints_in(directory), family.family.name)
            .with_context(|| format!("cannot open the checkpoints in {}", directory.display()))?;
        let checkpoints = if self.store.is_server() { checkpoints.synced() } else { checkpoints };
        let dead_letters = Input::dead_letters_in(directory);
        // The program's own files are all there: besides these two the lock, and the embedded engine's.
        let Selection { inputs, skipped_paths } = Selection::of(input, std::slice::from_ref(directory))?;
        if !skipped_paths.is_empty() {
            let some: Vec<_> = skipped_paths.iter().take(SHOWN_SKIPPED_PATHS).map(|path| path.display()).collect();
            tracing::info!(
                number = skipped_paths.len(),
                ?some,
                "skipping files because of their names, or because they are in the data directory"
            );
        }
        if inputs.len() > 1 {
            tracing::info!(inputs = inputs.len(), "reading the inputs one after another");
        }
        self.running.inputs = inputs.len();
        let settings = FileSettings {
            unfinished: if once { UnfinishedTail::Take } else { UnfinishedTail::Leave },
            chunk_records: family.batch.chunk_records(),
            budget: MemoryBudget::new(self.config.memory_bytes),
        };
        let source = FileSource::start(inputs, settings, &checkpoints, self.running.stop.clone())?;
        self.running.files = source.tally();
        self.run(family, source, FileDeadLetters::new(dead_letters))?;
        Ok(self.running)
    }

    async fn kafka(mut self, families: &[(KafkaSettings, FamilyConfig)]) -> anyhow::Result<Running> {
        // All families are on one cluster.
        let Some((first, _)) = families.first() else { return Ok(self.running) };
        self.reach_broker(first).await?;
        self.running.probes.push(Arc::new(BrokerProbe(KafkaProbe::new(first)?)));
        let budgets = MemoryBudget::shared(self.config.memory_bytes, families.len());
        for ((settings, family), budget) in families.iter().zip(budgets) {
            let name = family.family.name;
            let dead_letters = KafkaDeadLetters::connect(settings)
                .await
                .with_context(|| format!("cannot set up the dead letters of {name}"))?;
            let stop = self.running.stop.clone();
            let source = KafkaSource::connect(settings, budget, family.batch.chunk_records(), stop)
                .with_context(|| format!("cannot consume the topics of {name}"))?;
            tracing::info!(
                family = name,
                topics = ?settings.topics,
                group = settings.group_id,
                "consuming; offsets are committed once their records are stored, whatever ENABLE_AUTO_COMMIT says"
            );
            self.run(family, source, dead_letters)?;
        }
        Ok(self.running)
    }

    async fn reach_broker(&self, settings: &KafkaSettings) -> anyhow::Result<()> {
        let mut tries_left = self.lifecycle.max_retries;
        while let Err(error) = kafka::check_broker(settings, BROKER_TIMEOUT).await {
            anyhow::ensure!(tries_left > 0, "cannot reach Kafka: {error}");
            let retry_in = self.lifecycle.retry_delay;
            tracing::warn!(%error, tries_left, ?retry_in, "Kafka is not ready yet");
            tries_left -= 1;
            tokio::time::sleep(retry_in).await;
        }
        Ok(())
    }
}

impl Running {
    fn new(stop: CancellationToken) -> Self {
        Self {
            pipelines: JoinSet::new(),
            failure: None,
            has_input: true,
            stop,
            started_at: Instant::now(),
            ended_at: None,
            tallies: Vec::new(),
            inputs: 0,
            files: Arc::default(),
            probes: Vec::new(),
        }
    }

    /// Waits until the input has ended and everything is delivered. Never returns without an input. If one family's
    /// pipeline fails, the others deliver what they have read and end, within `deadline`. Cancel-safe: a failure that
    /// was found before is returned by the next call, or by [`Running::drained`].
    pub(super) async fn ended(&mut self, deadline: Duration) -> anyhow::Result<()> {
        if !self.has_input {
            return std::future::pending().await;
        }
        while self.failure.is_none()
            && let Some(ended) = self.pipelines.join_next().await
        {
            self.note(ended);
        }
        self.drained(deadline).await
    }

    /// Stops the input and waits until what was read is delivered, at most for `deadline`. Returns the first failure,
    /// even if it was found before or if other work does not end in time.
    pub(super) async fn drained(&mut self, deadline: Duration) -> anyhow::Result<()> {
        self.stop.cancel();
        if tokio::time::timeout(deadline, self.rest()).await.is_err() {
            // None of it is committed, so the next start reads it again.
            tracing::warn!(?deadline, "unfinished work did not end in time; it is left to the next start");
        }
        self.ended_at = Some(Instant::now());
        self.failure.take().map_or(Ok(()), Err)
    }

    /// Waits until every pipeline has ended.
    async fn rest(&mut self) {
        while let Some(ended) = self.pipelines.join_next().await {
            self.note(ended);
        }
    }

    /// Keeps the first failure, and logs those that are not about to be returned: while other pipelines still work,
    /// the first one, and all later ones.
    fn note(&mut self, ended: Result<anyhow::Result<()>, JoinError>) {
        let Err(error) = ended.context("a pipeline failed").flatten() else { return };
        if self.failure.is_some() || !self.pipelines.is_empty() {
            tracing::error!("{error:#}");
        }
        self.failure.get_or_insert(error);
    }

    /// Time from the start of the input to its end, or until now.
    pub(super) fn elapsed(&self) -> Duration {
        self.ended_at.unwrap_or_else(Instant::now).duration_since(self.started_at)
    }
}

/// The readiness check of Kafka.
struct BrokerProbe(KafkaProbe);

#[async_trait]
impl Probe for BrokerProbe {
    fn role(&self) -> &'static str {
        "broker"
    }

    fn system(&self) -> &'static str {
        "kafka"
    }

    async fn check(&self) -> Result<(), String> {
        self.0.check(BROKER_TIMEOUT).await
    }
}

/// The readiness check of a family: the store may answer, and still refuse this family's rows or dead letters.
struct DeliveryProbe {
    /// The answer has one state per role, so each family has its own.
    role: String,
    family: &'static str,
    tally: Arc<Tally>,
}

impl DeliveryProbe {
    fn new(family: &'static str, tally: Arc<Tally>) -> Self {
        Self { role: format!("delivery_{family}"), family, tally }
    }
}

#[async_trait]
impl Probe for DeliveryProbe {
    fn role(&self) -> &str {
        &self.role
    }

    fn system(&self) -> &'static str {
        self.family
    }

    async fn check(&self) -> Result<(), String> {
        self.tally.failing_for(DELIVERY_PATIENCE).map_or(Ok(()), Err)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_secs(60);
    const SHORT: Duration = Duration::from_millis(20);

    fn running() -> Running {
        Running::new(CancellationToken::new())
    }

    fn fails(running: &mut Running, reason: &'static str) {
        running.pipelines.spawn(async move { Err(anyhow::anyhow!(reason)) });
    }

    fn never_ends(running: &mut Running) {
        running.pipelines.spawn(std::future::pending());
    }

    fn reason(outcome: anyhow::Result<()>) -> String {
        outcome.unwrap_err().to_string()
    }

    #[tokio::test]
    async fn a_failure_survives_the_wait_that_found_it() {
        let mut running = running();
        fails(&mut running, "the store refused");
        never_ends(&mut running);
        // As if a signal arrived while the other family finishes its work.
        assert!(tokio::time::timeout(SHORT, running.ended(LONG)).await.is_err());
        assert!(running.stop.is_cancelled(), "the other family ends, too");
        assert_eq!(reason(running.drained(SHORT).await), "the store refused");
    }

    #[tokio::test]
    async fn a_failure_after_the_signal_is_returned_although_other_work_does_not_end() {
        let mut running = running();
        fails(&mut running, "the commit was refused");
        never_ends(&mut running);
        assert_eq!(reason(running.drained(SHORT).await), "the commit was refused");
    }

    #[tokio::test]
    async fn the_first_failure_is_returned_once_all_work_has_ended() {
        let mut running = running();
        fails(&mut running, "first");
        let stop = running.stop.clone();
        running.pipelines.spawn(async move {
            stop.cancelled().await;
            anyhow::bail!("second")
        });
        assert_eq!(reason(running.ended(LONG).await), "first");
        assert!(running.pipelines.is_empty());
    }

    #[tokio::test]
    async fn work_that_is_left_to_the_next_start_is_no_failure() {
        let mut running = running();
        never_ends(&mut running);
        assert!(running.drained(SHORT).await.is_ok());
    }
}
