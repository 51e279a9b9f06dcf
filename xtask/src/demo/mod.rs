//! `cargo xtask demo`: runs the product on generated events, and shows the results.

mod family;
mod sending;
mod summary;

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use clap::Args;

use self::family::Family;
use self::sending::KafkaTarget;
use crate::daemon::StopOnDrop;
use crate::product::{Build, Programs};
use crate::progress::Step;
use crate::scratch::Scratch;
use crate::service::Service;
use crate::{clickhouse, engine, interrupt, job, kafka, migrate, registry};

/// Events of each other family, relative to those of `voc`.
const SHARE_OF_OTHERS: u64 = 4;

/// The families of the demo; `voc` is the one served at the end.
const FAMILIES: [&str; 4] = ["activity", "product", "quality", "voc"];

#[derive(Args)]
pub(crate) struct DemoArgs {
    /// End with the summary instead of serving until Ctrl-C.
    #[arg(long)]
    pub(crate) exit: bool,
    /// The production set-up: events through a real Kafka, some in Avro with a schema registry, `voc-processor` and
    /// `voc-query` as two services, ClickHouse's native protocol between them and the engine.
    #[arg(long)]
    pub(crate) kafka: bool,
    /// Number of calls, actions and metrics to generate; each other family gets a quarter of it.
    #[arg(long, default_value_t = 20_000)]
    pub(crate) events: u64,
    /// Another seed produces other events.
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// Use development builds, which are slower but, after the tests, already built.
    #[arg(long)]
    pub(crate) debug: bool,
}

pub(crate) fn run(args: &DemoArgs) -> Result<ExitCode> {
    let mut demo = Demo::start(args)?;
    summary::print(demo.url(), &demo.families)?;
    if !args.exit {
        println!("Ctrl-C ends it.");
        while interrupt::pause().is_ok() {
            demo.check()?;
        }
        eprintln!("stopping");
    }
    demo.stop()?;
    Ok(ExitCode::SUCCESS)
}

/// The product with all of its events processed. Dropped in the order of the fields.
pub(crate) struct Demo {
    stack: Stack,
    families: Vec<Family>,
    scratch: Scratch,
}

impl Demo {
    pub(crate) fn start(args: &DemoArgs) -> Result<Self> {
        let engine = engine::ensure()?;
        let mut packages = vec!["voc-processor", "voc-testkit"];
        if args.kafka {
            packages.extend(["voc-query", "voc-chaos"]);
        }
        let programs = Programs::build(&packages, Build::of(args.debug))?;
        let scratch = Scratch::new("demo")?;
        let families =
            FAMILIES.iter().map(|family| generate(&programs, args, family, &scratch)).collect::<Result<Vec<_>>>()?;
        let mut stack = if args.kafka {
            Stack::with_kafka(&programs, &scratch, &families)?
        } else {
            Stack::standalone(&programs, &scratch, &families, &engine)?
        };
        for family in stack.awaited(&families) {
            let step = Step::begin(format!("processing {} events of {}", family.generated.events(), family.name));
            stack.processor.wait_until_processed(family.name, family.generated.events())?;
            step.done();
        }
        Ok(Self { stack, families, scratch })
    }

    /// Where the query API is.
    pub(crate) fn url(&self) -> &str {
        self.stack.answering().url()
    }

    /// A folder for files, which is removed at the end.
    pub(crate) fn folder(&self) -> &Path {
        self.scratch.path()
    }

    /// The log of the service that answers.
    pub(crate) fn log(&self) -> &Path {
        self.stack.answering().log()
    }

    /// Fails if a service has ended unexpectedly.
    pub(crate) fn check(&mut self) -> Result<()> {
        self.stack.check()
    }

    /// Stops the services, which must exit cleanly.
    pub(crate) fn stop(self) -> Result<()> {
        self.stack.stop()
    }
}

/// Generates a family's events, one file per topic.
fn generate(programs: &Programs, args: &DemoArgs, family: &'static str, scratch: &Scratch) -> Result<Family> {
    let events = if family == "voc" { args.events } else { args.events / SHARE_OF_OTHERS };
    let step = Step::begin(format!("generating {events} events of {family}"));
    let (directory, seed) = (scratch.join(format!("events-{family}")), args.seed.to_string());
    let mut generator = programs.command("voc-testkit");
    generator.args(["generate", "--family", family, "--events", &events.to_string(), "--seed", &seed, "--topics-in"]);
    let report = job::output(generator.arg(&directory), "voc-testkit generate")?;
    let generated = serde_json::from_str(&report).context("cannot understand the generator's report")?;
    let mut topics = Vec::new();
    for file in std::fs::read_dir(&directory)? {
        let path = file?.path();
        let topic = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        topics.push((topic, path));
    }
    topics.sort();
    step.done();
    Ok(Family { name: family, topics, generated })
}

