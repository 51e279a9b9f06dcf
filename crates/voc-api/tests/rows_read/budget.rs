//! Rows are read until those of the hour are used up, by each caller and about each tenant.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use tokio::runtime::Runtime;
use voc_api::{
    Reports,
    access::{Access, AccessConfig, CallerLimits, Scope, Tenants},
};
use voc_store::{
    MemoryStore, Migrator, PartitionBy,
    embedded::{EmbeddedBackend, EmbeddedOptions, EmbeddedStore},
};
use voc_testkit::requirements::engine_or_skip;

use crate::{
    calls::{CALLS, insert},
    keys::{KeyStage, ask, only},
    served::{Response, Served},
};

/// What the questions of a caller of one tenant cost, which read much less: it learns no exact numbers.
const BLOCK: u64 = 65_536;
/// Of a question, and of how fresh its answer is.
const READ: u64 = 2 * BLOCK;
/// Enough for one question, but not for two.
const BUDGET: u64 = READ + 20;
/// The same for a caller of all tenants: the store folds over all its rows for a question, and for how fresh its
/// answer is.
const EXACTLY_READ: u64 = 4 * CALLS;
const SMALL_BUDGET: u64 = EXACTLY_READ + 20;

/// A server whose allowances grow back when the test says so.
struct Stage {
    /// Its file is read again while the server runs.
    _keys: KeyStage,
    seconds: Arc<AtomicU64>,
    api: Served,
}

impl Stage {
    fn new(keys: KeyStage, rows: u64) -> Self {
        let limits = CallerLimits { rows_per_hour: Some(rows), ..keys.config().limits };
        Self::with(&AccessConfig { limits, ..keys.config() }, keys)
    }

    fn with(config: &AccessConfig, keys: KeyStage) -> Self {
        let store = MemoryStore::new();
        Runtime::new().unwrap().block_on(insert(&store));
        let (start, seconds) = (Instant::now(), Arc::new(AtomicU64::new(0)));
        let passed = Arc::clone(&seconds);
        let now = move || start + Duration::from_secs(passed.load(Ordering::SeqCst));
        let api = Served::guarded(Arc::new(store), Access::with_clock(config, now).unwrap());
        Self { _keys: keys, seconds, api }
    }

    fn ask(&self, key: &str, path: &str) -> Response {
        ask(&self.api, key, path)
    }

    fn pass(&self, seconds: u64) {
        self.seconds.fetch_add(seconds, Ordering::SeqCst);
    }
}

/// Questions that are not equal to each other.
fn question(number: u64) -> String {
    format!("/api/v1/summary?from=2026-02-02&to=2026-02-02&call_id=call-{number}")
}

fn rows_read(answer: &Response) -> u64 {
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.json()["meta"]["rows_read"].as_u64().unwrap()
}

/// After which to ask again.
fn refused(answer: &Response) -> u64 {
    let body = answer.json();
    assert_eq!((answer.status, &body["code"]), (429, &json!("rows_used_up")), "{body}");
    assert_eq!(body["type"], json!("/problems/rows-used-up"));
    assert!(answer.header("ratelimit").unwrap().contains("\"rows\";r=0;t="), "{:?}", answer.header("ratelimit"));
    answer.header("retry-after").unwrap().parse().unwrap()
}

#[test]
fn what_is_used_up_grows_back() {
    let keys = KeyStage::new();
    let acme = keys.reader("acme");
    let stage = Stage::new(keys, BUDGET);
    let first = stage.ask(&acme, &question(0));
    assert_eq!(rows_read(&first), READ);
    assert_eq!(
        first.header("ratelimit-policy").unwrap(),
        format!("\"requests\";q=2000000;w=2, \"rows\";q={BUDGET};w=3600")
    );
    let left = BUDGET - READ;
    assert!(
        first.header("ratelimit").unwrap().contains(&format!("\"rows\";r={left};t=")),
        "{:?}",
        first.header("ratelimit")
    );

    // The last question may read more than is left, which is paid off before another one is answered.
    assert_eq!(rows_read(&stage.ask(&acme, &question(2))), READ / 2, "how fresh the data is, is known");
    let wait = refused(&stage.ask(&acme, &question(4)));
    let debt = READ / 2 - left;
    assert_eq!(wait, (debt * 3600).div_ceil(BUDGET));
    stage.pass(wait - 1);
    assert_eq!(refused(&stage.ask(&acme, &question(4))), 1);
    stage.pass(1);
    assert_eq!(rows_read(&stage.ask(&acme, &question(4))), READ / 2);
    refused(&stage.ask(&acme, &question(6)));
    stage.pass(2 * 3600);
    assert!(stage.ask(&acme, &question(4)).header("ratelimit").unwrap().contains(&format!("\"rows\";r={BUDGET};t=0")));
}

#[test]
fn every_way_to_ask_is_refused_but_answers_that_are_kept_cost_nothing() {
    let keys = KeyStage::new();
    let acme = keys.reader("acme");
    let stage = Stage::new(keys, BUDGET);
    let answers: Vec<Response> = [0, 2].map(|number| stage.ask(&acme, &question(number))).into();
    for path in [
        "/api/v1/events?days=7",
        "/api/v1/events.csv?days=7",
        "/api/v1/search?q=refund",
        "/api/v1/calls/call-0",
        "/api/v1/events/00000000-0000-4000-8000-000000000000",
        "/api/v1/customers/customer-3",
        "/api/v1/dead-letters",
        "/api/v1/ledger",
        "/api/v1/drivers",
        "/metrics/summary",
    ] {
        refused(&stage.ask(&acme, path));
    }
    for (number, known) in [0, 2].into_iter().zip(answers) {
        let again = stage.ask(&acme, &question(number));
        assert_eq!((rows_read(&again), &again.json()["data"]), (0, &known.json()["data"]));
    }
    // What asks no store is answered, too.
    assert_eq!(stage.ask(&acme, "/openapi.json").status, 200);
    assert_eq!(stage.ask(&acme, "/api/v1/summary?tenant_id=globex").status, 403);
}

