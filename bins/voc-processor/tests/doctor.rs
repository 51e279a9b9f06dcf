//! The causes that `doctor` names in set-ups that are broken in one way each, with real servers.

#![expect(clippy::panic, clippy::unwrap_used, reason = "helpers of tests fail this way")]

use std::{
    net::TcpListener,
    path::Path,
    process::Command,
    sync::{Arc, Mutex, PoisonError, Weak},
    time::Duration,
};

use rustix::process::Signal;
use serde_json::Value;
use tokio_util::sync::CancellationToken;
use voc_ingest::{
    MemoryBudget, Source as _,
    kafka::{KafkaSettings, KafkaSource},
};
use voc_testkit::{
    endpoint::{Account, Accounts, Endpoint},
    kafka::{Codec, KafkaTools},
    registry::{Gate, TestRegistry},
    requirements::{TestEngine, engine_or_skip, has_engine},
    secure_kafka::SecureKafka,
    service::{self, ServiceProcess, unused_port},
    tls::{Authority, TlsFront},
};

const PROGRAM: &str = env!("CARGO_BIN_EXE_voc-processor");
/// The limit on everything that is awaited; only a failing test reaches it.
const PATIENCE: Duration = Duration::from_secs(120);

/// A set-up in which everything works, with names that no other test uses.
struct Stage {
    kafka: Arc<SecureKafka>,
    tools: KafkaTools,
    engine: Arc<TestEngine>,
    endpoint: Endpoint,
    database: String,
    topic: String,
    group: String,
}

/// The broker of all tests that run now.
fn kafka_or_skip() -> Option<Arc<SecureKafka>> {
    static RUNNING: Mutex<Weak<SecureKafka>> = Mutex::new(Weak::new());
    let mut running = RUNNING.lock().unwrap_or_else(PoisonError::into_inner);
    let kafka = running.upgrade().or_else(|| SecureKafka::start_or_skip().map(Arc::new))?;
    *running = Arc::downgrade(&kafka);
    Some(kafka)
}

impl Stage {
    fn set() -> Option<Self> {
        Self::with_accounts(Accounts::default())
    }

    fn with_accounts(accounts: Accounts) -> Option<Self> {
        let (kafka, engine) = (kafka_or_skip()?, engine_or_skip()?);
        let endpoint = Endpoint::on_engine("127.0.0.1:0", engine.engine().clone(), accounts).unwrap();
        let mark = uuid::Uuid::new_v4().simple().to_string();
        let stage = Self {
            tools: kafka.tools(),
            database: engine.fresh_database(),
            topic: format!("voc-{mark}"),
            group: format!("group-{mark}"),
            kafka,
            engine,
            endpoint,
        };
        stage.tools.create_topic(&stage.topic, 1);
        stage.tools.create_topic(&format!("{}.dlq", stage.topic), 1);
        Some(stage)
    }

    /// With tables.
    fn migrated() -> Option<Self> {
        let stage = Self::set()?;
        let migrated = stage.command(&["migrate", "up"]).output().unwrap();
        assert!(migrated.status.success(), "{}", String::from_utf8_lossy(&migrated.stderr));
        Some(stage)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = service::command(PROGRAM, arguments);
        command
            .env("KAFKA_BOOTSTRAP", self.kafka.open())
            .env("KAFKA_TOPICS", &self.topic)
            .env("KAFKA_GROUP_ID", &self.group)
            .env("CLICKHOUSE_HOST", "127.0.0.1")
            .env("CLICKHOUSE_PORT", self.endpoint.address().port().to_string())
            .env("CLICKHOUSE_DB", &self.database)
            .env("HTTP_HOST", "127.0.0.1")
            .env("HTTP_PORT", unused_port().to_string());
        command
    }

    /// The report about this set-up with other variables.
    fn examine(&self, variables: &[(&str, &str)]) -> Report {
        let mut command = self.command(&["doctor", "--json"]);
        Report::of(command.envs(variables.iter().copied()))
    }

