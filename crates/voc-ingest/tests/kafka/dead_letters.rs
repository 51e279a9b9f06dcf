//! Dead letters.

use std::{collections::BTreeMap, sync::Arc};

use rdkafka::{
    Message as _,
    consumer::{BaseConsumer, Consumer as _},
    message::Headers as _,
};
use voc_events::Timestamp;
use voc_ingest::{DeadLetterSink as _, Headers, kafka::KafkaDeadLetters};
use voc_store::DeadLetter;

use crate::{
    member::{Journal, Member, ReceivedRecord},
    support::{Cluster, PATIENCE},
};

pub(crate) fn dead_letter(topic: &str, offset: i64) -> DeadLetter {
    DeadLetter {
        family: "voc",
        error_type: "invalid_json".to_owned(),
        error: "not JSON: expected value at line 1".to_owned(),
        path: "$.payload.é".to_owned(),
        tenant_id: "acme".to_owned(),
        topic: topic.to_owned(),
        partition: 2,
        epoch: 0,
        offset,
        key: Some(b"key".to_vec()),
        payload: Some(vec![0xff, 0x00, b'{']),
        headers: vec![
            ("trace".to_owned(), Some(b"1".to_vec())),
            ("null".to_owned(), None),
            ("trace".to_owned(), Some(b"2".to_vec())),
        ],
        failed_at: Timestamp::from_millis(1_770_033_600_123),
    }
}

/// The contents of a dead-letter topic, by source offset.
async fn delivered(cluster: &Cluster, topic: &str, count: usize) -> BTreeMap<i64, ReceivedRecord> {
    let journal = Journal::default();
    let member = Member::join("reader", &cluster.settings(&[&format!("{topic}.dlq")]), &journal);
    journal.until("all dead letters", |state| state.count() >= count).await;
    member.stop().await;
    let all: Vec<ReceivedRecord> = journal.read(|state| state.records.values().flatten().cloned().collect());
    assert_eq!(all.len(), count);
    all.into_iter().map(|seen| (text(&seen.headers, "voc.source.offset").parse().expect("an offset"), seen)).collect()
}

fn text(headers: &Headers, name: &str) -> String {
    let value = headers.iter().find(|(key, _)| key == name).and_then(|(_, value)| value.clone());
    String::from_utf8(value.unwrap_or_else(|| panic!("no header {name} in {headers:?}"))).expect("text")
}

