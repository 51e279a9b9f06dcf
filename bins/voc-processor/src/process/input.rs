//! The input under way: its source, its pipeline, its end.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::Context as _;
use async_trait::async_trait;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use voc_api::Probe;
use voc_events::voc::Voc;
use voc_ingest::{
    DeadLetterSink, FileDeadLetters, MemoryBudget, OnceDeadLetters, Pipeline, PipelineError, Source, Tally,
    kafka::{self, KafkaDeadLetters, KafkaProbe, KafkaSettings, KafkaSource},
    ndjson::{Checkpoints, NdjsonInput, NdjsonSource, UnfinishedLine},
};
use voc_nlp::Annotator;
use voc_service::config::lifecycle::LifecycleSettings;

use crate::{
    annotation,
    config::{Input, ProcessConfig},
    store::Store,
};

/// Time a broker has to answer.
const BROKER_TIMEOUT: Duration = Duration::from_millis(1500);

/// The pipeline under way, or nothing to do.
pub(super) struct Running {
    pipeline: Option<JoinHandle<Result<(), PipelineError>>>,
    /// Ends the source early.
    stop: CancellationToken,
    started_at: Instant,
    ended_at: Option<Instant>,
    pub(super) tally: Arc<Tally>,
    /// Lines that an earlier run has stored.
    pub(super) skipped: u64,
    /// The broker's part in readiness.
    pub(super) broker: Option<Arc<dyn Probe>>,
}

/// Starts to process the configured input. `shutdown` only interrupts what this function waits for; a running pipeline is ended
/// with [`Running::drained`].
pub(super) async fn start(
    config: &ProcessConfig,
    store: &Store,
    annotator: &Arc<Annotator>,
    lifecycle: &LifecycleSettings,
    shutdown: &CancellationToken,
) -> anyhow::Result<Running> {
    let starter = Starter { config, store, annotator, lifecycle, stop: shutdown.child_token() };
    match &config.input {
        Input::None => {
            tracing::info!("no input; serving what is stored");
            Ok(starter.idle())
        }
        Input::Ndjson { input, once } => starter.ndjson(input, *once).await,
        Input::Kafka(settings) => starter.kafka(settings).await,
    }
}

struct Starter<'c> {
    config: &'c ProcessConfig,
    store: &'c Store,
    annotator: &'c Arc<Annotator>,
    lifecycle: &'c LifecycleSettings,
    stop: CancellationToken,
}

impl Starter<'_> {
    fn idle(self) -> Running {
        Running {
            pipeline: None,
            stop: self.stop,
            started_at: Instant::now(),
            ended_at: None,
            tally: Arc::default(),
            skipped: 0,
            broker: None,
        }
    }

    fn run(self, source: impl Source + 'static, dead_letters: impl DeadLetterSink + 'static) -> Running {
        let config = self.config;
        let dead_letters = OnceDeadLetters::new(Arc::clone(&self.store.events), Arc::new(dead_letters));
        let pipeline =
            Pipeline::<Voc>::new(Arc::clone(&self.store.events), Arc::clone(self.annotator), Arc::new(dead_letters))
                .batch(config.batch)
                .recent(config.recent)
                .limits(config.limits.clone())
                .partition_by(self.lifecycle.partition_by)
                .insert_slots(config.insert_slots)
                .tenant_metrics(config.tenant_metrics)
                .redactor(annotation::redactor(&config.annotation));
        let tally = pipeline.tally();
        Running { tally, pipeline: Some(tokio::spawn(pipeline.run(source))), ..self.idle() }
    }

    async fn ndjson(self, input: &NdjsonInput, once: bool) -> anyhow::Result<Running> {
        let directory = &self.config.data_dir;
        std::fs::create_dir_all(directory)
            .with_context(|| format!("cannot make the data directory {}", directory.display()))?;
        let checkpoints = Checkpoints::open(directory.join("checkpoints.ndjson"))
            .with_context(|| format!("cannot read the checkpoints in {}", directory.display()))?;
        let dead_letters = FileDeadLetters::new(directory.join("dead-letters.ndjson"));
        let budget = MemoryBudget::new(self.config.memory_bytes);
        let unfinished_line = if once { UnfinishedLine::Take } else { UnfinishedLine::Leave };
        let chunk_records = self.config.batch.chunk_records();
        // To recognise a large file takes its time, in which a signal may come.
        let (opened, stop) = (input.clone(), self.stop.clone());
        let source = tokio::task::spawn_blocking(move || {
            NdjsonSource::open(&opened, unfinished_line, &checkpoints, budget, chunk_records, stop)
        });
        let source = source.await.context("the input could not be opened")??;
        let skipped = u64::try_from(source.skipped()).unwrap_or(0);
        match input {
            NdjsonInput::File(path) if skipped > 0 => tracing::info!(
                file = %path.display(),
                skipped,
                "reading on after the lines that an earlier run has stored"
            ),
            NdjsonInput::File(path) => tracing::info!(file = %path.display(), "reading"),
            NdjsonInput::Stdin => tracing::info!("reading standard input"),
        }
        Ok(Running { skipped, ..self.run(source, dead_letters) })
    }

    async fn kafka(self, settings: &KafkaSettings) -> anyhow::Result<Running> {
        self.reach_broker(settings).await?;
        let dead_letters = KafkaDeadLetters::connect(settings).await.context("cannot set up dead letters")?;
        let broker: Arc<dyn Probe> = Arc::new(BrokerProbe(KafkaProbe::new(settings)?));
        let budget = MemoryBudget::new(self.config.memory_bytes);
        let source = KafkaSource::connect(settings, budget, self.config.batch.chunk_records(), self.stop.clone())
            .context("cannot consume")?;
        tracing::info!(topics = ?settings.topics, group = settings.group_id, "consuming");
        Ok(Running { broker: Some(broker), ..self.run(source, dead_letters) })
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
    /// Waits until the input has ended and everything is delivered; never ends without an input. Safe to cancel.
    pub(super) async fn ended(&mut self) -> anyhow::Result<()> {
        let Some(pipeline) = &mut self.pipeline else { return std::future::pending().await };
        let outcome = pipeline.await;
        self.pipeline = None;
        self.ended_at = Some(Instant::now());
        outcome.context("the pipeline failed")?.context("processing failed")
    }

    /// Stops taking input and waits until what was taken is delivered, at most as long as `deadline`.
    pub(super) async fn drained(&mut self, deadline: Duration) -> anyhow::Result<()> {
        self.stop.cancel();
        if self.pipeline.is_none() {
            return Ok(());
        }
        match tokio::time::timeout(deadline, self.ended()).await {
            Ok(outcome) => outcome,
            Err(_) => {
                // Nothing of it is committed, so the next start takes it again.
                tracing::warn!(?deadline, "what is under way did not end in time; it is left to the next start");
                Ok(())
            }
        }
    }

    /// Time from the start of the input to its end, or until now.
    pub(super) fn elapsed(&self) -> Duration {
        self.ended_at.unwrap_or_else(Instant::now).duration_since(self.started_at)
    }
}

/// Kafka in readiness.
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
