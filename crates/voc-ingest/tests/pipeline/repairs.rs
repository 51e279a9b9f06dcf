//! Failing dead letters, ledger entries and commits: outages are waited out, and failures that need a repair end the
//! lane.

#![expect(clippy::unwrap_used, reason = "helpers of tests end them this way")]

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};

use async_trait::async_trait;
use voc_ingest::{CommitError, DeadLetterError, DeadLetterSink, DeliveryRemedy};
use voc_store::{DeadLetter, MemoryStore};

use crate::support::{LaneUnderTest, MAX_ATTEMPTS, by_size, event};

const REPAIR: &str = "sweep the chimney";

/// A sink with scripted results of its first calls.
struct FailingSink {
    answers: Mutex<Vec<DeliveryRemedy>>,
    calls: AtomicUsize,
    kept: Mutex<Vec<i64>>,
}

impl FailingSink {
    fn with(answers: impl IntoIterator<Item = DeliveryRemedy>) -> Arc<Self> {
        let answers = Mutex::new(answers.into_iter().collect());
        Arc::new(Self { answers, calls: AtomicUsize::new(0), kept: Mutex::default() })
    }

    fn calls(&self) -> usize {
        self.calls.load(Ordering::SeqCst)
    }
}

#[async_trait]
impl DeadLetterSink for FailingSink {
    async fn deliver(&self, dead_letters: Arc<[DeadLetter]>) -> Result<(), DeadLetterError> {
        self.calls.fetch_add(1, Ordering::SeqCst);
        match self.answers.lock().unwrap().pop() {
            Some(remedy) => Err(DeadLetterError { target: "the stove".to_owned(), reason: "smoke".to_owned(), remedy }),
            None => {
                let offsets = dead_letters.iter().map(|dead_letter| dead_letter.offset);
                self.kept.lock().unwrap().extend(offsets);
                Ok(())
            }
        }
    }
}

/// Sends eight events and two records that are not events.
async fn send(lane: &LaneUnderTest) {
    let records: Vec<String> =
        (0..10).map(|offset| if offset % 5 == 2 { "no JSON".to_owned() } else { event(offset) }).collect();
    lane.send(lane.chunk(0, records.iter().map(|record| Some(record.as_bytes())))).await;
}

/// Expects the lane to fail with an error that contains all these texts, with only the declaration of the batch
/// committed.
async fn fails_with(lane: &mut LaneUnderTest, said: &[&str]) {
    let error = lane.failed().await.to_string();
    let attempts = format!("after {MAX_ATTEMPTS} attempts");
    for said in [said, &["voc.events/0", "0-9", &attempts, "It is neither committed nor lost"]].concat() {
        assert!(error.contains(said), "{said:?} is not in {error:?}");
    }
    assert_eq!(lane.commits().iter().map(|(offset, _)| *offset).collect::<Vec<_>>(), [0]);
}

#[tokio::test(start_paused = true)]
async fn a_refused_ledger_entry_eventually_ends_the_lane() {
    // A missing table, and a constraint that someone has added; entries are not refused for their data otherwise.
    for code in [60, 469] {
        let store = MemoryStore::new();
        store.reject_records(Some(code));
        let mut lane = LaneUnderTest::with_store(store.clone(), by_size(10, 10), Vec::new());
        send(&lane).await;
        let code = format!("code {code}");
        fails_with(&mut lane, &["its ledger entry", "refuse the entry", &code, "migrate status"]).await;
        assert_eq!((store.rows(), store.dead_letters().len(), store.recorded().len()), (8, 2, 0));

        // A restart after the repair completes the batch without duplicates.
        store.reject_records(None);
        let (_, metadata) = lane.commits().pop().expect("the batch was declared");
        let mut next = LaneUnderTest::taking_over(store.clone(), by_size(10, 10), 0, metadata.as_deref());
        send(&next).await;
        next.end_records();
        next.ended().await;
        assert_eq!((store.rows(), store.dead_letters().len(), store.recorded().len()), (8, 2, 1));
        assert_eq!(next.offsets(), [10]);
    }
}

#[tokio::test(start_paused = true)]
async fn refused_dead_letters_eventually_end_the_lane() {
    for code in [60, 469] {
        let store = MemoryStore::new();
        store.reject_dead_letters(Some(code));
        let mut lane = LaneUnderTest::with_store(store.clone(), by_size(10, 10), Vec::new());
        send(&lane).await;
        let code = format!("code {code}");
        let said = ["2 dead letters", "the dead_letters table", "refuse the dead letters", &code, "migrate status"];
        fails_with(&mut lane, &said).await;
        assert_eq!((store.rows(), store.dead_letters().len(), store.recorded().len()), (0, 0, 0));
        assert_eq!(store.attempts(), MAX_ATTEMPTS as usize);
    }
}

