//! What callers may use, and that one does not use up what another needs.

use std::{sync::Arc, time::Duration};

use serde_json::json;
use voc_api::access::{Access, AccessConfig, CallerLimits, Scope, Tenants};

use crate::{
    served::{FixedStore, Response, Served},
    stage::{KeyStage, ask},
};

const SUMMARY: &str = "/api/v1/summary";

fn serve(stage: &KeyStage, store: FixedStore, limits: CallerLimits) -> Served {
    let config = AccessConfig { limits, ..stage.config() };
    Served::guarded(Arc::new(store), Access::new(&config).unwrap())
}

fn refused(answer: &Response, detail: &str) {
    let body = answer.json();
    assert_eq!((answer.status, &body["code"]), (429, &json!("too_many_requests")), "{body}");
    assert!(body["detail"].as_str().unwrap().contains(detail), "{body}");
    let seconds: u64 = answer.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=60).contains(&seconds), "{seconds}");
}

#[test]
fn a_caller_that_used_up_its_requests_does_not_delay_another() {
    let stage = KeyStage::new();
    let (acme, globex) = (stage.reader("acme"), stage.reader("globex"));
    // So slow that none grows back during the test.
    let limits = CallerLimits { requests_per_second: 1, ..CallerLimits::default() };
    let api = serve(&stage, FixedStore::default(), limits);
    let first = ask(&api, &acme, SUMMARY);
    assert_eq!(first.header("ratelimit-policy"), Some("\"requests\";q=2;w=2, \"rows\";q=10000000000;w=3600"));
    assert!(first.header("ratelimit").unwrap().starts_with("\"requests\";r=1;t="), "{:?}", first.header("ratelimit"));
    let mut last = first;
    while last.status == 200 {
        last = ask(&api, &acme, SUMMARY);
    }
    refused(&last, "requests per second");
    assert!(last.header("ratelimit").unwrap().starts_with("\"requests\";r=0;t="), "{:?}", last.header("ratelimit"));
    assert_eq!(ask(&api, &globex, SUMMARY).status, 200);
    // What needs no caller is not limited.
    for _ in 0..10 {
        assert_eq!(api.get("/healthz").status, 200);
        assert_eq!(api.get(SUMMARY).status, 401);
    }
}

#[test]
fn without_credentials_requests_are_not_limited() {
    let config = AccessConfig {
        limits: CallerLimits { requests_per_second: 1, ..CallerLimits::default() },
        ..AccessConfig::default()
    };
    let api = Served::guarded(Arc::new(FixedStore::default()), Access::new(&config).unwrap());
    for _ in 0..10 {
        let answer = api.fetch("GET", SUMMARY);
        assert_eq!((answer.status, answer.header("ratelimit")), (200, None));
    }
}

#[test]
fn questions_of_one_tenant_leave_room_for_another() {
    let stage = KeyStage::new();
    let (acme, second, all) = (stage.reader("acme"), stage.reader("globex"), stage.reader_of_all());
    let (store, entered, release) = FixedStore::held();
    let limits = CallerLimits { at_once: 2, patience: Duration::from_millis(1), ..CallerLimits::default() };
    let api = serve(&stage, store, limits);
    std::thread::scope(|scope| {
        let ask_in_background = |credential: &str, path: &str| {
            let (client, authorization) = (api.client(), format!("Bearer {credential}"));
            let path = path.to_owned();
            scope.spawn(move || client.fetch("GET", &path, &[("authorization", &authorization)]).status)
        };
        // One is the tenant's own, the other is asked about the tenant by somebody else.
        let mut held =
            vec![ask_in_background(&acme, SUMMARY), ask_in_background(&all, "/api/v1/summary?tenant_id=acme")];
        entered.recv().unwrap();
        entered.recv().unwrap();
        refused(&ask(&api, &acme, SUMMARY), "at once");
        refused(&ask(&api, &all, "/api/v1/topics?tenant_id=acme"), "at once");
        // Another tenant, and a question about all.
        held.push(ask_in_background(&second, SUMMARY));
        entered.recv().unwrap();
        held.push(ask_in_background(&all, SUMMARY));
        entered.recv().unwrap();
        for _ in 0..4 {
            release.send(()).unwrap();
        }
        for question in held {
            assert_eq!(question.join().unwrap(), 200);
        }
        // There is room again.
        let again = ask_in_background(&acme, SUMMARY);
        entered.recv().unwrap();
        release.send(()).unwrap();
        assert_eq!(again.join().unwrap(), 200);
    });
}

/// Equal questions at once are one, but who may not ask it does not keep the others from it.
#[test]
fn a_refusal_of_one_caller_is_not_that_of_another() {
    let stage = KeyStage::new();
    let [one, other] = ["one", "other"].map(|name| stage.create(name, [Scope::Read], Tenants::All).expose().to_owned());
    let (store, entered, release) = FixedStore::held();
    let limits = CallerLimits { at_once: 1, patience: Duration::from_millis(100), ..CallerLimits::default() };
    let api = serve(&stage, store.versioned(), limits);
    // If the other one is the first to ask, both get its answer. Answers are kept, so each round has other questions.
    let refused = (1..=90).any(|days| {
        let ask = |key: &str, path: &str| ask(&api, key, &format!("/api/v1/{path}?days={days}")).status;
        std::thread::scope(|scope| {
            let busy = scope.spawn(|| ask(&one, "agents"));
            entered.recv().unwrap();
            let equal = [&one, &other].map(|key| scope.spawn(move || ask(key, "tools")));
            entered.recv_timeout(Duration::from_secs(20)).unwrap();
            release.send(()).unwrap();
            release.send(()).unwrap();
            let [of_one, of_other] = equal.map(|equal| equal.join().unwrap());
            assert_eq!((busy.join().unwrap(), of_other), (200, 200));
            of_one == 429
        })
    });
    assert!(refused);
}

#[test]
fn a_question_waits_for_its_turn() {
    let stage = KeyStage::new();
    let acme = stage.reader("acme");
    let (store, entered, release) = FixedStore::held();
    let limits = CallerLimits { at_once: 1, patience: Duration::from_secs(60), ..CallerLimits::default() };
    let api = serve(&stage, store, limits);
    std::thread::scope(|scope| {
        let questions: Vec<_> = (0..3).map(|_| scope.spawn(|| ask(&api, &acme, SUMMARY).status)).collect();
        for _ in 0..3 {
            entered.recv().unwrap();
            assert!(entered.try_recv().is_err(), "another one was asked meanwhile");
            release.send(()).unwrap();
        }
        for question in questions {
            assert_eq!(question.join().unwrap(), 200);
        }
    });
}