    fn execute(&self, sql: &str) {
        self.engine.engine().connect().unwrap().query(sql, "Null", &[]).unwrap();
    }
}

/// A report for programs.
struct Report {
    status: Option<i32>,
    report: Value,
    said: String,
}

impl Report {
    fn of(command: &mut Command) -> Self {
        let output = command.output().unwrap();
        let said = String::from_utf8_lossy(&[output.stdout.clone(), output.stderr].concat()).into_owned();
        let report = serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {said}"));
        Self { status: output.status.code(), report, said }
    }

    fn lines(&self, status: &str) -> Vec<&str> {
        let checks = self.report["checks"].as_array().unwrap().iter();
        checks.filter(|line| line["status"] == status).map(|line| line["check"].as_str().unwrap()).collect()
    }

    fn line(&self, check: &str) -> &Value {
        let checks = self.report["checks"].as_array().unwrap();
        checks.iter().find(|line| line["check"] == check).unwrap_or_else(|| panic!("no {check}: {}", self.said))
    }

    /// Asserts that nothing failed, and returns the lines that are not ok.
    fn assert_well(&self) -> Vec<&str> {
        assert_eq!((self.status, self.lines("failed")), (Some(0), Vec::new()), "{}", self.said);
        [self.lines("warning"), self.lines("not_checked")].concat()
    }

    /// Asserts that this check failed and no other, why, and what the remedy names.
    fn assert_cause(&self, check: &str, found: &str, remedy: &str) {
        assert_eq!((self.status, self.lines("failed")), (Some(1), vec![check]), "{}", self.said);
        assert_eq!(self.report["first_failure"], check);
        let line = self.line(check);
        assert!(line["found"].as_str().unwrap().contains(found), "no {found:?} in {line}");
        assert!(line["remedy"].as_str().unwrap().contains(remedy), "no {remedy:?} in {line}");
    }

    /// Asserts that a check was not made because of another one.
    fn assert_consequence(&self, check: &str, of: &str) {
        let line = self.line(check);
        assert_eq!(line["status"], "not_checked", "{line}");
        assert_eq!(line["found"], format!("because of {of}"));
    }
}

