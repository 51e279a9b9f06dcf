//! Variants of records.

use rdkafka::{
    message::{Header, OwnedHeaders},
    producer::{FutureRecord, Producer as _},
};

use crate::{
    member::{Journal, Member},
    support::{Cluster, PATIENCE, values},
};

#[tokio::test(flavor = "multi_thread")]
async fn tombstones_null_keys_and_headers_arrive_as_they_are() {
    let Some(cluster) = Cluster::get() else { return };
    let topic = cluster.fresh_topic(1).await;
    let producer = cluster.producer();
    let headers = OwnedHeaders::new()
        .insert(Header { key: "twice", value: Some("first") })
        .insert(Header { key: "null", value: None::<&str> })
        .insert(Header { key: "twice", value: Some("second") })
        .insert(Header { key: "empty", value: Some("") });
    let bytes: &[u8] = &[0xff, 0x00, 0xc3];
    let records: [FutureRecord<'_, [u8], [u8]>; 4] = [
        FutureRecord::to(&topic).key(&b"key"[..]).payload(bytes).headers(headers),
        FutureRecord::to(&topic).key(&b"deleted"[..]),
        FutureRecord::to(&topic).payload(&b"no key"[..]),
        FutureRecord::to(&topic).key(&b""[..]).payload(&b""[..]),
    ];
    for record in records {
        producer.send(record, PATIENCE).await.expect("delivery");
    }

    let journal = Journal::default();
    let member = Member::join("only", &cluster.settings(&[&topic]), &journal);
    journal.until("four records", |state| state.count() >= 4).await;
    member.stop().await;
    let records = journal.read(|state| state.records[&0].clone());
    let value = |text: &str| Some(text.as_bytes().to_vec());
    let header = |name: &str, value: Option<Vec<u8>>| (name.to_owned(), value);
    assert_eq!(
        records[0].headers,
        [
            header("twice", value("first")),
            header("null", None),
            header("twice", value("second")),
            header("empty", value(""))
        ]
    );
    assert_eq!((&records[0].key, records[0].value.as_deref()), (&value("key"), Some(bytes)));
    assert_eq!((&records[1].key, &records[1].value), (&value("deleted"), &None));
    assert_eq!((&records[2].key, &records[2].value), (&None, &value("no key")));
    assert_eq!((&records[3].key, &records[3].value), (&value(""), &value("")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_of_4_mib_arrives_among_small_ones() {
    let Some(cluster) = Cluster::get() else { return };
    let topic = cluster.fresh_topic(1).await;
    let large = values(1, 4 << 20).next().expect("a value");
    let sent: Vec<Vec<u8>> = values(50, 100).chain([large]).chain(values(50, 100)).collect();
    cluster.fill(&topic, 0, sent.clone()).await;
    let journal = Journal::default();
    let member = Member::join("only", &cluster.settings(&[&topic]), &journal);
    journal.until("all records", |state| state.count() >= sent.len()).await;
    member.stop().await;
    journal.read(|state| {
        state.assert_each_once();
        let received: Vec<&[u8]> = state.records[&0].iter().filter_map(|record| record.value.as_deref()).collect();
        assert!(received == sent, "the values differ");
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn records_of_aborted_transactions_do_not_arrive() {
    let Some(cluster) = Cluster::get() else { return };
    let topic = cluster.fresh_topic(1).await;
    let mut config = cluster.client();
    config.set("transactional.id", &topic);
    let producer: rdkafka::producer::FutureProducer = config.create().expect("a producer");
    tokio::task::block_in_place(|| producer.init_transactions(PATIENCE)).expect("transactions");
    for (value, kept) in [("one", true), ("two", false), ("three", true), ("four", false)] {
        producer.begin_transaction().expect("a transaction");
        producer.send(FutureRecord::<(), str>::to(&topic).payload(value), PATIENCE).await.expect("delivery");
        let ended = tokio::task::block_in_place(|| {
            if kept { producer.commit_transaction(PATIENCE) } else { producer.abort_transaction(PATIENCE) }
        });
        ended.expect("the transaction ends");
    }
    cluster.fill(&topic, 0, [b"last".to_vec()]).await;

    let journal = Journal::default();
    let settings = cluster.settings(&[&topic]);
    let member = Member::join("only", &settings, &journal);
    journal.until("three records", |state| state.count() >= 3).await;
    member.stop().await;
    let values: Vec<_> = journal.read(|state| {
        state.records[&0].iter().map(|record| String::from_utf8(record.value.clone().expect("a value"))).collect()
    });
    assert_eq!(values, [Ok("one".to_owned()), Ok("three".to_owned()), Ok("last".to_owned())]);
}
