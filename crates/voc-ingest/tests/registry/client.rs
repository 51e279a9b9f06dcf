//! Requests to the registry.

use std::{sync::Arc, time::Duration};

use futures_util::future::join_all;
use serde_json::json;
use voc_events::quality::Quality;
use voc_ingest::registry::{
    LookupError, Reader, RegistryLogin, RegistrySecret, RegistrySettings, RegistrySettingsError, SchemaRegistry,
    Schemas,
};
use voc_testkit::{registry::TestRegistry, service::unused_port};

use crate::{
    fake::{Server, problem, schema},
    support::{own_avro, subject},
};

const TOPIC: &str = "chip-quality.system.events";
const PASSWORD: &str = "hunter2-and-more";

fn reader() -> Arc<Reader> {
    Arc::new(Reader::of::<Quality>(TOPIC))
}

fn with_login(url: &str, login: RegistryLogin) -> SchemaRegistry {
    let mut settings = RegistrySettings::new([url]);
    settings.login = login;
    SchemaRegistry::new(&settings).unwrap()
}

#[tokio::test]
async fn a_schema_is_requested_once_however_many_records_name_it() {
    let own = own_avro::<Quality>(TOPIC);
    let server = Server::start(move |_| {
        // All requests arrive while the first one is being answered.
        std::thread::sleep(Duration::from_millis(200));
        schema(&own)
    });
    let registry = SchemaRegistry::new(&RegistrySettings::new([&server.url])).unwrap();
    let reader = reader();
    let found = join_all((0..100).map(|_| registry.schema(7, &reader))).await;
    let first = found[0].as_ref().unwrap();
    assert!(found.iter().all(|schema| Arc::ptr_eq(schema.as_ref().unwrap(), first)));
    registry.schema(7, &self::reader()).await.unwrap();
    assert_eq!(server.paths(), ["/schemas/ids/7"]);
    // Another topic has its own reader.
    registry.schema(7, &Arc::new(Reader::of::<Quality>("chip-quality.user.events"))).await.unwrap();
    assert_eq!(server.paths().len(), 2);
}

#[tokio::test]
async fn an_unknown_schema_is_requested_again() {
    let server = Server::start(|_| problem(404, 40403));
    let registry = SchemaRegistry::new(&RegistrySettings::new([&server.url])).unwrap();
    assert!(matches!(registry.schema(7, &reader()).await, Err(LookupError::Unknown)));
    server.answer(|_| problem(500, 50001));
    assert!(matches!(registry.schema(7, &reader()).await, Err(LookupError::Unavailable(_))));
    let own = own_avro::<Quality>(TOPIC);
    server.answer(move |_| schema(&own));
    assert!(registry.schema(7, &reader()).await.is_ok());
    assert_eq!(server.paths().len(), 3);
}

#[tokio::test]
async fn the_first_url_that_responds_is_used() {
    let Some(registry) = TestRegistry::from_env_or_skip() else { return };
    let id = registry.register(&subject("second"), "AVRO", &own_avro::<Quality>(TOPIC), &[]);
    let dead = format!("http://127.0.0.1:{}", unused_port());
    let of = |urls: [&str; 2]| SchemaRegistry::new(&RegistrySettings::new(urls)).unwrap();
    assert!(of([&dead, registry.url()]).schema(id, &reader()).await.is_ok());
    assert!(of([registry.url(), &dead]).schema(id, &reader()).await.is_ok());
    let error = of([&dead, &dead]).schema(id, &reader()).await.unwrap_err().to_string();
    assert_eq!(error.matches(&dead).count(), 2, "{error}");

    // The URL that answered last is tried first.
    let own = own_avro::<Quality>(TOPIC);
    let (broken, good) = (Server::start(|_| problem(500, 50001)), Server::start(move |_| schema(&own)));
    let both = of([&broken.url, &good.url]);
    for id in 1..4 {
        assert!(both.schema(id, &reader()).await.is_ok());
    }
    assert_eq!((broken.paths().len(), good.paths().len()), (1, 3));
}

#[tokio::test]
async fn urls_may_have_a_path_and_end_with_a_slash() {
    let own = own_avro::<Quality>(TOPIC);
    let server = Server::start(move |_| schema(&own));
    let registry = SchemaRegistry::new(&RegistrySettings::new([format!(" {}/a/b/ ", server.url)])).unwrap();
    registry.schema(7, &reader()).await.unwrap();
    assert_eq!(server.paths(), ["/a/b/schemas/ids/7"]);
}

