//! Finding dead letters in their topics, and redriving them.

use voc_ingest::{
    DeadLetterSink as _, TopicPartition,
    kafka::{AddressedReader, DeadLetterFilter, DeadLetterReader, KafkaDeadLetters, RedriveError, Redriver},
};
use voc_store::DeadLetter;

use crate::{
    addressed::read,
    dead_letters::{dead_letter, noise},
    support::Cluster,
};

#[tokio::test(flavor = "multi_thread")]
async fn copies_count_once_and_a_record_is_redriven_unchanged() {
    let Some(cluster) = Cluster::get() else { return };
    let topic = cluster.fresh_topic(3).await;
    cluster.make_topic(&format!("{topic}.dlq"), 1, &[("max.message.bytes", "100000")]).await;
    let settings = cluster.settings(&[&topic]);
    let sink = KafkaDeadLetters::connect(&settings).await.expect("a sink");
    let tombstone = DeadLetter { key: None, payload: None, headers: Vec::new(), epoch: 5, ..dead_letter(&topic, 8) };
    let large = DeadLetter { payload: Some(noise(150_000)), ..dead_letter(&topic, 9) };
    for dead_letter in [dead_letter(&topic, 7), tombstone.clone(), large, dead_letter(&topic, 7)] {
        sink.deliver([dead_letter].into()).await.expect("delivery");
    }

    let dead_letters = DeadLetterReader::new(&settings).expect("a reader");
    let everything = DeadLetterFilter { limit: 100, ..DeadLetterFilter::default() };
    let found = dead_letters.find(&everything).await.expect("dead letters").dead_letters;
    let ids = [format!("{topic}/2/7"), format!("{topic}/2@5/8"), format!("{topic}/2/9")];
    assert!(found.iter().map(|dead_letter| &dead_letter.id).eq(&ids), "{found:?}");
    let expected = dead_letter(&topic, 7);
    assert_eq!(
        (&found[0].key, &found[0].value, &found[0].headers),
        (&expected.key, &expected.payload, &expected.headers)
    );
    assert_eq!((found[0].failed_at, &found[0].error), (expected.failed_at, &expected.error));
    let cut = dead_letters.find(&DeadLetterFilter { limit: 2, ..everything.clone() }).await.expect("dead letters");
    assert_eq!((cut.dead_letters.len(), cut.is_truncated), (2, true));
    let address = format!("{topic}/2@5/8").parse().expect("an address");
    assert_eq!(dead_letters.at(&address).await.expect("an answer").as_ref(), Some(&found[1]));

    let redriver = Redriver::new(&settings).expect("a producer");
    assert_eq!(redriver.redrive(&found[0]).await.expect("a redrive"), 1);
    assert_eq!(redriver.redrive(&found[1]).await.expect("a redrive"), 1);
    assert!(matches!(redriver.redrive(&found[2]).await, Err(RedriveError::Omitted(parts)) if parts == "value"));
    let reader = AddressedReader::new(&settings).expect("a reader");
    let sent = read(&reader, &TopicPartition { topic: topic.as_str().into(), partition: 2 }, 0..2).await;
    assert_eq!((&sent[0].key, &sent[0].value), (&expected.key, &expected.payload));
    let mut headers = expected.headers.clone();
    headers.push(("voc.redriven".to_owned(), Some(format!("{topic}/2/7#1").into_bytes())));
    assert_eq!(sent[0].headers, headers);
    assert_eq!((&sent[1].key, &sent[1].value), (&None, &None));

    let waiting = DeadLetterFilter { waiting_only: true, ..everything.clone() };
    let left = dead_letters.find(&waiting).await.expect("dead letters").dead_letters;
    assert!(left.iter().map(|dead_letter| &dead_letter.id).eq([&ids[2]]), "{left:?}");
    let all = dead_letters.find(&everything).await.expect("dead letters").dead_letters;
    assert_eq!(all.iter().map(|dead_letter| dead_letter.redrives.len()).collect::<Vec<_>>(), [1, 1, 0]);
    assert_eq!(redriver.redrive(&all[0]).await.expect("a redrive"), 2);
}

/// A topic that was read as the wrong family has its dead letters, too.
#[tokio::test(flavor = "multi_thread")]
async fn dead_letters_of_a_record_belong_to_the_family_that_has_refused_it() {
    let Some(cluster) = Cluster::get() else { return };
    let topic = cluster.fresh_topic(3).await;
    let settings = cluster.settings(&[&topic]);
    let sink = KafkaDeadLetters::connect(&settings).await.expect("a sink");
    for family in ["voc", "product"] {
        let refused = DeadLetter { family, ..dead_letter(&topic, 7) };
        sink.deliver([refused].into()).await.expect("delivery");
    }
    let everything = DeadLetterFilter { limit: 100, ..DeadLetterFilter::default() };
    let found = async |families: &[&str]| {
        let reader = DeadLetterReader::new(&settings).expect("a reader").of_families(families.iter().copied());
        reader.find(&everything).await.expect("dead letters").dead_letters
    };
    let all = found(&[]).await;
    assert!(all.iter().map(|dead_letter| dead_letter.family.as_str()).eq(["voc", "product"]), "{all:?}");
    let of_product = found(&["product", "quality"]).await;
    assert_eq!(of_product, all[1..]);

    Redriver::new(&settings).expect("a producer").redrive(&of_product[0]).await.expect("a redrive");
    let redrives: Vec<usize> = found(&[]).await.iter().map(|dead_letter| dead_letter.redrives.len()).collect();
    assert_eq!(redrives, [0, 1], "the other family's is not redriven");
}
