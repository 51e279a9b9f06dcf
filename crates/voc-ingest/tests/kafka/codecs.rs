//! Records of another client in every compression codec.

use std::{collections::HashSet, fmt::Write as _};

use voc_testkit::kafka::{Codec, KafkaTools};

use crate::{
    member::{Journal, Member},
    support::Cluster,
};

async fn every_record_of_the_console_producer_arrives(codec: Codec) {
    const RECORDS: usize = 3000;
    let Some(cluster) = Cluster::get() else { return };
    let Some(tools) = KafkaTools::from_env_or_skip() else { return };
    let topic = cluster.fresh_topic(3).await;
    let mut lines = String::new();
    for number in 0..RECORDS {
        writeln!(lines, "{{\"number\":{number},\"text\":\"compressible compressible compressible\"}}")
            .expect("a string");
    }
    let options = ["--max-partition-memory-bytes", "65536"];
    tokio::task::block_in_place(|| tools.produce_with(&topic, codec, &options, &lines));

    let journal = Journal::default();
    let member = Member::join("only", &cluster.settings(&[&topic]), &journal);
    journal.until("all records", |state| state.count() >= RECORDS).await;
    member.stop().await;
    journal.read(|state| {
        state.assert_each_once();
        let sent: HashSet<&[u8]> = lines.lines().map(str::as_bytes).collect();
        let values = state.records.values().flatten().filter_map(|record| record.value.as_deref());
        assert_eq!(values.collect::<HashSet<_>>(), sent);
        assert_eq!(state.count(), RECORDS);
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn uncompressed() {
    every_record_of_the_console_producer_arrives(Codec::None).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn gzip() {
    every_record_of_the_console_producer_arrives(Codec::Gzip).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn snappy() {
    every_record_of_the_console_producer_arrives(Codec::Snappy).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn lz4() {
    every_record_of_the_console_producer_arrives(Codec::Lz4).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn zstd() {
    every_record_of_the_console_producer_arrives(Codec::Zstd).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_console_producer_can_express() {
    let Some(cluster) = Cluster::get() else { return };
    let Some(tools) = KafkaTools::from_env_or_skip() else { return };
    let topic = cluster.fresh_topic(1).await;
    let lines = "a:1,b:2,a:3\tkey\tvalue\nNULL\tgone\tNULL\nNULL\tNULL\tno key\nNULL\tempty\t\n";
    let properties = ["parse.headers=true", "parse.key=true", "null.marker=NULL"];
    let options: Vec<&str> = properties.iter().flat_map(|property| ["--property", property]).collect();
    tokio::task::block_in_place(|| tools.produce_with(&topic, Codec::None, &options, lines));

    let journal = Journal::default();
    let member = Member::join("only", &cluster.settings(&[&topic]), &journal);
    journal.until("four records", |state| state.count() >= 4).await;
    member.stop().await;
    let records = journal.read(|state| state.records[&0].clone());
    let header = |name: &str, value: &str| (name.to_owned(), Some(value.as_bytes().to_vec()));
    assert_eq!(records[0].headers, [header("a", "1"), header("b", "2"), header("a", "3")]);
    let bytes = |text: &str| Some(text.as_bytes().to_vec());
    let keys_and_values: Vec<_> = records.iter().map(|record| (record.key.clone(), record.value.clone())).collect();
    assert_eq!(
        keys_and_values,
        [(bytes("key"), bytes("value")), (bytes("gone"), None), (None, bytes("no key")), (bytes("empty"), bytes(""))]
    );
}
