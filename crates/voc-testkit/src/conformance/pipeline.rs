//! What every pipeline does with the records of every family, whatever happens to its store and its owners.
//!
//! ```no_run
//! # use voc_testkit::{conformance, toy::{Toy, visit}};
//! # async fn test() {
//! conformance::pipeline::check::<Toy>(visit).await;
//! # }
//! ```
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "only tests call it")]

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use tokio::task::JoinHandle;
use voc_events::Family;
use voc_ingest::{
    Assignment, BatchSettings, CommitError, CommittedOffset, Committer, Headers, LaneControl, LaneHandle, Pipeline,
    PipelineError, RecordChunk, Source, SourceError, StoreDeadLetters, TopicPartition,
};
use voc_nlp::Annotator;
use voc_store::{Account, DeadLetter, EventQueries as _, LedgerFilter, MemoryStore};

/// Records of the partition; every tenth is bad.
const RECORDS: i64 = 60;
/// Records of a chunk, and of a batch.
const CHUNK: i64 = 7;
const BATCH: usize = 10;

/// Checks a family. `record` makes the record of a numbered event; see [`store::check`](super::store::check).
///
/// # Panics
/// If a record is lost or duplicated, or does not become what it should.
pub async fn check<F: Family>(record: impl Fn(i64) -> String) {
    let partition = Partition::<F>::new(record);
    partition.every_record_becomes_one_thing().await;
    partition.a_store_that_fails_loses_nothing().await;
    partition.owners_that_die_lose_nothing().await;
    partition.a_refused_row_is_a_dead_letter_as_it_was_received().await;
}

/// A partition with its records and its progress.
struct Partition<F> {
    records: Vec<String>,
    family: std::marker::PhantomData<fn() -> F>,
}

/// The last commit.
#[derive(Clone, Default)]
struct Commits(Arc<Mutex<Option<CommittedOffset>>>);

#[async_trait]
impl Committer for Commits {
    async fn commit(&self, _: &TopicPartition, next_offset: i64, metadata: Option<&str>) -> Result<(), CommitError> {
        *self.0.lock().unwrap() = Some(CommittedOffset { next_offset, metadata: metadata.map(str::to_owned) });
        Ok(())
    }
}

struct OnePartition(Option<Assignment>);

#[async_trait]
impl Source for OnePartition {
    async fn next_assignment(&mut self) -> Result<Option<Assignment>, SourceError> {
        Ok(self.0.take())
    }
}

/// A running owner of the partition.
struct Owner {
    handle: LaneHandle,
    pipeline: JoinHandle<Result<(), PipelineError>>,
}

impl<F: Family> Partition<F> {
    fn new(record: impl Fn(i64) -> String) -> Self {
        let records = (0..RECORDS).map(|number| if is_bad(number) { "no event".to_owned() } else { record(number) });
        Self { records: records.collect(), family: std::marker::PhantomData }
    }

