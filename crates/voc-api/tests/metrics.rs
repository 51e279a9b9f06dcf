//! What is measured of requests, with labels that have few values.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

#[expect(dead_code, reason = "shared with other tests, which use more of it")]
#[path = "access/stage.rs"]
mod keys;
#[expect(dead_code, reason = "shared with other tests, which use more of it")]
mod served;

use std::{
    collections::BTreeSet,
    io::{Read as _, Write as _},
    net::TcpStream,
    sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use keys::{KeyStage, ask};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use served::{FixedStore, Served};
use voc_api::{
    Limits,
    access::{Access, AccessConfig, CallerLimits},
};
use voc_store::{MemoryStore, StoreError};
use voc_testkit::download::{Download, Version};

const SUMMARY: &str = "/api/v1/summary";

/// The metrics of this process. One test at a time has them.
struct Page(#[expect(dead_code, reason = "it is held")] MutexGuard<'static, ()>);

static HANDLE: LazyLock<PrometheusHandle> = LazyLock::new(|| PrometheusBuilder::new().install_recorder().unwrap());
static TURN: Mutex<()> = Mutex::new(());

impl Page {
    fn begin() -> Self {
        let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        LazyLock::force(&HANDLE);
        Self(turn)
    }

    fn lines() -> Vec<(String, f64)> {
        let text = HANDLE.render();
        let samples = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
        let parsed = samples.map(|line| line.rsplit_once(' ').unwrap());
        parsed.map(|(series, value)| (series.to_owned(), value.parse().unwrap())).collect()
    }

    /// The sum of all series of a metric that have these labels.
    #[expect(clippy::unused_self, reason = "only the test whose turn it is reads")]
    fn sum(&self, name: &str, labels: &[(&str, &str)]) -> f64 {
        let labels: Vec<String> = labels.iter().map(|(label, value)| format!("{label}=\"{value}\"")).collect();
        let is_meant = |series: &str| {
            series.split('{').next() == Some(name) && labels.iter().all(|label| series.contains(label.as_str()))
        };
        Self::lines().iter().filter(|(series, _)| is_meant(series)).map(|(_, value)| value).sum()
    }

    /// By how much the sum changes.
    fn change(&self, name: &str, labels: &[(&str, &str)], act: impl FnOnce()) -> f64 {
        let before = self.sum(name, labels);
        act();
        self.sum(name, labels) - before
    }

    #[expect(clippy::unused_self, reason = "only the test whose turn it is reads")]
    fn series(&self) -> BTreeSet<String> {
        Self::lines().into_iter().map(|(series, _)| series).collect()
    }
}

/// Sends a request whose method need not be one that there is.
fn send_method(api: &Served, method: &str) {
    let mut stream = TcpStream::connect(api.address()).unwrap();
    write!(stream, "{method} {SUMMARY} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").unwrap();
    stream.read_to_string(&mut String::new()).unwrap();
}

#[test]
fn what_requests_give_adds_no_series() {
    let page = Page::begin();
    let api = Served::start(Arc::new(FixedStore::default()), Vec::new());
    let ask = |number: usize| {
        let about = format!("tenant_id=TENANT{number}&topic=TOPIC{number}");
        let asked = match number % 7 {
            0 => format!("calls/CALL{number}?tenant_id=TENANT{number}"),
            1 => format!("customers/CUSTOMER{number}?tenant_id=TENANT{number}"),
            2 => format!("events/EVENT{number}?tenant_id=TENANT{number}"),
            3 => format!("summary?{about}"),
            4 => format!("topics.csv?{about}"),
            5 => format!("trends.ndjson?{about}"),
            _ => format!("agents?agent_id=AGENT{number}"),
        };
        api.fetch(if number.is_multiple_of(2) { "GET" } else { "HEAD" }, &format!("/api/v1/{asked}"));
        api.fetch("GET", &format!("/PATH{number}/api/v1/summary"));
        if number.is_multiple_of(50) {
            send_method(&api, &format!("METHOD{number}"));
        }
    };
    // Answers of all formats and statuses have been given before it is measured.
    (0..=50).for_each(&ask);
    let before = page.series();
    (51..1051).for_each(&ask);
    assert_eq!(page.series(), before);
    let given = ["CALL", "CUSTOMER", "EVENT", "PATH", "TENANT", "TOPIC", "AGENT", "METHOD"];
    let leaked: Vec<&String> = before.iter().filter(|series| given.iter().any(|name| series.contains(name))).collect();
    assert_eq!(leaked, Vec::<&String>::new());
    let unmatched = [("route", "unmatched"), ("method", "GET"), ("status", "404")];
    assert!(page.sum("voc_http_requests_total", &unmatched) >= 1000.0);
    let other = [("route", SUMMARY), ("method", "other"), ("status", "405")];
    assert!(page.sum("voc_http_requests_total", &other) >= 20.0);
}

#[test]
fn requests_are_counted_by_route_method_and_status() {
    let page = Page::begin();
    let api = Served::start(Arc::new(FixedStore::default()), Vec::new());
    let [route, get] = [("route", "/api/v1/qos"), ("method", "GET")];
    let counts = || {
        let count = |status| page.sum("voc_http_requests_total", &[route, get, ("status", status)]);
        let seconds = |class| page.sum("voc_http_request_seconds_count", &[route, get, ("class", class)]);
        [count("200"), count("422"), seconds("2xx"), seconds("4xx")]
    };
    let before = counts();
    let bytes_before = page.sum("voc_http_answer_bytes_total", &[route, get]);
    let texts = ["", "?limit=5", "?days=0"].map(|query| api.fetch("GET", &format!("/api/v1/qos{query}")).text);
    let after = counts();
    assert_eq!([0, 1, 2, 3].map(|index| after[index] - before[index]), [2.0, 1.0, 2.0, 1.0]);
    api.stop();
    let bytes = page.sum("voc_http_answer_bytes_total", &[route, get]) - bytes_before;
    assert_eq!(bytes, texts.concat().len() as f64);
    assert_eq!(page.sum("voc_http_unfinished_total", &[route]), 0.0);
}

#[test]
fn requests_in_progress_are_those_without_the_end_of_their_answers() {
    let page = Page::begin();
    let in_progress = |route| page.sum("voc_http_requests_in_progress", &[("route", route)]);
    let (store, entered, release) = FixedStore::held();
    let api = Served::start(Arc::new(store), Vec::new());
    let client = api.client();
    let asking = std::thread::spawn(move || client.get("/api/v1/tools").status);
    entered.recv().unwrap();
    assert_eq!(in_progress("/api/v1/tools"), 1.0);
    release.send(()).unwrap();
    assert_eq!(asking.join().unwrap(), 200);
    api.stop();
    assert_eq!(in_progress("/api/v1/tools"), 0.0);

    let (store, events) = FixedStore::streaming();
    let api = Served::start(Arc::new(store), Vec::new());
    events.send(Ok(())).unwrap();
    let mut export = Download::begin(api.address(), "/api/v1/events.csv?fields=event_id", Version::Http11);
    export.line();
    assert_eq!(in_progress("/api/v1/events"), 1.0);
    drop(events);
    export.rest().unwrap();
    api.stop();
    assert_eq!(in_progress("/api/v1/events"), 0.0);
}

#[test]
fn answers_that_are_not_whole_are_counted_by_reason() {
    let page = Page::begin();
    let unfinished = |reason| page.sum("voc_http_unfinished_total", &[("route", "/api/v1/events"), ("reason", reason)]);
    let before = ["store", "client"].map(unfinished);
    let begin = || {
        let (store, events) = FixedStore::streaming();
        let api = Served::start(Arc::new(store), Vec::new());
        events.send(Ok(())).unwrap();
        let mut export = Download::begin(api.address(), "/api/v1/events.csv?fields=event_id", Version::Http11);
        export.line();
        (api, events, export)
    };
    let (api, events, export) = begin();
    events.send(Err(|| StoreError::NoSession)).unwrap();
    assert!(export.rest().is_err());
    api.stop();
    assert_eq!(["store", "client"].map(unfinished), [before[0] + 1.0, before[1]]);

    let (api, events, export) = begin();
    drop(export);
    // The server notices it at the latest when it cannot send.
    while events.send(Ok(())).is_ok() {
        std::thread::yield_now();
    }
    api.stop();
    assert_eq!(["store", "client"].map(unfinished), [before[0] + 1.0, before[1] + 1.0]);
}

#[test]
fn answers_that_were_kept_are_told_from_new_ones() {
    let page = Page::begin();
    let api = Served::start(Arc::new(MemoryStore::new()), Vec::new());
    let route = ("route", "/api/v1/topics");
    let ask = || assert_eq!(api.get("/api/v1/topics?from=2026-02-01&to=2026-02-02").status, 200);
    let outcome = |outcome: &'static str| [route, ("outcome", outcome)];
    let hits = page.change("voc_api_cache_total", &outcome("hit"), || {
        assert_eq!(page.change("voc_api_cache_total", &outcome("miss"), ask), 1.0);
    });
    assert_eq!(hits, 0.0);
    let misses = page.change("voc_api_cache_total", &outcome("miss"), || {
        assert_eq!(page.change("voc_api_cache_total", &outcome("hit"), ask), 1.0);
    });
    assert_eq!(misses, 0.0);
}

#[test]
fn what_the_store_does_is_measured() {
    let page = Page::begin();
    let route = ("route", "/api/v1/agents");
    let good = Served::start(Arc::new(FixedStore::default()), Vec::new());
    let asked = page.change("voc_api_store_seconds_count", &[route], || _ = good.get("/api/v1/agents"));
    assert!(asked >= 1.0, "{asked}");
    assert_eq!(page.sum("voc_api_store_errors_total", &[route]), 0.0);
    let failing = FixedStore::failing(|| StoreError::TimedOut { operation: "select", limit: Duration::from_secs(1) });
    let failing = Served::start(Arc::new(failing), Vec::new());
    let errors = [route, ("error_type", "store_timeout")];
    let failed = page.change("voc_api_store_errors_total", &errors, || _ = failing.get("/api/v1/agents"));
    assert!(failed >= 1.0, "{failed}");
}

#[test]
fn refusals_are_counted_by_what_is_used_up() {
    let page = Page::begin();
    let limited = |limit| page.sum("voc_api_limited_total", &[("route", SUMMARY), ("limit", limit)]);
    let kinds = ["requests", "rows", "at_once", "busy"];
    let mut expected = kinds.map(limited);

    let (store, entered, release) = FixedStore::held();
    let api = Served::limited(Arc::new(store), Limits { running: 1, waiting: 0, ..Limits::default() });
    let client = api.client();
    let asking = std::thread::spawn(move || client.get(SUMMARY).status);
    entered.recv().unwrap();
    assert_eq!(api.get(SUMMARY).status, 503);
    expected[3] += 1.0;
    assert_eq!(kinds.map(limited), expected);
    drop(release);
    drop(asking.join());

    let (store, entered, release) = FixedStore::held();
    let limits = CallerLimits { at_once: 1, patience: Duration::ZERO, ..CallerLimits::default() };
    let access = Access::new(&AccessConfig { limits, ..AccessConfig::default() }).unwrap();
    let api = Served::guarded(Arc::new(store), access);
    let client = api.client();
    let asking = std::thread::spawn(move || client.get(SUMMARY).status);
    entered.recv().unwrap();
    assert_eq!(api.get(SUMMARY).status, 429);
    expected[2] += 1.0;
    assert_eq!(kinds.map(limited), expected);
    drop(release);
    drop(asking.join());

    let stage = KeyStage::new();
    let key = stage.reader("acme");
    let limits = CallerLimits { requests_per_second: 1, ..CallerLimits::default() };
    let access = Access::new(&AccessConfig { limits, ..stage.config() }).unwrap();
    let api = Served::guarded(Arc::new(FixedStore::default()), access);
    while ask(&api, &key, SUMMARY).status == 200 {}
    expected[0] += 1.0;
    assert_eq!(kinds.map(limited), expected);
}