#[test]
fn a_healthy_set_up_has_no_failure_and_nothing_is_left_behind() {
    let Some(stage) = Stage::migrated() else { return };
    let Some(registry) = TestRegistry::from_env_or_skip() else { return };
    registry.register(&format!("{}-value", stage.topic), "AVRO", r#""string""#, &[]);
    let (ca, secure) = (stage.kafka.file("ca.pem"), stage.kafka.login());
    let report = stage.examine(&[
        ("KAFKA_BOOTSTRAP", &secure),
        ("KAFKA_SECURITY_PROTOCOL", "SASL_SSL"),
        ("KAFKA_SASL_MECHANISM", "SCRAM-SHA-512"),
        ("KAFKA_SASL_USERNAME", "alice"),
        ("KAFKA_SASL_PASSWORD", "swordfish"),
        ("KAFKA_SSL_CA_LOCATION", ca.to_str().unwrap()),
        ("SCHEMA_REGISTRY_URL", registry.url()),
    ]);
    assert_eq!(report.assert_well(), Vec::<&str>::new(), "{}", report.said);
    assert!(!report.said.contains("swordfish"));
    assert_eq!(report.report["status"], "ok");
    assert_eq!(stage.tools.count(&format!("{}.dlq", stage.topic)), 0);
    let mut engine = stage.engine.engine().connect().unwrap();
    let probes =
        format!("SELECT name FROM system.tables WHERE database = '{}' AND name LIKE '%probe%'", stage.database);
    assert_eq!(engine.query(probes, "TabSeparated", &[]).unwrap().bytes(), b"");

    let text = stage.command(&["doctor"]).output().unwrap();
    let text = String::from_utf8_lossy(&text.stdout).into_owned();
    assert!(text.contains(&format!("\n  ok           topic {}", stage.topic)), "{text}");
    assert!(text.ends_with(" 0 failed, 0 not checked\n"), "{text}");
}

#[test]
fn what_a_running_processor_holds_is_no_failure() {
    let Some(stage) = Stage::migrated() else { return };
    let mut processor = ServiceProcess::start(stage.command(&[]));
    processor.wait_for(PATIENCE, ServiceProcess::log, |log| log.contains("partitions assigned"));
    processor.wait_for(PATIENCE, |processor| processor.get("/readyz").0, |status| *status == 200);
    let port = processor.address().rsplit_once(':').unwrap().1.to_owned();
    let report = stage.examine(&[("HTTP_PORT", &port), ("KAFKA_GROUP_INSTANCE_ID", "one")]);
    assert_eq!(report.assert_well(), Vec::<&str>::new(), "{}", report.said);
    let found = |check: &str| report.line(check)["found"].as_str().unwrap().to_owned();
    assert!(found("HTTP port").contains("running processor, which is ready"), "{}", report.said);
    assert!(found(&format!("group {}", stage.group)).starts_with("one member: voc-processor"), "{}", report.said);
    assert_eq!(processor.end(Signal::TERM).code(), Some(0));
}

#[test]
fn a_broker_whose_name_does_not_resolve() {
    let Some(stage) = Stage::migrated() else { return };
    let report = stage.examine(&[("KAFKA_BOOTSTRAP", "no-such-broker.invalid:9092")]);
    let broker = "broker no-such-broker.invalid:9092";
    report.assert_cause(broker, "the name no-such-broker.invalid does not resolve", "correct KAFKA_BOOTSTRAP");
    for check in ["advertised brokers", &format!("topic {}", stage.topic), &format!("group {}", stage.group)] {
        report.assert_consequence(check, broker);
    }
    // One that works is enough, and the other is still named.
    let both = format!("no-such-broker.invalid:9092,{}", stage.kafka.open());
    let report = stage.examine(&[("KAFKA_BOOTSTRAP", &both)]);
    assert_eq!(report.assert_well(), [broker]);
}

#[test]
fn a_broker_that_refuses_connections() {
    let Some(stage) = Stage::migrated() else { return };
    let address = format!("127.0.0.1:{}", unused_port());
    let report = stage.examine(&[("KAFKA_BOOTSTRAP", &address)]);
    report.assert_cause(&format!("broker {address}"), "refuses connections", "start the broker");
}

#[test]
fn a_transport_or_login_that_the_broker_does_not_accept() {
    let Some(stage) = Stage::migrated() else { return };
    let kafka = &stage.kafka;
    let (ca, other_ca) = (kafka.file("ca.pem"), kafka.file("other-ca.pem"));
    let (ca, other_ca) = (ca.to_str().unwrap(), other_ca.to_str().unwrap());
    let misnamed = kafka.login().replace("localhost", "127.0.0.1");
    let alice = [("KAFKA_SASL_USERNAME", "alice"), ("KAFKA_SASL_PASSWORD", "swordfish")];
    let (plain, tls) = ([("KAFKA_SECURITY_PROTOCOL", "SASL_PLAINTEXT")], [("KAFKA_SECURITY_PROTOCOL", "SASL_SSL")]);
    let over_tls = |authority| [&tls[..], &alice, &[("KAFKA_SSL_CA_LOCATION", authority)]].concat();
    for (address, variables, found, remedy) in [
        (kafka.login(), Vec::new(), "it expects TLS", "KAFKA_SECURITY_PROTOCOL=SSL"),
        (kafka.open(), over_tls(ca), "it does not use TLS", "KAFKA_SECURITY_PROTOCOL=SASL_PLAINTEXT"),
        (kafka.login(), over_tls(other_ca), "authority of its certificate is not trusted", "KAFKA_SSL_CA_LOCATION"),
        (misnamed, over_tls(ca), "certificate is not for this name", "name the broker in KAFKA_BOOTSTRAP as"),
        (kafka.unencrypted(), Vec::new(), "it requires a login", "KAFKA_SECURITY_PROTOCOL=SASL_PLAINTEXT"),
        (kafka.open(), [&plain[..], &alice].concat(), "it has no logins", "KAFKA_SECURITY_PROTOCOL=PLAINTEXT"),
        (
            kafka.certificate(),
            vec![("KAFKA_SECURITY_PROTOCOL", "SSL"), ("KAFKA_SSL_CA_LOCATION", ca)],
            "it requires a certificate of its clients",
            "KAFKA_SSL_CERTIFICATE_LOCATION",
        ),
    ] {
        let variables = [&[("KAFKA_BOOTSTRAP", address.as_str())], &variables[..]].concat();
        stage.examine(&variables).assert_cause(&format!("broker {address}"), found, remedy);
    }
}

#[test]
fn a_client_certificate_that_has_expired() {
    let Some(stage) = Stage::migrated() else { return };
    let (ca, address) = (stage.kafka.file("ca.pem"), stage.kafka.certificate());
    let examine = |certificate: &str| {
        let certificate = stage.kafka.file(certificate);
        stage.examine(&[
            ("KAFKA_BOOTSTRAP", &address),
            ("KAFKA_SECURITY_PROTOCOL", "SSL"),
            ("KAFKA_SSL_CA_LOCATION", ca.to_str().unwrap()),
            ("KAFKA_SSL_CERTIFICATE_LOCATION", certificate.to_str().unwrap()),
            ("KAFKA_SSL_KEY_LOCATION", certificate.to_str().unwrap()),
        ])
    };
    assert_eq!(examine("client.pem").assert_well(), Vec::<&str>::new());
    let report = examine("expired.pem");
    report.assert_cause("client certificate", "expired.pem expired", "renew it");
    report.assert_consequence("brokers", "client certificate");
}

#[test]
fn a_wrong_password_of_kafka() {
    let Some(stage) = Stage::migrated() else { return };
    let address = stage.kafka.unencrypted();
    for mechanism in ["PLAIN", "SCRAM-SHA-256"] {
        let report = stage.examine(&[
            ("KAFKA_BOOTSTRAP", &address),
            ("KAFKA_SECURITY_PROTOCOL", "SASL_PLAINTEXT"),
            ("KAFKA_SASL_MECHANISM", mechanism),
            ("KAFKA_SASL_USERNAME", "alice"),
            ("KAFKA_SASL_PASSWORD", "guessed"),
        ]);
        report.assert_cause(&format!("broker {address}"), "it refuses the login", "correct KAFKA_SASL_USERNAME");
        assert!(!report.said.contains("guessed"), "{}", report.said);
    }
}

#[test]
fn a_broker_that_sends_its_clients_astray() {
    let Some(stage) = Stage::migrated() else { return };
    let report = stage.examine(&[("KAFKA_BOOTSTRAP", &stage.kafka.astray())]);
    let check = "advertised brokers";
    report.assert_cause(check, "is advertised as no-such-broker.invalid:", "set advertised.listeners");
    report.assert_consequence(&format!("right to read {}", stage.topic), check);
    assert_eq!(report.line(&format!("topic {}", stage.topic))["status"], "ok");
}

#[test]
fn a_topic_that_does_not_exist() {
    let Some(stage) = Stage::migrated() else { return };
    let missing = format!("{}-missing", stage.topic);
    let report = stage.examine(&[("KAFKA_TOPICS", &format!("{},{missing}", stage.topic))]);
    report.assert_cause(&format!("topic {missing}"), "does not exist", &format!("--create --topic {missing}"));
    report.assert_consequence(&format!("progress in {missing}"), &format!("topic {missing}"));
    assert_eq!(report.line(&format!("progress in {}", stage.topic))["status"], "ok");
}

#[test]
fn rights_that_bob_lacks() {
    let Some(stage) = Stage::migrated() else { return };
    let (address, topic, group) = (stage.kafka.unencrypted(), &stage.topic, &stage.group);
    let examine = || {
        stage.examine(&[
            ("KAFKA_BOOTSTRAP", &address),
            ("KAFKA_SECURITY_PROTOCOL", "SASL_PLAINTEXT"),
            ("KAFKA_SASL_USERNAME", "bob"),
            ("KAFKA_SASL_PASSWORD", "octopus"),
        ])
    };
    let allow = |operation: &str, on: [&str; 2]| stage.tools.allow("bob", operation, on);
    let dead_letters = format!("{topic}.dlq");
    allow("Write", ["--topic", &dead_letters]);
    allow("Describe", ["--topic", topic]);
    let right = format!("right to read {topic}");
    let advice = |operation: &str, on: &str| format!("--allow-principal 'User:bob' --operation {operation} {on}");
    let report = examine();
    report.assert_cause(&right, "the group", &advice("Read", &format!("--group {group}")));
    report.assert_consequence(&format!("group {group}"), &right);

    allow("Read", ["--group", group]);
    examine().assert_cause(&right, "the topic", &advice("Read", &format!("--topic {topic}")));

    allow("Read", ["--topic", topic]);
    assert_eq!(examine().assert_well(), Vec::<&str>::new());

    // Of another topic bob may not even know.
    let hidden = format!("{topic}-hidden");
    stage.tools.create_topic(&hidden, 1);
    let report = Report::of(
        stage
            .command(&["doctor", "--json", "--kafka-topics", &hidden, "--kafka-bootstrap", &address])
            .envs([("KAFKA_SECURITY_PROTOCOL", "SASL_PLAINTEXT"), ("KAFKA_SASL_USERNAME", "bob")])
            .env("KAFKA_SASL_PASSWORD", "octopus"),
    );
    let check = format!("topic {hidden}");
    report.assert_cause(&check, "may not even know", &advice("Read", &format!("--topic {hidden}")));

    // He may read a third one, but neither has its dead letters nor may create them.
    let third = format!("{topic}-third");
    stage.tools.create_topic(&third, 1);
    allow("Read", ["--topic", &third]);
    stage.tools.create_topic(&format!("{third}.dlq"), 1);
    let of_third = |described: bool| {
        if described {
            allow("Describe", ["--topic", &format!("{third}.dlq")]);
        }
        let mut command = stage.command(&["doctor", "--json", "--kafka-topics", &third]);
        command.env("KAFKA_BOOTSTRAP", &address).env("KAFKA_SECURITY_PROTOCOL", "SASL_PLAINTEXT");
        Report::of(command.env("KAFKA_SASL_USERNAME", "bob").env("KAFKA_SASL_PASSWORD", "octopus"))
    };
    for described in [false, true] {
        let advice = advice("Write", &format!("--topic {third}.dlq"));
        of_third(described).assert_cause(&format!("dead letters of {third}"), "lacks the right Write", &advice);
    }
}

#[test]
fn records_that_were_deleted_before_they_were_read() {
    let Some(stage) = Stage::migrated() else { return };
    let (tools, topic) = (&stage.tools, &stage.topic);
    tools.produce(topic, Codec::None, (0..10).map(|_| "{}"));
    tools.reset_offset(&stage.group, topic, 0, 3);
    let check = format!("progress in {topic}");
    let report = stage.examine(&[]);
    assert_eq!(report.assert_well(), Vec::<&str>::new());
    let found = report.line(&check)["found"].as_str().unwrap();
    assert!(found.starts_with("7 records are to be read; the oldest is "), "{found}");

    tools.delete_records_before(topic, 0, 7);
    let report = stage.examine(&[]);
    report.assert_cause(&check, "deleted 4 records before they were read", "--add-config retention.ms=");
    // It is also said for people, below what it is about.
    let text = stage.command(&["doctor"]).output().unwrap();
    assert_eq!(text.status.code(), Some(1));
    let text = String::from_utf8_lossy(&text.stdout).into_owned();
    let (_, after) = text.split_once(&format!("\n  FAILED       {check}")).unwrap();
    let (_, remedy) = after.split_once('\n').unwrap();
    assert!(remedy.trim_start().starts_with("to do: only their producers"), "{text}");
    assert!(text.ends_with(&format!("Begin with the first that failed: {check}.\n")), "{text}");
}

#[test]
fn an_offset_beyond_the_end_of_the_log() {
    let Some(stage) = Stage::migrated() else { return };
    let settings = KafkaSettings::new("voc", stage.kafka.open(), &stage.group, [&stage.topic]);
    let commit = async {
        let budget = MemoryBudget::new(1 << 20);
        let mut source = KafkaSource::connect(&settings, budget, 1, CancellationToken::new()).unwrap();
        let assignment = source.next_assignment().await.unwrap().unwrap();
        assignment.committer.commit(&assignment.partition, 500, None).await.unwrap();
    };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async { tokio::time::timeout(PATIENCE, commit).await }).unwrap();
    let check = format!("progress in {}", stage.topic);
    stage.examine(&[]).assert_cause(&check, "was read up to 500, and ends at 0", "--reset-offsets");
}

