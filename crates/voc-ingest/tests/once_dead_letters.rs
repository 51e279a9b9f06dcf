//! Dead letters that are kept in two places, and crashes between the two.

#![expect(clippy::unwrap_used, reason = "helpers of tests end them this way")]

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use voc_events::Timestamp;
use voc_ingest::{DeadLetterError, DeadLetterSink, DeliveryRemedy, OnceDeadLetters};
use voc_store::{DeadLetter, MemoryStore};

/// Records offsets, or fails.
#[derive(Default)]
struct Topic {
    offsets: Mutex<Vec<i64>>,
    is_away: Mutex<bool>,
}

#[async_trait]
impl DeadLetterSink for Topic {
    async fn deliver(&self, dead_letters: Arc<[DeadLetter]>) -> Result<(), DeadLetterError> {
        if *self.is_away.lock().unwrap() {
            let (target, reason) = ("the topic".to_owned(), "away".to_owned());
            return Err(DeadLetterError { target, reason, remedy: DeliveryRemedy::Wait });
        }
        self.offsets.lock().unwrap().extend(dead_letters.iter().map(|dead_letter| dead_letter.offset));
        Ok(())
    }
}

fn dead_letters(offsets: impl IntoIterator<Item = i64>) -> Arc<[DeadLetter]> {
    let dead_letter = |offset| DeadLetter {
        family: "voc",
        error_type: "invalid_json".to_owned(),
        error: String::new(),
        path: String::new(),
        tenant_id: String::new(),
        topic: "voc.events".to_owned(),
        partition: 0,
        epoch: 7,
        offset,
        key: None,
        payload: None,
        headers: Vec::new(),
        failed_at: Timestamp::from_millis(0),
    };
    offsets.into_iter().map(dead_letter).collect()
}

fn stored(store: &MemoryStore) -> Vec<i64> {
    store.dead_letters().iter().map(|dead_letter| dead_letter.offset).collect()
}

#[tokio::test]
async fn a_batch_that_is_read_again_sends_only_dead_letters_missing_in_the_table() {
    let (store, topic) = (MemoryStore::new(), Arc::new(Topic::default()));
    let sink = OnceDeadLetters::new(Arc::new(store.clone()), Arc::clone(&topic) as Arc<_>);
    sink.deliver(dead_letters(0..3)).await.unwrap();
    sink.deliver(dead_letters(0..3)).await.unwrap();
    // Cut differently.
    sink.deliver(dead_letters(1..5)).await.unwrap();
    assert_eq!(*topic.offsets.lock().unwrap(), [0, 1, 2, 3, 4]);
    assert_eq!(stored(&store), [0, 1, 2, 3, 4]);
}

#[tokio::test]
async fn a_dead_letter_is_inserted_only_after_it_is_in_the_topic() {
    let (store, topic) = (MemoryStore::new(), Arc::new(Topic::default()));
    let sink = OnceDeadLetters::new(Arc::new(store.clone()), Arc::clone(&topic) as Arc<_>);
    *topic.is_away.lock().unwrap() = true;
    assert_eq!(sink.deliver(dead_letters(0..2)).await.unwrap_err().target, "the topic");
    assert!(stored(&store).is_empty());

    // A crash between the two: the topic has a second copy, the table has one.
    *topic.is_away.lock().unwrap() = false;
    store.fail_next(1);
    assert_eq!(sink.deliver(dead_letters(0..2)).await.unwrap_err().target, "the dead_letters table");
    sink.deliver(dead_letters(0..2)).await.unwrap();
    sink.deliver(dead_letters(0..2)).await.unwrap();
    assert_eq!(*topic.offsets.lock().unwrap(), [0, 1, 0, 1]);
    assert_eq!(stored(&store), [0, 1]);
}
