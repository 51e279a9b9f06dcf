//! Rounds: faults under load, then quiet, then the oracle.

use std::{
    process::ExitCode,
    sync::{Arc, atomic::Ordering},
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result};
use tokio::task::JoinSet;

use crate::{
    feed::{Feed, Shares},
    options::Options,
    oracle::{Evidence, Stored, Verdict},
    producer::Producer,
    random::Random,
    report::{Report, tell_findings, tell_logs},
    schedule::{Planned, plan},
    system::{GROUP, SESSION, System, TOPIC},
    truth::{GroupWatch, Letters, LogReader, Truth, read_letters, read_truth},
};

/// How often the state is told.
const TELL: Duration = Duration::from_secs(10);
/// How long the group may come no nearer to the log's end.
const STUCK: Duration = Duration::from_secs(180);
/// How long to wait for merges between rounds, and the number of parts that is few enough.
const MERGES: Duration = Duration::from_secs(10);
const FEW_PARTS: u64 = 100;
/// A last round shorter than this is not worth its quiet.
const SHORTEST_ROUND: Duration = Duration::from_secs(20);

/// Names of the streams of random numbers.
const SCHEDULE: u64 = 1;
const PRODUCER: u64 = 3;

/// Runs all rounds.
pub(crate) async fn run(options: &Options) -> Result<ExitCode> {
    let report = Arc::new(Report::new());
    println!("seed {}, {} minutes, scratch folder {}", options.seed, options.minutes, options.scratch.display());
    let system = Arc::new(System::start(options).await?);
    report.tell(format!("Kafka on {}, the store on {}", system.broker.address(), system.engine.address()));
    if !system.engine.is_own() {
        report.tell("the store is named by the environment: it is not restarted");
    }
    let mut run = Run::new(options, Arc::clone(&system), Arc::clone(&report))?;
    let deadline = report.start() + options.length();
    let latest = report.start() + options.length() * 2;
    let mut round = 0;
    let verdict = loop {
        round += 1;
        run.round(round).await?;
        let verdict = run.judge().await?;
        report.tell(format!("round {round}: {verdict}"));
        let now = Instant::now();
        let is_over = now + SHORTEST_ROUND > if run.keeps_promises(&verdict) { deadline } else { latest };
        if is_over || !verdict.is_clean() {
            break verdict;
        }
        run.let_merge().await?;
    };
    system.processors.end().await?;
    Ok(run.conclude(&verdict))
}

struct Run<'o> {
    options: &'o Options,
    system: Arc<System>,
    report: Arc<Report>,
    random: Random,
    producer: Option<Producer>,
    known: Option<Known>,
    rounds: u32,
}

/// What is known of Kafka's side; read bit by bit.
struct Known {
    log: LogReader,
    truth: Truth,
    dlq: LogReader,
    letters: Letters,
    group: GroupWatch,
}

impl<'o> Run<'o> {
    fn new(options: &'o Options, system: Arc<System>, report: Arc<Report>) -> Result<Self> {
        let bootstrap = system.broker.address();
        let shares = Shares { poison: options.poison_per_mille, resent: options.resend_per_mille };
        let feed = Feed::new(options.seed, shares);
        let random = Random::new(options.seed, PRODUCER);
        let producer = Producer::new(&bootstrap, TOPIC, feed, random, Arc::clone(&system.progress))?;
        let known = Known {
            log: LogReader::new(&bootstrap, TOPIC)?,
            truth: Truth::default(),
            dlq: LogReader::new(&bootstrap, &format!("{TOPIC}.dlq"))?,
            letters: Letters::default(),
            group: GroupWatch::new(&bootstrap, GROUP, TOPIC)?,
        };
        Ok(Self {
            options,
            system,
            report,
            random: Random::new(options.seed, SCHEDULE),
            producer: Some(producer),
            known: Some(known),
            rounds: 0,
        })
    }