#[test]
fn a_group_that_another_program_uses() {
    let Some(stage) = Stage::migrated() else { return };
    stage.tools.produce(&stage.topic, Codec::None, ["{}"]);
    let _other = stage.tools.consume(&stage.topic, &stage.group);
    let report = stage.examine(&[]);
    report.assert_cause(&format!("group {}", stage.group), "unlike a processor: console-consumer", "KAFKA_GROUP_ID");
}

#[test]
fn a_store_that_cannot_be_connected_to() {
    let Some(stage) = Stage::migrated() else { return };
    let port = stage.endpoint.address().port();
    let report = stage.examine(&[("CLICKHOUSE_HOST", "no-such-store.invalid")]);
    let server = format!("server no-such-store.invalid:{port}");
    report.assert_cause(&server, "no-such-store.invalid does not resolve", "CLICKHOUSE_HOST");

    let unused = unused_port();
    let report = stage.examine(&[("CLICKHOUSE_PORT", &unused.to_string())]);
    let server = format!("server 127.0.0.1:{unused}");
    report.assert_cause(&server, "refuses connections", "start the ClickHouse server");
    for check in ["database", "clock", "tables", "right to write", "repeated inserts"] {
        report.assert_consequence(check, &server);
    }

    let certificate = tempfile::tempdir().unwrap();
    let authority = Authority::new("ours");
    let trusted = authority.file(certificate.path(), "ca.pem");
    let other = Authority::new("another").file(certificate.path(), "other.pem");
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let front = runtime.block_on(TlsFront::start(authority.server("127.0.0.1"), stage.endpoint.address())).unwrap();
    let secure = front.address().port().to_string();
    let server = format!("server 127.0.0.1:{secure}");
    let report = stage.examine(&[("CLICKHOUSE_PORT", &secure)]);
    report.assert_cause(&server, "expects TLS", "CLICKHOUSE_SECURE=true");
    let over_tls = |authority: &Path| {
        let authority = authority.to_str().unwrap();
        let variables = [("CLICKHOUSE_SECURE", "true"), ("CLICKHOUSE_CA_FILE", authority)];
        stage.examine(&[&variables[..], &[("CLICKHOUSE_PORT", &secure)]].concat())
    };
    over_tls(&other).assert_cause(&server, "its authority is not known", "CLICKHOUSE_CA_FILE");
    let report = over_tls(&trusted);
    assert_eq!(report.assert_well(), Vec::<&str>::new());
    assert_eq!(report.line("server certificate")["status"], "ok");
}

