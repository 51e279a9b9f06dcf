//! How a server ends.

#[expect(dead_code, reason = "shared with other tests, which use more of it")]
mod served;

use std::{
    io::{ErrorKind, Read as _, Write as _},
    net::TcpStream,
    sync::Arc,
    time::Duration,
};

use serde_json::json;
use served::{FixedStore, Served};
use voc_api::{Drain, EndError};
use voc_store::StoreError;
use voc_testkit::download::{Download, Version};

/// Only a failing test takes so long.
const LONG: Duration = Duration::from_secs(600);
const EXPORT: &str = "/api/v1/events.csv?fields=event_id";
const EVENT_ID: &str = "7c7fbbd6-3bd4-4f43-8e8a-3f8a6b6a1a11";

/// A client that has begun to read an export of which there is an event.
fn begun(api: &Served, version: Version) -> Download {
    let mut export = Download::begin(api.address(), EXPORT, version);
    assert_eq!((export.line(), export.line()), ("event_id".to_owned(), EVENT_ID.to_owned()));
    export
}

#[test]
fn an_export_under_way_is_sent_to_its_end() {
    for version in [Version::Http10, Version::Http11] {
        let (store, events) = FixedStore::streaming();
        let api = Served::draining(Arc::new(store), Drain { grace: Duration::ZERO, deadline: LONG });
        events.send(Ok(())).unwrap();
        let export = begun(&api, version);
        // A connection that waits for its next request is closed.
        let mut idle = TcpStream::connect(api.address()).unwrap();
        write!(idle, "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
        idle.read_exact(&mut [0; 15]).unwrap();
        api.cancel();
        let mut rest = String::new();
        idle.read_to_string(&mut rest).unwrap();
        assert!(rest.ends_with("{\"status\":\"ok\"}"), "{rest}");

        events.send(Ok(())).unwrap();
        drop(events);
        assert_eq!(export.rest().unwrap(), format!("{EVENT_ID}\r\n"), "{version:?}");
        let address = api.address();
        api.end().unwrap();
        assert_eq!(TcpStream::connect(address).unwrap_err().kind(), ErrorKind::ConnectionRefused);
    }
}

#[test]
fn what_is_not_finished_at_the_deadline_never_ends_well() {
    for version in [Version::Http10, Version::Http11] {
        let (store, events) = FixedStore::streaming();
        let deadline = Duration::from_millis(100);
        let api = Served::draining(Arc::new(store), Drain { grace: Duration::ZERO, deadline });
        events.send(Ok(())).unwrap();
        let export = begun(&api, version);
        let Err(error @ EndError::CutOff { requests: 1, .. }) = api.end() else { panic!("it was cut off") };
        assert_eq!(error.to_string(), "requests that were not finished after 100ms were cut off: 1");
        assert!(export.rest().is_err(), "{version:?}");
    }
}

/// A client that speaks HTTP/1.0, as proxies do, knows no other end of an export than that of its connection.
#[test]
fn an_export_that_fails_never_ends_well() {
    for version in [Version::Http10, Version::Http11] {
        let (store, events) = FixedStore::streaming();
        let api = Served::start(Arc::new(store), Vec::new());
        events.send(Ok(())).unwrap();
        let export = begun(&api, version);
        events.send(Err(|| StoreError::TimedOut { operation: "stream", limit: LONG })).unwrap();
        assert!(export.rest().is_err(), "{version:?}");
    }
}

#[test]
fn within_the_grace_it_is_not_ready_and_answers() {
    let drain = Drain { grace: LONG, deadline: LONG };
    let api = Served::draining(Arc::new(FixedStore::default()), drain);
    assert_eq!(api.get("/readyz").status, 200);
    assert_eq!(api.fetch("GET", "/healthz").header("connection"), None);
    api.cancel();
    let readiness = api.get("/readyz");
    let ending = json!({"status": "unavailable", "detail": "the service is about to end", "checks": {}});
    assert_eq!((readiness.status, readiness.body), (503, ending));
    for path in ["/healthz", "/metrics", "/api/v1/summary", "/api/v1/topics.csv"] {
        let answer = api.fetch("GET", path);
        assert_eq!((answer.status, answer.header("connection")), (200, Some("close")), "{path}");
    }
    assert_eq!(api.fetch("GET", "/nowhere").header("connection"), Some("close"));
}
