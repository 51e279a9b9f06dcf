//! The whole system under test, and how each fault is done to it.

use std::{
    path::Path,
    sync::{Arc, atomic::Ordering},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use anyhow::{Context as _, Result, bail};
use tokio::sync::Mutex;
use voc_store::clickhouse::ClickHouseConfig;
use voc_testkit::proxy::{Direction, Fault as ProxyFault, FaultProxy, Place, Stage};

use crate::{
    broker::{Broker, Ending},
    engine::Engine,
    options::Options,
    ports::free_port,
    processors::{Launcher, Processors},
    producer::Progress,
    random::Random,
    rows::Tables,
    schedule::{ConnectionFault, Fault},
};

/// The topic that records go through, and the group that reads it.
pub(crate) const TOPIC: &str = "chaos.events";
pub(crate) const GROUP: &str = "chaos";
/// After this silence the group takes a processor for dead; the least that brokers allow.
pub(crate) const SESSION: Duration = Duration::from_secs(6);
/// Partitions are added up to this number.
const MOST_PARTITIONS: i32 = 12;
/// Longest time the migrations may take.
const MIGRATION: Duration = Duration::from_secs(120);
/// Longest time `voc-processor verify` may take.
const VERIFICATION: Duration = Duration::from_secs(600);

/// Everything that runs.
pub(crate) struct System {
    pub(crate) broker: Broker,
    pub(crate) engine: Engine,
    pub(crate) proxy: FaultProxy,
    pub(crate) processors: Processors,
    pub(crate) tables: Tables,
    pub(crate) progress: Arc<Progress>,
    /// Held while a server is away, so that each goes away alone.
    broker_restart: Mutex<()>,
    engine_restart: Mutex<()>,
}

impl System {
    /// Starts the servers and makes tables and topic; processors are started by [`Processors::look_after`].
    pub(crate) async fn start(options: &Options, setup: &Setup) -> Result<Self> {
        std::fs::create_dir_all(options.scratch.join("engine")).context("cannot make the scratch folder")?;
        // Ports must differ from those of another run on this machine.
        let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_nanos() as u64;
        let mut ports = Random::new(now, u64::from(std::process::id()));
        let broker = Broker::new(&options.xtask, options.scratch.join("kafka"), free_port(&mut ports)?);
        let engine = match named("CLICKHOUSE_HOST") {
            Some(host) => Engine::Named(format!("{host}:{}", named("CLICKHOUSE_PORT").as_deref().unwrap_or("9000"))),
            None => Engine::own(options.testkit.clone(), options.scratch.join("engine"), free_port(&mut ports)?),
        };
        let database = format!("voc_chaos_{}", std::process::id());
        engine.start().await?;
        broker.start().await?;
        let proxy = FaultProxy::start(engine.address()).await.context("cannot start the proxy")?;

        let mut config = clickhouse_config(&engine.address())?.with_database(&database);
        if let Some(user) = named("CLICKHOUSE_USER") {
            config = config.with_user(user, named("CLICKHOUSE_PASSWORD").unwrap_or_default());
        }
        let tables = Tables::new(config);
        tables.create_database().await?;

        let launcher = Launcher {
            program: options.processor.clone(),
            variables: variables(&broker.address(), &proxy, &database, &setup.variables),
            logs: options.scratch.clone(),
        };
        migrate(&launcher).await?;
        broker.create_topic(TOPIC, options.partitions).await?;
        let progress = Arc::new(Progress::default());
        progress.partitions.store(options.partitions, Ordering::SeqCst);
        Ok(Self {
            broker,
            engine,
            proxy,
            processors: Processors::new(launcher, options.processors, setup.has_identity),
            tables,
            progress,
            broker_restart: Mutex::default(),
            engine_restart: Mutex::default(),
        })
    }

    /// Whether the product's own audit finds no difference; its report goes to the log.
    pub(crate) async fn is_verified(&self, log: &Path) -> Result<bool> {
        Ok(self.processors.launcher().run(&["verify", "--json"], log, VERIFICATION).await?.success())
    }

    /// Does a fault and waits until it is over. Gives what is to be told about it.
    pub(crate) async fn inject(&self, fault: Fault) -> Result<String> {
        match fault {
            Fault::Kill { victim, down } => self.processors.kill(victim, down).await,
            Fault::Terminate { victim, down } => self.processors.terminate(victim, down).await,
            Fault::Freeze { victim, frozen } => self.processors.freeze(victim, frozen).await,
            Fault::Broker(how) => self.restart_broker(how).await,
            Fault::Engine(how) => self.restart_engine(how).await,
            Fault::Cut => {
                self.proxy.cut();
                Ok(String::new())
            }
            Fault::Connections(fault) => {
                self.proxy.inject(proxy_fault(fault));
                Ok("for the next connection".to_owned())
            }
            Fault::Partition => self.add_partition().await,
            Fault::Join { stays } => self.processors.join(stays).await,
        }
    }

    async fn restart_broker(&self, how: Ending) -> Result<String> {
        let _alone = self.broker_restart.lock().await;
        let began = std::time::Instant::now();
        self.broker.end(how).await?;
        self.broker.start().await?;
        Ok(format!("it is back after {:.1?}", began.elapsed()))
    }

    async fn restart_engine(&self, how: Ending) -> Result<String> {
        if !self.engine.is_own() {
            return Ok("left out: the server is not ours".to_owned());
        }
        let _alone = self.engine_restart.lock().await;
        let began = std::time::Instant::now();
        self.engine.end(how).await?;
        self.engine.start().await?;
        Ok(format!("it is back after {:.1?}", began.elapsed()))
    }

    async fn add_partition(&self) -> Result<String> {
        let wanted = self.progress.partitions.load(Ordering::SeqCst) + 1;
        if wanted > MOST_PARTITIONS {
            return Ok(format!("left out: there are {MOST_PARTITIONS}"));
        }
        let _there = self.broker_restart.lock().await;
        self.broker.set_partitions(TOPIC, wanted).await?;
        // Until then the producer does not know of it, and would give its records up.
        tokio::time::sleep(Duration::from_secs(5)).await;
        self.progress.partitions.store(wanted, Ordering::SeqCst);
        Ok(format!("there are {wanted}"))
    }
}

/// How processors are set up.
pub(crate) struct Setup {
    pub(crate) variables: Vec<(&'static str, String)>,
    /// Which of them have a fixed identity in the group.
    has_identity: fn(usize) -> bool,
}

impl Setup {
    /// Times are short, so that a round sees everything; every second one has a fixed identity.
    pub(crate) fn for_chaos() -> Self {
        let session = SESSION.as_secs().to_string();
        let variables = [
            ("KAFKA_SESSION_TIMEOUT_SECONDS", session.as_str()),
            ("BATCH_FLUSH_SECONDS", "0.5"),
            // A stalled connection is to be given up within a round.
            ("CLICKHOUSE_INSERT_TIMEOUT_SECONDS", "12"),
            ("CLICKHOUSE_QUERY_TIMEOUT_SECONDS", "12"),
            // A processor that is started while a server is away waits for it.
            ("MAX_RETRIES", "300"),
            ("RETRY_DELAY", "0.5"),
        ];
        let variables = variables.map(|(name, value)| (name, value.to_owned())).into();
        Self { variables, has_identity: |number| number % 2 == 1 }
    }

    /// As in production: the defaults, and a fixed identity each.
    pub(crate) fn for_measuring() -> Self {
        Self { variables: Vec::new(), has_identity: |_| true }
    }
}

/// What processors are told.
fn variables(
    bootstrap: &str,
    proxy: &FaultProxy,
    database: &str,
    settings: &[(&str, String)],
) -> Vec<(String, String)> {
    let user = ["CLICKHOUSE_USER", "CLICKHOUSE_PASSWORD"].into_iter().filter_map(|name| Some((name, named(name)?)));
    let places = [
        ("KAFKA_BOOTSTRAP", bootstrap.to_owned()),
        ("KAFKA_TOPICS", TOPIC.to_owned()),
        ("KAFKA_GROUP_ID", GROUP.to_owned()),
        ("CLICKHOUSE_HOST", "127.0.0.1".to_owned()),
        ("CLICKHOUSE_PORT", proxy.address().port().to_string()),
        ("CLICKHOUSE_DB", database.to_owned()),
    ];
    let all = places.into_iter().chain(user).chain(settings.iter().cloned());
    all.map(|(name, value)| (name.to_owned(), value)).collect()
}

/// A variable that is set.
fn named(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

async fn migrate(launcher: &Launcher) -> Result<()> {
    let log = launcher.logs.join("migrate.log");
    let status = launcher.run(&["migrate", "up"], &log, MIGRATION).await?;
    if !status.success() {
        bail!("the migration failed with {status}: see {}", log.display());
    }
    Ok(())
}

fn clickhouse_config(address: &str) -> Result<ClickHouseConfig> {
    let (host, port) = address.rsplit_once(':').context("the store's address has no port")?;
    Ok(ClickHouseConfig::at(host, port.parse().context("the store's port is no number")?))
}

fn proxy_fault(fault: ConnectionFault) -> ProxyFault {
    // Not the trial inserts of a processor that starts.
    const INSERT: &str = "INSERT INTO voc_events";
    match fault {
        ConnectionFault::CutUnanswered => ProxyFault::Cut(Place::Stage(Stage::BeforeEndOfStream(INSERT))),
        ConnectionFault::CutRows => ProxyFault::Cut(Place::Stage(Stage::MidData(INSERT))),
        ConnectionFault::StallUnanswered => ProxyFault::Stall(Place::Stage(Stage::BeforeEndOfStream(INSERT))),
        ConnectionFault::StallRows => ProxyFault::Stall(Place::Stage(Stage::MidData(INSERT))),
        ConnectionFault::CutAfter(bytes) => ProxyFault::Cut(Place::Bytes(Direction::ToServer, u64::from(bytes))),
    }
}
