//! Why a cluster cannot be used, against a broker started by the test.

use voc_ingest::kafka::{
    BrokerAddress, BrokerObstacle, KafkaExaminer, KafkaSettings, MissingRight, PartitionState, SaslLogin,
    SaslMechanism, Secret, SecurityProtocol, TopicState,
};
use voc_testkit::secure_kafka::SecureKafka;

use crate::support::Cluster;

const PLAIN: SaslMechanism = SaslMechanism::Plain;

fn settings(bootstrap: String, protocol: SecurityProtocol, login: Option<(&str, &str)>) -> KafkaSettings {
    let mut settings = Cluster { bootstrap }.settings(&["topic"]);
    settings.security.protocol = protocol;
    settings.security.login = login.map(|(username, password)| SaslLogin {
        mechanism: PLAIN,
        username: username.to_owned(),
        password: Secret::new(password),
    });
    settings
}

async fn ask(settings: &KafkaSettings) -> Result<Vec<(i32, BrokerAddress)>, BrokerObstacle> {
    let examiner = KafkaExaminer::new(settings);
    examiner.brokers(&examiner.bootstrap()[0]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn every_obstacle_is_named() {
    use SecurityProtocol::{Plaintext, SaslPlaintext, SaslSsl, Ssl};
    let Some(broker) = SecureKafka::start_or_skip() else { return };
    let alice = Some(("alice", "swordfish"));
    let trusted = |mut settings: KafkaSettings| {
        settings.security.ca_file = Some(broker.file("ca.pem"));
        settings
    };
    let open = || settings(broker.open(), Plaintext, None);
    let over_tls = || trusted(settings(broker.login(), SaslSsl, alice));
    for usable in [open(), over_tls(), settings(broker.unencrypted(), SaslPlaintext, alice)] {
        let brokers = ask(&usable).await.unwrap();
        assert_eq!(brokers, [(1, KafkaExaminer::new(&usable).bootstrap().remove(0))]);
    }
    let astray = ask(&settings(broker.astray(), Plaintext, None)).await.unwrap();
    assert_eq!(astray[0].1.host, "no-such-broker.invalid");

    let all = || ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"].map(str::to_owned).to_vec();
    let sorted = |obstacle: BrokerObstacle| match obstacle {
        BrokerObstacle::ExpectsLogin { mut mechanisms } => {
            mechanisms.sort();
            BrokerObstacle::ExpectsLogin { mechanisms }
        }
        other => other,
    };
    for (settings, expected) in [
        (settings(broker.login(), Plaintext, None), BrokerObstacle::ExpectsTls),
        (settings(broker.certificate(), SaslPlaintext, alice), BrokerObstacle::ExpectsTls),
        (trusted(settings(broker.open(), Ssl, None)), BrokerObstacle::NoTls),
        (trusted(settings(broker.unencrypted(), SaslSsl, alice)), BrokerObstacle::NoTls),
        (settings(broker.unencrypted(), Plaintext, None), BrokerObstacle::ExpectsLogin { mechanisms: all() }),
        (trusted(settings(broker.login(), Ssl, None)), BrokerObstacle::ExpectsLogin { mechanisms: all() }),
        (settings(broker.open(), SaslPlaintext, alice), BrokerObstacle::NoLogin),
        (trusted(settings(broker.certificate(), Ssl, None)), BrokerObstacle::ExpectsCertificate),
    ] {
        assert_eq!(sorted(ask(&settings).await.unwrap_err()), expected);
    }

    let mut unknown = over_tls();
    unknown.security.ca_file = Some(broker.file("other-ca.pem"));
    assert_eq!(ask(&unknown).await, Err(BrokerObstacle::UnknownAuthority));
    let mut misnamed = over_tls();
    misnamed.bootstrap_servers = misnamed.bootstrap_servers.replace("localhost", "127.0.0.1");
    assert!(matches!(ask(&misnamed).await, Err(BrokerObstacle::WrongName { reason }) if reason.contains("localhost")));
    for wrong in [
        settings(broker.unencrypted(), SaslPlaintext, Some(("alice", "guess"))),
        trusted(settings(broker.login(), SaslSsl, Some(("nobody", "swordfish")))),
    ] {
        let obstacle = ask(&wrong).await.unwrap_err();
        assert!(matches!(&obstacle, BrokerObstacle::Login { .. }), "{obstacle:?}");
        assert!(!format!("{obstacle}").contains("swordfish") && !format!("{obstacle}").contains("guess"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rights_are_found_out_and_nothing_is_left_behind() {
    let Some(broker) = SecureKafka::start_or_skip() else { return };
    let tools = broker.tools();
    for topic in ["topic", "topic.dlq"] {
        tools.create_topic(topic, 2);
    }
    let bob = settings(broker.unencrypted(), SecurityProtocol::SaslPlaintext, Some(("bob", "octopus")));
    let (examiner, group) = (KafkaExaminer::new(&bob), bob.group_id.clone());
    assert_eq!(examiner.topic("topic").await.unwrap(), TopicState::Hidden);
    assert_eq!(examiner.missing_right_to_read("topic").await.unwrap(), Some(MissingRight::ReadGroup));
    tools.allow("bob", "Describe", ["--group", &group]);
    assert_eq!(examiner.missing_right_to_read("topic").await.unwrap(), Some(MissingRight::ReadGroup));
    tools.allow("bob", "Read", ["--group", &group]);
    assert_eq!(examiner.missing_right_to_read("topic").await.unwrap(), Some(MissingRight::ReadTopic));
    tools.allow("bob", "Read", ["--topic", "topic"]);
    assert_eq!(examiner.missing_right_to_read("topic").await.unwrap(), None);

    tools.allow("bob", "Describe", ["--topic", "topic.dlq"]);
    assert_eq!(examiner.missing_right_to_write("topic.dlq").await.unwrap(), Some(MissingRight::WriteTopic));
    tools.allow("bob", "Write", ["--topic", "topic.dlq"]);
    assert_eq!(examiner.missing_right_to_write("topic.dlq").await.unwrap(), None);
    assert_eq!(examiner.missing_right_to_create("other.dlq").await.unwrap(), Some(MissingRight::CreateTopic));

    let superuser = KafkaExaminer::new(&settings(broker.open(), SecurityProtocol::Plaintext, None));
    assert_eq!(superuser.missing_right_to_create("other.dlq").await.unwrap(), None);
    assert_eq!(superuser.topic("other.dlq").await.unwrap(), TopicState::Missing);
    assert_eq!(superuser.missing_right_to_read("topic").await.unwrap(), None);
    assert_eq!(superuser.missing_right_to_write("topic.dlq").await.unwrap(), None);
    let state = |partition| PartitionState { partition, has_leader: true, replicas: 1, in_sync: 1 };
    assert_eq!(superuser.topic("topic").await.unwrap(), TopicState::Found { partitions: vec![state(0), state(1)] });
    let limits = superuser.topic_limits("topic").await.unwrap().unwrap();
    assert_eq!(limits.retention.map(|retention| retention.as_secs()), Some(7 * 24 * 3600));
    assert_eq!(limits.min_in_sync, Some(1));

    assert_eq!(tools.count("topic.dlq"), 0);
    let cluster = Cluster { bootstrap: broker.open() };
    assert_eq!(cluster.committed(&group, "topic", 0), None);
    assert_eq!(cluster.committed(&group, "topic", i32::MAX), None);
    assert!(examiner.group().await.unwrap().members.is_empty());
}