#[test]
fn exports_are_paid_for() {
    let keys = KeyStage::new();
    let acme = keys.reader("acme");
    let stage = Stage::new(keys, BUDGET);
    let path = "/api/v1/events.ndjson?from=2026-02-02&to=2026-02-02&fields=call_id";
    // Each folds over the rows once; what it has cost is known when it has ended.
    for _ in 0..3 {
        let export = stage.ask(&acme, path);
        assert_eq!((export.status, export.text.lines().count() as u64), (200, CALLS));
    }
    refused(&stage.ask(&acme, path));
}

#[test]
fn statements_are_paid_for() {
    let Some(test) = engine_or_skip() else { return };
    let options = EmbeddedOptions::default().with_database(test.fresh_database());
    let store = EmbeddedStore::new(EmbeddedBackend::open(test.engine(), options).unwrap());
    Runtime::new().unwrap().block_on(async {
        Migrator::new(&store, PartitionBy::Month).up().await.unwrap();
        insert(&store).await;
    });
    let keys = KeyStage::new();
    let key = keys.create("analyst", [Scope::Read, Scope::Report, Scope::Sql], Tenants::All).expose().to_owned();
    let limits = CallerLimits { rows_per_hour: Some(1), ..keys.config().limits };
    let access = Access::new(&AccessConfig { limits, ..keys.config() }).unwrap();
    let api = Served::with_statements(&Arc::new(store), access, Reports::load(None).unwrap());
    let authorization = format!("Bearer {key}");
    let post = |path: &str, body: Value| {
        let headers = [("content-type", "application/json"), ("authorization", authorization.as_str())];
        api.send("POST", path, &headers, Some(&body.to_string()))
    };
    let about = |tenant: &str| json!({"sql": "SELECT call_id FROM voc_events", "tenant_id": tenant});
    assert!(rows_read(&post("/query", about("acme"))) >= CALLS);
    refused(&post("/query", about("acme")));
    refused(&post("/report", json!({"template": "top_content", "tenant_id": "acme"})));
    refused(&post("/api/v1/query", json!({"tenant_id": "acme"})));
    assert!(rows_read(&post("/query", about("globex"))) >= CALLS);
}

#[test]
fn no_caller_and_no_tenant_uses_up_the_rows_of_another() {
    let keys = KeyStage::new();
    let (acme, globex) = (keys.reader("acme"), keys.reader("globex"));
    let other = keys.create("other", [Scope::Read], only(&["acme"])).expose().to_owned();
    let all = keys.create("all", [Scope::Read], Tenants::All).expose().to_owned();
    let stage = Stage::new(keys, SMALL_BUDGET);
    let use_up = |key: &str, about: &str, from: u64| {
        let mut numbers = from..;
        let mut next = || stage.ask(key, &format!("{}{about}", question(numbers.next().unwrap())));
        let first = next();
        assert_eq!(first.status, 200, "{key} {about}: {}", first.text);
        let mut last = first;
        while last.status == 200 {
            last = next();
        }
        refused(&last);
    };
    let about_acme = rows_read(&stage.ask(&all, &format!("{}&tenant_id=acme", question(299))));
    assert_eq!(about_acme, EXACTLY_READ, "how much is read for all tenants is told exactly");
    // Each has its own, although the others have none left.
    use_up(&acme, "", 0);
    use_up(&other, "", 100);
    use_up(&globex, "", 200);
    use_up(&all, "&tenant_id=acme", 300);
    use_up(&all, "&tenant_id=globex", 400);
    use_up(&all, "", 500);
}

#[test]
fn without_credentials_rows_are_counted_by_tenant() {
    let keys = KeyStage::new();
    let limits = CallerLimits { rows_per_hour: Some(SMALL_BUDGET), ..CallerLimits::default() };
    let stage = Stage::with(&AccessConfig { limits, ..AccessConfig::default() }, keys);
    let ask = |number: u64, tenant: &str| stage.api.fetch("GET", &format!("{}&tenant_id={tenant}", question(number)));
    let mut last = ask(0, "acme");
    for number in 1..3 {
        assert_eq!(last.status, 200);
        last = ask(number, "acme");
    }
    assert_eq!((last.status, &last.json()["code"]), (429, &json!("rows_used_up")));
    assert_eq!(ask(9, "globex").status, 200);
}

#[test]
fn there_need_not_be_a_limit() {
    let keys = KeyStage::new();
    let acme = keys.reader("acme");
    let limits = CallerLimits { rows_per_hour: None, ..keys.config().limits };
    let stage = Stage::with(&AccessConfig { limits, ..keys.config() }, keys);
    for number in 0..20 {
        assert!(rows_read(&stage.ask(&acme, &question(number))) >= READ / 2);
    }
    assert!(!stage.ask(&acme, &question(0)).header("ratelimit").unwrap().contains("rows"));
}
