//! Rounds: faults under load, a quiet phase, a verdict.

use std::{
    process::ExitCode,
    sync::{Arc, atomic::Ordering},
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result};
use tokio::task::JoinSet;

use voc_testkit::{encoding::avro_schema, generator::GeneratedFamily};

use crate::{
    avro::AvroTopic,
    family::INSPECTIONS,
    feed::Feed,
    judge::{Judge, Scope},
    message::{Partitioner, Shares},
    options::Options,
    producer::Producer,
    quality::QualityFeed,
    random::Random,
    report::{Report, print_log_counts, print_summary, print_verdicts},
    schedule::{PlannedFault, plan},
    system::{SESSION, Setup, System},
    transactions::{TransactionalProducer, Transactions},
    verdicts::Verdicts,
};

/// How often progress is reported.
const REPORT_INTERVAL: Duration = Duration::from_secs(10);
/// How long to wait for merges between rounds, and the number of parts at which to stop.
const MERGES: Duration = Duration::from_secs(10);
const FEW_PARTS: u64 = 100;
/// Minimum length of a last round.
const SHORTEST_ROUND: Duration = Duration::from_secs(20);

/// Random streams; the feeds use 2 and 5.
const SCHEDULE: u64 = 1;
const PRODUCER: u64 = 3;
const TRANSACTIONS: u64 = 4;
const QUALITY_PRODUCER: u64 = 6;

/// Runs all rounds.
pub(crate) async fn run(options: &Options) -> Result<ExitCode> {
    let report = Arc::new(Report::new());
    println!("seed {}, {} minutes, scratch folder {}", options.seed, options.minutes, options.scratch.display());
    let system = Arc::new(System::start(options, &Setup::for_chaos()).await?);
    let registry = system.registry.as_ref().context("there is no registry")?.url();
    let (broker, store) = (system.broker.address(), system.engine.address());
    report.log(format!("Kafka on {broker}, the store on {store}, the registry at {registry}"));
    let schema = avro_schema(GeneratedFamily::Quality, INSPECTIONS);
    let register = move || AvroTopic::register(&registry, INSPECTIONS, &schema);
    let inspections = tokio::task::spawn_blocking(register).await??;
    if !system.engine.is_own() {
        report.log("the store is named by the environment and is not restarted");
    }
    let mut run = Run::new(options, Arc::clone(&system), Arc::clone(&report), inspections)?;
    let deadline = report.start() + options.length();
    let latest = report.start() + options.length() * 2;
    let verdicts = loop {
        run.round().await?;
        let verdicts = run.judge.judge(Scope::New).await?;
        for (family, verdict) in verdicts.iter() {
            report.log(format!("round {}, {}: {verdict}", run.rounds, family.name));
        }
        let now = Instant::now();
        let is_over = now + SHORTEST_ROUND > if run.keeps_promises(&verdicts) { deadline } else { latest };
        if !verdicts.is_clean() {
            break verdicts;
        }
        if is_over {
            break run.judge.judge(Scope::All).await?;
        }
        run.let_merge().await?;
    };
    system.processors.end().await?;
    let is_verified = run.verify().await?;
    Ok(run.conclude(&verdicts, is_verified))
}

/// The producers.
struct Producers {
    voc: Producer,
    quality: Producer,
    transactional: TransactionalProducer,
}

struct Run<'o> {
    options: &'o Options,
    system: Arc<System>,
    report: Arc<Report>,
    judge: Judge,
    random: Random,
    /// Taken while they produce.
    producers: Option<Producers>,
    transactions: Arc<Transactions>,
    rounds: u32,
}

