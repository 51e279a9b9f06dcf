//! `cargo xtask demo`: the product at work on generated events, and what it makes of them.

mod service;
mod summary;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Args;
use serde::Deserialize;

use self::service::Service;
use crate::clickhouse::ClickHouse;
use crate::daemon::StopOnDrop;
use crate::kafka::{self, Broker, Codec};
use crate::product::{Build, Programs};
use crate::progress::Step;
use crate::scratch::Scratch;
use crate::{engine, http, interrupt, job, migrate};

const TOPIC: &str = "voc.events";
const PARTITIONS: u32 = 4;

#[derive(Args)]
pub(crate) struct DemoArgs {
    /// End with the summary instead of serving until Ctrl-C.
    #[arg(long)]
    exit: bool,
    /// The production set-up: events through a real Kafka, `voc-processor` and `voc-query` as two services, ClickHouse's
    /// native protocol between them and the engine.
    #[arg(long)]
    kafka: bool,
    /// Number of events to generate.
    #[arg(long, default_value_t = 20_000)]
    events: u64,
    /// Another seed gives other events.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Use development builds, which are slower and, where tests were built, already there.
    #[arg(long)]
    debug: bool,
}

/// Number of events by tenant and type, as the generator reports it.
#[derive(Deserialize)]
struct Generated {
    tenants: BTreeMap<String, BTreeMap<String, u64>>,
}

impl Generated {
    fn events(&self) -> u64 {
        self.tenants.values().flat_map(BTreeMap::values).sum()
    }
}

pub(crate) fn run(args: &DemoArgs) -> Result<ExitCode> {
    let engine = engine::ensure()?;
    let mut packages = vec!["voc-processor", "voc-testkit"];
    if args.kafka {
        packages.push("voc-query");
    }
    let programs = Programs::build(&packages, Build::of(args.debug))?;
    let scratch = Scratch::new("demo")?;
    let file = scratch.join("events.ndjson");
    let generated = generate(&programs, args, &file)?;

    let mut stack = if args.kafka {
        Stack::with_kafka(&programs, &scratch, &file)?
    } else {
        Stack::standalone(&programs, &scratch, &file, &engine)?
    };
    let step = Step::begin(format!("processing {} events", generated.events()));
    stack.processor.wait_until_processed(generated.events())?;
    step.done();
    summary::print(stack.query_url(), &generated)?;
    if !args.exit {
        println!("Ctrl-C ends it.");
        while interrupt::pause().is_ok() {
            stack.check()?;
        }
        eprintln!("stopping");
    }
    stack.stop()?;
    Ok(ExitCode::SUCCESS)
}

fn generate(programs: &Programs, args: &DemoArgs, file: &Path) -> Result<Generated> {
    let step = Step::begin(format!("generating {} events of several tenants, in English and Portuguese", args.events));
    let mut generator = programs.command("voc-testkit");
    generator.args(["generate", "--events", &args.events.to_string(), "--seed", &args.seed.to_string(), "--out"]);
    let report = job::output(generator.arg(file), "voc-testkit generate")?;
    let generated = serde_json::from_str(&report).context("cannot understand the generator's report")?;
    step.done();
    Ok(generated)
}

/// What runs. Dropped in the order of the fields: first who asks, last who is asked.
struct Stack {
    query: Option<Service>,
    processor: Service,
    _servers: Vec<StopOnDrop>,
}

impl Stack {
    /// One process: the file in, the engine within.
    fn standalone(programs: &Programs, scratch: &Scratch, file: &Path, engine: &PathBuf) -> Result<Self> {
        let mut processor = programs.command("voc-processor");
        processor.arg("--standalone").arg("--input").arg(file).arg("--data-dir").arg(scratch.join("data"));
        processor.env("VOC_ENGINE_LIB", engine);
        let processor = Service::start("voc-processor", processor, 8000, scratch)?;
        Ok(Self { query: None, processor, _servers: Vec::new() })
    }

    /// Kafka, the ClickHouse endpoint, and the two services.
    fn with_kafka(programs: &Programs, scratch: &Scratch, file: &Path) -> Result<Self> {
        let broker = Broker::in_dir(Some(scratch.join("kafka")))?;
        let bootstrap = broker.up(0)?.address;
        let mut servers = vec![broker.stop_on_drop()];
        let clickhouse = ClickHouse::in_dir(Some(scratch.join("clickhouse")))?;
        let address = clickhouse.up(programs, "127.0.0.1:0")?.address;
        servers.push(clickhouse.stop_on_drop());
        let (_, clickhouse_port) = address.rsplit_once(':').context("the ClickHouse endpoint has no port")?;

        migrate::up(programs, clickhouse_port, &scratch.join("migrate.log"))?;
        kafka::create_topic(&bootstrap, TOPIC, PARTITIONS)?;
        let step = Step::begin(format!("sending the events to {TOPIC} with Kafka's console producer"));
        kafka::produce(&bootstrap, TOPIC, Codec::Lz4, file)?;
        step.done();

        let service = |name: &'static str, port: u16| {
            let mut command = programs.command(name);
            command.env("CLICKHOUSE_HOST", "127.0.0.1").env("CLICKHOUSE_PORT", clickhouse_port);
            if name == "voc-processor" {
                command.env("KAFKA_BOOTSTRAP", &bootstrap).env("KAFKA_TOPICS", TOPIC);
            } else {
                command.env_remove("KAFKA_BOOTSTRAP");
            }
            Service::start(name, command, port, scratch)
        };
        let processor = service("voc-processor", 8000)?;
        let query = service("voc-query", 8001)?;
        Ok(Self { query: Some(query), processor, _servers: servers })
    }

    fn query_url(&self) -> &str {
        self.query.as_ref().unwrap_or(&self.processor).url()
    }

    /// Fails when a service has ended by itself.
    fn check(&mut self) -> Result<()> {
        self.query.as_mut().map_or(Ok(()), Service::check)?;
        self.processor.check()
    }

    /// Ends the services, which must do so cleanly.
    fn stop(mut self) -> Result<()> {
        if let Some(query) = &mut self.query {
            query.stop()?;
        }
        self.processor.stop()
    }
}

/// The address of a service that is to be started: that port if it is free.
fn address(wanted: u16) -> Result<(u16, String)> {
    let port = http::free_port(wanted)?;
    Ok((port, format!("http://127.0.0.1:{port}")))
}
