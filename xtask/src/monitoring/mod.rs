//! `cargo xtask monitoring`: hurts a running system, and sees whether Prometheus' alerts tell of it, and whether
//! Grafana's expressions have data.

mod alertmanager;
mod background;
mod callers;
mod course;
mod dashboards;
mod expectation;
mod faster;
mod feed;
mod hurts;
mod journal;
mod process;
mod prometheus;
mod receiver;
mod report;
mod rule;
mod series;
mod system;

use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use clap::Args;

use self::course::Course;
use self::hurts::Scene;
use self::journal::Journal;
use self::prometheus::{Addresses, Prometheus};
use self::receiver::Receiver;
use self::system::System;
use crate::clickhouse::Client;
use crate::interrupt::Interrupted;
use crate::product::{Build, Programs};
use crate::progress::{Step, seconds};
use crate::scratch::Scratch;
use crate::{apt, engine, interrupt, kafka};

/// Programs, and Debian's packages of them.
const SERVERS: [&str; 2] = ["prometheus", "prometheus-alertmanager"];
/// Scrapes of each target before the system is hurt, so that all rates have values.
const SCRAPES: f64 = 8.0;
/// Longest time until there are as many.
const PATIENCE: Duration = Duration::from_secs(600);

#[derive(Args)]
pub(crate) struct MonitoringArgs {
    /// Let the store be away until the alerts that need ten minutes have fired as well.
    #[arg(long)]
    long: bool,
    /// Keep logs and data, as after a failure.
    #[arg(long)]
    keep: bool,
    /// Use development builds, which are slower but, after the tests, already built.
    #[arg(long)]
    debug: bool,
}

pub(crate) fn run(args: &MonitoringArgs) -> Result<ExitCode> {
    engine::ensure()?;
    kafka::ensure_jars()?;
    let client = Client::ensure()?;
    apt::ensure_without_services(&SERVERS, &SERVERS)?;
    let names = ["voc-processor", "voc-query", "voc-testkit"];
    let programs = Programs::build(&names, Build::of(args.debug))?;
    let scratch = Scratch::new("monitoring")?;
    // Copies, because processes are started again, and builds in the meantime must not affect the run.
    let programs = programs.copied(&names, &scratch.join("bin"))?;
    let outcome = watch(args, programs, &client, &scratch);
    let is_of_interest = match &outcome {
        Ok(failures) => *failures > 0,
        Err(error) => !error.is::<Interrupted>(),
    };
    if args.keep || is_of_interest {
        eprintln!("logs and data are kept in {}", scratch.keep().display());
    }
    outcome.map(|failures| if failures == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Starts everything, hurts it, and reports; returns the number of failures.
fn watch(args: &MonitoringArgs, programs: Programs, client: &Client, scratch: &Scratch) -> Result<usize> {
    let begun = Instant::now();
    let mut system = System::start(programs, scratch)?;
    let receiver = Receiver::start()?;
    let step = Step::begin("starting Prometheus and Alertmanager");
    let alertmanager = alertmanager::start(&receiver.url(), scratch)?;
    let addresses = Addresses {
        processors: system.pairs().map(|pair| pair.processor.instance()).to_vec(),
        queries: system.pairs().map(|pair| pair.query.instance()).to_vec(),
        alertmanager: alertmanager.url().trim_start_matches("http://").to_owned(),
    };
    let mut prometheus = Prometheus::start(&addresses, scratch)?;
    step.done();

    let mut courses: Vec<Course> = hurts::all(&system, args.long).into_iter().map(Course::of).collect();
    let copies: Vec<&str> = courses.iter().flat_map(Course::needed_copies).collect();
    prometheus.add_faster(&copies)?;

    let step = Step::begin("watching a healthy system for two minutes");
    await_scrapes(&mut system, &prometheus, addresses.processors.len() + addresses.queries.len())?;
    let mut journal = Journal::default();
    journal.read(&receiver);
    ensure!(journal.histories().is_empty(), "{} fires although nothing is hurt", journal.histories()[0].name());
    step.done();
    let (missing, checked) = series::check(&prometheus)?;
    for selector in &missing {
        eprintln!("a rule misses the first event, because no series exists before it: {selector}");
    }
    let expressions = dashboards::check(prometheus.url(), client, system.calls_store.port(), scratch);

    let mut scene = Scene { system: &mut system, prometheus: &mut prometheus, client, scratch };
    course::run(&mut courses, &mut scene, &receiver, &mut journal)?;
    let mut failures = report::print(&courses, &journal) + missing.len();
    println!("Prometheus' rules: {checked} selectors, {} of them without series", missing.len());
    match expressions {
        Ok(report) => println!("Grafana's dashboards: {report}"),
        Err(error) => {
            println!("Grafana's dashboards: {error:#}");
            failures += 1;
        }
    }
    println!("{failures} failures ({})", seconds(begun.elapsed()));
    Ok(failures)
}

/// Waits until every target was scraped so often that all rates have values.
fn await_scrapes(system: &mut System, prometheus: &Prometheus, targets: usize) -> Result<()> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        system.check()?;
        let scrapes = prometheus.values("sum_over_time(up[5m])")?;
        if scrapes.len() == targets && scrapes.iter().all(|scrapes| *scrapes >= SCRAPES) {
            return Ok(());
        }
        ensure!(Instant::now() < deadline, "Prometheus reaches its targets too seldom: {scrapes:?}");
        interrupt::pause()?;
    }
}
