//! Rounds: faults under load, then quiet, then the judge.

use std::{
    process::ExitCode,
    sync::{Arc, atomic::Ordering},
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result};
use tokio::task::JoinSet;

use crate::{
    feed::{Feed, Shares},
    judge::{Judge, Look},
    options::Options,
    oracle::Verdict,
    producer::Producer,
    random::Random,
    report::{Report, tell_findings, tell_logs},
    schedule::{Planned, plan},
    system::{SESSION, Setup, System, TOPIC},
    transactions::{TransactionalProducer, Transactions},
};

/// How often the state is told.
const TELL: Duration = Duration::from_secs(10);
/// How long to wait for merges between rounds, and the number of parts that is few enough.
const MERGES: Duration = Duration::from_secs(10);
const FEW_PARTS: u64 = 100;
/// A last round shorter than this is not worth its quiet.
const SHORTEST_ROUND: Duration = Duration::from_secs(20);

/// Names of the streams of random numbers; the feed has 2.
const SCHEDULE: u64 = 1;
const PRODUCER: u64 = 3;
const TRANSACTIONS: u64 = 4;

/// Runs all rounds.
pub(crate) async fn run(options: &Options) -> Result<ExitCode> {
    let report = Arc::new(Report::new());
    println!("seed {}, {} minutes, scratch folder {}", options.seed, options.minutes, options.scratch.display());
    let system = Arc::new(System::start(options, &Setup::for_chaos()).await?);
    report.tell(format!("Kafka on {}, the store on {}", system.broker.address(), system.engine.address()));
    if !system.engine.is_own() {
        report.tell("the store is named by the environment: it is not restarted");
    }
    let mut run = Run::new(options, Arc::clone(&system), Arc::clone(&report))?;
    let deadline = report.start() + options.length();
    let latest = report.start() + options.length() * 2;
    let verdict = loop {
        run.round().await?;
        let verdict = run.judge.judge(Look::New).await?;
        report.tell(format!("round {}: {verdict}", run.rounds));
        let now = Instant::now();
        let is_over = now + SHORTEST_ROUND > if run.keeps_promises(&verdict) { deadline } else { latest };
        if !verdict.is_clean() {
            break verdict;
        }
        if is_over {
            break run.judge.judge(Look::All).await?;
        }
        run.let_merge().await?;
    };
    system.processors.end().await?;
    let is_verified = run.verify().await?;
    Ok(run.conclude(&verdict, is_verified))
}

struct Run<'o> {
    options: &'o Options,
    system: Arc<System>,
    report: Arc<Report>,
    judge: Judge,
    random: Random,
    /// Out while they produce.
    producers: Option<(Producer, TransactionalProducer)>,
    transactions: Arc<Transactions>,
    rounds: u32,
}

impl<'o> Run<'o> {
    fn new(options: &'o Options, system: Arc<System>, report: Arc<Report>) -> Result<Self> {
        let bootstrap = system.broker.address();
        let mut feed =
            Feed::new(options.seed, Shares { poison: options.poison_per_mille, resent: options.resend_per_mille });
        let stream = |name| Random::new(options.seed, name);
        let progress = || Arc::clone(&system.progress);
        let next = Box::new(move |partition| feed.next(partition));
        let producer = Producer::new(&bootstrap, TOPIC, next, stream(PRODUCER), progress())?;
        let transactions = Arc::<Transactions>::default();
        let transactional =
            TransactionalProducer::new(&bootstrap, TOPIC, stream(TRANSACTIONS), progress(), Arc::clone(&transactions));
        Ok(Self {
            options,
            judge: Judge::new(&system, &report, options.strict_resends)?,
            system,
            report,
            random: stream(SCHEDULE),
            producers: Some((producer, transactional)),
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
        self.system.tables.keep_rows().await?;
        let (mut producer, mut transactional) = self.producers.take().context("the producers are gone")?;
        let rate = self.options.rate;
        self.system.progress.go();
        let producing = tokio::task::spawn_blocking(move || producer.run(rate).map(|()| producer));
        let transacting = tokio::task::spawn_blocking(move || transactional.run().map(|()| transactional));
        let faults = self.inject(&plan, Instant::now() + length).await;
        self.system.progress.stop();
        // A fault that went wrong is why the producers may, too.
        faults?;
        self.producers = Some((producing.await??, transacting.await??));
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
        let before = self.system.tables.parts().await?;
        self.system.tables.let_merge().await?;
        while self.system.tables.parts().await? > FEW_PARTS && began.elapsed() < MERGES {
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
        let after = self.system.tables.parts().await?;
        self.report.tell(format!("{before} parts merged into {after} in {:.1?}", began.elapsed()));
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
    fn keeps_promises(&self, verdict: &Verdict) -> bool {
        self.kills() >= self.options.kills_promised() && verdict.events >= self.options.events_promised()
    }

    /// Tells the sum.
    fn conclude(&self, verdict: &Verdict, is_verified: bool) -> ExitCode {
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
        println!("{verdict}");
        tell_findings(verdict);
        let keeps_promises = self.keeps_promises(verdict);
        if !keeps_promises {
            println!(
                "too easy a run: {} kills of {} promised, {} events of {}",
                self.kills(),
                options.kills_promised(),
                verdict.events,
                options.events_promised()
            );
        }
        println!("lost {}, doubled {}", verdict.lost.count, verdict.doubled.count);
        if verdict.is_clean() && is_verified && keeps_promises { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}