#[tokio::test(flavor = "multi_thread")]
async fn dead_letters_carry_the_record_and_its_error() {
    let Some(cluster) = Cluster::get() else { return };
    let topic = cluster.fresh_topic(3).await;
    let sink = KafkaDeadLetters::connect(&cluster.settings(&[&topic])).await.expect("a sink");
    let tombstone = DeadLetter {
        key: None,
        payload: None,
        headers: Vec::new(),
        tenant_id: String::new(),
        ..dead_letter(&topic, 8)
    };
    let empty = DeadLetter { key: Some(Vec::new()), payload: Some(Vec::new()), epoch: 7, ..dead_letter(&topic, 9) };
    let dead_letters: Arc<[DeadLetter]> = [dead_letter(&topic, 7), tombstone, empty].into();
    sink.deliver(dead_letters).await.expect("delivery");

    let delivered = delivered(&cluster, &topic, 3).await;
    let header = |name: &str, value: &str| (name.to_owned(), Some(value.as_bytes().to_vec()));
    let whole = &delivered[&7];
    assert_eq!((whole.key.as_deref(), whole.value.as_deref()), (Some(&b"key"[..]), Some(&[0xff, 0x00, b'{'][..])));
    assert_eq!(
        whole.headers,
        [
            header("trace", "1"),
            ("null".to_owned(), None),
            header("trace", "2"),
            header("voc.dead_letter.id", &format!("{topic}/2/7")),
            header("voc.headers", r#"[["trace","MQ=="],["null",null],["trace","Mg=="]]"#),
            header("voc.family", "voc"),
            header("voc.error.type", "invalid_json"),
            header("voc.error", "not JSON: expected value at line 1"),
            header("voc.error.path", "$.payload.é"),
            header("voc.source.topic", &topic),
            header("voc.source.partition", "2"),
            header("voc.source.offset", "7"),
            header("voc.failed.at", "2026-02-02T12:00:00.123Z"),
            header("voc.tenant_id", "acme"),
        ]
    );
    assert_eq!((&delivered[&8].key, &delivered[&8].value), (&None, &None));
    assert!(delivered[&8].headers.iter().all(|(name, _)| name != "voc.tenant_id"));
    assert_eq!((&delivered[&9].key, &delivered[&9].value), (&Some(Vec::new()), &Some(Vec::new())));
    assert_eq!(text(&delivered[&9].headers, "voc.source.epoch"), "7");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_topic_is_created_with_the_partitions_of_its_source_and_room_for_its_records() {
    let Some(cluster) = Cluster::get() else { return };
    let topic = crate::support::unique("large-topic");
    cluster.make_topic(&topic, 5, &[("max.message.bytes", "3000000")]).await;
    let settings = cluster.settings(&[&topic]);
    let sink = KafkaDeadLetters::connect(&settings).await.expect("a sink");
    // An existing topic is as good as a created one.
    KafkaDeadLetters::connect(&settings).await.expect("another sink");
    let client: BaseConsumer = cluster.client().create().expect("a client");
    let name = format!("{topic}.dlq");
    let metadata = tokio::task::block_in_place(|| client.fetch_metadata(Some(&name), PATIENCE)).expect("metadata");
    assert_eq!(metadata.topics()[0].partitions().len(), 5);
    // Incompressible.
    let payload: Vec<u8> = noise(2_999_000);
    let large = DeadLetter { payload: Some(payload.clone()), ..dead_letter(&topic, 1) };
    sink.deliver([large].into()).await.expect("delivery");
    assert!(delivered(&cluster, &topic, 1).await[&1].value == Some(payload));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_letter_too_large_for_its_topic_names_the_omitted_parts() {
    let Some(cluster) = Cluster::get() else { return };
    let topic = cluster.fresh_topic(1).await;
    cluster.make_topic(&format!("{topic}.dlq"), 1, &[("max.message.bytes", "100000")]).await;
    let sink = KafkaDeadLetters::connect(&cluster.settings(&[&topic])).await.expect("a sink");
    let large_value = DeadLetter { payload: Some(noise(150_000)), ..dead_letter(&topic, 1) };
    let large_headers =
        DeadLetter { headers: vec![("noise".to_owned(), Some(noise(150_000)))], ..dead_letter(&topic, 2) };
    let mut dead_letters = vec![large_value, large_headers];
    dead_letters.extend((3..100).map(|offset| dead_letter(&topic, offset)));
    sink.deliver(dead_letters.into()).await.expect("delivery");

    let delivered = delivered(&cluster, &topic, 99).await;
    assert_eq!((delivered[&1].key.as_deref(), &delivered[&1].value), (Some(&b"key"[..]), &None));
    assert_eq!(text(&delivered[&1].headers, "voc.omitted"), "value");
    assert_eq!(text(&delivered[&1].headers, "voc.value.bytes"), "150000");
    assert_eq!(text(&delivered[&1].headers, "voc.value.sha256").len(), 64);
    assert_eq!(text(&delivered[&1].headers, "trace"), "1");
    assert_eq!((&delivered[&2].key, &delivered[&2].value), (&None, &None));
    assert_eq!(text(&delivered[&2].headers, "voc.omitted"), "value,key,headers");
    assert_eq!(text(&delivered[&2].headers, "voc.source.topic"), topic);
    for offset in 3..100 {
        assert_eq!(delivered[&offset].value, dead_letter(&topic, offset).payload, "the small ones are whole");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn dead_letters_of_a_key_stay_in_its_partition() {
    let Some(cluster) = Cluster::get() else { return };
    let topic = cluster.fresh_topic(8).await;
    let sink = KafkaDeadLetters::connect(&cluster.settings(&[&topic])).await.expect("a sink");
    let dead_letters: Vec<DeadLetter> = (0..40).map(|offset| dead_letter(&topic, offset)).collect();
    sink.deliver(dead_letters.into()).await.expect("delivery");
    let client: BaseConsumer = cluster.client().set("group.id", "unused").create().expect("a client");
    let mut assignment = rdkafka::TopicPartitionList::new();
    for partition in 0..8 {
        let name = format!("{topic}.dlq");
        assignment.add_partition_offset(&name, partition, rdkafka::Offset::Beginning).expect("an offset");
    }
    client.assign(&assignment).expect("an assignment");
    let partitions: std::collections::BTreeSet<i32> = tokio::task::block_in_place(|| {
        (0..40)
            .map(|_| {
                let message = client.poll(PATIENCE).expect("a message").expect("no error");
                assert_eq!(message.headers().map(|headers| headers.count()), Some(14));
                message.partition()
            })
            .collect()
    });
    // The partition that Java's producer chooses for this key: murmur2("key") modulo 8.
    assert_eq!(partitions.len(), 1);
}

/// Incompressible bytes.
pub(crate) fn noise(count: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    std::iter::repeat_with(|| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[3]
    })
    .take(count)
    .collect()
}
