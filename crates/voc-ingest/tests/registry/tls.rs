//! A registry over TLS.

use std::{path::PathBuf, sync::Arc};

use serde_json::json;
use tempfile::TempDir;
use voc_events::quality::Quality;
use voc_ingest::{
    LaneControl,
    registry::{RegistryLogin, RegistrySecret, RegistrySettings, SchemaRegistry},
};
use voc_testkit::tls::Authority;

use crate::{
    fake::{Server, schema},
    support::{CountingRegistry, TIME_MS, avro, lane, own_avro},
};

const TOPIC: &str = "chip-quality.user.events";

fn settings(url: &str, ca_file: PathBuf, login: RegistryLogin) -> RegistrySettings {
    let mut settings = RegistrySettings::new([url]);
    (settings.ca_file, settings.login) = (Some(ca_file), login);
    settings
}

/// Records of the schema 7.
fn records() -> Vec<Vec<u8>> {
    let own = own_avro::<Quality>(TOPIC);
    let event = |user: i64| json!({"event_type": "USER_LOGIN", "timestamp": TIME_MS, "user_id": format!("u-{user}")});
    (0..3).map(|user| avro(7, &own, event(user))).collect()
}

#[tokio::test]
async fn schemas_of_a_registry_with_a_trusted_certificate_are_used_and_logins_are_encrypted() {
    let (folder, authority) = (TempDir::new().unwrap(), Authority::new("ours"));
    let ca_file = authority.file(folder.path(), "ca.pem");
    let logins = [
        (RegistryLogin::None, None),
        (
            RegistryLogin::Basic { user: "ana".to_owned(), password: RegistrySecret::new("secret") },
            // "ana:secret" in base64, by coreutils.
            Some("Basic YW5hOnNlY3JldA=="),
        ),
        (RegistryLogin::Bearer(RegistrySecret::new("a-token")), Some("Bearer a-token")),
    ];
    for (login, sent) in logins {
        let own = own_avro::<Quality>(TOPIC);
        let server = Server::with_tls(Some(authority.server("localhost")), move |_| schema(&own));
        let registry = SchemaRegistry::new(&settings(&server.url, ca_file.clone(), login)).unwrap();
        let taken = lane::<Quality>(TOPIC, Some(Arc::new(registry))).take(records()).await;
        assert_eq!((taken.errors(), taken.offsets()), (vec![], vec![0, 1, 2]));
        let requests = server.requests();
        let logins: Vec<_> = requests.iter().map(|request| request.authorization.as_deref()).collect();
        assert_eq!(logins, [sent]);
    }
}

#[tokio::test]
async fn a_registry_that_is_not_trusted_gets_no_login_and_is_waited_for() {
    let folder = TempDir::new().unwrap();
    let (authority, stranger) = (Authority::new("ours"), Authority::new("another"));
    let own = own_avro::<Quality>(TOPIC);
    let server = Server::with_tls(Some(authority.server("localhost")), move |_| schema(&own));
    let by_address = server.url.replace("localhost", "127.0.0.1");
    for (url, trusted, reason) in [
        (&server.url, &stranger, "UnknownIssuer; does SCHEMA_REGISTRY_SSL_CA_LOCATION name its authority?"),
        // The certificate is for another name.
        (&by_address, &authority, "certificate not valid for name \"127.0.0.1\""),
    ] {
        let login = RegistryLogin::Bearer(RegistrySecret::new("a-token"));
        let settings = settings(url, trusted.file(folder.path(), "ca.pem"), login);
        let watched = CountingRegistry::new(SchemaRegistry::new(&settings).unwrap());
        let mut running = lane::<Quality>(TOPIC, Some(Arc::new(watched.clone())));
        running.lanes[0].send(0, records()).await;
        watched.unavailable(2).await;
        assert!(running.has_done_nothing());
        let said = watched.registry.check().await.expect_err("records wait for it");
        assert!(said.contains(reason) && said.contains(url.as_str()), "{said}");
        running.lanes[0].control.send_replace(LaneControl::Drain);
        running.ended().await;
    }
    assert_eq!(server.requests(), []);
}
