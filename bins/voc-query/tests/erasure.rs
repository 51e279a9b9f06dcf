//! `voc-query erase` beside a service that answers questions: afterwards nothing that it can be asked shows the
//! customer.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail this way")]

use std::{process::Output, time::Duration};

use serde_json::{Value, json};
use voc_testkit::{
    endpoint::{Accounts, Endpoint},
    requirements::{TestEngine, engine_or_skip},
    service::{self, ServiceProcess},
};

/// The limit on everything that is awaited; only a failing test reaches it.
const PATIENCE: Duration = Duration::from_secs(60);
/// The customer, the customer's call, and a word of it.
const TRACES: [&str; 3] = ["zebra-7", "call-of-zebra", "quagga"];

struct Stage {
    _endpoint: Endpoint,
    service: ServiceProcess,
    server: Vec<String>,
}

impl Stage {
    fn start(engine: &TestEngine) -> Self {
        let endpoint = Endpoint::on_engine("127.0.0.1:0", engine.engine().clone(), Accounts::default()).unwrap();
        let (port, database) = (endpoint.address().port().to_string(), engine.fresh_database());
        let server = ["--clickhouse-host", "127.0.0.1", "--clickhouse-port", &port, "--clickhouse-db", &database];
        let server = server.map(str::to_owned).to_vec();
        let mut arguments: Vec<&str> = server.iter().map(String::as_str).collect();
        arguments.push("--migrate");
        let service = ServiceProcess::start(service::command(env!("CARGO_BIN_EXE_voc-query"), &arguments));
        let mut connection = engine.engine().connect().unwrap();
        for insert in inserts(&database) {
            connection.query(&insert, "Null", &[]).unwrap();
        }
        Self { _endpoint: endpoint, service, server }
    }

    fn erase(&self, arguments: &[&str]) -> Output {
        let mut all = vec!["erase"];
        all.extend(arguments);
        all.extend(self.server.iter().map(String::as_str));
        service::command(env!("CARGO_BIN_EXE_voc-query"), &all).output().unwrap()
    }

    /// Everything that the service answers about these events.
    fn answers(&self) -> Vec<(&'static str, String)> {
        let paths = [
            "/api/v1/events?last=3d&tenant_id=acme",
            "/api/v1/events?last=3d&tenant_id=acme&fields=payload,customer_id,call_id",
            "/api/v1/events.csv?last=3d&tenant_id=acme",
            "/api/v1/calls?last=3d&tenant_id=acme&limit=500",
            "/api/v1/calls/call-of-zebra?tenant_id=acme",
            "/api/v1/customers/zebra-7?last=3d&tenant_id=acme",
            "/api/v1/search?q=quagga&last=3d&tenant_id=acme",
            "/api/v1/dead-letters?last=3d&tenant_id=acme",
            "/api/v1/product?last=3d&tenant_id=acme&by=user_id",
            "/api/v1/trends?last=3d&tenant_id=acme&by=customer_id",
        ];
        let mut answers: Vec<(&str, String)> =
            paths.into_iter().map(|path| (path, self.service.ask(path, "", None).1)).collect();
        for sql in [
            "SELECT customer_id, call_id, payload FROM voc_events WHERE tenant_id = 'acme' LIMIT 1000",
            "SELECT user_id, count() AS n FROM ai_analytics_events WHERE app_id = 'acme' GROUP BY user_id LIMIT 1000",
        ] {
            let body = json!({"sql": sql, "tenant_id": "acme"});
            answers.push((sql, self.service.ask("/query", "", Some(&body)).1));
        }
        answers
    }

    /// Questions whose answer, beside the echo of the question, shows the customer.
    fn showing(&self) -> Vec<&'static str> {
        let shows = |(path, answer): &(&'static str, String)| {
            let echoed = |trace: &&&str| path.contains(**trace);
            TRACES.iter().filter(|trace| !echoed(trace)).any(|trace| answer.contains(*trace))
        };
        self.answers().into_iter().filter(shows).map(|(path, _)| path).collect()
    }
}

