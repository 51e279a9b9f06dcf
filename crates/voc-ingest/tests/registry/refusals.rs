//! Undecodable records become dead letters with their bytes; other records are not affected.

use std::sync::Arc;

use serde_json::json;
use voc_events::quality::Quality;
use voc_testkit::registry::{Reference, TestRegistry};

use crate::{
    fake::{Server, problem, schema},
    support::{Outcome, TIME_MS, lane, own_avro, record, registry_at, subject},
};

const TOPIC: &str = "chip-quality.user.events";

/// An ID that the shared registry will not reach.
const UNKNOWN: u32 = 2_000_000_000;

fn plain() -> Vec<u8> {
    json!({"event_type": "USER_LOGIN", "timestamp": TIME_MS, "user_id": "u"}).to_string().into_bytes()
}

/// The fate of a record between two good ones.
async fn refused(url: Option<&str>, value: &[u8]) -> Outcome {
    let schemas = url.map(|url| Arc::new(registry_at(url)) as _);
    let taken = lane::<Quality>(TOPIC, schemas).take([&plain(), value, &plain()]).await;
    assert_eq!(taken.offsets(), [0, 2], "{:?}", taken.errors());
    assert_eq!((taken.dead_letters.len(), taken.dead_letters[0].offset), (1, 1));
    assert_eq!(
        (taken.dead_letters[0].payload.as_deref(), taken.dead_letters[0].key.as_deref()),
        (Some(value), Some(&b"key"[..]))
    );
    taken
}

#[tokio::test]
async fn an_id_unknown_to_the_registry_is_an_unknown_schema() {
    let Some(registry) = TestRegistry::from_env_or_skip() else { return };
    // Registries respond to IDs beyond 31 bits as to an unknown path.
    for id in [UNKNOWN, 0, 1 << 31, u32::MAX] {
        let taken = refused(Some(registry.url()), &record(id, b"\x02a")).await;
        let (_, error_type, error) = taken.errors()[0];
        assert_eq!(error_type, "unknown_schema");
        assert!(error.contains(&format!("written with schema {id}: the registry has no schema")), "{error}");
    }
}

#[tokio::test]
async fn bytes_that_do_not_fit_their_schema_are_an_invalid_encoding() {
    let Some(registry) = TestRegistry::from_env_or_skip() else { return };
    let id = registry.register(&subject("bytes"), "AVRO", &own_avro::<Quality>(TOPIC), &[]);
    for body in [&b""[..], b"\x7f", &[0xff; 40]] {
        let taken = refused(Some(registry.url()), &record(id, body)).await;
        let (_, error_type, error) = taken.errors()[0];
        assert_eq!(error_type, "invalid_encoding");
        assert!(error.contains(&format!("(written with schema {id})")), "{error}");
    }
}

#[tokio::test]
async fn a_record_that_ends_within_its_schema_id_is_an_invalid_encoding() {
    let Some(registry) = TestRegistry::from_env_or_skip() else { return };
    for value in [&b"\0"[..], b"\0\0\0\x01"] {
        let taken = refused(Some(registry.url()), value).await;
        assert_eq!(taken.errors()[0].1, "invalid_encoding");
        assert!(taken.errors()[0].2.contains(&format!("{} bytes", value.len())), "{:?}", taken.errors());
    }
}

#[tokio::test]
async fn without_a_registry_the_setting_is_named() {
    let taken = refused(None, &record(7, b"\x02a")).await;
    let (_, error_type, error) = taken.errors()[0];
    assert_eq!(error_type, "unknown_schema");
    assert!(error.contains("schema 7") && error.contains("SCHEMA_REGISTRY_URL"), "{error}");
}

