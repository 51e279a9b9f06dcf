//! `--scenario registry-down`: the schema registry is away under load while records with a new schema arrive, and the
//! processor is restarted meanwhile. Whatever needs the registry must wait and be stored afterwards, whatever does not
//! must be stored meanwhile, and `/readyz` must say why.

use std::{
    collections::BTreeSet,
    process::ExitCode,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail, ensure};
use rustix::process::Signal;
use serde_json::{Value, json};
use voc_testkit::{encoding::avro_schema, generator::GeneratedFamily};

use crate::{
    avro::AvroTopic,
    family::{INSPECTIONS, Partition, QUALITY, VOC, VOC_AND_QUALITY},
    feed::Feed,
    judge::{Judge, Scope},
    message::{Partitioner, Shares},
    options::Options,
    producer::Producer,
    quality::QualityFeed,
    random::Random,
    readiness::{Answer, Readiness},
    registry::Registry,
    report::{Report, print_summary, print_verdicts},
    server::Ending,
    system::{Setup, System},
};

/// Load before and after the outage.
const STEADY: Duration = Duration::from_secs(10);
/// How often the number of rows is queried.
const POLL: Duration = Duration::from_millis(100);
/// How long rows may take.
const PATIENCE: Duration = Duration::from_secs(120);
/// Without bad records every dead letter is a lost event, and without resends every record is one row.
const ONLY_EVENTS: Shares = Shares { poison: 0, resent: 0 };
/// Number of the only processor.
const PROCESSOR: usize = 0;

/// Number of rows.
#[derive(Debug, Clone, Copy)]
struct Rows {
    /// Of `voc`.
    voc: u64,
    /// Of the topics of `quality` in JSON.
    json: u64,
    /// Of the topic of `quality` in Avro.
    avro: u64,
}

impl Rows {
    async fn stored(system: &System) -> Result<Self> {
        let quality = system.tables.counts(&QUALITY).await?;
        let avro = quality.iter().filter(|((topic, _), _)| topic == INSPECTIONS).map(|(_, rows)| rows).sum();
        let all: u64 = quality.values().sum();
        Ok(Self { voc: system.tables.counts(&VOC).await?.values().sum(), json: all - avro, avro })
    }

    fn since(self, before: Self) -> Self {
        Self { voc: self.voc - before.voc, json: self.json - before.json, avro: self.avro - before.avro }
    }
}

/// What was seen of an outage.
struct Outage {
    /// How long the registry was away.
    down: Duration,
    /// How long it took until the processor was not ready.
    noticed: Duration,
    /// Answers before the outage, during it, and after it.
    before: Vec<Answer>,
    during: Vec<Answer>,
    after: Vec<Answer>,
    /// Rows stored during the outage.
    stored: Rows,
    /// Number of records in Avro that waited.
    waited: u64,
    /// How long after the registry was back the processor was ready, and the records that had waited were stored.
    ready: Duration,
    caught_up: Duration,
}

impl Outage {
    /// Ends the registry under load, lets records with a new schema follow, restarts the processor, and starts the
    /// registry again.
    async fn cause(
        options: &Options,
        system: &System,
        report: &Report,
        registry: &Registry,
        uses_second: &AtomicBool,
    ) -> Result<Self> {
        let readiness = Readiness::new(options.scratch.join(format!("processor-{PROCESSOR}.log")));
        readiness.wait_until(|answer| answer.is_ready).await?;
        // From now on the first schema is known.
        wait_for_rows(system, 1).await?;
        let before = readiness.watch(STEADY).await?;

        registry.end(Ending::Orderly).await?;
        let began = Instant::now();
        uses_second.store(true, Ordering::SeqCst);
        let rows_before = Rows::stored(system).await?;
        report.log("the registry is down, and records with a schema that the processor does not know follow");
        readiness.wait_until(|answer| !answer.is_ready).await?;
        let noticed = began.elapsed();
        let mut during = readiness.watch((options.length() / 2).saturating_sub(began.elapsed())).await?;
        let ended = system.processors.restart(PROCESSOR, Signal::TERM).await?;
        report.log(format!("the processor {ended}; the next one knows no schema"));
        during.extend(readiness.watch(options.length().saturating_sub(began.elapsed())).await?);
        let rows = Rows::stored(system).await?;
        registry.start().await?;
        let (back, down) = (Instant::now(), began.elapsed());
        report.log("the registry is up again");

        let awaited = acknowledged(system);
        let ready = readiness.wait_until(|answer| answer.is_ready).await?;
        wait_for_rows(system, awaited).await?;
        let caught_up = back.elapsed();
        let after = readiness.watch(STEADY).await?;
        let (stored, waited) = (rows.since(rows_before), awaited.saturating_sub(rows.avro));
        Ok(Self { down, noticed, before, during, after, stored, waited, ready, caught_up })
    }

