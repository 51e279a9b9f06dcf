//! Broker failures, on the simulated cluster of librdkafka.

use std::{sync::Arc, time::Duration};

use rdkafka::{
    mocking::MockCluster,
    producer::DefaultProducerContext,
    types::{RDKafkaApiKey, RDKafkaRespErr},
};
use voc_ingest::{
    DeadLetterSink as _, DeliveryRemedy, SourceError,
    kafka::{KafkaDeadLetters, KafkaProbe, KafkaSettings, Secret, SecurityProtocol, check_broker},
};
use voc_store::DeadLetter;

use crate::{
    dead_letters::dead_letter,
    member::{Ending, Journal, Member},
    support::{Cluster, values},
};

const TOPIC: &str = "topic";

/// One broker with a topic of one partition.
fn simulated() -> (MockCluster<'static, DefaultProducerContext>, Cluster, KafkaSettings) {
    crate::support::log();
    let simulated = MockCluster::new(1).expect("a cluster");
    simulated.create_topic(TOPIC, 1, 1).expect("a topic");
    let cluster = Cluster { bootstrap: simulated.bootstrap_servers() };
    let mut settings = cluster.settings(&[TOPIC]);
    settings.session_timeout = Duration::from_secs(6);
    (simulated, cluster, settings)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_refused_during_a_rebalance_is_retried_and_succeeds() {
    let (simulated, cluster, settings) = simulated();
    let errors = [
        RDKafkaRespErr::RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS,
        RDKafkaRespErr::RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS,
    ];
    simulated.request_errors(RDKafkaApiKey::OffsetCommit, &errors);
    cluster.fill(TOPIC, 0, values(10, 100)).await;
    let journal = Journal::default();
    let member = Member::join("only", &settings, &journal);
    journal.until("the commit passes", |state| state.committed.get(&0) == Some(&10)).await;
    member.stop().await;
    journal.read(|state| {
        assert_eq!(state.refused_commits.len(), 2, "{state:?}");
        assert_eq!(state.ended, [("only", 0, Ending::Drained)]);
        state.assert_each_once();
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_unknown_to_the_group_abandons_its_lanes_and_rejoins() {
    for error in
        [RDKafkaRespErr::RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID, RDKafkaRespErr::RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION]
    {
        let (simulated, cluster, settings) = simulated();
        cluster.fill(TOPIC, 0, values(10, 100)).await;
        let journal = Journal::default();
        let member = Member::join("only", &settings, &journal);
        journal.until("the commit passes", |state| state.committed.get(&0) == Some(&10)).await;
        simulated.request_errors(RDKafkaApiKey::OffsetCommit, &[error]);
        cluster.fill(TOPIC, 0, values(1, 100)).await;
        journal.until("the lane ends", |state| !state.ended.is_empty()).await;
        journal.until("a new lane resumes", |state| state.committed.get(&0) == Some(&11)).await;
        member.stop().await;
        journal.read(|state| {
            let (_, _, ending) = &state.ended[0];
            assert!(matches!(ending, Ending::Fenced(_) | Ending::Abandoned), "{error:?}: {state:?}");
            let offsets: Vec<i64> = state.records[&0].iter().map(|record| record.offset).collect();
            assert_eq!(offsets[10..], [10, 10], "what was not committed is read again");
            assert_eq!(state.assigned[1].2.as_deref(), Some("up to 10"));
        });
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_session_abandons_the_lanes() {
    let (simulated, cluster, settings) = simulated();
    cluster.fill(TOPIC, 0, values(10, 100)).await;
    let journal = Journal::default();
    let member = Member::join("only", &settings, &journal);
    journal.until("the commit passes", |state| state.committed.get(&0) == Some(&10)).await;
    simulated.request_errors(RDKafkaApiKey::Heartbeat, &[RDKafkaRespErr::RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID]);
    journal.until("the lane ends", |state| !state.ended.is_empty()).await;
    journal.until("there is a new one", |state| state.lanes_of("only") == 1).await;
    cluster.fill(TOPIC, 0, values(5, 100)).await;
    journal.until("it resumes", |state| state.committed.get(&0) == Some(&15)).await;
    member.stop().await;
    journal.read(|state| {
        assert_eq!(state.ended[0], ("only", 0, Ending::Abandoned));
        state.assert_each_once();
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn no_lane_starts_while_the_committed_offset_is_unknown() {
    let (simulated, cluster, settings) = simulated();
    cluster.fill(TOPIC, 0, values(10, 100)).await;
    let refused = [RDKafkaRespErr::RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED; 2];
    simulated.request_errors(RDKafkaApiKey::OffsetFetch, &refused);
    let journal = Journal::default();
    let member = Member::join("only", &settings, &journal);
    journal.until("all records", |state| state.committed.get(&0) == Some(&10)).await;
    member.stop().await;
    journal.read(crate::member::State::assert_each_once);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_outage_causes_no_losses_or_duplicates() {
    let (simulated, cluster, settings) = simulated();
    cluster.fill(TOPIC, 0, values(10, 100)).await;
    let journal = Journal::default();
    let probe = KafkaProbe::new(&settings).expect("a probe");
    assert_eq!(probe.check(Duration::from_secs(30)).await, Ok(()));
    let member = Member::join("only", &settings, &journal);
    journal.until("the commit passes", |state| state.committed.get(&0) == Some(&10)).await;
    simulated.broker_down(1).expect("down");
    let reason = loop {
        // Answers are cached for a second.
        match probe.check(Duration::from_millis(200)).await {
            Ok(()) => tokio::time::sleep(Duration::from_millis(100)).await,
            Err(reason) => break reason,
        }
    };
    assert!(reason.contains(&cluster.bootstrap), "{reason}");
    simulated.broker_up(1).expect("up");
    cluster.fill(TOPIC, 0, values(10, 100)).await;
    journal.until("the rest arrives", |state| state.committed.get(&0) == Some(&20)).await;
    while probe.check(Duration::from_secs(30)).await.is_err() {}
    member.stop().await;
    journal.read(crate::member::State::assert_each_once);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_stops_while_no_broker_answers() {
    let (simulated, cluster, mut settings) = simulated();
    settings.drain_timeout = Duration::from_millis(500);
    cluster.fill(TOPIC, 0, values(10, 100)).await;
    let journal = Journal::default();
    let member = Member::join("only", &settings, &journal);
    journal.until("the commit passes", |state| state.committed.get(&0) == Some(&10)).await;
    simulated.broker_down(1).expect("down");
    member.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn start_up_reports_why_no_broker_answers() {
    // A port without a listener: it was free a moment ago and is released here.
    let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address");
    let mut settings = KafkaSettings::new("voc", free.to_string(), "group", [TOPIC]);
    let missing = check_broker(&settings, Duration::from_millis(1500)).await.expect_err("there is no listener");
    assert!(matches!(&missing, SourceError::Kafka(reason) if reason.contains(&free.to_string())), "{missing}");

    let (_simulated, cluster, _) = simulated();
    settings.bootstrap_servers = cluster.bootstrap;
    check_broker(&settings, Duration::from_secs(30)).await.expect("it answers");
    settings.security.protocol = SecurityProtocol::Ssl;
    let refused = check_broker(&settings, Duration::from_millis(1500)).await.expect_err("it speaks no TLS");
    assert!(refused.to_string().contains("SSL_HANDSHAKE"), "{refused}");
}

fn dead_letters() -> Arc<[DeadLetter]> {
    [DeadLetter { partition: 0, ..dead_letter(TOPIC, 0) }].into()
}

#[tokio::test(flavor = "multi_thread")]
async fn dead_letters_that_cannot_be_delivered_are_an_error() {
    let (simulated, _cluster, mut settings) = simulated();
    let quick = Secret::new("1000");
    settings.properties.insert("message.timeout.ms".to_owned(), quick);
    let sink = KafkaDeadLetters::connect(&settings).await.expect("a sink");
    simulated.broker_down(1).expect("down");
    let error = sink.deliver(dead_letters()).await.expect_err("no broker");
    assert_eq!((error.target.as_str(), error.remedy), ("the topic topic.dlq", DeliveryRemedy::Wait));
    assert!(!error.reason.is_empty());
}

/// The repair that a refused dead letter needs. Also checks that the dead letter is accepted soon after.
async fn repair(sink: &KafkaDeadLetters) -> &'static str {
    let error = sink.deliver(dead_letters()).await.expect_err("the brokers refuse it");
    let DeliveryRemedy::Repair(repair) = error.remedy else { panic!("{error:?}") };
    let taken = async {
        while sink.deliver(dead_letters()).await.is_err() {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), taken).await.expect("it is taken");
    repair
}

#[tokio::test(flavor = "multi_thread")]
async fn dead_letters_that_are_refused_say_what_to_repair() {
    use RDKafkaRespErr::{
        RD_KAFKA_RESP_ERR_INVALID_RECORD as INVALID, RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE as TOO_LARGE,
        RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED as NO_RIGHT, RD_KAFKA_RESP_ERR_UNKNOWN as UNKNOWN,
    };
    let (simulated, _cluster, settings) = simulated();
    let sink = KafkaDeadLetters::connect(&settings).await.expect("a sink");
    for (errors, what) in [
        // A dead letter is sent whole, then without its value, then without anything of the record.
        (&[TOO_LARGE, TOO_LARGE, TOO_LARGE][..], "max.message.bytes"),
        (&[INVALID], "accepts records of this client"),
        (&[UNKNOWN], "accepts records of this client"),
        (&[NO_RIGHT], "allow this client"),
    ] {
        simulated.request_errors(RDKafkaApiKey::Produce, errors);
        let repair = repair(&sink).await;
        assert!(repair.contains(what), "{errors:?}: {repair}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_idempotent_producer_permission_is_reported_although_dead_letters_only_time_out() {
    let (simulated, _cluster, mut settings) = simulated();
    settings.properties.insert("message.timeout.ms".to_owned(), Secret::new("1000"));
    // The first producer and its replacement are both refused before they are used.
    let refused = [RDKafkaRespErr::RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED; 2];
    simulated.request_errors(RDKafkaApiKey::InitProducerId, &refused);
    let sink = KafkaDeadLetters::connect(&settings).await.expect("a sink");
    let repair = repair(&sink).await;
    assert!(repair.contains("idempotent"), "{repair}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_dead_letter_topic_must_be_created() {
    let (simulated, _cluster, mut settings) = simulated();
    settings.properties.insert("topic.metadata.propagation.max.ms".to_owned(), Secret::new("100"));
    let sink = KafkaDeadLetters::connect(&settings).await.expect("a sink");
    simulated.topic_error("topic.dlq", RDKafkaRespErr::RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART).expect("a topic");
    let error = sink.deliver(dead_letters()).await.expect_err("there is no topic");
    assert!(matches!(error.remedy, DeliveryRemedy::Repair(what) if what.contains("create the")), "{error:?}");
}
