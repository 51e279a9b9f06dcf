//! The whole system under test, and the injection of faults.

use std::{
    path::Path,
    process::ExitStatus,
    sync::Arc,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use anyhow::{Context as _, Result, bail};
use tokio::sync::Mutex;
use voc_store::clickhouse::ClickHouseConfig;
use voc_testkit::proxy::{Direction, Fault as ProxyFault, FaultProxy, Place, Stage};

use crate::{
    broker::Broker,
    engine::Engine,
    family::{Family, QUALITY, VOC_AND_QUALITY, VOC_TOPIC},
    options::Options,
    ports::free_port,
    processors::{Launcher, Processors},
    producer::Progress,
    random::Random,
    registry::Registry,
    rows::Tables,
    schedule::{ConnectionFault, Fault},
    server::Ending,
};

/// The session timeout of processors; the minimum that brokers allow.
pub(crate) const SESSION: Duration = Duration::from_secs(6);
/// Maximum number of partitions of a topic.
const MAX_PARTITIONS: i32 = 12;
/// Number of partitions of each topic of `quality`.
const QUALITY_PARTITIONS: i32 = 2;
const MIGRATE: [&str; 2] = ["migrate", "up"];
/// Timeout of the migrations.
const MIGRATION: Duration = Duration::from_secs(120);
/// Timeout of `voc-processor verify`.
const VERIFICATION: Duration = Duration::from_secs(600);

/// The running system.
pub(crate) struct System {
    /// The processed families.
    pub(crate) families: &'static [&'static Family],
    pub(crate) broker: Broker,
    /// Present only if a family has records that need it.
    pub(crate) registry: Option<Registry>,
    pub(crate) engine: Engine,
    pub(crate) proxy: FaultProxy,
    pub(crate) processors: Processors,
    pub(crate) tables: Tables,
    pub(crate) progress: Arc<Progress>,
    /// Held while a server is down, so that each is restarted exclusively.
    broker_restart: Mutex<()>,
    engine_restart: Mutex<()>,
    registry_restart: Mutex<()>,
}

impl System {
    /// Starts the servers and creates tables and topics. [`Processors::ensure_running`] starts the processors.
    pub(crate) async fn start(options: &Options, setup: &Setup) -> Result<Self> {
        std::fs::create_dir_all(options.scratch.join("engine")).context("cannot create the scratch folder")?;
        // Ports must differ from those of other runs on this machine.
        let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_nanos() as u64;
        let mut ports = Random::new(now, u64::from(std::process::id()));
        let broker = Broker::new(&options.xtask, options.scratch.join("kafka"), free_port(&mut ports)?);
        let engine = match named("CLICKHOUSE_HOST") {
            Some(host) => Engine::Named(format!("{host}:{}", named("CLICKHOUSE_PORT").as_deref().unwrap_or("9000"))),
            None => Engine::own(options.testkit.clone(), options.scratch.join("engine"), free_port(&mut ports)?),
        };
        let database = format!("voc_chaos_{}", std::process::id());
        let needs_registry = setup.families.iter().any(|family| family.name == QUALITY.name);
        let port = free_port(&mut ports)?;
        let registry = needs_registry.then(|| Registry::new(&options.xtask, options.scratch.join("registry"), port));
        engine.start().await?;
        broker.start().await?;
        if let Some(registry) = &registry {
            registry.start().await?;
        }
        let proxy = FaultProxy::start(engine.address()).await.context("cannot start the proxy")?;

        let mut config = clickhouse_config(&engine.address())?.with_database(&database);
        if let Some(user) = named("CLICKHOUSE_USER") {
            config = config.with_user(user, named("CLICKHOUSE_PASSWORD").unwrap_or_default());
        }
        let tables = Tables::new(config);
        tables.create_database().await?;

        let mut variables = variables(&broker.address(), &proxy, &database, setup);
        variables.extend(registry.as_ref().map(|registry| ("SCHEMA_REGISTRY_URL".to_owned(), registry.url())));
        let launcher = Launcher {
            program: options.processor.clone(),
            previous: options.previous.clone(),
            variables,
            logs: options.scratch.clone(),
        };
        let log = launcher.logs.join("migrate.log");
        check(launcher.run_first(&MIGRATE, &log, MIGRATION).await?, &log)?;
        let progress = Arc::new(Progress::default());
        for topic in setup.families.iter().flat_map(|family| family.topics) {
            let partitions = if *topic == VOC_TOPIC { options.partitions } else { QUALITY_PARTITIONS };
            broker.create_topic(topic, partitions).await?;
            progress.set_partitions(topic, partitions);
        }
        Ok(Self {
            families: setup.families,
            broker,
            registry,
            engine,
            proxy,
            processors: Processors::new(launcher, options.processors, setup.has_identity),
            tables,
            progress,
            broker_restart: Mutex::default(),
            engine_restart: Mutex::default(),
            registry_restart: Mutex::default(),
        })
    }

