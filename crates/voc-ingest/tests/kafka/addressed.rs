//! Bounded reads of one partition.

use std::{net::TcpListener, ops::Range, time::Duration};

use rdkafka::{
    message::{Header, OwnedHeaders},
    producer::{FutureProducer, FutureRecord, Producer as _},
};
use voc_events::Timestamp;
use voc_ingest::{
    SourceError, TopicPartition,
    kafka::{AddressedReader, AddressedRecord, AddressedRecords, KafkaSettings, Secret},
};

use crate::support::{Cluster, PATIENCE, unique, values};

fn partition(topic: &str, partition: i32) -> TopicPartition {
    TopicPartition { topic: topic.into(), partition }
}

/// All records in a range.
pub(crate) async fn read(
    reader: &AddressedReader,
    partition: &TopicPartition,
    range: Range<i64>,
) -> Vec<AddressedRecord> {
    all(reader.read(partition, range)).await
}

async fn all(mut records: AddressedRecords) -> Vec<AddressedRecord> {
    let mut all = Vec::new();
    let reading = async {
        while let Some(more) = records.next().await.expect("records") {
            all.extend(more);
        }
    };
    tokio::time::timeout(PATIENCE, reading).await.expect("the read ends");
    all
}

fn texts(records: &[AddressedRecord]) -> Vec<&str> {
    records.iter().map(|record| std::str::from_utf8(record.value.as_deref().expect("a value")).expect("text")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_range_is_read_exactly_in_every_compression() {
    let Some(cluster) = Cluster::get() else { return };
    let topic = cluster.fresh_topic(2).await;
    let reader = AddressedReader::new(&cluster.settings(&[&topic])).expect("a reader");
    let mut sent = Vec::new();
    for codec in ["none", "gzip", "snappy", "lz4", "zstd"] {
        let mut config = cluster.client();
        config.set("compression.type", codec).set("linger.ms", "50");
        let producer: FutureProducer = config.create().expect("a producer");
        let sends = values(500, 200).map(|value| {
            sent.push(value.clone());
            producer.send_result(FutureRecord::<(), _>::to(&topic).partition(1).payload(&value)).expect("room")
        });
        for outcome in sends.collect::<Vec<_>>() {
            outcome.await.expect("an outcome").expect("delivery");
        }
    }
    assert_eq!(reader.partitions(&topic).await.expect("partitions"), [partition(&topic, 0), partition(&topic, 1)]);
    assert_eq!(reader.offsets(&partition(&topic, 0)).await.expect("offsets"), 0..0);
    let offsets = reader.offsets(&partition(&topic, 1)).await.expect("offsets");
    assert_eq!(offsets, 0..2500);
    for range in [offsets, 777..1778, 2499..2500, 10..10] {
        let found = read(&reader, &partition(&topic, 1), range.clone()).await;
        assert!(found.iter().map(|record| record.offset).eq(range.clone()), "{range:?}");
        assert!(found.iter().all(|record| record.value.as_ref() == sent.get(record.offset as usize)), "{range:?}");
    }
    assert!(reader.partitions(&unique("nowhere")).await.expect("an answer").is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_ends_after_markers_and_returns_every_committed_record() {
    let Some(cluster) = Cluster::get() else { return };
    let topic = cluster.fresh_topic(1).await;
    let mut config = cluster.client();
    config.set("transactional.id", &topic);
    let producer: FutureProducer = config.create().expect("a producer");
    tokio::task::block_in_place(|| producer.init_transactions(PATIENCE)).expect("transactions");
    for (value, kept) in [("one", true), ("two", false), ("three", true), ("four", false), ("five", true)] {
        producer.begin_transaction().expect("a transaction");
        producer.send(FutureRecord::<(), str>::to(&topic).payload(value), PATIENCE).await.expect("delivery");
        let ended = tokio::task::block_in_place(|| {
            if kept { producer.commit_transaction(PATIENCE) } else { producer.abort_transaction(PATIENCE) }
        });
        ended.expect("the transaction ends");
    }
    let reader = AddressedReader::new(&cluster.settings(&[&topic])).expect("a reader");
    let partition = partition(&topic, 0);
    // A record and a marker each; the last entry is a marker.
    cluster.until_end(&topic, 0, 10).await;
    assert_eq!(reader.offsets(&partition).await.expect("offsets"), 0..10);
    let found = read(&reader, &partition, 0..10).await;
    let committed: Vec<&str> = texts(&found).into_iter().filter(|text| !["two", "four"].contains(text)).collect();
    assert_eq!(committed, ["one", "three", "five"]);
    assert_eq!(read(&reader, &partition, 9..10).await, []);
    assert_eq!(texts(&all(reader.read_committed(&partition, 0..10)).await), ["one", "three", "five"]);
    assert_eq!(all(reader.read_committed(&partition, 9..10)).await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_end_reported_with_the_last_records_is_not_waited_for() {
    let Some(cluster) = Cluster::get() else { return };
    let topic = cluster.fresh_topic(1).await;
    let mut config = cluster.client();
    config.set("transactional.id", &topic);
    let producer: FutureProducer = config.create().expect("a producer");
    tokio::task::block_in_place(|| producer.init_transactions(PATIENCE)).expect("transactions");
    producer.begin_transaction().expect("a transaction");
    producer.send(FutureRecord::<(), str>::to(&topic).payload("one"), PATIENCE).await.expect("delivery");
    tokio::task::block_in_place(|| producer.commit_transaction(PATIENCE)).expect("a commit");
    cluster.until_end(&topic, 0, 2).await;
    let mut settings = cluster.settings(&[&topic]);
    // The end is reported directly after the record; a property switches to librdkafka.
    settings.properties.insert("fetch.wait.max.ms".to_owned(), Secret::new("1"));
    let reader = AddressedReader::new(&settings).expect("a reader").with_timeout(Duration::from_secs(10));
    let partition = partition(&topic, 0);
    for _ in 0..5 {
        assert_eq!(texts(&read(&reader, &partition, 0..2).await), ["one"]);
    }
}

/// A new partition leader may not know the end of its log yet.
#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_ends_before_the_range_is_an_error_until_it_grows() {
    let Some(cluster) = Cluster::get() else { return };
    let topic = cluster.fresh_topic(1).await;
    let producer = cluster.producer();
    let send = |value| producer.send(FutureRecord::<(), str>::to(&topic).payload(value), PATIENCE);
    for value in ["one", "two"] {
        send(value).await.expect("delivery");
    }
    let reader = AddressedReader::new(&cluster.settings(&[&topic])).expect("a reader");
    let partition = partition(&topic, 0);
    let mut reads = [reader.read(&partition, 0..3), reader.read_committed(&partition, 0..3)];
    for records in &mut reads {
        assert_eq!(texts(&records.next().await.expect("records").expect("some")), ["one", "two"]);
        for _ in 0..2 {
            let error = records.next().await.expect_err("the third record does not exist");
            assert!(error.to_string().contains("ends at 2 now, before 3"), "{error}");
            assert_eq!(records.position(), 2);
        }
    }
    send("three").await.expect("delivery");
    for records in reads {
        assert_eq!(texts(&all(records).await), ["three"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn large_records_are_returned_a_few_at_a_time() {
    let Some(cluster) = Cluster::get() else { return };
    let topic = cluster.fresh_topic(1).await;
    let producer = cluster.producer();
    let value = "x".repeat(900_000);
    for _ in 0..12 {
        producer.send(FutureRecord::<(), str>::to(&topic).payload(&value), PATIENCE).await.expect("delivery");
    }
    let reader = AddressedReader::new(&cluster.settings(&[&topic])).expect("a reader");
    let partition = partition(&topic, 0);
    for mut records in [reader.read(&partition, 0..12), reader.read_committed(&partition, 0..12)] {
        let mut count = 0;
        while let Some(more) = records.next().await.expect("records") {
            assert!((1..=5).contains(&more.len()), "{}", more.len());
            count += more.len();
        }
        assert_eq!(count, 12);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_header_without_a_value_does_not_stop_the_read() {
    let Some(cluster) = Cluster::get() else { return };
    let topic = cluster.fresh_topic(1).await;
    let producer = cluster.producer();
    let headers = OwnedHeaders::new()
        .insert(Header { key: "twice", value: Some("1") })
        .insert(Header { key: "null", value: None::<&str> })
        .insert(Header { key: "twice", value: Some("2") });
    for (value, headers) in [("before", OwnedHeaders::new()), ("with", headers), ("behind", OwnedHeaders::new())] {
        let record = FutureRecord::<(), str>::to(&topic).payload(value).headers(headers);
        producer.send(record, PATIENCE).await.expect("delivery");
    }
    let reader = AddressedReader::new(&cluster.settings(&[&topic])).expect("a reader");
    let found = read(&reader, &partition(&topic, 0), 0..3).await;
    assert_eq!(texts(&found), ["before", "with", "behind"]);
    let header = |name: &str, value: Option<&str>| (name.to_owned(), value.map(|value| value.as_bytes().to_vec()));
    assert_eq!(found[1].headers, [header("twice", Some("1")), header("null", None), header("twice", Some("2"))]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_time_maps_to_the_first_record_that_is_not_older() {
    let Some(cluster) = Cluster::get() else { return };
    let topic = cluster.fresh_topic(1).await;
    let producer = cluster.producer();
    for time in [1_770_033_600_000, 1_770_033_601_000, 1_770_033_602_000] {
        let record = FutureRecord::<(), str>::to(&topic).payload("value").timestamp(time);
        producer.send(record, PATIENCE).await.expect("delivery");
    }
    let reader = AddressedReader::new(&cluster.settings(&[&topic])).expect("a reader");
    let partition = partition(&topic, 0);
    for (time, offset) in [(0, 0), (1_770_033_601_000, 1), (1_770_033_601_001, 2), (1_770_033_602_001, 3)] {
        let found = reader.offset_at(&partition, Timestamp::from_millis(time)).await.expect("an offset");
        assert_eq!(found, offset, "{time}");
    }
    let found = read(&reader, &partition, 1..2).await;
    assert_eq!(found[0].time, Timestamp::from_millis(1_770_033_601_000));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unresponsive_broker_is_an_error_after_the_timeout() {
    // The operating system accepts connections, but nothing reads from them.
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address").to_string();
    let settings = KafkaSettings::new("voc", address, "group", ["topic"]);
    let reader = AddressedReader::new(&settings).expect("a reader").with_timeout(Duration::from_secs(2));
    let silent = tokio::time::timeout(PATIENCE, async {
        let mut records = reader.read(&partition("topic", 0), 0..10);
        let outcome = records.next().await;
        (outcome, reader.partitions("topic").await)
    });
    let (records, partitions) = silent.await.expect("the timeout comes first");
    assert!(
        matches!(&records, Err(SourceError::Kafka(reason)) if reason.contains("did not answer within 2s")),
        "{records:?}"
    );
    assert!(partitions.is_err(), "{partitions:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_offset_is_an_error() {
    let Some(cluster) = Cluster::get() else { return };
    let topic = cluster.fresh_topic(1).await;
    let reader = AddressedReader::new(&cluster.settings(&[&topic])).expect("a reader");
    let error = reader.read(&partition(&topic, 0), 5..10).next().await.expect_err("nothing is there");
    assert!(error.to_string().contains("no longer has the offset 5"), "{error}");
}
