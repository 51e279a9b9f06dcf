//! The system that is watched: one Kafka, two stores, and three pairs of a processor and a service of the API, so that
//! what is hurt in one of them leaves the others alone.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};

use super::background::Background;
use super::callers::{self, Asked};
use super::feed::Feed;
use super::process::Process;
use crate::daemon::{Daemon, StopOnDrop};
use crate::kafka::{self, Codec};
use crate::product::Programs;
use crate::progress::Step;
use crate::scratch::Scratch;
use crate::{clickhouse, job, migrate};

/// Topics, of one family each.
pub(super) const CALLS: &str = "voc.events";
pub(super) const SITES: &str = "user-activity-events";
pub(super) const APPS: &str = "octane.events";
pub(super) const PLANT: &str = "chip-quality.inspection.events";
/// Partitions of each topic.
pub(super) const PARTITIONS: u32 = 4;

/// A family's events: how many are generated, how many are sent before the others, and the time between two of these.
struct Events {
    family: &'static str,
    topic: &'static str,
    generated: u64,
    at_once: usize,
    interval: Duration,
}

const EVENTS: [Events; 4] = [
    // As many as the dashboards need.
    Events { family: "voc", topic: CALLS, generated: 20_000, at_once: 5000, interval: Duration::from_millis(100) },
    Events { family: "activity", topic: SITES, generated: 5000, at_once: 0, interval: Duration::from_millis(500) },
    // Few, so that few bad ones are many.
    Events { family: "product", topic: APPS, generated: 20_000, at_once: 0, interval: Duration::from_secs(2) },
    Events { family: "quality", topic: PLANT, generated: 20_000, at_once: 0, interval: Duration::from_millis(500) },
];

/// A processor, and the service that answers questions about the same store.
pub(super) struct Pair {
    pub(super) processor: Process,
    pub(super) query: Process,
}

/// Dropped in the order of the fields: clients first, then their servers.
pub(super) struct System {
    callers: Background,
    pub(super) feed: Feed,
    /// Of the family `voc`, with a store of its own.
    pub(super) calls: Pair,
    /// Of the families `activity` and `product`; its API has keys.
    pub(super) apps: Pair,
    /// Of the family `quality`.
    pub(super) plant: Pair,
    /// The store of the calls.
    pub(super) calls_store: Store,
    /// The store of the other pairs.
    pub(super) store: Store,
    _broker: StopOnDrop,
    pub(super) bootstrap: String,
    /// The file of API keys.
    pub(super) keys: PathBuf,
    pub(super) programs: Programs,
}

impl System {
    /// Starts everything, and sends the first events.
    pub(super) fn start(programs: Programs, scratch: &Scratch) -> Result<Self> {
        let broker = kafka::server(Some(scratch.join("kafka")))?;
        let bootstrap = kafka::start(&broker, 0)?.address;
        let broker = broker.stop_on_drop();
        let calls_store = Store::start("store-of-calls", &programs, scratch)?;
        let store = Store::start("store", &programs, scratch)?;

        let step = Step::begin("generating and sending the first events");
        for events in &EVENTS {
            kafka::create_topic(&bootstrap, events.topic, PARTITIONS)?;
            generate(&programs, events, &file_of(events.topic, scratch))?;
            if events.at_once > 0 {
                let text = fs::read_to_string(file_of(events.topic, scratch))?;
                let first: Vec<&str> = text.lines().take(events.at_once).collect();
                let file = scratch.join("first.ndjson");
                fs::write(&file, first.join("\n"))?;
                kafka::produce(&bootstrap, events.topic, Codec::Lz4, &file)?;
            }
        }
        step.done();

        let keys = scratch.join("keys.json");
        let mut create = programs.command("voc-query");
        create.args(["keys", "create", "--name", "callers", "--all-tenants", "--api-keys-file"]).arg(&keys);
        let key = job::output(&mut create, "voc-query keys create")?.trim().to_owned();

        let step = Step::begin("starting three processors and three services of the API");
        let pair = |names: [&'static str; 2], store: &Store, families: &str, topics: Option<&str>, keys| {
            let mut environment = store.environment();
            let mut of_query = environment.clone();
            of_query.extend(keys);
            environment.push(("KAFKA_BOOTSTRAP", bootstrap.clone()));
            environment.push(("VOC_FAMILIES", families.to_owned()));
            environment.extend(topics.map(|topics| ("KAFKA_TOPICS", topics.to_owned())));
            let processor = Process::start(names[0], &programs.path("voc-processor"), environment, scratch)?;
            let query = Process::start(names[1], &programs.path("voc-query"), of_query, scratch)?;
            anyhow::Ok(Pair { processor, query })
        };
        let calls = pair(["processor-of-calls", "query-of-calls"], &calls_store, "voc", None, None)?;
        let keys_file = ("VOC_API_KEYS_FILE", keys.display().to_string());
        let apps = pair(["processor-of-apps", "query-of-apps"], &store, "activity,product", None, Some(keys_file))?;
        let plant = pair(["processor-of-plant", "query-of-plant"], &store, "quality", Some(PLANT), None)?;
        step.done();

        let feed = Feed::start(&bootstrap);
        for events in &EVENTS {
            feed.add(events.topic, &file_of(events.topic, scratch), events.interval, scratch)?;
        }
        // The service that will fail has one question of nine.
        let asked = |pair: &Pair, family, key, questions| Asked { url: pair.query.url(), family, key, questions };
        let callers = callers::start(vec![
            asked(&calls, "voc", None, 1),
            asked(&apps, "product", Some(key.clone()), 4),
            asked(&apps, "activity", Some(key), 3),
            asked(&plant, "quality", None, 1),
        ]);
        Ok(Self { callers, feed, calls, apps, plant, calls_store, store, _broker: broker, bootstrap, keys, programs })
    }