#[test]
fn a_store_that_refuses_the_user() {
    let accounts = [Account::new("voc", "sesame"), Account::new("reader", "sesame").read_only()];
    let Some(stage) = Stage::with_accounts(Accounts::new(accounts)) else { return };
    let user = |name, password| [("CLICKHOUSE_USER", name), ("CLICKHOUSE_PASSWORD", password)];
    let migrated = stage.command(&["migrate", "up"]).envs(user("voc", "sesame")).output().unwrap();
    assert!(migrated.status.success(), "{}", String::from_utf8_lossy(&migrated.stderr));
    assert_eq!(stage.examine(&user("voc", "sesame")).assert_well(), Vec::<&str>::new());

    let report = stage.examine(&user("voc", "guessed"));
    let remedy = "correct CLICKHOUSE_USER and CLICKHOUSE_PASSWORD";
    let server = format!("server 127.0.0.1:{}", stage.endpoint.address().port());
    report.assert_cause(&server, "no such user, or a wrong password", remedy);
    report.assert_consequence("tables", &server);
    assert!(!report.said.contains("guessed"), "{}", report.said);

    let report = stage.examine(&user("reader", "sesame"));
    report.assert_cause("right to write", "reader lacks INSERT on voc_events", "readonly = 0");
    report.assert_consequence("repeated inserts", "right to write");
}

