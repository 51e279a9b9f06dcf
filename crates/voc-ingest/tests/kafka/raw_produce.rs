//! A record that no client library would send, encoded byte by byte.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
};

use crate::{
    member::{Journal, Member},
    support::{Cluster, values},
};

fn varint(number: i32) -> Vec<u8> {
    let mut rest = ((number << 1) ^ (number >> 31)).cast_unsigned();
    let mut bytes = Vec::new();
    while rest >= 0x80 {
        bytes.push((rest & 0x7f) as u8 | 0x80);
        rest >>= 7;
    }
    bytes.push(rest as u8);
    bytes
}

fn length(bytes: &[u8]) -> i32 {
    i32::try_from(bytes.len()).expect("short")
}

fn sized(bytes: &[u8]) -> Vec<u8> {
    [&varint(length(bytes)), bytes].concat()
}

fn crc32c(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ if crc & 1 == 1 { 0x82f6_3b78 } else { 0 })
    })
}

/// A batch of one record without a key.
fn record_batch(value: &[u8], headers: &[(&[u8], &[u8])]) -> Vec<u8> {
    let headers = headers.iter().flat_map(|(name, value)| [sized(name), sized(value)].concat()).collect::<Vec<u8>>();
    // Attributes, deltas of time and offset, no key.
    let record = [&[0, 0, 0, 1], &sized(value)[..], &varint(2), &headers].concat();
    let after_crc = [
        // Attributes and delta to the last offset.
        &[0; 6][..],
        &1_770_033_600_000_i64.to_be_bytes(),
        &1_770_033_600_000_i64.to_be_bytes(),
        // No producer ID, epoch or sequence.
        &[0xff; 14],
        &1_i32.to_be_bytes(),
        &sized(&record),
    ]
    .concat();
    let after_length = [&[0xff; 4], &[2][..], &crc32c(&after_crc).to_be_bytes(), &after_crc].concat();
    [&[0; 8], &length(&after_length).to_be_bytes()[..], &after_length].concat()
}

/// Sends a batch to partition 0 in a request of version 3; returns the error code.
fn produce(bootstrap: &str, topic: &str, batch: &[u8]) -> i16 {
    let topic_length = i16::try_from(topic.len()).expect("short").to_be_bytes();
    let request = [
        // Produce, version 3, correlation 1, no client ID, no transaction, all replicas, 30 s, one topic.
        &[0, 0, 0, 3, 0, 0, 0, 1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff][..],
        &30_000_i32.to_be_bytes(),
        &1_i32.to_be_bytes(),
        &topic_length,
        topic.as_bytes(),
        // One partition, number 0.
        &1_i32.to_be_bytes(),
        &0_i32.to_be_bytes(),
        &length(batch).to_be_bytes(),
        batch,
    ]
    .concat();
    let mut stream = TcpStream::connect(bootstrap).expect("a connection");
    stream.write_all(&[&length(&request).to_be_bytes(), &request[..]].concat()).expect("the broker listens");
    // Length, correlation, topics, the name, partitions, the number.
    let mut answer = vec![0; 4 + 4 + 4 + 2 + topic.len() + 4 + 4 + 2];
    stream.read_exact(&mut answer).expect("an answer");
    i16::from_be_bytes([answer[answer.len() - 2], answer[answer.len() - 1]])
}

#[tokio::test(flavor = "multi_thread")]
async fn a_header_whose_name_is_not_utf8_is_dropped_and_the_record_arrives() {
    let Some(cluster) = Cluster::get() else { return };
    let topic = cluster.fresh_topic(1).await;
    let batch = record_batch(b"value", &[(b"good", b"1"), (&[0xff, 0xfe], b"2")]);
    let code = tokio::task::block_in_place(|| produce(&cluster.bootstrap, &topic, &batch));
    assert_eq!(code, 0, "the broker takes it");
    cluster.fill(&topic, 0, values(1, 10)).await;
    let journal = Journal::default();
    let member = Member::join("only", &cluster.settings(&[&topic]), &journal);
    journal.until("both records", |state| state.committed.get(&0) == Some(&2)).await;
    member.stop().await;
    let record = journal.read(|state| state.records[&0][0].clone());
    assert_eq!((record.key, record.value.as_deref()), (None, Some(&b"value"[..])));
    assert_eq!(record.headers, [("good".to_owned(), Some(b"1".to_vec()))]);
}
