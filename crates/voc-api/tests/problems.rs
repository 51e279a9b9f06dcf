//! Answers to requests that are not served.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

#[expect(dead_code, reason = "shared with other tests, which use more of it")]
mod served;

use std::{
    collections::BTreeSet,
    io::{Read as _, Write as _},
    net::TcpStream,
    sync::Arc,
    time::Duration,
};

use serde_json::json;
use served::{Failure, FixedStore, Response, Served};
use voc_api::{Limits, ProblemKind};
use voc_store::{QueryError, StoreError};

fn served() -> Served {
    Served::start(Arc::new(FixedStore::default()), Vec::new())
}

/// Checks the form of a problem; returns its status, code and detail.
fn problem(response: &Response) -> (u16, String, serde_json::Value) {
    assert_eq!(response.header("content-type"), Some("application/problem+json"), "{response:?}");
    let body = response.json();
    let code = body["code"].as_str().unwrap().to_owned();
    let kind = ProblemKind::ALL.iter().find(|kind| kind.code == code).unwrap();
    let id = response.header("x-request-id").unwrap();
    let expected = json!({
        "type": kind.type_uri(),
        "title": kind.title,
        "status": response.status,
        "detail": body["detail"],
        "instance": format!("/requests/{id}"),
        "code": code,
    });
    assert_eq!((&body, kind.status), (&expected, response.status));
    (response.status, code, body["detail"].clone())
}

#[test]
fn unknown_paths_and_methods_are_problems() {
    let api = served();
    assert_eq!(problem(&api.fetch("GET", "/nowhere")), (404, "not_found".to_owned(), json!("Not Found")));
    for path in ["/healthz", "/readyz", "/metrics", "/api/v1/summary", "/api/v1/topics", "/metrics/summary"] {
        for method in ["POST", "PUT", "DELETE", "OPTIONS"] {
            let refused = api.fetch(method, path);
            let expected = (405, "method_not_allowed".to_owned(), json!("Method Not Allowed"));
            assert_eq!(problem(&refused), expected, "{method} {path}");
            assert_eq!(refused.header("allow"), Some("GET, HEAD"));
        }
    }
}

/// Clients of the services before this one read FastAPI's list.
#[test]
fn mistakes_in_parameters_are_a_problem_with_fastapis_list() {
    let (status, code, detail) = problem(&served().fetch("GET", "/api/v1/summary?days=0"));
    assert_eq!((status, code.as_str()), (422, "invalid_parameters"));
    let mistake = json!({
        "loc": ["query", "days"],
        "msg": "ensure this value is greater than or equal to 1",
        "type": "value_error.number.not_ge",
        "ctx": {"limit_value": 1},
    });
    assert_eq!(detail, json!([mistake]));
}

