//! Rounds: faults under load, then quiet, then the judge.

use std::{
    process::ExitCode,
    sync::{Arc, atomic::Ordering},
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result};
use tokio::task::JoinSet;

use voc_testkit::generator::GeneratedFamily;

use crate::{
    avro::AvroTopic,
    family::INSPECTIONS,
    feed::Feed,
    judge::{Judge, Look},
    message::{Partitioner, Shares},
    options::Options,
    producer::Producer,
    quality::QualityFeed,
    random::Random,
    report::{Report, tell_logs, tell_sum, tell_verdicts},
    schedule::{Planned, plan},
    system::{SESSION, Setup, System},
    transactions::{TransactionalProducer, Transactions},
    verdicts::Verdicts,
};

/// How often the state is told.
const TELL: Duration = Duration::from_secs(10);
/// How long to wait for merges between rounds, and the number of parts that is few enough.
const MERGES: Duration = Duration::from_secs(10);
const FEW_PARTS: u64 = 100;
/// A last round shorter than this is not worth its quiet.
const SHORTEST_ROUND: Duration = Duration::from_secs(20);

/// Names of the streams of random numbers; the feeds have 2 and 5.
const SCHEDULE: u64 = 1;
const PRODUCER: u64 = 3;
const TRANSACTIONS: u64 = 4;
const QUALITY_PRODUCER: u64 = 6;

/// How many of a hundred records are of `quality`.
const QUALITY_SHARE: u32 = 25;

/// Runs all rounds.
pub(crate) async fn run(options: &Options) -> Result<ExitCode> {
    let report = Arc::new(Report::new());
    println!("seed {}, {} minutes, scratch folder {}", options.seed, options.minutes, options.scratch.display());
    let system = Arc::new(System::start(options, &Setup::for_chaos()).await?);
    let registry = system.registry.as_ref().context("there is no registry")?.url();
    let (broker, store) = (system.broker.address(), system.engine.address());
    report.tell(format!("Kafka on {broker}, the store on {store}, the registry at {registry}"));
    let register = move || AvroTopic::register(&registry, GeneratedFamily::Quality, INSPECTIONS);
    let inspections = tokio::task::spawn_blocking(register).await??;
    if !system.engine.is_own() {
        report.tell("the store is named by the environment: it is not restarted");
    }
    let mut run = Run::new(options, Arc::clone(&system), Arc::clone(&report), inspections)?;
    let deadline = report.start() + options.length();
    let latest = report.start() + options.length() * 2;
    let verdicts = loop {
        run.round().await?;
        let verdicts = run.judge.judge(Look::New).await?;
        for (family, verdict) in verdicts.iter() {
            report.tell(format!("round {}, {}: {verdict}", run.rounds, family.name));
        }
        let now = Instant::now();
        let is_over = now + SHORTEST_ROUND > if run.keeps_promises(&verdicts) { deadline } else { latest };
        if !verdicts.is_clean() {
            break verdicts;
        }
        if is_over {
            break run.judge.judge(Look::All).await?;
        }
        run.let_merge().await?;
    };
    system.processors.end().await?;
    let is_verified = run.verify().await?;
    Ok(run.conclude(&verdicts, is_verified))
}