#[tokio::test]
async fn unusable_schemas_are_reported_and_not_waited_for() {
    let long = "x".repeat(9 << 20);
    let answers: [(&str, (u16, String)); 5] = [
        ("not valid", schema("{\"type\":\"nothing\"}")),
        ("calls its format \"XML\"", (200, json!({"schema": "<a/>", "schemaType": "XML"}).to_string())),
        ("at most", schema(&"x".repeat(2 << 20))),
        ("longer than", schema(&long)),
        ("its reference s version 3 does not exist", {
            let references = json!([{"name": "r", "subject": "s", "version": 3}]);
            (200, json!({"schema": "\"r\"", "references": references}).to_string())
        }),
    ];
    for (said, answer) in answers {
        let server = Server::start(move |path| match path {
            "/schemas/ids/7" => answer.clone(),
            _ => problem(404, 40402),
        });
        let taken = refused(Some(&server.url), &record(7, b"\x02a")).await;
        let (_, error_type, error) = taken.errors()[0];
        assert!(error_type == "unknown_schema" && error.contains(said), "{said}: {error_type}: {error}");
    }
}

#[tokio::test]
async fn cyclic_references_end() {
    let server = Server::start(|path| {
        let other = if path.contains("subjects/a") { "b" } else { "a" };
        let references = json!([{"name": other, "subject": other, "version": 1}]);
        (200, json!({"schema": "import", "schemaType": "PROTOBUF", "references": references}).to_string())
    });
    let taken = refused(Some(&server.url), &record(7, b"\0a")).await;
    assert!(taken.errors()[0].2.contains("not valid"), "{:?}", taken.errors());
    let asked = ["/schemas/ids/7", "/subjects/a/versions/1?deleted=true", "/subjects/b/versions/1?deleted=true"];
    assert_eq!(server.paths(), asked);

    // Each references a further one.
    let server = Server::start(|path| {
        let number = path.split('/').nth(2).and_then(|subject| subject.parse::<u32>().ok()).unwrap_or_default();
        let next = (number + 1).to_string();
        let references = json!([{"name": next, "subject": next, "version": 1}]);
        (200, json!({"schema": "import", "schemaType": "PROTOBUF", "references": references}).to_string())
    });
    let taken = refused(Some(&server.url), &record(7, b"\0a")).await;
    assert!(taken.errors()[0].2.contains("more than 64 references"), "{:?}", taken.errors());
}

#[tokio::test]
async fn a_shared_reference_is_added_once_and_before_its_users() {
    let Some(registry) = TestRegistry::from_env_or_skip() else { return };
    let (word, name, user, event) = (subject("word"), subject("name"), subject("user"), subject("event"));
    let refer =
        |name: &str, subject: &str| Reference { name: name.to_owned(), subject: subject.to_owned(), version: 1 };
    let file = |rest: &str| format!("syntax = \"proto3\"; package t; {rest}");
    let register = |subject: &str, text: &str, references: &[Reference]| {
        registry.register(subject, "PROTOBUF", &file(text), references)
    };
    register(&word, "message Word { string text = 1; }", &[]);
    let words = refer("word.proto", &word);
    register(&name, "import \"word.proto\"; message Name { Word word = 1; }", std::slice::from_ref(&words));
    let names = refer("name.proto", &name);
    register(
        &user,
        "import \"name.proto\"; import \"word.proto\"; message User { Name name = 1; Word word = 2; }",
        &[names.clone(), words],
    );
    let id = register(
        &event,
        "import \"user.proto\"; import \"name.proto\";
         message E { string event_type = 1; string timestamp = 2; string user_id = 3; User user = 4; Name name = 5; }",
        &[names, refer("user.proto", &user)],
    );
    let field = |number: u8, bytes: &[u8]| [&[number << 3 | 2, bytes.len() as u8], bytes].concat();
    let word = field(1, b"w");
    let body = [
        vec![0],
        field(1, b"USER_LOGIN"),
        field(2, b"2026-02-02T12:00:00Z"),
        field(3, b"u"),
        field(4, &[field(1, &field(1, &word)), field(2, &word)].concat()),
    ]
    .concat();
    let schemas = Arc::new(registry_at(registry.url()));
    let taken = lane::<Quality>(TOPIC, Some(schemas)).take([record(id, &body)]).await;
    assert_eq!(taken.errors(), []);
    assert_eq!(taken.payloads()[0]["user"], json!({"name": {"word": {"text": "w"}}, "word": {"text": "w"}}));
}
