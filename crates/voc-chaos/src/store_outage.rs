//! `--scenario store-down`: a full topic without a store. Measures the memory of the processor meanwhile; afterwards
//! every event must be stored once.

use std::{
    process::ExitCode,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Result, bail};

use crate::{
    family::{ONLY_VOC, VOC},
    judge::{Judge, Scope},
    message::Partitioner,
    options::Options,
    producer::Producer,
    random::Random,
    report::{Report, print_summary, print_verdicts},
    small::SmallEvents,
    system::{Setup, System},
};

/// Number of small events in the topic.
const EVENTS: u64 = 2_000_000;
/// The processor's memory limit for records in flight.
const MEMORY_MIB: u32 = 64;
/// Interval of memory samples.
const SAMPLE: Duration = Duration::from_secs(1);
const MIB: u64 = 1024 * 1024;

/// Runs the scenario.
pub(crate) async fn run(options: &Options) -> Result<ExitCode> {
    let report = Arc::new(Report::new());
    let mut setup = Setup::for_measuring(&ONLY_VOC);
    setup.variables.push(("VOC_MEMORY_MIB", MEMORY_MIB.to_string()));
    let system = Arc::new(System::start(&Options { processors: 1, ..options.clone() }, &setup).await?);
    let mut judge = Judge::new(&system, &report, true)?;
    system.processors.ensure_running().await?;
    // It checks the store when it starts, and then waits for records.
    let idle = loop {
        let log = std::fs::read_to_string(options.scratch.join("processor-0.log")).unwrap_or_default();
        match system.processors.resident_bytes(0).await {
            Some(bytes) if log.contains("partitions assigned") => break bytes,
            Some(_) => tokio::time::sleep(SAMPLE).await,
            None => bail!("the processor has exited: see its log in {}", options.scratch.display()),
        }
    };
    report.log(format!("the processor idles with {} MiB", idle / MIB));

    system.proxy.refuse().await;
    system.proxy.cut();
    let began = Instant::now();
    report.log("the store is down");
    let mut events = SmallEvents::new(0);
    let next = Box::new(move |partition_of: &mut Partitioner<'_>| Ok(events.next(partition_of)));
    let random = Random::new(options.seed, 3);
    let mut producer = Producer::new(&system.broker.address(), next, random, Arc::clone(&system.progress))?;
    system.progress.start();
    let filling = tokio::task::spawn_blocking(move || producer.fill(EVENTS));

    let mut peak = idle;
    let mut next_report = began;
    while began.elapsed() < options.length() {
        let Some(bytes) = system.processors.resident_bytes(0).await else { bail!("the processor has exited") };
        peak = peak.max(bytes);
        if Instant::now() >= next_report {
            next_report += Duration::from_secs(30);
            report.log(format!("{} MiB in use, at most {} MiB so far", bytes / MIB, peak / MIB));
        }
        tokio::time::sleep(SAMPLE).await;
    }
    filling.await??;
    let rows = system.tables.counts(&VOC).await?.values().sum::<u64>();
    system.proxy.resume().await?;
    report.log(format!("the store is up again, with {rows} rows"));
    let back = Instant::now();
    let sampled = Arc::clone(&system);
    let sampling = tokio::spawn(async move {
        let mut peak = 0;
        while let Some(bytes) = sampled.processors.resident_bytes(0).await {
            peak = peak.max(bytes);
            tokio::time::sleep(SAMPLE).await;
        }
        peak
    });
    let verdicts = judge.judge(Scope::All).await?;
    let caught_up = back.elapsed();
    system.processors.end().await?;
    let peak_after = sampling.await?;

    println!();
    println!("store down for {:.1} minutes, {EVENTS} events in the topic", options.length().as_secs_f64() / 60.0);
    println!(
        "VOC_MEMORY_MIB {MEMORY_MIB}; memory in use: {} MiB idle, at most {} MiB while the store was down",
        idle / MIB,
        peak / MIB
    );
    println!("at most {} MiB while catching up, all stored and compared after {caught_up:.1?}", peak_after / MIB);
    print_verdicts(&verdicts);
    print_summary(&verdicts);
    Ok(if verdicts.is_clean() && verdicts.events() == EVENTS { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