    fn topic() -> &'static str {
        F::PRESETS.topics[0]
    }

    /// An owner that resumes at the last commit.
    fn owner(store: &MemoryStore, commits: &Commits) -> Owner {
        let partition = TopicPartition { topic: Self::topic().into(), partition: 0 };
        let committed = commits.0.lock().unwrap().clone();
        let (assignment, handle) = Assignment::new(partition, Arc::new(commits.clone()), committed, 1, 1);
        let batch = BatchSettings {
            size: BATCH,
            max: BATCH,
            flush_after: Duration::from_secs(3600),
            ..BatchSettings::default()
        };
        let dead_letters = Arc::new(StoreDeadLetters::new(Arc::new(store.clone())));
        let pipeline =
            Pipeline::<F>::new(Arc::new(store.clone()), Arc::new(Annotator::default()), dead_letters).batch(batch);
        Owner { handle, pipeline: tokio::spawn(pipeline.run(OnePartition(Some(assignment)))) }
    }

    /// Sends an owner the records from the last commit on, until the store has this many rows; then the owner is
    /// abandoned. Returns whether it reached the end.
    async fn own(&self, store: &MemoryStore, commits: &Commits, dies_after_rows: usize) -> bool {
        let first = commits.0.lock().unwrap().as_ref().map_or(0, |committed| committed.next_offset);
        let Owner { handle: LaneHandle { records, control, .. }, pipeline } = Self::owner(store, commits);
        for start in (first..RECORDS).step_by(CHUNK as usize) {
            if store.rows() >= dies_after_rows {
                control.send_replace(LaneControl::Abandon);
                break;
            }
            let mut chunk = RecordChunk::default();
            for offset in start..(start + CHUNK).min(RECORDS) {
                let value = self.records[offset as usize].as_bytes();
                chunk.push(offset, Some(b"key"), Some(value), vec![("header".to_owned(), Some(b"value".to_vec()))]);
            }
            if records.send(chunk).await.is_err() {
                break;
            }
        }
        let is_done = store.rows() < dies_after_rows;
        drop(records);
        pipeline.await.expect("no panic").expect("the pipeline does not fail");
        is_done
    }

    /// Every record became exactly one row or dead letter, and the ledger agrees, under this family's name.
    async fn check(&self, store: &MemoryStore) {
        let good: Vec<i64> = (0..RECORDS).filter(|number| !is_bad(*number)).collect();
        assert_eq!(store.offsets(Self::topic(), 0), good, "{}", F::NAME);
        let mut dead_letters = store.dead_letters();
        dead_letters.sort_by_key(|dead_letter| dead_letter.offset);
        let bad: Vec<i64> = (0..RECORDS).filter(|number| is_bad(*number)).collect();
        assert_eq!(dead_letters.iter().map(|dead_letter| dead_letter.offset).collect::<Vec<_>>(), bad);
        assert!(
            dead_letters.iter().all(|dead_letter| dead_letter.family == F::NAME && dead_letter.payload.as_deref() == Some(b"no event"))
        );
        let filter = LedgerFilter { family: Some(F::NAME.to_owned()), ..LedgerFilter::default() };
        let ledgers = store.ledger(&filter).await.unwrap();
        let mut account = Account::default();
        for ledger in &ledgers {
            assert!(ledger.balanced, "{ledger:?}");
            assert_eq!(ledger.tenant_count == 0, F::TABLE.tenant.is_none(), "{ledger:?}");
            account += ledger.account;
        }
        let (stored, dead_lettered) = (good.len() as u64, bad.len() as u64);
        assert_eq!(account, Account { consumed: stored + dead_lettered, stored, dead_lettered, duplicates: 0 });
    }

    async fn every_record_becomes_one_thing(&self) {
        let (store, commits) = (MemoryStore::new(), Commits::default());
        assert!(self.own(&store, &commits, usize::MAX).await);
        self.check(&store).await;
    }

    async fn a_store_that_fails_loses_nothing(&self) {
        type Failure = fn(&MemoryStore);
        let failures: [Failure; 6] = [
            |store| store.fail_next(3),
            |store| store.lose_next_answers(3),
            |store| store.forget_rows_of_next(2),
            |store| store.fail_next_records(3),
            MemoryStore::end_sessions,
            MemoryStore::forget_tokens,
        ];
        for failure in failures {
            let (store, commits) = (MemoryStore::new(), Commits::default());
            failure(&store);
            assert!(self.own(&store, &commits, usize::MAX).await);
            self.check(&store).await;
        }
    }

    /// Owners that are abandoned after every possible number of rows, with and without having received an answer.
    async fn owners_that_die_lose_nothing(&self) {
        for dies_after in (1..RECORDS as usize).step_by(5) {
            for loses_answer in [false, true] {
                let (store, commits) = (MemoryStore::new(), Commits::default());
                store.lose_next_answers(usize::from(loses_answer));
                let mut limit = dies_after;
                while !self.own(&store, &commits, limit).await {
                    store.end_sessions();
                    limit += dies_after;
                }
                self.check(&store).await;
            }
        }
    }

    async fn a_refused_row_is_a_dead_letter_as_it_was_received(&self) {
        let (store, commits) = (MemoryStore::new(), Commits::default());
        store.reject_rows([3, 17]);
        assert!(self.own(&store, &commits, usize::MAX).await);
        let refused: Vec<DeadLetter> =
            store.dead_letters().into_iter().filter(|dead_letter| dead_letter.error_type == "store_rejected").collect();
        assert_eq!(refused.iter().map(|dead_letter| dead_letter.offset).collect::<Vec<_>>(), [3, 17], "{}", F::NAME);
        for dead_letter in refused {
            assert_eq!(dead_letter.payload.as_deref(), Some(self.records[dead_letter.offset as usize].as_bytes()));
            assert_eq!((dead_letter.family, dead_letter.key.as_deref()), (F::NAME, Some(&b"key"[..])));
            let headers: Headers = vec![("header".to_owned(), Some(b"value".to_vec()))];
            assert_eq!(dead_letter.headers, headers);
        }
    }
}

fn is_bad(number: i64) -> bool {
    number % 10 == 9
}