    /// Applies the migrations of the program under test.
    pub(crate) async fn migrate(&self) -> Result<()> {
        let launcher = self.processors.launcher();
        let log = launcher.logs.join("migrate-again.log");
        check(launcher.run(&MIGRATE, &log, MIGRATION).await?, &log)
    }

    /// Whether the audit of the product finds no difference; its report goes to the log.
    pub(crate) async fn is_verified(&self, log: &Path) -> Result<bool> {
        Ok(self.processors.launcher().run(&["verify", "--json"], log, VERIFICATION).await?.success())
    }

    /// Injects a fault and waits until it is over. Returns a message.
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
            Fault::Registry { how, away } => self.take_registry_away(how, away).await,
            Fault::Connections { fault, of } => {
                self.proxy.inject(proxy_fault(fault, of));
                Ok("for the next connection".to_owned())
            }
            Fault::Partition => self.add_partition().await,
            Fault::Join { stays } => self.processors.join(stays).await,
        }
    }

    async fn restart_broker(&self, how: Ending) -> Result<String> {
        let _alone = self.broker_restart.lock().await;
        let began = Instant::now();
        self.broker.end(how).await?;
        self.broker.start().await?;
        Ok(format!("it is up again after {:.1?}", began.elapsed()))
    }

    async fn restart_engine(&self, how: Ending) -> Result<String> {
        if !self.engine.is_own() {
            return Ok("skipped: the server is not ours".to_owned());
        }
        let _alone = self.engine_restart.lock().await;
        let began = Instant::now();
        self.engine.end(how).await?;
        self.engine.start().await?;
        Ok(format!("it is up again after {:.1?}", began.elapsed()))
    }

    async fn take_registry_away(&self, how: Ending, away: Duration) -> Result<String> {
        let Some(registry) = &self.registry else { return Ok("skipped: there is none".to_owned()) };
        let _alone = self.registry_restart.lock().await;
        let began = Instant::now();
        registry.end(how).await?;
        tokio::time::sleep(away).await;
        registry.start().await?;
        Ok(format!("it is up again after {:.1?}", began.elapsed()))
    }

    async fn add_partition(&self) -> Result<String> {
        let wanted = self.progress.partitions(VOC_TOPIC) + 1;
        if wanted > MAX_PARTITIONS {
            return Ok(format!("skipped: there are {MAX_PARTITIONS}"));
        }
        let _there = self.broker_restart.lock().await;
        self.broker.set_partitions(VOC_TOPIC, wanted).await?;
        // The producer does not know the partition before, and its records would fail.
        tokio::time::sleep(Duration::from_secs(5)).await;
        self.progress.set_partitions(VOC_TOPIC, wanted);
        Ok(format!("there are {wanted}"))
    }
}

