//! TLS and logins, against a broker started by the test.

use std::time::Duration;

use voc_ingest::{
    SourceError, TopicPartition,
    kafka::{
        AddressedReader, KafkaDeadLetters, KafkaSettings, SaslLogin, SaslMechanism, Secret, SecurityProtocol,
        check_broker,
    },
};
use voc_testkit::secure_kafka::SecureKafka;

use crate::{
    addressed::read,
    member::{Journal, Member},
    support::{Cluster, values},
};

const TIMEOUT: Duration = Duration::from_secs(20);

/// A user's login over TLS.
fn with_login(broker: &SecureKafka, mechanism: SaslMechanism, password: &str) -> KafkaSettings {
    let mut settings = Cluster { bootstrap: broker.login() }.settings(&["topic"]);
    settings.security.protocol = SecurityProtocol::SaslSsl;
    settings.security.ca_file = Some(broker.file("ca.pem"));
    let (username, password) = ("alice".to_owned(), Secret::new(password));
    settings.security.login = Some(SaslLogin { mechanism, username, password });
    settings
}

fn unencrypted(broker: &SecureKafka, mechanism: SaslMechanism, password: &str) -> KafkaSettings {
    let mut settings = with_login(broker, mechanism, password);
    settings.bootstrap_servers = broker.unencrypted();
    settings.security.protocol = SecurityProtocol::SaslPlaintext;
    settings.security.ca_file = None;
    settings
}

fn with_certificate(broker: &SecureKafka) -> KafkaSettings {
    let mut settings = Cluster { bootstrap: broker.certificate() }.settings(&["topic"]);
    settings.security.protocol = SecurityProtocol::Ssl;
    settings.security.ca_file = Some(broker.file("ca.pem"));
    settings.security.certificate_file = Some(broker.file("client.pem"));
    settings.security.key_file = Some(broker.file("client.pem"));
    settings
}

fn assert_refused(outcome: Result<(), SourceError>, why: &str) {
    let error = outcome.expect_err(why);
    assert!(matches!(&error, SourceError::Misconfigured(reason) if reason.contains(why)), "{error:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn logins_and_certificates_are_presented_and_checked() {
    let Some(broker) = SecureKafka::start_or_skip() else { return };
    Cluster { bootstrap: broker.open() }.make_topic("topic", 1, &[]).await;
    Cluster { bootstrap: broker.open() }.fill("topic", 0, values(10, 100)).await;

    let mechanisms = [SaslMechanism::Plain, SaslMechanism::ScramSha256, SaslMechanism::ScramSha512];
    let accepted = mechanisms.map(|mechanism| with_login(&broker, mechanism, "swordfish"));
    for settings in accepted.iter().chain([&with_certificate(&broker)]) {
        check_broker(settings, TIMEOUT).await.expect("the broker accepts this client");
        KafkaDeadLetters::connect(settings).await.expect("a sink");
        let journal = Journal::default();
        let member = Member::join("only", settings, &journal);
        journal.until("all records", |state| state.committed.get(&0) == Some(&10)).await;
        member.stop().await;
    }

    let without_tls = mechanisms.map(|mechanism| unencrypted(&broker, mechanism, "swordfish"));
    for settings in without_tls.iter().chain(&accepted).chain([&with_certificate(&broker)]) {
        let reader = AddressedReader::new(settings).expect("a reader");
        let partition = TopicPartition { topic: "topic".into(), partition: 0 };
        assert_eq!(read(&reader, &partition, 0..10).await.len(), 10);
    }

    for mechanism in mechanisms {
        let mut records = AddressedReader::new(&unencrypted(&broker, mechanism, "guess"))
            .expect("a reader")
            .with_timeout(Duration::from_secs(3))
            .read(&TopicPartition { topic: "topic".into(), partition: 0 }, 0..10);
        assert!(records.next().await.is_err());
        let wrong_password = with_login(&broker, mechanism, "guess");
        assert_refused(check_broker(&wrong_password, TIMEOUT).await, "uthentication");
    }
    let mut wrong_authority = with_login(&broker, SaslMechanism::Plain, "swordfish");
    wrong_authority.security.ca_file = Some(broker.file("other-ca.pem"));
    assert_refused(check_broker(&wrong_authority, TIMEOUT).await, "certificate verify failed");
    let mut wrong_name = with_login(&broker, SaslMechanism::Plain, "swordfish");
    wrong_name.bootstrap_servers = wrong_name.bootstrap_servers.replace("localhost", "127.0.0.1");
    assert_refused(check_broker(&wrong_name, TIMEOUT).await, "certificate verify failed");
    let mut missing_file = with_certificate(&broker);
    missing_file.security.ca_file = Some(broker.file("missing.pem"));
    assert_refused(check_broker(&missing_file, TIMEOUT).await, "missing.pem");
}