#[test]
fn several_servers_whose_tables_are_not_replicated() {
    let Some(stage) = Stage::migrated() else { return };
    let away = format!("127.0.0.1:{}", unused_port());
    let report = stage.examine(&[("CLICKHOUSE_OTHER_HOSTS", &away)]);
    report.assert_cause("replication", "is not replicated", "CLICKHOUSE_CLUSTER");
    assert_eq!(report.lines("warning"), [format!("server {away}")], "one that works is enough");
}

#[test]
fn a_database_that_does_not_exist() {
    let Some(stage) = Stage::set() else { return };
    let missing = ("CLICKHOUSE_DB", "no_such_database");
    let report = stage.examine(&[missing]);
    report.assert_cause("database", "there is no database no_such_database", "CREATE DATABASE no_such_database");
    assert_eq!(report.line(&format!("server 127.0.0.1:{}", stage.endpoint.address().port()))["status"], "ok");
    // A processor that migrates creates it.
    let report = stage.examine(&[missing, ("VOC_MIGRATE", "true")]);
    assert!(report.assert_well().contains(&"database"), "{}", report.said);
}

#[test]
fn tables_that_are_missing_newer_or_another_programs() {
    let Some(stage) = Stage::set() else { return };
    let report = stage.examine(&[]);
    report.assert_cause("tables", "migrations are not applied: 0001_", "voc-processor migrate up");
    report.assert_consequence("right to write", "tables");
    assert_eq!(
        stage.examine(&[("VOC_MIGRATE", "true")]).assert_well(),
        ["tables", "right to write", "repeated inserts"]
    );

    stage.execute(&format!("CREATE TABLE {}.voc_events (id UInt64) ENGINE = MergeTree ORDER BY id", stage.database));
    let report = stage.examine(&[]);
    report.assert_cause("tables", "that another program has created", "RENAME TABLE voc_events TO voc_events_old");

    let Some(stage) = Stage::migrated() else { return };
    stage.execute(&format!(
        "INSERT INTO {}.voc_schema_migrations (version, name, checksum, applied_at) SELECT 9999, 'from_the_future', '', now64(3)",
        stage.database
    ));
    let report = stage.examine(&[]);
    report.assert_cause("tables", "the database is newer than this program", "use a newer program");

    let Some(stage) = Stage::migrated() else { return };
    stage.execute(&format!(
        "ALTER TABLE {}.dead_letters MODIFY SETTING non_replicated_deduplication_window = 0",
        stage.database
    ));
    let report = stage.examine(&[]);
    report.assert_cause(
        "repeated inserts",
        "the table dead_letters does not drop",
        "non_replicated_deduplication_window",
    );
}