/// Those who produce.
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
    /// Out while they produce.
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

    /// Faults under load; at its end all is mended and all that was produced is acknowledged.
    async fn round(&mut self) -> Result<()> {
        self.rounds += 1;
        let length = Duration::from_secs(u64::from(self.options.round_seconds));
        let plan = plan(&mut self.random, self.rounds, length, SESSION);
        self.report.tell(format!("round {}: {} faults are planned", self.rounds, plan.len()));
        plan.iter().for_each(|planned| println!("             {planned}"));
        for family in self.system.families {
            self.system.tables.keep_rows(family).await?;
        }
        let producers = self.producers.take().context("the producers are gone")?;
        let Producers { mut voc, mut quality, mut transactional } = producers;
        let of_quality = self.options.rate * QUALITY_SHARE / 100;
        let of_voc = self.options.rate - of_quality;
        self.system.progress.go();
        let producing = tokio::task::spawn_blocking(move || voc.run(of_voc).map(|()| voc));
        let producing_quality = tokio::task::spawn_blocking(move || quality.run(of_quality).map(|()| quality));
        let transacting = tokio::task::spawn_blocking(move || transactional.run().map(|()| transactional));
        let faults = self.inject(&plan, Instant::now() + length).await;
        self.system.progress.stop();
        // A fault that went wrong is why the producers may, too.
        faults?;
        let (voc, quality, transactional) = (producing.await??, producing_quality.await??, transacting.await??);
        self.producers = Some(Producers { voc, quality, transactional });
        Ok(())
    }

    /// Does what is planned, and looks after the processors meanwhile.
    async fn inject(&self, plan: &[Planned], end: Instant) -> Result<()> {
        let begin = Instant::now();
        let mut faults = JoinSet::new();
        for planned in plan.iter().copied() {
            let (system, report) = (Arc::clone(&self.system), Arc::clone(&self.report));
            faults.spawn(async move {
                tokio::time::sleep_until((begin + planned.at).into()).await;
                report.count(planned.fault.kind());
                report.tell(planned.fault.to_string());
                let told = system.inject(planned.fault).await.with_context(|| planned.fault.to_string())?;
                if !told.is_empty() {
                    report.tell(format!("{}: {told}", planned.fault.kind()));
                }
                anyhow::Ok(())
            });
        }
        let mut tell_at = begin;
        while Instant::now() < end || !faults.is_empty() {
            self.system.processors.look_after().await?.iter().for_each(|fallen| self.report.tell(fallen));
            while let Some(done) = faults.try_join_next() {
                done??;
            }
            if Instant::now() >= tell_at {
                tell_at += TELL;
                let produced = self.system.progress.acknowledged.load(Ordering::SeqCst);
                self.report.tell(format!("{produced} records produced"));
            }
            tokio::time::sleep(Duration::from_millis(250)).await;
        }
        Ok(())
    }

    /// Lets the engine merge what has been compared, for a while.
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
            self.report.tell(format!("{before} parts of {name} merged into {after} in {took:.1?}"));
        }
        Ok(())
    }

    /// Asks the product itself, by its ledger. The judge's word does not depend on it.
    async fn verify(&self) -> Result<bool> {
        let log = self.options.scratch.join("verify.log");
        let is_verified = self.system.is_verified(&log).await?;
        let found =
            if is_verified { "no difference".to_owned() } else { format!("differences: see {}", log.display()) };
        self.report.tell(format!("voc-processor verify finds {found}"));
        Ok(is_verified)
    }

    fn kills(&self) -> u32 {
        self.system.processors.kills.load(Ordering::SeqCst)
    }

    /// Whether the run was as hard as promised.
    fn keeps_promises(&self, verdicts: &Verdicts) -> bool {
        self.kills() >= self.options.kills_promised() && verdicts.events() >= self.options.events_promised()
    }

    /// Tells the sum.
    fn conclude(&self, verdicts: &Verdicts, is_verified: bool) -> ExitCode {
        let options = self.options;
        let minutes = self.report.start().elapsed().as_secs_f64() / 60.0;
        let count = |counter: &std::sync::atomic::AtomicU32| counter.load(Ordering::SeqCst);
        println!();
        self.report.tell_faults();
        tell_logs(&options.scratch);
        println!(
            "seed {}, {minutes:.1} minutes, {} rounds, {} kills of processors",
            options.seed,
            self.rounds,
            self.kills()
        );
        println!("processors that ended by themselves: {}", count(&self.system.processors.fell));
        let (committed, aborted) = (count(&self.transactions.committed), count(&self.transactions.aborted));
        println!("transactions: {committed} committed, {aborted} given up");
        println!("records the producer gave up: {}", self.system.progress.failed.load(Ordering::SeqCst));
        tell_verdicts(verdicts);
        let keeps_promises = self.keeps_promises(verdicts);
        if !keeps_promises {
            println!(
                "too easy a run: {} kills of {} promised, {} events of {}",
                self.kills(),
                options.kills_promised(),
                verdicts.events(),
                options.events_promised()
            );
        }
        tell_sum(verdicts);
        if verdicts.is_clean() && is_verified && keeps_promises { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}