/// Events of two tenants; one of the customers of each is the same.
fn inserts(database: &str) -> Vec<String> {
    let mut inserts = Vec::new();
    for (place, tenant) in ["acme", "globex"].into_iter().enumerate() {
        for (customer, call, word, first) in
            [("zebra-7", "call-of-zebra", "quagga", 0), ("lion-1", "call-of-lion", "savanna", 10)]
        {
            let first = first + 100 * place;
            let payload = json!({
                "event_id": "00000000-0000-4000-8000-000000000007", "event_type": "call",
                "timestamp": "2026-02-02T12:00:00Z", "tenant_id": tenant, "customer_id": customer, "call_id": call,
                "transcript": format!("Agent: Hello. Customer: My {word} is broken, I am {customer}."),
            });
            let columns =
                "event_id, tenant_id, event_type, ts, call_id, customer_id, payload, source_topic, source_offset";
            inserts.push(format!(
                "INSERT INTO {database}.voc_events ({columns}) SELECT generateUUIDv4(number), '{tenant}', 'call', \
                 now64(3) - toIntervalHour(number), '{call}', '{customer}', '{payload}', 't', {first} + number FROM numbers(4)"
            ));
            // What was done in the call does not name the customer.
            inserts.push(format!(
                "INSERT INTO {database}.voc_events ({columns}) SELECT generateUUIDv4(number), '{tenant}', 'agent_action', \
                 now64(3) - toIntervalHour(number), '{call}', '', '{{\"note\":\"{word}\"}}', 't', {first} + 4 + number FROM numbers(2)"
            ));
            inserts.push(format!(
                "INSERT INTO {database}.dead_letters (family, source_topic, source_offset, tenant_id, error, payload, failed_at) \
                 SELECT 'voc', 't', {first} + 6, '{tenant}', 'of {customer}', '{payload}', now64(3)"
            ));
            inserts.push(format!(
                "INSERT INTO {database}.ai_analytics_events (app_id, timestamp, event_name, user_id, source_topic, source_offset) \
                 SELECT '{tenant}', now(), 'search', '{customer}', 'p', {first}"
            ));
        }
    }
    inserts
}

#[test]
fn nothing_that_can_be_asked_shows_an_erased_customer() {
    let Some(engine) = engine_or_skip() else { return };
    let stage = Stage::start(&engine);
    let showing = stage.showing();
    let asked = stage.answers().len();
    assert_eq!(showing.len(), asked, "a question that shows nothing proves nothing: only {showing:?} of {asked} do");
    let of_globex = || stage.service.get("/api/v1/customers/zebra-7?last=3d&tenant_id=globex").1;
    let before = of_globex();

    let whose = ["--tenant", "acme", "--customer", "zebra-7", "--reason", "ticket 812"];
    let found = stage.erase(&whose);
    let text = String::from_utf8(found.stdout).unwrap();
    assert_eq!(
        text,
        "voc        6 rows, 1 dead letters\nproduct    1 rows, 0 dead letters\nnothing is erased without --execute\n"
    );
    assert_eq!(stage.showing().len(), asked, "to look is not to erase");

    let erased = stage.erase(&[whose.as_slice(), &["--execute"]].concat());
    let text = String::from_utf8_lossy(&erased.stdout).into_owned() + &String::from_utf8_lossy(&erased.stderr);
    assert!(erased.status.success(), "{text}");
    assert!(text.contains("erased 7 rows, 1 dead letters; nothing is left"), "{text}");
    assert!(!text.contains("zebra-7"), "the log names the customer: {text}");
    // Answers that are kept are those of before for up to a second.
    stage.service.wait_for(PATIENCE, |_| stage.showing(), |showing| showing.is_empty());

    let (_, ledger) = stage.service.get("/api/v1/ledger?tenant_id=acme");
    assert_eq!(
        ledger["totals"]["erased"],
        json!({"rows": 0, "dead_letters": 0}),
        "no batch is in the ledger: {ledger}"
    );
    let without_cost = |answer: Value| answer["data"].clone();
    assert_eq!(without_cost(of_globex()), without_cost(before), "the other tenant's customer of this name is another");
    let listed = String::from_utf8(stage.erase(&["--list"]).stdout).unwrap();
    let record: Value = serde_json::from_str(listed.trim()).unwrap();
    assert_eq!((&record["tenant_id"], &record["reason"]), (&json!("acme"), &json!("ticket 812")));
    assert_eq!((&record["rows"], &record["dead_letters"]), (&json!(7), &json!(1)));
    assert!(!listed.contains("zebra-7"));
    let again = stage.erase(&["--again", "--execute"]);
    assert_eq!(String::from_utf8(again.stdout).unwrap(), "erased again 0 rows, 0 dead letters\n");
}

#[test]
fn what_is_to_be_erased_must_be_said() {
    let refused = |arguments: &[&str]| {
        let all = [&["erase"], arguments].concat();
        let output = service::command(env!("CARGO_BIN_EXE_voc-query"), &all).output().unwrap();
        assert_eq!(output.status.code(), Some(2));
        String::from_utf8(output.stderr).unwrap()
    };
    assert!(refused(&[]).contains("whose events to erase"));
    assert!(refused(&["--customer", "c-1"]).contains("belong to tenants"));
    assert!(refused(&["--tenant", "acme", "--from-families", "quality"]).contains("belong to no tenant"));
    assert!(refused(&["--from-families", "toys", "--customer", "c"]).contains("voc, activity, product, quality"));
    assert!(refused(&["--again", "--tenant", "acme", "--execute"]).contains("--again"));
    assert!(refused(&["--again"]).contains("--execute"));
}