/// The setup of processors.
pub(crate) struct Setup {
    /// The families that they process.
    families: &'static [&'static Family],
    pub(crate) variables: Vec<(&'static str, String)>,
    /// Which of them are static members of the group.
    has_identity: fn(usize) -> bool,
}

impl Setup {
    /// Two families. Timeouts are short, so that a round covers everything; every other processor is a static member.
    pub(crate) fn for_chaos() -> Self {
        let session = SESSION.as_secs().to_string();
        let variables = [
            ("KAFKA_SESSION_TIMEOUT_SECONDS", session.as_str()),
            ("BATCH_FLUSH_SECONDS", "0.5"),
            // A stalled connection must time out within a round.
            ("CLICKHOUSE_INSERT_TIMEOUT_SECONDS", "12"),
            ("CLICKHOUSE_QUERY_TIMEOUT_SECONDS", "12"),
            // A processor that starts while a server is down waits for it.
            ("MAX_RETRIES", "300"),
            ("RETRY_DELAY", "0.5"),
        ];
        let variables = variables.map(|(name, value)| (name, value.to_owned())).into();
        Self { families: &VOC_AND_QUALITY, variables, has_identity: |number| number % 2 == 1 }
    }

    /// As in production: the defaults, and static members.
    pub(crate) fn for_measuring(families: &'static [&'static Family]) -> Self {
        Self { families, variables: Vec::new(), has_identity: |_| true }
    }
}

/// The environment of processors.
fn variables(bootstrap: &str, proxy: &FaultProxy, database: &str, setup: &Setup) -> Vec<(String, String)> {
    let user = ["CLICKHOUSE_USER", "CLICKHOUSE_PASSWORD"].into_iter().filter_map(|name| Some((name, named(name)?)));
    let names: Vec<&str> = setup.families.iter().map(|family| family.name).collect();
    let places = [
        ("KAFKA_BOOTSTRAP", bootstrap.to_owned()),
        ("VOC_FAMILIES", names.join(",")),
        ("CLICKHOUSE_HOST", "127.0.0.1".to_owned()),
        ("CLICKHOUSE_PORT", proxy.address().port().to_string()),
        ("CLICKHOUSE_DB", database.to_owned()),
    ];
    let of_families = setup.families.iter().flat_map(|family| {
        let variable = |what: &str| format!("VOC_{}_{what}", family.name.to_ascii_uppercase());
        [(variable("TOPICS"), family.topics.join(",")), (variable("GROUP_ID"), family.group.to_owned())]
    });
    let all = places.into_iter().chain(user).chain(setup.variables.iter().cloned());
    all.map(|(name, value)| (name.to_owned(), value)).chain(of_families).collect()
}

/// An environment variable, if set and not empty.
fn named(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

fn check(migration: ExitStatus, log: &Path) -> Result<()> {
    if !migration.success() {
        bail!("the migration failed with {migration}: see {}", log.display());
    }
    Ok(())
}

fn clickhouse_config(address: &str) -> Result<ClickHouseConfig> {
    let (host, port) = address.rsplit_once(':').context("the address of the store has no port")?;
    Ok(ClickHouseConfig::at(host, port.parse().context("the port of the store is not a number")?))
}

fn proxy_fault(fault: ConnectionFault, family: &Family) -> ProxyFault {
    let insert = family.insert;
    match fault {
        ConnectionFault::CutUnanswered => ProxyFault::Cut(Place::Stage(Stage::BeforeEndOfStream(insert))),
        ConnectionFault::CutRows => ProxyFault::Cut(Place::Stage(Stage::MidData(insert))),
        ConnectionFault::StallUnanswered => ProxyFault::Stall(Place::Stage(Stage::BeforeEndOfStream(insert))),
        ConnectionFault::StallRows => ProxyFault::Stall(Place::Stage(Stage::MidData(insert))),
        ConnectionFault::CutAfter(bytes) => ProxyFault::Cut(Place::Bytes(Direction::ToServer, u64::from(bytes))),
    }
}
