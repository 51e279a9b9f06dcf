//! How the program ends while it is asked.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail this way")]

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    time::Duration,
};

use rustix::process::Signal;
use serde_json::json;
use voc_testkit::{
    download::{Download, Version},
    endpoint::{Accounts, Endpoint},
    requirements::{TestEngine, engine_or_skip},
    service::{self, ServiceProcess},
};

/// The limit on everything that is awaited; only a failing test reaches it.
const PATIENCE: Duration = Duration::from_secs(60);
/// So many that their export is larger than all buffers between the server and its client.
const EVENTS: usize = 60_000;
const EXPORT: &str = "/api/v1/events.csv?last=2d&fields=event_id,payload";

/// A service with events in its store.
struct Stage {
    _endpoint: Endpoint,
    service: ServiceProcess,
}

impl Stage {
    fn start(engine: &TestEngine, arguments: &[&str]) -> Self {
        let endpoint = Endpoint::on_engine("127.0.0.1:0", engine.engine().clone(), Accounts::default()).unwrap();
        let port = endpoint.address().port().to_string();
        let database = engine.fresh_database();
        let server = ["--clickhouse-host", "127.0.0.1", "--clickhouse-port", &port, "--clickhouse-db", &database];
        let arguments = [server.as_slice(), &["--migrate"], arguments].concat();
        let service = ServiceProcess::start(service::command(env!("CARGO_BIN_EXE_voc-query"), &arguments));
        let insert = format!(
            "INSERT INTO {database}.voc_events (event_id, tenant_id, event_type, ts, payload)
                SELECT generateUUIDv4(), 'acme', 'call', now64(3) - number / 1000,
                    concat('{{\"note\":\"', repeat('x', 600), '\"}}')
                FROM numbers({EVENTS})"
        );
        engine.engine().connect().unwrap().query(insert, "Null", &[]).unwrap();
        Self { _endpoint: endpoint, service }
    }

    /// A client that has begun to read an export.
    fn export(&self, version: Version) -> Download {
        let mut export = Download::begin(self.service.address(), EXPORT, version);
        assert_eq!(export.line(), "event_id,payload");
        export
    }
}

#[test]
fn an_export_under_way_is_sent_to_its_end() {
    let Some(engine) = engine_or_skip() else { return };
    let mut stage = Stage::start(&engine, &[]);
    let export = stage.export(Version::Http11);
    let mut idle = TcpStream::connect(stage.service.address()).unwrap();
    write!(idle, "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    idle.read_exact(&mut [0; 15]).unwrap();

    stage.service.signal(Signal::TERM);
    stage.service.wait_until_refused(PATIENCE);
    let mut rest = String::new();
    idle.read_to_string(&mut rest).unwrap();
    assert!(rest.ends_with("{\"status\":\"ok\"}"), "a connection without a request is closed: {rest}");
    assert_eq!(export.rest().unwrap().lines().count(), EVENTS);
    assert_eq!(stage.service.wait().code(), Some(0), "{}", stage.service.whole_log());
}

#[test]
fn what_is_not_finished_in_time_never_ends_well() {
    let Some(engine) = engine_or_skip() else { return };
    let mut stage = Stage::start(&engine, &["--shutdown-seconds", "0.5"]);
    let exports = [Version::Http10, Version::Http11].map(|version| stage.export(version));
    assert_eq!(stage.service.end(Signal::TERM).code(), Some(1));
    let log = stage.service.whole_log();
    let last_error = log.lines().rfind(|line| line.contains("\"level\":\"ERROR\"")).unwrap_or_default();
    assert!(last_error.contains("requests that were not finished after 500ms were cut off: 2"), "{log}");
    for export in exports {
        assert!(export.rest().is_err());
    }
}

#[test]
fn within_the_grace_it_is_not_ready_and_answers_until_a_second_signal() {
    let Some(engine) = engine_or_skip() else { return };
    let mut stage = Stage::start(&engine, &["--drain-seconds", "600", "--shutdown-seconds", "600"]);
    let readiness = |service: &ServiceProcess| service.get("/readyz");
    assert_eq!(readiness(&stage.service).0, 200);
    stage.service.signal(Signal::INT);
    let (_, answer) = stage.service.wait_for(PATIENCE, readiness, |(status, _)| *status == 503);
    assert_eq!(answer, json!({"status": "unavailable", "detail": "the service is about to end", "checks": {}}));
    assert_eq!(stage.service.get("/healthz"), (200, json!({"status": "ok"})));
    let answer = Download::begin(stage.service.address(), "/metrics/summary?days=7", Version::Http11);
    assert!(answer.head().contains("\r\nconnection: close\r\n"), "{}", answer.head());
    assert!(answer.rest().unwrap().contains(&format!("[\"call\",{EVENTS},")));
    // A request under way does not delay it either.
    let _export = stage.export(Version::Http11);
    assert_eq!(stage.service.end(Signal::TERM).code(), Some(143));
}
