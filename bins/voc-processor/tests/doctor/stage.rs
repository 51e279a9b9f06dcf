//! The environment of the tests: set-ups that work, and what is reported about them.

#![expect(clippy::panic, clippy::unwrap_used, reason = "helpers of tests fail this way")]

use std::{process::Command, sync::Arc, time::Duration};

use serde_json::Value;
use voc_testkit::{
    endpoint::{Accounts, Endpoint},
    kafka::KafkaTools,
    requirements::{TestEngine, engine_or_skip},
    secure_kafka::SecureKafka,
    service::{self, unused_port},
};

pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_voc-processor");
/// The limit on everything that is awaited; only a failing test reaches it.
pub(crate) const PATIENCE: Duration = Duration::from_secs(120);

/// A set-up in which everything works, with names that no other test uses.
pub(crate) struct Stage {
    pub(crate) kafka: Arc<SecureKafka>,
    pub(crate) tools: KafkaTools,
    pub(crate) engine: Arc<TestEngine>,
    pub(crate) endpoint: Endpoint,
    pub(crate) database: String,
    pub(crate) topic: String,
    pub(crate) group: String,
}

impl Stage {
    pub(crate) fn set() -> Option<Self> {
        Self::with_accounts(Accounts::default())
    }

    pub(crate) fn with_accounts(accounts: Accounts) -> Option<Self> {
        let (kafka, engine) = (SecureKafka::shared_or_skip()?, engine_or_skip()?);
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
    pub(crate) fn migrated() -> Option<Self> {
        let stage = Self::set()?;
        let migrated = stage.command(&["migrate", "up"]).output().unwrap();
        assert!(migrated.status.success(), "{}", String::from_utf8_lossy(&migrated.stderr));
        Some(stage)
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
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
    pub(crate) fn examine(&self, variables: &[(&str, &str)]) -> Report {
        let mut command = self.command(&["doctor", "--json"]);
        Report::of(command.envs(variables.iter().copied()))
    }

    pub(crate) fn execute(&self, sql: &str) {
        self.engine.engine().connect().unwrap().query(sql, "Null", &[]).unwrap();
    }
}

/// A report for programs.
pub(crate) struct Report {
    pub(crate) status: Option<i32>,
    pub(crate) report: Value,
    pub(crate) said: String,
}

impl Report {
    pub(crate) fn of(command: &mut Command) -> Self {
        let output = command.output().unwrap();
        let said = String::from_utf8_lossy(&[output.stdout.clone(), output.stderr].concat()).into_owned();
        let report = serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {said}"));
        Self { status: output.status.code(), report, said }
    }

    pub(crate) fn lines(&self, status: &str) -> Vec<&str> {
        let checks = self.report["checks"].as_array().unwrap().iter();
        checks.filter(|line| line["status"] == status).map(|line| line["check"].as_str().unwrap()).collect()
    }

    pub(crate) fn line(&self, check: &str) -> &Value {
        let checks = self.report["checks"].as_array().unwrap();
        checks.iter().find(|line| line["check"] == check).unwrap_or_else(|| panic!("no {check}: {}", self.said))
    }

    /// Asserts that nothing failed, and returns the lines that are not ok.
    pub(crate) fn assert_well(&self) -> Vec<&str> {
        assert_eq!((self.status, self.lines("failed")), (Some(0), Vec::new()), "{}", self.said);
        [self.lines("warning"), self.lines("not_checked")].concat()
    }

    /// Asserts that this check failed and no other, why, and what the remedy names.
    pub(crate) fn assert_cause(&self, check: &str, found: &str, remedy: &str) {
        assert_eq!((self.status, self.lines("failed")), (Some(1), vec![check]), "{}", self.said);
        assert_eq!(self.report["first_failure"], check);
        let line = self.line(check);
        assert!(line["found"].as_str().unwrap().contains(found), "no {found:?} in {line}");
        assert!(line["remedy"].as_str().unwrap().contains(remedy), "no {remedy:?} in {line}");
    }

    /// Asserts that a check was not made because of another one.
    pub(crate) fn assert_consequence(&self, check: &str, of: &str) {
        let line = self.line(check);
        assert_eq!(line["status"], "not_checked", "{line}");
        assert_eq!(line["found"], format!("because of {of}"));
    }
}