    /// Fails if something has ended that was not hurt.
    pub(super) fn check(&mut self) -> Result<()> {
        for pair in [&mut self.calls, &mut self.apps, &mut self.plant] {
            pair.processor.check()?;
            pair.query.check()?;
        }
        self.feed.check()?;
        self.callers.check()
    }

    pub(super) fn pairs(&self) -> [&Pair; 3] {
        [&self.calls, &self.apps, &self.plant]
    }
}

/// Where a topic's events are.
pub(super) fn file_of(topic: &str, scratch: &Scratch) -> PathBuf {
    scratch.join("events").join(format!("{topic}.ndjson"))
}

/// Generates events of the last days; those for other topics are in other files beside this one.
fn generate(programs: &Programs, events: &Events, file: &Path) -> Result<()> {
    let folder = file.parent().context("the file is in a folder")?;
    let mut generator = programs.command("voc-testkit");
    generator.args(["generate", "--family", events.family, "--events", &events.generated.to_string()]);
    generator.args(["--days", "7", "--topics-in"]).arg(folder);
    job::output(&mut generator, "voc-testkit generate")?;
    Ok(())
}

/// A ClickHouse endpoint, which can be stopped and started again with its data.
pub(super) struct Store {
    folder: PathBuf,
    address: String,
    _running: StopOnDrop,
}

impl Store {
    fn start(name: &str, programs: &Programs, scratch: &Scratch) -> Result<Self> {
        let folder = scratch.join(name);
        let server = Self::server(&folder)?;
        let address = clickhouse::start(&server, programs, "127.0.0.1:0")?.address;
        let store = Self { folder, address, _running: server.stop_on_drop() };
        migrate::up(programs, store.port(), &scratch.join(format!("{name}-migrate.log")))?;
        Ok(store)
    }

    fn server(folder: &Path) -> Result<Daemon> {
        clickhouse::server(Some(folder.to_owned()))
    }

    pub(super) fn stop(&self) -> Result<()> {
        Self::server(&self.folder)?.stop().map(drop)
    }

    pub(super) fn start_again(&self, programs: &Programs) -> Result<()> {
        clickhouse::start(&Self::server(&self.folder)?, programs, &self.address).map(drop)
    }

    pub(super) fn port(&self) -> &str {
        self.address.rsplit_once(':').map_or("", |(_, port)| port)
    }

    fn environment(&self) -> Vec<(&'static str, String)> {
        vec![("CLICKHOUSE_HOST", "127.0.0.1".to_owned()), ("CLICKHOUSE_PORT", self.port().to_owned())]
    }
}
