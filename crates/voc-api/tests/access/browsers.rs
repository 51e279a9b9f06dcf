//! Scripts of pages, and what browsers may do with answers.

use std::sync::Arc;

use voc_api::access::{Access, AccessConfig};

use crate::{
    served::{FixedStore, Served},
    stage::KeyStage,
};

const SUMMARY: &str = "/api/v1/summary";
const ORIGIN: &str = "https://dashboard.example";

#[test]
fn every_answer_says_that_it_is_data() {
    let stage = KeyStage::new();
    let key = stage.reader_of_all();
    let api = stage.serve();
    for (path, status) in
        [("/healthz", 200), ("/metrics", 200), (SUMMARY, 200), ("/api/v1/summary?days=0", 422), ("/nowhere", 404)]
    {
        let answer = api.fetch_with("GET", path, &[("x-api-key", &key)]);
        assert_eq!(answer.status, status, "{path}");
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{path}");
        assert_eq!(answer.header("referrer-policy"), Some("no-referrer"), "{path}");
        assert_eq!(
            answer.header("content-security-policy"),
            Some("default-src 'none'; frame-ancestors 'none'"),
            "{path}"
        );
    }
    assert_eq!(api.fetch("GET", SUMMARY).header("x-content-type-options"), Some("nosniff"));
    // No cache may give it to another caller.
    for answer in [api.fetch_with("GET", SUMMARY, &[("x-api-key", &key)]), api.fetch("GET", SUMMARY)] {
        assert_eq!(answer.header("cache-control"), Some("private, no-cache"));
    }
}

#[test]
fn scripts_of_configured_origins_may_ask() {
    let stage = KeyStage::new();
    let key = stage.reader_of_all();
    let config = AccessConfig { cors_origins: vec![ORIGIN.to_owned()], ..stage.config() };
    let api = Served::guarded(Arc::new(FixedStore::default()), Access::new(&config).unwrap());
    let preflight = |origin: &str| {
        api.fetch_with("OPTIONS", SUMMARY, &[("origin", origin), ("access-control-request-method", "GET")])
    };
    let allowed = preflight(ORIGIN);
    assert_eq!((allowed.status, allowed.header("access-control-allow-origin")), (204, Some(ORIGIN)));
    assert!(allowed.header("access-control-allow-headers").unwrap().contains("authorization"));
    let answer = api.fetch_with("GET", SUMMARY, &[("origin", ORIGIN), ("x-api-key", &key)]);
    assert_eq!((answer.status, answer.header("access-control-allow-origin")), (200, Some(ORIGIN)));
    assert_eq!(answer.header("access-control-allow-credentials"), None);
    // A script can read why it is refused.
    let refused = api.fetch_with("GET", SUMMARY, &[("origin", ORIGIN)]);
    assert_eq!((refused.status, refused.header("access-control-allow-origin")), (401, Some(ORIGIN)));

    for other in ["https://evil.example", "https://dashboard.example.evil", "http://dashboard.example", "null", "*", ""]
    {
        assert_ne!(preflight(other).status, 204, "{other}");
        let answer = api.fetch_with("GET", SUMMARY, &[("origin", other), ("x-api-key", &key)]);
        assert_eq!((answer.status, answer.header("access-control-allow-origin")), (200, None), "{other}");
        // A cache must not give this answer to a page that may ask.
        assert_eq!(api.fetch_with("GET", SUMMARY, &[("origin", other)]).header("vary"), Some("origin"), "{other}");
    }
}

#[test]
fn by_default_no_script_may_ask() {
    let stage = KeyStage::new();
    stage.reader_of_all();
    let api = stage.serve();
    let preflight = api.fetch_with("OPTIONS", SUMMARY, &[("origin", ORIGIN), ("access-control-request-method", "GET")]);
    assert_eq!((preflight.status, preflight.header("access-control-allow-origin")), (401, None));
}

/// A page on the internet can give its own name the address of this machine.
#[test]
fn what_is_for_this_machine_is_not_for_other_names() {
    let config = AccessConfig { local_only: true, ..AccessConfig::default() };
    let api = Served::guarded(Arc::new(FixedStore::default()), Access::new(&config).unwrap());
    for (host, status) in
        [("127.0.0.1", 200), ("localhost:8001", 200), ("evil.example:8001", 403), ("localhost.evil.example", 403)]
    {
        assert_eq!(api.fetch_with("GET", SUMMARY, &[("host", host)]).status, status, "{host}");
        assert_eq!(api.fetch_with("GET", "/healthz", &[("host", host)]).status, 200, "{host}");
    }
    // Whoever sees the key may ask through any name.
    let stage = KeyStage::new();
    let key = stage.reader("acme");
    assert_eq!(stage.serve().fetch_with("GET", SUMMARY, &[("host", "voc.example"), ("x-api-key", &key)]).status, 200);
}
