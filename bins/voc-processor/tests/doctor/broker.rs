//! Brokers that cannot be used.

use voc_testkit::service::unused_port;

use crate::stage::Stage;

#[test]
fn a_broker_whose_name_does_not_resolve() {
    let Some(stage) = Stage::migrated() else { return };
    let report = stage.examine(&[("KAFKA_BOOTSTRAP", "no-such-broker.invalid:9092")]);
    let broker = "broker no-such-broker.invalid:9092";
    report.assert_cause(broker, "the name no-such-broker.invalid does not resolve", "correct KAFKA_BOOTSTRAP");
    for check in ["advertised brokers", &format!("topic {}", stage.topic), &format!("group {}", stage.group)] {
        report.assert_consequence(check, broker);
    }
    // One that works is enough, and the other is still named.
    let both = format!("no-such-broker.invalid:9092,{}", stage.kafka.open());
    let report = stage.examine(&[("KAFKA_BOOTSTRAP", &both)]);
    assert_eq!(report.assert_well(), [broker]);
}

#[test]
fn a_broker_that_refuses_connections() {
    let Some(stage) = Stage::migrated() else { return };
    let address = format!("127.0.0.1:{}", unused_port());
    let report = stage.examine(&[("KAFKA_BOOTSTRAP", &address)]);
    report.assert_cause(&format!("broker {address}"), "refuses connections", "start the broker");
}

#[test]
fn a_transport_or_login_that_the_broker_does_not_accept() {
    let Some(stage) = Stage::migrated() else { return };
    let kafka = &stage.kafka;
    let (ca, other_ca) = (kafka.file("ca.pem"), kafka.file("other-ca.pem"));
    let (ca, other_ca) = (ca.to_str().unwrap(), other_ca.to_str().unwrap());
    let misnamed = kafka.login().replace("localhost", "127.0.0.1");
    let alice = [("KAFKA_SASL_USERNAME", "alice"), ("KAFKA_SASL_PASSWORD", "swordfish")];
    let (plain, tls) = ([("KAFKA_SECURITY_PROTOCOL", "SASL_PLAINTEXT")], [("KAFKA_SECURITY_PROTOCOL", "SASL_SSL")]);
    let over_tls = |authority| [&tls[..], &alice, &[("KAFKA_SSL_CA_LOCATION", authority)]].concat();
    for (address, variables, found, remedy) in [
        (kafka.login(), Vec::new(), "it expects TLS", "KAFKA_SECURITY_PROTOCOL=SSL"),
        (kafka.open(), over_tls(ca), "it does not use TLS", "KAFKA_SECURITY_PROTOCOL=SASL_PLAINTEXT"),
        (kafka.login(), over_tls(other_ca), "authority of its certificate is not trusted", "KAFKA_SSL_CA_LOCATION"),
        (misnamed, over_tls(ca), "certificate is not for this name", "name the broker in KAFKA_BOOTSTRAP as"),
        (kafka.unencrypted(), Vec::new(), "it requires a login", "KAFKA_SECURITY_PROTOCOL=SASL_PLAINTEXT"),
        (kafka.open(), [&plain[..], &alice].concat(), "it has no logins", "KAFKA_SECURITY_PROTOCOL=PLAINTEXT"),
        (
            kafka.certificate(),
            vec![("KAFKA_SECURITY_PROTOCOL", "SSL"), ("KAFKA_SSL_CA_LOCATION", ca)],
            "it requires a certificate of its clients",
            "KAFKA_SSL_CERTIFICATE_LOCATION",
        ),
    ] {
        let variables = [&[("KAFKA_BOOTSTRAP", address.as_str())], &variables[..]].concat();
        stage.examine(&variables).assert_cause(&format!("broker {address}"), found, remedy);
    }
}

#[test]
fn a_client_certificate_that_is_not_accepted() {
    let Some(stage) = Stage::migrated() else { return };
    let (ca, address) = (stage.kafka.file("ca.pem"), stage.kafka.certificate());
    let examine = |certificate: &str| {
        let certificate = stage.kafka.file(certificate);
        stage.examine(&[
            ("KAFKA_BOOTSTRAP", &address),
            ("KAFKA_SECURITY_PROTOCOL", "SSL"),
            ("KAFKA_SSL_CA_LOCATION", ca.to_str().unwrap()),
            ("KAFKA_SSL_CERTIFICATE_LOCATION", certificate.to_str().unwrap()),
            ("KAFKA_SSL_KEY_LOCATION", certificate.to_str().unwrap()),
        ])
    };
    assert_eq!(examine("client.pem").assert_well(), Vec::<&str>::new());
    let report = examine("expired.pem");
    report.assert_cause("client certificate", "expired.pem expired", "renew it");
    report.assert_consequence("brokers", "client certificate");
    let broker = format!("broker {address}");
    let remedy = "does not accept the certificate in KAFKA_SSL_CERTIFICATE_LOCATION";
    examine("stranger.pem").assert_cause(&broker, "requires a certificate", remedy);
}

#[test]
fn a_wrong_password_of_kafka() {
    let Some(stage) = Stage::migrated() else { return };
    let address = stage.kafka.unencrypted();
    for mechanism in ["PLAIN", "SCRAM-SHA-256"] {
        let report = stage.examine(&[
            ("KAFKA_BOOTSTRAP", &address),
            ("KAFKA_SECURITY_PROTOCOL", "SASL_PLAINTEXT"),
            ("KAFKA_SASL_MECHANISM", mechanism),
            ("KAFKA_SASL_USERNAME", "alice"),
            ("KAFKA_SASL_PASSWORD", "guessed"),
        ]);
        report.assert_cause(&format!("broker {address}"), "it refuses the login", "correct KAFKA_SASL_USERNAME");
        assert!(!report.said.contains("guessed"), "{}", report.said);
    }
}

#[test]
fn a_broker_that_sends_its_clients_astray() {
    let Some(stage) = Stage::migrated() else { return };
    let report = stage.examine(&[("KAFKA_BOOTSTRAP", &stage.kafka.astray())]);
    let check = "advertised brokers";
    report.assert_cause(check, "is advertised as no-such-broker.invalid:", "set advertised.listeners");
    for consequence in [format!("topic {}", stage.topic), format!("group {}", stage.group)] {
        report.assert_consequence(&consequence, check);
    }
}