#[test]
fn paths_that_cannot_be_read_are_problems() {
    let api = served();
    for path in ["/api/v1/%ff", "/%zz", "/api/v1/summary%"] {
        let answer = raw(&api, &format!("GET {path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n"));
        assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
        assert!(answer.contains(r#""code":"invalid_path""#), "{answer}");
    }
}

#[test]
fn store_errors_reveal_only_whether_to_retry() {
    let later = "the store cannot answer now, try again later";
    let failures: [(Failure, u16, &str, &str, Option<&str>); 5] = [
        (|| StoreError::Unavailable("db-7.internal refused".to_owned()), 503, "store_unavailable", later, Some("5")),
        (
            || StoreError::TimedOut { operation: "select from voc_events", limit: Duration::from_secs(30) },
            504,
            "query_timeout",
            "the store did not answer in time; ask about a shorter range, or try again later",
            None,
        ),
        (
            || StoreError::Rejected { code: 60, message: "no table voc_events".to_owned() },
            500,
            "internal_error",
            "internal error; the log names its cause next to this answer's x-request-id",
            None,
        ),
        (
            || StoreError::Rejected { code: 158, message: "limit for rows exceeded in voc_events".to_owned() },
            422,
            "query_too_expensive",
            "the question reads, returns or needs more than one answer may; shorten its range, add a filter, or ask \
             for fewer rows",
            None,
        ),
        (
            || StoreError::Query(QueryError::Size { max: 1000 }),
            422,
            "query_too_expensive",
            "the question is too large: as a statement, it has more than 1000 bytes; ask with fewer or shorter values",
            None,
        ),
    ];
    for (failure, status, code, detail, retry_after) in failures {
        let api = Served::start(Arc::new(FixedStore::failing(failure)), Vec::new());
        for path in ["/api/v1/summary", "/api/v1/topics", "/metrics/summary"] {
            let answer = api.fetch("GET", path);
            assert_eq!(problem(&answer), (status, code.to_owned(), json!(detail)), "{path}");
            assert_eq!(answer.header("retry-after"), retry_after);
        }
    }
}

#[test]
fn a_query_that_panics_is_an_internal_error_and_the_next_one_is_answered() {
    let api = Served::start(Arc::new(FixedStore::panicking_once()), Vec::new());
    assert_eq!(problem(&api.fetch("GET", "/api/v1/summary")).0, 500);
    assert_eq!(api.get("/api/v1/summary").status, 200);
}

#[test]
fn a_question_too_many_is_refused_before_the_store_drowns() {
    let (store, entered, release) = FixedStore::held();
    let limits = Limits { running: 1, waiting: 1, ..Limits::default() };
    let api = Served::limited(Arc::new(store), limits);
    let ask = || {
        let client = api.client();
        std::thread::spawn(move || client.get("/api/v1/topics").status)
    };
    let first = ask();
    entered.recv().unwrap();
    // Of two further ones, one waits and one is refused, whichever is later.
    let (refused, others) = std::sync::mpsc::channel();
    for _ in 0..2 {
        let (client, refused) = (api.client(), refused.clone());
        std::thread::spawn(move || refused.send(client.fetch("GET", "/api/v1/topics", &[])).unwrap());
    }
    let answer = others.recv().unwrap();
    let detail = json!("too many questions are waiting for the store, try again later");
    assert_eq!(problem(&answer), (503, "overloaded".to_owned(), detail));
    assert_eq!(answer.header("retry-after"), Some("1"));
    assert_eq!(api.get("/healthz").status, 200);
    release.send(()).unwrap();
    entered.recv().unwrap();
    release.send(()).unwrap();
    // Each asks more than once, and waits for its turn each time.
    assert_eq!(first.join().unwrap(), 200);
    assert_eq!(others.recv().unwrap().status, 200);
}

/// A question that nobody waits for any more still burdens the store.
#[test]
fn an_abandoned_question_keeps_its_slot() {
    let (store, entered, release) = FixedStore::held();
    let limits = Limits { running: 1, waiting: 0, question: Duration::from_millis(50), ..Limits::default() };
    let api = Served::limited(Arc::new(store), limits);
    let abandoned = problem(&api.fetch("GET", "/api/v1/topics"));
    assert_eq!((abandoned.0, abandoned.1.as_str()), (504, "query_timeout"));
    entered.recv().unwrap();
    assert_eq!(problem(&api.fetch("GET", "/api/v1/topics")).1, "overloaded");
    // Its slot is free some time after its answer, and further ones may be abandoned, too.
    (0..1000).for_each(|_| release.send(()).unwrap());
    while api.get("/api/v1/topics").status != 200 {
        std::thread::yield_now();
    }
}

/// A request that asks several questions has no more time than others.
#[test]
fn the_time_limit_is_that_of_a_request() {
    let (store, entered, release) = FixedStore::held();
    let limit = Duration::from_millis(500);
    let api = Served::limited(Arc::new(store), Limits { question: limit, ..Limits::default() });
    std::thread::spawn(move || {
        for () in entered {
            // Each question takes less than the limit, and two take longer.
            std::thread::sleep(limit * 3 / 5);
            let _ = release.send(());
        }
    });
    let compared = problem(&api.fetch("GET", "/api/v1/agents?compare=true"));
    assert_eq!((compared.0, compared.1.as_str()), (504, "query_timeout"));
}

#[test]
fn a_body_that_never_arrives_ends_the_request() {
    let limits = Limits { arrival: Duration::from_millis(100), ..Limits::default() };
    let api = Served::limited(Arc::new(FixedStore::default()), limits);
    let answer = raw(&api, "POST /healthz HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\nconnection: close\r\n\r\n{");
    assert!(answer.starts_with("HTTP/1.1 408 ") && answer.contains(r#""code":"request_timeout""#), "{answer}");
}

#[test]
fn a_body_beyond_the_limit_is_refused() {
    let limits = Limits { body_bytes: 8, ..Limits::default() };
    let api = Served::limited(Arc::new(FixedStore::default()), limits);
    for body in ["content-length: 9\r\n\r\n123456789", "transfer-encoding: chunked\r\n\r\n9\r\n123456789\r\n0\r\n\r\n"]
    {
        let answer = raw(&api, &format!("POST /healthz HTTP/1.1\r\nhost: a\r\nconnection: close\r\n{body}"));
        assert!(answer.starts_with("HTTP/1.1 413 ") && answer.contains("a body can have at most 8 bytes"), "{answer}");
    }
}

/// What is not HTTP, or has too large a head, never becomes a request, so its answers have no body.
#[test]
fn heads_that_cannot_be_read_get_a_status() {
    let api = served();
    let large = format!("GET /healthz HTTP/1.1\r\nhost: a\r\nx-large: {}\r\n\r\n", "x".repeat(140_000));
    let long = format!("GET /healthz?{} HTTP/1.1\r\nhost: a\r\n\r\n", "x".repeat(70_000));
    for (request, status) in [("NONSENSE\r\n\r\n", "400"), (long.as_str(), "400"), (large.as_str(), "431")] {
        let answer = raw(&api, request);
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{answer}");
    }
    let limits = Limits { arrival: Duration::from_millis(100), ..Limits::default() };
    let api = Served::limited(Arc::new(FixedStore::default()), limits);
    let mut slow = TcpStream::connect(api.address()).unwrap();
    slow.write_all(b"GET /healthz HTTP/1.1\r\n").unwrap();
    let mut answer = String::new();
    slow.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
}

#[test]
fn each_kind_has_a_code_and_a_uri_of_its_own() {
    let codes: BTreeSet<&str> = ProblemKind::ALL.iter().map(|kind| kind.code).collect();
    assert_eq!(codes.len(), ProblemKind::ALL.len());
    assert!(ProblemKind::ALL.is_sorted_by_key(|kind| (kind.status, kind.code)), "by status and code");
}

/// Sends these bytes; returns the whole answer, as far as it could be read.
fn raw(api: &Served, request: &str) -> String {
    let mut connection = TcpStream::connect(api.address()).unwrap();
    connection.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    // The server may refuse before it has read everything.
    let _ = connection.write_all(request.as_bytes());
    let mut answer = Vec::new();
    let _ = connection.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}