    /// The different reasons why the processor was not ready during the outage.
    fn reasons(&self) -> BTreeSet<&str> {
        let unready = self.during.iter().filter(|answer| !answer.is_ready);
        unready.map(|answer| answer.detail.as_str()).collect()
    }

    /// Whether the processor was not ready only during the outage, and said that the registry was the reason; and
    /// whether only records that needed the registry waited.
    fn is_as_promised(&self, registry_url: &str) -> bool {
        let reasons = self.reasons();
        let is_explained = !reasons.is_empty() && reasons.iter().all(|reason| reason.contains(registry_url));
        let was_ready = self.before.iter().chain(&self.after).all(|answer| answer.is_ready);
        is_explained && was_ready && self.stored.voc > 0 && self.stored.json > 0 && self.waited > 0
    }

    fn print(&self, options: &Options) {
        let (seconds, rate) = (self.down.as_secs_f64(), options.rate);
        let unready = self.during.iter().filter(|answer| !answer.is_ready).count();
        println!("registry down for {seconds:.1} s under {rate} records/s, one restart meanwhile");
        println!(
            "/readyz: 503 after {:.1} s, then in {unready} of {} answers, 200 {:.1} s after the registry was back",
            self.noticed.as_secs_f64(),
            self.during.len(),
            self.ready.as_secs_f64()
        );
        self.reasons().iter().for_each(|reason| println!("  {reason}"));
        let Rows { voc, json, avro } = self.stored;
        println!(
            "stored meanwhile: {voc} rows of voc, {json} of the topics of quality in JSON, {avro} of that in Avro"
        );
        println!("{} records in Avro waited, and were stored {:.1?} after it was back", self.waited, self.caught_up);
    }
}