#[test]
fn a_schema_registry_that_does_not_answer() {
    let Some(stage) = Stage::migrated() else { return };
    let Some(registry) = TestRegistry::from_env_or_skip() else { return };
    let gate = Gate::new(&registry);
    gate.close();
    let report = stage.examine(&[("SCHEMA_REGISTRY_URL", gate.url())]);
    report.assert_cause("registry", gate.url(), "correct SCHEMA_REGISTRY_URL");
    let elsewhere = format!("{}/elsewhere", registry.url());
    let report = stage.examine(&[("SCHEMA_REGISTRY_URL", &elsewhere)]);
    report.assert_cause("registry", "status 404", "correct the path in SCHEMA_REGISTRY_URL");
}

#[test]
fn a_port_that_another_program_has() {
    let Some(stage) = Stage::migrated() else { return };
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let report = stage.examine(&[("HTTP_PORT", &port)]);
    report.assert_cause("HTTP port", "is taken by another program", "set HTTP_PORT to a free port");
}

#[test]
fn a_data_directory_or_an_engine_that_cannot_be_used() {
    if !has_engine() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let port = unused_port().to_string();
    let examine = |data_dir: &str, variables: &[(&str, &str)]| {
        let data_dir = folder.path().join(data_dir);
        let mut command = service::command(PROGRAM, &["--standalone", "--http-port", &port, "doctor", "--json"]);
        Report::of(command.arg("--data-dir").arg(data_dir).envs(variables.iter().copied()))
    };
    let report = examine("new", &[]);
    assert_eq!(report.assert_well(), ["tables"], "{}", report.said);
    assert!(!folder.path().join("new").exists(), "the check leaves no directory behind");

    std::fs::write(folder.path().join("file"), "no directory").unwrap();
    let report = examine("file/within", &[]);
    report.assert_cause("data directory", "nothing can be written to", "VOC_DATA_DIR");
    report.assert_consequence("engine", "data directory");

    let report = examine("new", &[("VOC_ENGINE_LIB", "/no/such/libchdb.so")]);
    report.assert_cause("engine", "no engine library at /no/such/libchdb.so", "set VOC_ENGINE_LIB");
    report.assert_consequence("tables", "engine");
}