#[tokio::test]
async fn logins_are_sent_and_never_shown() {
    let own = own_avro::<Quality>(TOPIC);
    let password = || RegistrySecret::new(PASSWORD);
    let logins = [
        (RegistryLogin::None, None),
        (
            RegistryLogin::Basic { user: "olá".to_owned(), password: password() },
            // "olá:hunter2-and-more" in base64, by coreutils.
            Some("Basic b2zDoTpodW50ZXIyLWFuZC1tb3Jl".to_owned()),
        ),
        (RegistryLogin::Bearer(password()), Some(format!("Bearer {PASSWORD}"))),
    ];
    for (login, sent) in logins {
        let server = Server::start(|_| problem(401, 401));
        let registry = with_login(&server.url, login.clone());
        let error = registry.schema(7, &reader()).await.unwrap_err();
        let said = format!("{error} {error:?} {login:?}");
        assert!(!said.contains(PASSWORD) && !said.contains("aHVudGVy"), "{said}");
        let own = own.clone();
        server.answer(move |_| schema(&own));
        registry.schema(7, &reader()).await.unwrap();
        assert!(server.requests().iter().all(|request| request.authorization == sent), "{:?}", server.requests());
    }
}

#[tokio::test]
async fn a_login_is_sent_only_to_the_configured_urls() {
    let elsewhere = Server::start(|_| schema("\"string\""));
    let leads_to = elsewhere.url.clone();
    let server = Server::start(move |_| (302, leads_to.clone()));
    let registry = with_login(&server.url, RegistryLogin::Bearer(RegistrySecret::new(PASSWORD)));
    assert!(matches!(registry.schema(7, &reader()).await, Err(LookupError::Unavailable(_))));
    assert_eq!(elsewhere.requests(), []);
}

#[test]
fn invalid_settings_are_refused_without_revealing_secrets() {
    let refused = |settings: &RegistrySettings| SchemaRegistry::new(settings).err().expect("they are refused");
    for url in [
        "http://user:hunter2-and-more@host:8081",
        "user:hunter2-and-more@host:8081",
        "http://us@er:hunter2-and-more@host/path",
        "http://host/?key=hunter2-and-more",
        "http://host/#hunter2-and-more",
        "https://user:hunter2-and-more#1@host",
        "https://user:hunter2-and-more?1@host",
        "http://host/?key=1@hunter2-and-more",
        "host:8081",
        "ftp://host",
        "http://",
        "",
    ] {
        let error = refused(&RegistrySettings::new([url]));
        let said = format!("{error} {error:?}");
        assert!(matches!(error, RegistrySettingsError::Url { .. }) && !said.contains(PASSWORD), "{said}");
    }
    assert!(matches!(refused(&RegistrySettings::new([""; 0])), RegistrySettingsError::NoUrl));
    let mut settings = RegistrySettings::new(["http://host"]);
    settings.login = RegistryLogin::Bearer(RegistrySecret::new(format!("{PASSWORD}\n")));
    let error = refused(&settings);
    assert!(!format!("{error} {error:?} {settings:?}").contains(PASSWORD), "{error} {settings:?}");
}

#[tokio::test]
async fn a_scheme_may_be_written_in_capitals() {
    let server = Server::start(|_| schema("\"string\""));
    let registry = with_login(&server.url.replace("http:", "HTTP:"), RegistryLogin::None);
    registry.schema(7, &reader()).await.expect("a schema");
    // Without certificates to accept, a connection by TLS cannot be set up.
    let mut settings = RegistrySettings::new(["HTTPS://host"]);
    settings.ca_file = Some("/nowhere/ca.pem".into());
    let error = SchemaRegistry::new(&settings).err().expect("there is no such file");
    assert!(matches!(error, RegistrySettingsError::Authorities { .. }), "{error}");
}

#[tokio::test]
async fn a_subject_may_have_any_name() {
    let server = Server::start(|path| match path {
        "/schemas/ids/7" => {
            let references = json!([{"name": "t.R", "subject": ":ctx:a/b ç?", "version": -1}]);
            (200, json!({"schema": "\"t.R\"", "references": references}).to_string())
        }
        "/subjects/%3Actx%3Aa%2Fb%20%C3%A7%3F/versions/-1?deleted=true" => {
            schema(r#"{"type":"record","name":"R","namespace":"t","fields":[]}"#)
        }
        _ => problem(404, 40401),
    });
    let registry = SchemaRegistry::new(&RegistrySettings::new([&server.url])).unwrap();
    let found = registry.schema(7, &reader()).await;
    assert!(found.is_ok(), "{found:?}");
}