impl<'o> Run<'o> {
    fn new(options: &'o Options, system: Arc<System>, report: Arc<Report>, inspections: AvroTopic) -> Result<Self> {
        let bootstrap = system.broker.address();
        let shares = Shares { poison: options.poison_per_mille, resent: options.resend_per_mille };
        let stream = |name| Random::new(options.seed, name);
        let progress = || Arc::clone(&system.progress);
        let mut feed = Feed::new(options.seed, shares);
        let next = Box::new(move |partition_of: &mut Partitioner<'_>| Ok(feed.next(partition_of)));
        let voc = Producer::new(&bootstrap, next, stream(PRODUCER), progress())?;
        let mut feed = QualityFeed::new(options.seed, shares, inspections);
        let next = Box::new(move |partition_of: &mut Partitioner<'_>| feed.next(partition_of));
        let quality = Producer::new(&bootstrap, next, stream(QUALITY_PRODUCER), progress())?;
        let transactions = Arc::<Transactions>::default();
        let transactional =
            TransactionalProducer::new(&bootstrap, stream(TRANSACTIONS), progress(), Arc::clone(&transactions));
        Ok(Self {
            options,
            judge: Judge::new(&system, &report, options.strict_resends)?,
            system,
            report,
            random: stream(SCHEDULE),
            producers: Some(Producers { voc, quality, transactional }),
            transactions,
            rounds: 0,
        })
    }

    /// Injects faults under load. At the end everything is restored and every produced record is acknowledged.
    async fn round(&mut self) -> Result<()> {
        self.rounds += 1;
        let length = Duration::from_secs(u64::from(self.options.round_seconds));
        let plan = plan(&mut self.random, self.rounds, length, SESSION);
        self.report.log(format!("round {}: {} faults are planned", self.rounds, plan.len()));
        plan.iter().for_each(|planned| println!("             {planned}"));
        for family in self.system.families {
            self.system.tables.keep_rows(family).await?;
        }
        let producers = self.producers.take().context("the producers are gone")?;
        let Producers { mut voc, mut quality, mut transactional } = producers;
        let (of_voc, of_quality) = self.options.rates();
        self.system.progress.start();
        let producing = tokio::task::spawn_blocking(move || voc.run(of_voc).map(|()| voc));
        let producing_quality = tokio::task::spawn_blocking(move || quality.run(of_quality).map(|()| quality));
        let transacting = tokio::task::spawn_blocking(move || transactional.run().map(|()| transactional));
        let faults = self.inject(&plan, Instant::now() + length).await;
        self.system.progress.stop();
        // A failed fault may be the cause of failed producers, so it is reported first.
        faults?;
        let (voc, quality, transactional) = (producing.await??, producing_quality.await??, transacting.await??);
        self.producers = Some(Producers { voc, quality, transactional });
        Ok(())
    }

    /// Injects the planned faults, and keeps the processors running meanwhile.
    async fn inject(&self, plan: &[PlannedFault], end: Instant) -> Result<()> {
        let begin = Instant::now();
        let mut faults = JoinSet::new();
        for planned in plan.iter().copied() {
            let (system, report) = (Arc::clone(&self.system), Arc::clone(&self.report));
            faults.spawn(async move {
                tokio::time::sleep_until((begin + planned.at).into()).await;
                report.count(planned.fault.kind());
                report.log(planned.fault.to_string());
                let message = system.inject(planned.fault).await.with_context(|| planned.fault.to_string())?;
                if !message.is_empty() {
                    report.log(format!("{}: {message}", planned.fault.kind()));
                }
                anyhow::Ok(())
            });
        }
        let mut next_report = begin;
        while Instant::now() < end || !faults.is_empty() {
            self.system.processors.ensure_running().await?.iter().for_each(|fallen| self.report.log(fallen));
            while let Some(done) = faults.try_join_next() {
                done??;
            }
            if Instant::now() >= next_report {
                next_report += REPORT_INTERVAL;
                let produced = self.system.progress.acknowledged.load(Ordering::SeqCst);
                self.report.log(format!("{produced} records produced"));
            }
            tokio::time::sleep(Duration::from_millis(250)).await;
        }
        Ok(())
    }

    /// Lets the engine merge compared rows for a while.
    async fn let_merge(&self) -> Result<()> {
        let began = Instant::now();
        for family in self.system.families {
            self.system.tables.let_merge(family).await?;
        }
        for family in self.system.families {
            let before = self.system.tables.parts(family).await?;
            let mut after = before;
            while after > FEW_PARTS && began.elapsed() < MERGES {
                tokio::time::sleep(Duration::from_millis(500)).await;
                after = self.system.tables.parts(family).await?;
            }
            let (name, took) = (family.table, began.elapsed());
            self.report.log(format!("{before} parts of {name} merged into {after} in {took:.1?}"));
        }
        Ok(())
    }

    /// Runs the audit of the product on its ledger. The verdict does not depend on it.
    async fn verify(&self) -> Result<bool> {
        let log = self.options.scratch.join("verify.log");
        let is_verified = self.system.is_verified(&log).await?;
        let found =
            if is_verified { "no difference".to_owned() } else { format!("differences: see {}", log.display()) };
        self.report.log(format!("voc-processor verify finds {found}"));
        Ok(is_verified)
    }

    fn kills(&self) -> u32 {
        self.system.processors.kills.load(Ordering::SeqCst)
    }

    /// Whether the run was as hard as promised.
    fn keeps_promises(&self, verdicts: &Verdicts) -> bool {
        self.kills() >= self.options.kills_promised() && verdicts.events() >= self.options.events_promised()
    }

    /// Prints the summary.
    fn conclude(&self, verdicts: &Verdicts, is_verified: bool) -> ExitCode {
        let options = self.options;
        let minutes = self.report.start().elapsed().as_secs_f64() / 60.0;
        let count = |counter: &std::sync::atomic::AtomicU32| counter.load(Ordering::SeqCst);
        println!();
        self.report.print_faults();
        print_log_counts(&options.scratch);
        println!(
            "seed {}, {minutes:.1} minutes, {} rounds, {} kills of processors",
            options.seed,
            self.rounds,
            self.kills()
        );
        println!("unexpected exits of processors: {}", count(&self.system.processors.unexpected_exits));
        let (committed, aborted) = (count(&self.transactions.committed), count(&self.transactions.aborted));
        println!("transactions: {committed} committed, {aborted} aborted");
        println!("records that could not be produced: {}", self.system.progress.failed.load(Ordering::SeqCst));
        print_verdicts(verdicts);
        let keeps_promises = self.keeps_promises(verdicts);
        if !keeps_promises {
            println!(
                "the run was too easy: {} of {} promised kills, {} of {} promised events",
                self.kills(),
                options.kills_promised(),
                verdicts.events(),
                options.events_promised()
            );
        }
        print_summary(verdicts);
        if verdicts.is_clean() && is_verified && keeps_promises { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}
