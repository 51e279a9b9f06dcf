//! The environment of the tests: servers, topics and processors.

#![expect(clippy::panic, reason = "helpers of tests fail this way")]

use std::{collections::BTreeMap, process::Command, sync::Arc, time::Duration};

use voc_testkit::{
    endpoint::{Accounts, Endpoint},
    generator::{GeneratedEvent, Generator, GeneratorConfig, Tally},
    kafka::KafkaTools,
    requirements::{TestEngine, engine_or_skip},
    service::{self, ServiceProcess},
};

/// The limit on everything that is awaited; only a failing test reaches it.
pub(crate) const PATIENCE: Duration = Duration::from_secs(180);

/// A broker and a server, with names that no other test uses.
pub(crate) struct Stage {
    pub(crate) kafka: KafkaTools,
    pub(crate) engine: Arc<TestEngine>,
    endpoint: Option<Endpoint>,
    pub(crate) port: u16,
    pub(crate) database: String,
    mark: String,
}

impl Stage {
    pub(crate) fn set() -> Option<Self> {
        let (kafka, engine) = (KafkaTools::from_env_or_skip()?, engine_or_skip()?);
        let endpoint = Endpoint::on_engine("127.0.0.1:0", engine.engine().clone(), Accounts::default()).unwrap();
        let port = endpoint.address().port();
        let database = engine.fresh_database();
        let mark = uuid::Uuid::new_v4().simple().to_string();
        Some(Self { kafka, engine, endpoint: Some(endpoint), port, database, mark })
    }

    pub(crate) fn topic(&self, name: &str, partitions: u32) -> String {
        let topic = format!("voc-{name}-{}", self.mark);
        self.kafka.create_topic(&topic, partitions);
        topic
    }

    pub(crate) fn group(&self) -> String {
        format!("voc-{}", self.mark)
    }

    /// Starts a processor as a member of this stage's group.
    pub(crate) fn processor(&self, topics: &[&str], arguments: &[&str]) -> ServiceProcess {
        let mut command = self.command(topics, &["--migrate"]);
        command.args(arguments);
        ServiceProcess::start(command)
    }

    /// The program with a subcommand or flags, on this stage's servers.
    pub(crate) fn command(&self, topics: &[&str], arguments: &[&str]) -> Command {
        let mut command: Command = service::command(env!("CARGO_BIN_EXE_voc-processor"), arguments);
        command
            .env("KAFKA_BOOTSTRAP", self.kafka.bootstrap())
            .env("KAFKA_TOPICS", topics.join(","))
            .env("KAFKA_GROUP_ID", self.group())
            .env("CLICKHOUSE_HOST", "127.0.0.1")
            .env("CLICKHOUSE_PORT", self.port.to_string())
            .env("CLICKHOUSE_DB", &self.database)
            .env("BATCH_FLUSH_SECONDS", "0.2");
        command
    }

    /// Creates the tables, and keeps rows that are stored twice, because a merge would drop them.
    pub(crate) fn keep_rows(&self) {
        let migrated = self.command(&["voc.events"], &["migrate", "up"]).output().unwrap();
        assert!(migrated.status.success(), "{migrated:?}");
        for table in ["voc_events", "dead_letters"] {
            self.ask(&format!("SYSTEM STOP MERGES {table}"));
        }
    }

    /// Runs a subcommand; returns its status, the JSON lines of its result, and its log.
    pub(crate) fn run(&self, topic: &str, arguments: &[&str]) -> (Option<i32>, Vec<serde_json::Value>, String) {
        let output = self.command(&[topic], arguments).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        let lines = String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect::<Vec<_>>();
        let parse =
            |line: &String| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}\n{said}"));
        (output.status.code(), lines.iter().map(parse).collect(), said)
    }

    pub(crate) fn stop_store(&mut self) {
        self.endpoint.take().unwrap().stop();
    }

    pub(crate) fn start_store(&mut self) {
        let listen = format!("127.0.0.1:{}", self.port);
        // A process started by another test may hold the old socket for a moment.
        let start = || Endpoint::on_engine(&listen, self.engine.engine().clone(), Accounts::default()).ok();
        let deadline = std::time::Instant::now() + PATIENCE;
        self.endpoint =
            std::iter::repeat_with(start).take_while(|_| std::time::Instant::now() < deadline).flatten().next();
        assert!(self.endpoint.is_some(), "nothing can listen on {listen}");
    }

    /// Queries the store's engine; returns the lines of the answer.
    pub(crate) fn ask(&self, sql: &str) -> Vec<String> {
        let sql = ["voc_events", "dead_letters", "revisions"]
            .iter()
            .fold(sql.to_owned(), |sql, table| sql.replace(table, &format!("{}.{table}", self.database)));
        let mut connection = self.engine.engine().connect().unwrap();
        let answer = connection.query(sql, "TabSeparatedRaw", &[]).unwrap();
        String::from_utf8_lossy(answer.bytes()).lines().map(str::to_owned).collect()
    }

    pub(crate) fn rows(&self) -> u64 {
        self.ask("SELECT count() FROM voc_events")[0].parse().unwrap()
    }

    /// Rows by tenant and type.
    pub(crate) fn counts(&self) -> BTreeMap<(String, String), u64> {
        let lines = self.ask("SELECT tenant_id, event_type, count() FROM voc_events GROUP BY ALL");
        let cells = lines.iter().map(|line| line.split('\t').map(str::to_owned).collect::<Vec<_>>());
        cells.map(|cells| ((cells[0].clone(), cells[1].clone()), cells[2].parse().unwrap())).collect()
    }

    /// Rows whose record is stored a second time, if all rows are [kept](Self::keep_rows).
    pub(crate) fn doubled(&self) -> u64 {
        self.ask("SELECT count() - uniqExact(source_topic, source_partition, source_offset) FROM voc_events")[0]
            .parse()
            .unwrap()
    }
}

/// Waits until a processor and its peers have stored this many rows.
pub(crate) fn wait_for_rows(stage: &Stage, watched: &ServiceProcess, rows: u64) {
    watched.wait_for(PATIENCE, |_| stage.rows(), |found| *found >= rows);
}

pub(crate) fn generate(seed: u64, events: u64, expected: &mut Tally) -> Vec<String> {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let end_ms = i64::try_from(now.as_millis()).unwrap();
    let config = GeneratorConfig { seed, events, ..GeneratorConfig::ending_at(end_ms) };
    let counted = |event: GeneratedEvent| {
        expected.count(&event);
        event.json
    };
    Generator::new(&config).map(counted).collect()
}

pub(crate) fn expected_counts(tally: &Tally) -> BTreeMap<(String, String), u64> {
    let types = tally.tenants().flat_map(|(tenant, types)| {
        types.iter().map(move |(event_type, count)| ((tenant.to_owned(), (*event_type).to_owned()), *count))
    });
    types.collect()
}

/// Waits until a line is on the page of metrics.
pub(crate) fn wait_for_metric(processor: &ServiceProcess, line: &str) {
    let line = format!("\n{line}\n");
    processor.wait_for(PATIENCE, |service| service.text("/metrics"), |page| page.contains(&line));
}