/// Runs the scenario.
pub(crate) async fn run(options: &Options) -> Result<ExitCode> {
    let report = Arc::new(Report::new());
    let setup = Setup::for_measuring(&VOC_AND_QUALITY);
    let system = Arc::new(System::start(&Options { processors: 1, ..options.clone() }, &setup).await?);
    let registry = system.registry.as_ref().context("there is no registry")?;
    for family in system.families {
        system.tables.keep_rows(family).await?;
    }
    let mut judge = Judge::new(&system, &report, true)?;
    let [first, second] = register(registry.url()).await?;
    ensure!(first.schema_id != second.schema_id, "the registry takes both schemas for the same");
    system.processors.ensure_running().await?;

    let uses_second = Arc::<AtomicBool>::default();
    let producers = producers(options, &system, first, second, &uses_second)?;
    system.progress.start();
    let (of_voc, of_quality) = options.rates();
    let producing = producers.into_iter().zip([of_voc, of_quality]);
    let producing: Vec<_> =
        producing.map(|(mut producer, rate)| tokio::task::spawn_blocking(move || producer.run(rate))).collect();
    let outage = Outage::cause(options, &system, &report, registry, &uses_second).await;
    system.progress.stop();
    let outage = outage?;
    for producer in producing {
        producer.await??;
    }

    let verdicts = judge.judge(Scope::All).await?;
    system.processors.end().await?;
    let is_verified = system.is_verified(&options.scratch.join("verify.log")).await?;
    let dead_letters = dead_letters(&system).await?;
    println!();
    outage.print(options);
    println!("voc-processor verify finds {}", if is_verified { "no difference" } else { "differences" });
    println!("dead letters: {dead_letters}");
    print_verdicts(&verdicts);
    print_summary(&verdicts);
    let unexpected_exits = system.processors.unexpected_exits.load(Ordering::SeqCst);
    let is_clean = verdicts.is_clean() && is_verified && dead_letters == 0 && unexpected_exits == 0;
    let is_as_promised = is_clean && outage.is_as_promised(&registry.url());
    Ok(if is_as_promised { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Number of dead letters in the table.
async fn dead_letters(system: &System) -> Result<u64> {
    let mut count = 0;
    for family in system.families {
        let (of_topics, elsewhere) = system.tables.dead_letters(family).await?;
        count += of_topics.len() as u64 + elsewhere;
    }
    Ok(count)
}

/// Registers the schema of the topic in Avro, and another one that a producer might use next.
async fn register(registry: String) -> Result<[AvroTopic; 2]> {
    let first = avro_schema(GeneratedFamily::Quality, INSPECTIONS);
    let mut second: Value = serde_json::from_str(&first).context("the exported schema is not JSON")?;
    let fields = second["fields"].as_array_mut().context("the exported schema has no fields")?;
    fields.push(json!({"name": "shift", "type": ["null", "string"], "default": null}));
    let schemas = [first, second.to_string()];
    let register = move || {
        let [first, second] = schemas.map(|schema| AvroTopic::register(&registry, INSPECTIONS, &schema));
        anyhow::Ok([first?, second?])
    };
    tokio::task::spawn_blocking(register).await?
}

/// The producers of `voc` and of `quality`, whose topic in Avro changes to the second schema.
fn producers(
    options: &Options,
    system: &System,
    first: AvroTopic,
    second: AvroTopic,
    uses_second: &Arc<AtomicBool>,
) -> Result<[Producer; 2]> {
    let mut voc = Feed::new(options.seed, ONLY_EVENTS);
    let next_of_voc = Box::new(move |partition_of: &mut Partitioner<'_>| Ok(voc.next(partition_of)));
    let mut quality = QualityFeed::new(options.seed, ONLY_EVENTS, first);
    let (mut second, uses_second) = (Some(second), Arc::clone(uses_second));
    let next_of_quality = Box::new(move |partition_of: &mut Partitioner<'_>| {
        if uses_second.load(Ordering::SeqCst) {
            second.take().into_iter().for_each(|second| quality.change_schema(second));
        }
        quality.next(partition_of)
    });
    let bootstrap = system.broker.address();
    let random = |stream| Random::new(options.seed, stream);
    Ok([
        Producer::new(&bootstrap, next_of_voc, random(3), Arc::clone(&system.progress))?,
        Producer::new(&bootstrap, next_of_quality, random(6), Arc::clone(&system.progress))?,
    ])
}

/// Number of acknowledged records of the topic in Avro.
fn acknowledged(system: &System) -> u64 {
    let partitions =
        (0..system.progress.partitions(INSPECTIONS)).map(|number| Partition { topic: INSPECTIONS, number });
    partitions.map(|partition| system.progress.acknowledged_in(partition)).sum()
}

/// Waits until the topic in Avro has this many rows.
async fn wait_for_rows(system: &System, wanted: u64) -> Result<()> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let rows = Rows::stored(system).await?.avro;
        if rows >= wanted {
            return Ok(());
        }
        if Instant::now() > deadline {
            bail!("{rows} of {wanted} records in Avro are stored after {} s", PATIENCE.as_secs());
        }
        tokio::time::sleep(POLL).await;
    }
}