/// The running processes. Dropped in the order of the fields: clients first, then their servers.
struct Stack {
    query: Option<Service>,
    processor: Service,
    /// Whether the processor has only one family, because the others were imported before.
    is_importing: bool,
    _servers: Vec<StopOnDrop>,
}

impl Stack {
    /// One process: reads a file, with the engine inside. The files of the other families are imported before.
    fn standalone(programs: &Programs, scratch: &Scratch, families: &[Family], engine: &Path) -> Result<Self> {
        let command = |family: &Family, file: &Path| {
            let mut processor = programs.command("voc-processor");
            processor.args(["--standalone", "--family", family.name, "--input"]).arg(file);
            processor.arg("--data-dir").arg(scratch.join("data")).env("VOC_ENGINE_LIB", engine);
            processor
        };
        let Some((served, imported)) = families.split_last() else { bail!("there is no family") };
        for family in imported {
            let step = Step::begin(format!("importing the events of {}", family.name));
            for (topic, file) in &family.topics {
                let log = std::fs::File::create(scratch.join(format!("import-{topic}.log")))?;
                let mut import = command(family, file);
                job::output(import.arg("--once").stderr(log), "voc-processor --once")?;
            }
            step.done();
        }
        let Some((_, file)) = served.topics.first() else { bail!("{} has no events", served.name) };
        let processor = Service::start("voc-processor", command(served, file), 8000, scratch)?;
        Ok(Self { query: None, processor, is_importing: true, _servers: Vec::new() })
    }

    /// Kafka, the schema registry, the ClickHouse endpoint, and the two services.
    fn with_kafka(programs: &Programs, scratch: &Scratch, families: &[Family]) -> Result<Self> {
        let broker = kafka::server(Some(scratch.join("kafka")))?;
        let bootstrap = kafka::start(&broker, 0)?.address;
        let mut servers = vec![broker.stop_on_drop()];
        let registry = registry::server(Some(scratch.join("registry")))?;
        let registry_url = registry::start(&registry, 0)?.address;
        servers.push(registry.stop_on_drop());
        let clickhouse = clickhouse::server(Some(scratch.join("clickhouse")))?;
        let address = clickhouse::start(&clickhouse, programs, "127.0.0.1:0")?.address;
        servers.push(clickhouse.stop_on_drop());
        let (_, clickhouse_port) = address.rsplit_once(':').context("the ClickHouse endpoint has no port")?;

        migrate::up(programs, clickhouse_port, &scratch.join("migrate.log"))?;
        let sending = KafkaTarget { programs, bootstrap: &bootstrap, registry: &registry_url };
        families.iter().try_for_each(|family| sending.send(family))?;
        let names: Vec<&str> = families.iter().rev().map(|family| family.name).collect();

        let service = |name: &'static str, port: u16| {
            let mut command = programs.command(name);
            command.env("CLICKHOUSE_HOST", "127.0.0.1").env("CLICKHOUSE_PORT", clickhouse_port);
            if name == "voc-processor" {
                command.env("KAFKA_BOOTSTRAP", &bootstrap).env("VOC_FAMILIES", names.join(","));
                command.env("SCHEMA_REGISTRY_URL", &registry_url);
            } else {
                command.env_remove("KAFKA_BOOTSTRAP");
            }
            Service::start(name, command, port, scratch)
        };
        let processor = service("voc-processor", 8000)?;
        let query = service("voc-query", 8001)?;
        Ok(Self { query: Some(query), processor, is_importing: false, _servers: servers })
    }

    /// The families whose events the processor has yet to process.
    fn awaited<'f>(&self, families: &'f [Family]) -> &'f [Family] {
        let first = if self.is_importing { families.len().saturating_sub(1) } else { 0 };
        families.get(first..).unwrap_or_default()
    }

    /// The service with the query API.
    fn answering(&self) -> &Service {
        self.query.as_ref().unwrap_or(&self.processor)
    }

    /// Fails if a service has ended unexpectedly.
    fn check(&mut self) -> Result<()> {
        self.query.as_mut().map_or(Ok(()), Service::check)?;
        self.processor.check()
    }

    /// Stops the services, which must exit cleanly.
    fn stop(mut self) -> Result<()> {
        if let Some(query) = &mut self.query {
            query.stop()?;
        }
        self.processor.stop()
    }
}