    /// Faults under load; at its end all is mended and all that was produced is acknowledged.
    async fn round(&mut self, number: u32) -> Result<()> {
        self.rounds = number;
        let length = Duration::from_secs(u64::from(self.options.round_seconds));
        let plan = plan(&mut self.random, number, length, SESSION);
        self.report.tell(format!("round {number}: {} faults are planned", plan.len()));
        plan.iter().for_each(|planned| println!("             {planned}"));
        self.system.tables.keep_rows().await?;
        let mut producer = self.producer.take().context("the producer is gone")?;
        let rate = self.options.rate;
        let producing = tokio::task::spawn_blocking(move || producer.run(rate).map(|()| producer));
        let faults = self.inject(&plan, Instant::now() + length).await;
        self.system.progress.stop();
        // A fault that went wrong is why the producer may, too.
        faults?;
        self.producer = Some(producing.await??);
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
            for fallen in self.system.processors.look_after().await? {
                self.report.tell(fallen);
            }
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

    /// Waits until the group has come to the log's end, and compares.
    async fn judge(&mut self) -> Result<Verdict> {
        let began = Instant::now();
        let mut known = self.known.take().context("what is known is gone")?;
        known = blocking(known, |known| read_truth(&mut known.log, &mut known.truth)).await?;
        let mut last = None;
        let mut since = Instant::now();
        loop {
            for fallen in self.system.processors.look_after().await? {
                self.report.tell(fallen);
            }
            let (back, behind) = tokio::task::spawn_blocking(move || {
                let behind = known.group.behind(&known.truth);
                (known, behind)
            })
            .await?;
            known = back;
            match behind {
                Ok(behind) if behind.is_empty() => break,
                Ok(behind) => {
                    if last.as_ref() != Some(&behind) {
                        since = Instant::now();
                    }
                    if since.elapsed() > STUCK {
                        let what = behind
                            .iter()
                            .map(|(partition, committed, end)| format!("{partition} at {committed} of {end}"));
                        let what: Vec<_> = what.collect();
                        self.report.tell(format!("the group is stuck, partition {}", what.join(", ")));
                        break;
                    }
                    last = Some(behind);
                }
                Err(error) => self.report.tell(format!("{error:#}")),
            }
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
        let caught_up = began.elapsed();
        known = blocking(known, |known| read_letters(&mut known.dlq, &mut known.letters)).await?;
        self.check_acknowledged(&known.truth);
        let verdict = self.compare(&known).await;
        self.known = Some(known);
        self.report.tell(format!(
            "the group came to the log's end in {caught_up:.1?}, compared in {:.1?}",
            began.elapsed() - caught_up
        ));
        verdict
    }

    async fn compare(&self, known: &Known) -> Result<Verdict> {
        let tables = &self.system.tables;
        let mut stored = Stored::default();
        for partition in known.truth.partitions.keys() {
            stored.add(&known.truth, *partition, &tables.rows(TOPIC, *partition).await?);
        }
        Ok(Verdict::of(&Evidence {
            truth: &known.truth,
            stored,
            elsewhere: tables.rows_elsewhere(TOPIC, self.system.progress.partitions.load(Ordering::SeqCst)).await?,
            letters: &known.letters,
            merged: tables.merged().await?,
            by_rows: tables.rollup(false).await?,
            by_projection: tables.rollup(true).await?,
            strict_resends: self.options.strict_resends,
        }))
    }

    /// What the broker acknowledged must be in its log; else there is nothing to compare with.
    fn check_acknowledged(&self, truth: &Truth) {
        for partition in truth.partitions.keys() {
            let (acknowledged, found) =
                (self.system.progress.acknowledged_in(*partition), truth.records_in(*partition));
            if acknowledged != found {
                self.report.tell(format!(
                    "partition {partition}: the broker acknowledged {acknowledged} records, its log has {found}"
                ));
            }
        }
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

    fn kills(&self) -> u32 {
        self.system.kills.load(Ordering::SeqCst)
    }

    /// Whether the run was as hard as promised.
    fn keeps_promises(&self, verdict: &Verdict) -> bool {
        self.kills() >= self.options.kills_promised() && verdict.events >= self.options.events_promised()
    }

    /// Tells the sum.
    fn conclude(&self, verdict: &Verdict) -> ExitCode {
        let options = self.options;
        println!();
        self.report.tell_faults();
        tell_logs(&options.scratch);
        let minutes = self.report.start().elapsed().as_secs_f64() / 60.0;
        println!(
            "seed {}, {minutes:.1} minutes, {} rounds, {} kills of processors",
            options.seed,
            self.rounds,
            self.kills()
        );
        println!("processors that ended by themselves: {}", self.system.processors.fell.load(Ordering::SeqCst));
        println!("{verdict}");
        println!("records the producer gave up: {}", self.system.progress.failed.load(Ordering::SeqCst));
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
        if verdict.is_clean() && keeps_promises { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}

/// Does something that blocks with what is known.
async fn blocking(mut known: Known, work: impl FnOnce(&mut Known) -> Result<()> + Send + 'static) -> Result<Known> {
    tokio::task::spawn_blocking(move || work(&mut known).map(|()| known)).await?
}