#[test]
fn an_engine_that_a_running_processor_has_open_is_no_failure() {
    if !has_engine() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let mut standalone = service::command(PROGRAM, &["--standalone", "--data-dir"]);
    standalone.arg(folder.path());
    let mut processor = ServiceProcess::start(standalone);
    let port = processor.address().rsplit_once(':').unwrap().1.to_owned();
    let examine = |port: &str| {
        let mut command = service::command(PROGRAM, &["--standalone", "--http-port", port, "doctor", "--json"]);
        Report::of(command.arg("--data-dir").arg(folder.path()))
    };
    assert_eq!(examine(&port).assert_well(), ["tables"]);
    // Without its port, nobody knows whose process it is.
    let report = examine(&unused_port().to_string());
    report.assert_cause("engine", "in use by another process", "VOC_DATA_DIR");
    assert_eq!(processor.end(Signal::TERM).code(), Some(0));
    assert_eq!(examine(&port).assert_well(), Vec::<&str>::new());
}

#[test]
fn settings_with_errors_are_listed_as_by_config_check() {
    let errors = |arguments: &[&str]| {
        let output = service::command(PROGRAM, arguments).env("CLICKHOUSE_PORT", "8123").output().unwrap();
        assert_eq!((output.status.code(), output.stdout), (Some(2), Vec::new()));
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        said.lines().filter(|line| !line.starts_with("Try ")).map(str::to_owned).collect::<Vec<_>>()
    };
    let said = errors(&["doctor", "--json"]);
    assert!(said[1].contains("CLICKHOUSE_PORT: found \"8123\""), "{said:?}");
    assert_eq!(said, errors(&["config", "check"]));
}

#[test]
fn help_teaches() {
    let output = service::command(PROGRAM, &["doctor", "--help"]).output().unwrap();
    let help = String::from_utf8_lossy(&output.stdout).into_owned();
    for expected in ["kubectl exec deploy/voc-processor -- voc-processor doctor", "no shell", "--json", "not checked"] {
        assert!(help.contains(expected), "no {expected:?} in:\n{help}");
    }
}
