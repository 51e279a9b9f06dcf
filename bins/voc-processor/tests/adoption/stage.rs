//! The environment of the tests: servers, the tables and the service of the predecessor, and programs of ours.

#![expect(clippy::panic, reason = "helpers of tests fail this way")]

use std::{
    collections::BTreeMap,
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{Arc, LazyLock},
    time::{Duration, Instant, SystemTime},
};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use tempfile::NamedTempFile;
use voc_events::Timestamp;
use voc_store::clickhouse::{ClickHouseConfig, ClickHouseStore};
use voc_testkit::{
    endpoint::{Accounts, Endpoint},
    generator::{GeneratedEvent, Generator, GeneratorConfig},
    kafka::KafkaTools,
    python::Python,
    requirements::{TestEngine, engine_or_skip},
    service::{self, ServiceProcess},
};

/// The limit on everything that is awaited; only a failing test reaches it.
pub(crate) const PATIENCE: Duration = Duration::from_secs(180);

/// As the service creates it.
pub(crate) const OLD_TABLE: &str = "CREATE TABLE IF NOT EXISTS voc_events (event_id UUID, tenant_id String, \
    event_type String, ts DateTime64(3), payload String, sentiment Nullable(Float32), topic Nullable(String), \
    processed_at DateTime64(3)) ENGINE = MergeTree() PARTITION BY (tenant_id, toYYYYMM(ts)) \
    ORDER BY (tenant_id, ts, event_id)";

/// As the analytics service creates it.
pub(crate) const OLD_ANALYTICS: &str = "CREATE TABLE IF NOT EXISTS ai_analytics_events (\
    timestamp DateTime CODEC(Delta, ZSTD), app_id String CODEC(ZSTD), event_name String CODEC(ZSTD), \
    user_id String CODEC(ZSTD), properties String CODEC(ZSTD)) ENGINE = MergeTree() \
    ORDER BY (app_id, event_name, timestamp) PARTITION BY toYYYYMM(timestamp) TTL timestamp + INTERVAL 90 DAY";

/// A server with a database of its own.
pub(crate) struct Stage {
    engine: Arc<TestEngine>,
    endpoint: Endpoint,
    pub(crate) database: String,
    pub(crate) mark: String,
}

impl Stage {
    pub(crate) fn set() -> Option<Self> {
        let engine = engine_or_skip()?;
        let endpoint = Endpoint::on_engine("127.0.0.1:0", engine.engine().clone(), Accounts::default()).unwrap();
        let database = engine.fresh_database();
        let mark = uuid::Uuid::new_v4().simple().to_string();
        Some(Self { engine, endpoint, database, mark })
    }

    /// The program with a subcommand and flags, on this stage's server.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command: Command = service::command(env!("CARGO_BIN_EXE_voc-processor"), arguments);
        command
            .env("CLICKHOUSE_HOST", "127.0.0.1")
            .env("CLICKHOUSE_PORT", self.endpoint.address().port().to_string())
            .env("CLICKHOUSE_DB", &self.database)
            .env("BATCH_FLUSH_SECONDS", "0.2");
        command
    }

    /// Adopts without Kafka; returns the report.
    pub(crate) fn adopt(&self, arguments: &[&str]) -> Outcome {
        Outcome::of(self.command(&["adopt", "--no-kafka", "--json"]).args(arguments))
    }

    /// Runs a statement in the server's engine; returns the lines of its answer.
    pub(crate) fn ask(&self, sql: &str) -> Vec<String> {
        let mut connection = self.engine.engine().connect().unwrap();
        connection.query(format!("USE {}", self.database), "Null", &[]).unwrap();
        let answer = connection.query(sql, "TabSeparatedRaw", &[]).unwrap_or_else(|error| panic!("{error}: {sql}"));
        String::from_utf8_lossy(answer.bytes()).lines().map(str::to_owned).collect()
    }

    pub(crate) fn number(&self, sql: &str) -> u64 {
        self.ask(sql)[0].parse().unwrap()
    }

    /// The store of the questions of the API.
    pub(crate) fn store_of_questions(&self) -> ClickHouseStore {
        let config = ClickHouseConfig::at("127.0.0.1", self.endpoint.address().port());
        ClickHouseStore::connect(config.with_database(&self.database))
    }

    /// The name of a database without tables of a predecessor.
    pub(crate) fn other_database(&self) -> String {
        format!("{}_other", self.database)
    }

    /// Stores what the service prints in its table.
    pub(crate) fn store(&self, rows: &[Value]) {
        let mut connection = self.engine.engine().connect().unwrap();
        let insert = format!("INSERT INTO {}.voc_events", self.database);
        let mut insert = connection.insert(&insert, "JSONEachRow").unwrap();
        let lines: Vec<u8> = rows.iter().flat_map(|row| format!("{row}\n").into_bytes()).collect();
        insert.append(&lines).unwrap();
        insert.finish().unwrap();
    }
}

/// How a command ended.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) status: Option<i32>,
    /// What it printed, if that is JSON.
    pub(crate) report: Value,
    pub(crate) log: String,
}

