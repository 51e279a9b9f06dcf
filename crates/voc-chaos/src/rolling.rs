//! `--scenario rolling-restart`: the freshness of events while processors are restarted one by one, or updated from an
//! earlier version.
//!
//! Every event is measured from outside: from when it is handed to the producer until a query that counts the rows of
//! its partition includes it. The rows of a partition are stored in record order, so the count identifies the events.

use std::{
    collections::BTreeMap,
    process::ExitCode,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail};
use rustix::process::Signal;

use crate::{
    family::{ONLY_VOC, VOC, VOC_TOPIC},
    feed::Feed,
    judge::{Judge, Scope},
    message::{Partitioner, Shares},
    options::Options,
    producer::Producer,
    random::Random,
    report::{Report, print_summary, print_verdicts},
    system::{Setup, System},
};

/// Load before the first restart, between restarts, and after the last.
const STEADY: Duration = Duration::from_secs(30);
/// How often the store is queried; events may be fresher than measured by this much.
const POLL: Duration = Duration::from_millis(100);
/// How long a processor may take to restart.
const BACK: Duration = Duration::from_secs(120);
/// How long the last events may take.
const LAST: Duration = Duration::from_secs(60);

/// When the events of each partition were produced, in order, and how many of them are visible.
#[derive(Default)]
struct Clock(Mutex<BTreeMap<i32, (Vec<Instant>, usize)>>);

impl Clock {
    fn produced(&self, partition: i32) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(partition).or_default().0.push(Instant::now());
    }

    /// Ages of the events that become visible when a partition has `rows` rows.
    fn seen(&self, partition: i32, rows: u64, at: Instant) -> Vec<Duration> {
        let mut partitions = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (produced, seen) = partitions.entry(partition).or_default();
        let rows = usize::try_from(rows).unwrap_or(usize::MAX).min(produced.len());
        let ages = produced.get(*seen..rows).unwrap_or_default().iter().map(|then| at.duration_since(*then)).collect();
        *seen = rows.max(*seen);
        ages
    }

    fn unseen(&self) -> usize {
        let partitions = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        partitions.values().map(|(produced, seen)| produced.len() - seen).sum()
    }
}

/// Restarts each processor under load, and reports the freshness of events.
pub(crate) async fn run(options: &Options) -> Result<ExitCode> {
    let report = Arc::new(Report::new());
    let system = Arc::new(System::start(options, &Setup::for_measuring(&ONLY_VOC)).await?);
    system.processors.ensure_running().await?;
    let mut judge = Judge::new(&system, &report, true)?;

    let clock = Arc::<Clock>::default();
    let noted = Arc::clone(&clock);
    // One month, so that a batch is one part of the table and becomes visible atomically.
    let mut feed = Feed::of_one_month(options.seed, Shares { poison: 0, resent: 0 });
    let next = Box::new(move |partition_of: &mut Partitioner<'_>| {
        let message = feed.next(partition_of);
        noted.produced(message.partition);
        Ok(message)
    });
    let random = Random::new(options.seed, 3);
    let mut producer = Producer::new(&system.broker.address(), next, random, Arc::clone(&system.progress))?;
    let rate = options.rate;
    // The start is not measured.
    wait_until_assigned(&system, options).await?;
    system.progress.start();
    let producing = tokio::task::spawn_blocking(move || producer.run(rate));

    let watching = Arc::new(AtomicBool::new(true));
    let watch = tokio::spawn(watch(Arc::clone(&system), Arc::clone(&clock), Arc::clone(&watching)));
    tokio::time::sleep(STEADY).await;
    if options.previous.is_some() {
        system.migrate().await?;
        report.log("the tables are those of the new version; the processors are not");
    }
    for number in 0..options.processors as usize {
        let before = assignments(options, number)?;
        let began = Instant::now();
        // An update must not depend on how an old processor ends.
        let signal = if options.previous.is_some() && number % 2 == 1 { Signal::KILL } else { Signal::TERM };
        let ended = system.processors.restart(number, signal).await?;
        wait_for_assignment(options, number, before).await?;
        report.log(format!("processor {number} {ended}, back after {:.1?}", began.elapsed()));
        tokio::time::sleep(STEADY).await;
    }
    system.progress.stop();
    producing.await??;
    let deadline = Instant::now() + LAST;
    while clock.unseen() > 0 && Instant::now() < deadline {
        tokio::time::sleep(POLL).await;
    }
    watching.store(false, Ordering::SeqCst);
    let mut ages = watch.await??;
    let verdicts = judge.judge(Scope::All).await?;
    system.processors.end().await?;
    let is_verified = system.is_verified(&options.scratch.join("verify.log")).await?;

    ages.sort_unstable();
    let at = |share: f64| ages.get(((ages.len() as f64 * share) as usize).min(ages.len().saturating_sub(1))).copied();
    println!();
    println!("{} processors restarted one by one under {rate} events/s", options.processors);
    println!("{} events measured, {} never seen", ages.len(), clock.unseen());
    for (name, share) in [("p50", 0.5), ("p90", 0.9), ("p99", 0.99), ("p99.9", 0.999), ("max", 1.0)] {
        println!("freshness {name}: {:.2} s", at(share).unwrap_or_default().as_secs_f64());
    }
    println!("voc-processor verify finds {}", if is_verified { "no difference" } else { "differences" });
    print_verdicts(&verdicts);
    print_summary(&verdicts);
    Ok(if verdicts.is_clean() && is_verified && clock.unseen() == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Queries the store repeatedly; returns the age of each event when it first became visible.
async fn watch(system: Arc<System>, clock: Arc<Clock>, watching: Arc<AtomicBool>) -> Result<Vec<Duration>> {
    let mut ages = Vec::new();
    while watching.load(Ordering::SeqCst) {
        let counts = system.tables.counts(&VOC).await?;
        let now = Instant::now();
        for ((_, partition), rows) in counts.into_iter().filter(|((topic, _), _)| topic == VOC_TOPIC) {
            ages.extend(clock.seen(partition, rows, now));
        }
        tokio::time::sleep(POLL).await;
    }
    Ok(ages)
}

/// How often a processor has logged an assignment of partitions.
fn assignments(options: &Options, number: usize) -> Result<usize> {
    let log = options.scratch.join(format!("processor-{number}.log"));
    let text = std::fs::read_to_string(&log).with_context(|| format!("cannot read {}", log.display()))?;
    Ok(text.matches("partitions assigned").count())
}

async fn wait_for_assignment(options: &Options, number: usize, before: usize) -> Result<()> {
    let deadline = Instant::now() + BACK;
    while assignments(options, number)? <= before {
        if Instant::now() > deadline {
            bail!("processor {number} was assigned no partitions within {} s", BACK.as_secs());
        }
        tokio::time::sleep(POLL).await;
    }
    Ok(())
}

async fn wait_until_assigned(system: &System, options: &Options) -> Result<()> {
    system.processors.ensure_running().await?;
    for number in 0..options.processors as usize {
        wait_for_assignment(options, number, 0).await?;
    }
    Ok(())
}