#[tokio::test(start_paused = true)]
async fn a_sink_that_needs_a_repair_eventually_ends_the_lane() {
    let refusals = || std::iter::repeat_n(DeliveryRemedy::Repair(REPAIR), 2 * MAX_ATTEMPTS as usize);
    let (store, sink) = (MemoryStore::new(), FailingSink::with(refusals()));
    let mut lane = LaneUnderTest::with_sink(store.clone(), Arc::clone(&sink) as Arc<_>, by_size(10, 10));
    send(&lane).await;
    fails_with(&mut lane, &["2 dead letters not delivered to the stove: smoke", REPAIR]).await;
    assert_eq!((sink.calls(), store.rows(), store.recorded().len()), (MAX_ATTEMPTS as usize, 0, 0));

    // The dead letter of a refused row, after the other rows are stored.
    let (store, sink) = (MemoryStore::new(), FailingSink::with(refusals()));
    store.reject_rows([4]);
    let mut lane = LaneUnderTest::with_sink(store.clone(), Arc::clone(&sink) as Arc<_>, by_size(10, 10));
    lane.send_events(0..10).await;
    fails_with(&mut lane, &["1 dead letters not delivered to the stove: smoke", REPAIR]).await;
    assert_eq!((sink.calls(), store.rows(), store.recorded().len()), (MAX_ATTEMPTS as usize, 9, 0));
}

#[tokio::test(start_paused = true)]
async fn an_outage_is_waited_out_however_long() {
    let outage = 4 * MAX_ATTEMPTS as usize;
    let (store, sink) = (MemoryStore::new(), FailingSink::with(std::iter::repeat_n(DeliveryRemedy::Wait, outage)));
    store.fail_next(outage);
    store.fail_next_records(outage);
    let mut lane = LaneUnderTest::with_sink(store.clone(), Arc::clone(&sink) as Arc<_>, by_size(10, 10));
    send(&lane).await;
    lane.committed(10).await;
    lane.end_records();
    lane.ended().await;
    assert_eq!((sink.calls(), store.attempts()), (outage + 1, outage + 1));
    assert_eq!((store.rows(), store.recorded().len()), (8, 1));
    assert_eq!(*sink.kept.lock().unwrap(), [2, 7]);
}

#[tokio::test(start_paused = true)]
async fn an_outage_does_not_count_as_a_refusal() {
    // One refusal less than permitted, with outages before, between and after them.
    let refusals =
        (1..MAX_ATTEMPTS).flat_map(|_| [DeliveryRemedy::Repair(REPAIR), DeliveryRemedy::Wait, DeliveryRemedy::Wait]);
    let sink = FailingSink::with(std::iter::once(DeliveryRemedy::Wait).chain(refusals));
    let mut lane = LaneUnderTest::with_sink(MemoryStore::new(), Arc::clone(&sink) as Arc<_>, by_size(10, 10));
    send(&lane).await;
    lane.end_records();
    lane.ended().await;
    assert_eq!((lane.tally.dead_lettered(), lane.offsets()), (2, vec![10]));
}

#[tokio::test(start_paused = true)]
async fn a_refused_commit_eventually_ends_the_lane() {
    let refused = || CommitError::Refused { reason: "no right".to_owned(), repair: REPAIR };
    let away = || CommitError::Unavailable("no coordinator".to_owned());
    let store = MemoryStore::new();
    let refusals = std::iter::repeat_with(refused).take(MAX_ATTEMPTS as usize).collect();
    let mut lane = LaneUnderTest::with_store(store.clone(), by_size(10, 10), refusals);
    send(&lane).await;
    let error = lane.failed().await.to_string();
    for said in
        ["voc.events/0", "the commit of offset 0", "no right", REPAIR, &format!("after {MAX_ATTEMPTS} attempts")]
    {
        assert!(error.contains(said), "{said:?} is not in {error:?}");
    }
    assert_eq!((store.rows(), lane.commits().len()), (0, 0), "nothing is stored that was not declared");

    // Transient failures are waited out, however long.
    let refusals = std::iter::repeat_with(away).take(4 * MAX_ATTEMPTS as usize).collect();
    let mut lane = LaneUnderTest::with_store(store.clone(), by_size(10, 10), refusals);
    send(&lane).await;
    lane.end_records();
    lane.ended().await;
    assert_eq!(lane.offsets(), [10]);
}