impl Outcome {
    pub(crate) fn of(command: &mut Command) -> Self {
        let output = command.output().unwrap();
        Self {
            status: output.status.code(),
            report: serde_json::from_slice(&output.stdout).unwrap_or_default(),
            log: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// The part on the table of the only family.
    pub(crate) fn table(&self) -> &Value {
        &self.report["families"][0]["table"]
    }

    /// A number of that part, or of its sums of all tenants.
    pub(crate) fn count(&self, name: &str) -> u64 {
        let table = self.table();
        let found = table["total"][name].as_u64().or(table[name].as_u64());
        found.unwrap_or_else(|| panic!("no {name} in {}\n{}", self.report, self.log))
    }

    /// The positions of the group.
    pub(crate) fn partitions(&self) -> &Vec<Value> {
        let partitions = self.report["families"][0]["group"]["partitions"].as_array();
        partitions.unwrap_or_else(|| panic!("{}\n{}", self.report, self.log))
    }
}

/// A server, a broker, and the predecessor.
pub(crate) struct KafkaStage {
    pub(crate) stage: Stage,
    pub(crate) kafka: KafkaTools,
    python: Python,
    pub(crate) topic: String,
}

impl KafkaStage {
    pub(crate) fn set(partitions: u32) -> Option<Self> {
        let (kafka, python) = (KafkaTools::from_env_or_skip()?, Python::from_env_or_skip()?);
        let stage = Stage::set()?;
        let topic = format!("voc-adoption-{}", stage.mark);
        kafka.create_topic(&topic, partitions);
        Some(Self { stage, kafka, python, topic })
    }

    pub(crate) fn group(&self) -> String {
        format!("voc-{}", self.stage.mark)
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.stage.command(arguments);
        command
            .env("KAFKA_BOOTSTRAP", self.kafka.bootstrap())
            .env("KAFKA_TOPICS", &self.topic)
            .env("KAFKA_GROUP_ID", self.group());
        command
    }

    pub(crate) fn adopt(&self, arguments: &[&str]) -> Outcome {
        Outcome::of(self.command(&["adopt", "--json"]).args(arguments))
    }

    pub(crate) fn processor(&self) -> ServiceProcess {
        ServiceProcess::start(self.command(&[]))
    }

    /// Runs the Python service until it has read some records; what it has stored is in its table then.
    pub(crate) fn serve(&self, records: u64, more: &Value) {
        let lines = self.python.run(script(), &self.wish(records, more));
        let rows: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let (_read, rows) = rows.split_last().unwrap();
        self.stage.store(rows);
    }

    /// A Python service that has read some records and remains a member of the group.
    pub(crate) fn member(&self, records: u64) -> Member {
        let mut process = self.python.start(script(), &self.wish(records, &json!({"end": "stay"})));
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        assert!(lines.any(|line| line.unwrap().starts_with("{\"read\"")), "the service has read nothing");
        Member(process)
    }

    fn wish(&self, records: u64, more: &Value) -> String {
        let mut wish = json!({
            "bootstrap": self.kafka.bootstrap(), "group": self.group(), "topics": [self.topic], "records": records,
            "write": "str", "end": "clean",
        });
        wish.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        wish.to_string()
    }

    /// Waits until a processor has stored everything in the topic.
    pub(crate) fn wait_for_the_end(&self, processor: &ServiceProcess, partitions: u32) {
        for partition in 0..partitions {
            let line =
                format!("\nvoc_consumer_lag{{family=\"voc\",topic=\"{}\",partition=\"{partition}\"}} 0\n", self.topic);
            processor.wait_for(PATIENCE, |service| service.text("/metrics"), |page| page.contains(&line));
        }
    }
}

/// A running Python service.
pub(crate) struct Member(Child);

impl Member {
    /// Lets it leave the group.
    pub(crate) fn stop(mut self) {
        drop(self.0.stdin.take());
        assert!(self.0.wait().unwrap().success());
    }
}

impl Drop for Member {
    fn drop(&mut self) {
        // Both fail if it has ended.
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

fn script() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/adoption/service.py")
}

/// A command that runs beside the test.
pub(crate) struct Running {
    process: Child,
    log: NamedTempFile,
    started_at: Instant,
    /// The most memory it was seen to use, in bytes.
    pub(crate) most_resident: u64,
}

impl Running {
    pub(crate) fn start(mut command: Command) -> Self {
        let log = NamedTempFile::new().unwrap();
        let process = command.stdout(Stdio::piped()).stderr(log.reopen().unwrap()).spawn().unwrap();
        Self { process, log, started_at: Instant::now(), most_resident: 0 }
    }

    /// Whether a condition holds before it ends.
    pub(crate) fn wait_for(&mut self, mut is_right: impl FnMut() -> bool) -> bool {
        loop {
            if is_right() {
                return true;
            }
            if self.process.try_wait().unwrap().is_some() {
                return false;
            }
            assert!(self.started_at.elapsed() < PATIENCE, "it neither ends nor does what is awaited");
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    pub(crate) fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    /// Asks it to end.
    pub(crate) fn interrupt(&self) {
        kill_process(Pid::from_child(&self.process), Signal::INT).unwrap();
    }

    /// Waits for its end; returns its status and its log.
    pub(crate) fn status(mut self) -> (Option<i32>, String) {
        let status = self.process.wait().unwrap();
        (status.code(), std::fs::read_to_string(self.log.path()).unwrap())
    }

    /// Waits for its end; returns what it printed, and how long it ran.
    pub(crate) fn end(mut self) -> (Value, Duration, u64) {
        let status = format!("/proc/{}/status", self.process.id());
        while self.process.try_wait().unwrap().is_none() {
            let text = std::fs::read_to_string(&status).unwrap_or_default();
            let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
            let kib = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok());
            self.most_resident = self.most_resident.max(kib.unwrap_or_default() * 1024);
            std::thread::sleep(Duration::from_millis(20));
        }
        let elapsed = self.started_at.elapsed();
        let mut report = String::new();
        BufReader::new(self.process.stdout.take().unwrap()).read_line(&mut report).unwrap();
        (serde_json::from_str(&report).unwrap_or_default(), elapsed, self.most_resident)
    }
}

/// Fills the table of the service with rows of generated events: each fiftieth event has two. Returns the events by
/// tenant and type.
pub(crate) fn fill(stage: &Stage, seed: u64, events: u64) -> Counts {
    fill_with(stage, generated(seed, events))
}

/// The same with these events.
pub(crate) fn fill_with(stage: &Stage, events: impl Iterator<Item = GeneratedEvent>) -> Counts {
    const ROWS_PER_INSERT: usize = 50_000;
    stage.ask(OLD_TABLE);
    let mut counts = Counts::new();
    let mut rows = Vec::new();
    for (number, event) in events.enumerate() {
        count(&mut counts, &event);
        let payload = event.json.strip_suffix('}').unwrap();
        let payload =
            format!("{payload}, \"sentiment\": null, \"topic\": null, \"processed_at\": \"2026-02-02 12:00:01\"}}");
        let (seconds, millis) = (event.timestamp_ms.div_euclid(1000), event.timestamp_ms.rem_euclid(1000));
        let row = json!({
            "event_id": event.event_id, "tenant_id": &*event.tenant, "event_type": event.event_type,
            "ts": format!("{seconds}.{millis:03}"), "payload": payload, "sentiment": null, "topic": null,
            "processed_at": format!("{seconds}.999"),
        });
        if number % 50 == 0 {
            rows.push(row.clone());
        }
        rows.push(row);
        if rows.len() >= ROWS_PER_INSERT {
            stage.store(&std::mem::take(&mut rows));
        }
    }
    stage.store(&rows);
    counts
}

/// Stored events by tenant and type, of several rows of an event the last one.
pub(crate) fn stored(stage: &Stage) -> Counts {
    let lines = stage.ask("SELECT tenant_id, event_type, count() FROM voc_events FINAL GROUP BY ALL");
    let cells = lines.iter().map(|line| line.split('\t').map(str::to_owned).collect::<Vec<_>>());
    cells.map(|cells| ((cells[0].clone(), cells[1].clone()), cells[2].parse().unwrap())).collect()
}

/// Counts an event.
pub(crate) fn count(counts: &mut Counts, event: &GeneratedEvent) {
    *counts.entry((event.tenant.to_string(), event.event_type.to_owned())).or_default() += 1;
}

/// Events of the 30 days before the tests began; the same ones each time.
pub(crate) fn generated(seed: u64, events: u64) -> Generator {
    static END_MS: LazyLock<i64> = LazyLock::new(|| Timestamp::from(SystemTime::now()).as_millis());
    Generator::new(&GeneratorConfig { seed, events, ..GeneratorConfig::ending_at(*END_MS) })
}

/// Events by tenant and type.
pub(crate) type Counts = BTreeMap<(String, String), u64>;

/// Events as producers write them, with times in several forms, and how many there are by tenant and type.
pub(crate) fn events(seed: u64, events: u64) -> (Vec<String>, Counts) {
    let mut counts = Counts::new();
    let mut texts = Vec::new();
    for (number, event) in generated(seed, events).enumerate() {
        count(&mut counts, &event);
        let iso = Timestamp::from_millis(event.timestamp_ms).to_string().trim_end_matches('Z').to_owned();
        let (head, rest) = event.json.split_once("\"timestamp\":").unwrap();
        let (_time, rest) = rest.split_once(',').unwrap();
        let (seconds, millis) = (event.timestamp_ms.div_euclid(1000), event.timestamp_ms.rem_euclid(1000));
        let time = match number % 5 {
            // Python's time.time(): what a float has below a millisecond must be cut by both.
            0 => format!("{seconds}.{millis:03}9"),
            1 => format!("\"{iso}999\""),
            2 => format!("\"{iso}456+00:00\""),
            3 => event.timestamp_ms.to_string(),
            _ => format!("\"{iso}Z\""),
        };
        texts.push(format!("{head}\"timestamp\":{time},{rest}"));
    }
    (texts, counts)
}
