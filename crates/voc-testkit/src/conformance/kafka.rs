//! What a processor of any family does with the records of a real broker: it stores them, dead-letters them, sends
//! dead letters again, replays a range, and finds no differences when it compares.
//!
//! ```no_run
//! # use std::sync::Arc;
//! # use voc_store::embedded::EmbeddedStore;
//! # use voc_testkit::{conformance, kafka::KafkaTools, toy::{Toy, visit}};
//! # async fn test(tools: &KafkaTools, store: Arc<EmbeddedStore>) {
//! conformance::kafka::check::<Toy, _>(tools, store, visit).await;
//! # }
//! ```
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "only tests call it")]

use std::{collections::BTreeMap, marker::PhantomData, ops::Range, sync::Arc, time::Duration};

use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;
use voc_events::{DecodeOptions, Family, Timestamp};
use voc_ingest::{
    BatchSettings, MemoryBudget, OnceDeadLetters, Pipeline, ReplayReport, Replayer,
    kafka::{
        AddressedReader, DeadLetterFilter, DeadLetterReader, KafkaDeadLetters, KafkaSettings, KafkaSource, Redriver,
    },
    verify::Verifier,
};
use voc_nlp::Annotator;
use voc_store::{
    Account, EventQueries as _, LedgerFilter, OffsetSpan, PartitionBy, Period, Revision, Revisions as _, SqlBackend,
    SqlStore, TypeSummary,
};

use super::store::Subject as _;
use crate::kafka::{Codec, KafkaTools};

/// Records sent first.
const RECORDS: i64 = 60;
/// The one whose row the store refuses.
const REFUSED: i64 = 12;
/// Those that are not events.
const BAD: [i64; 4] = [7, 21, 22, 59];
/// Records replayed.
const REPLAYED: Range<i64> = 20..40;
/// The limit on everything that is awaited; only a failing test reaches it.
const PATIENCE: Duration = Duration::from_secs(60);

/// Checks a family; its tables exist and are empty. `record` makes the record of a numbered event; see
/// [`store::check`](super::store::check).
///
/// # Panics
/// If a record is lost or duplicated, or does not become what it should.
pub async fn check<F: Family, B: SqlBackend>(
    tools: &KafkaTools,
    store: Arc<SqlStore<B>>,
    record: impl Fn(i64) -> String,
) {
    let topic = format!("voc-test-{}-{}", F::NAME, Uuid::new_v4().simple());
    tools.create_topic(&topic, 1);
    let records: Vec<String> =
        (0..RECORDS).map(|number| if BAD.contains(&number) { "no event".to_owned() } else { record(number) }).collect();
    tools.produce(&topic, Codec::Zstd, records.iter().map(String::as_str));
    let group = format!("{topic}-group");
    let settings = KafkaSettings::new(F::NAME, tools.bootstrap(), group, [topic.as_str()]);
    let topic = Topic::<F, B> { settings, store, records, family: PhantomData };

    // Boxed, because the compiler bounds how deep a future may be nested.
    Box::pin(topic.records_are_stored_or_dead_lettered()).await;
    Box::pin(topic.dead_letters_are_sent_again()).await;
    Box::pin(topic.a_range_is_replayed()).await;
}

/// A topic, its records, and their store.
struct Topic<F, B> {
    settings: KafkaSettings,
    store: Arc<SqlStore<B>>,
    records: Vec<String>,
    family: PhantomData<fn() -> F>,
}

impl<F: Family, B: SqlBackend> Topic<F, B> {
    async fn records_are_stored_or_dead_lettered(&self) {
        self.store.refuse(&F::TABLE, &[REFUSED]).await;
        let expected = Account { consumed: 60, stored: 55, dead_lettered: 5, duplicates: 0 };
        self.process(expected.consumed).await;
        self.check_account(expected).await;

        let found = self.dead_letters(&DeadLetterFilter::default()).await;
        let offsets: Vec<i64> = found.iter().map(|(offset, ..)| *offset).collect();
        assert_eq!(offsets, [BAD[0], REFUSED, BAD[1], BAD[2], BAD[3]]);
        for (offset, error_type, value) in found {
            let expected = if offset == REFUSED { "store_rejected" } else { "invalid_json" };
            assert_eq!((error_type.as_str(), &value), (expected, &self.records[offset as usize]));
        }
    }

    /// One of them is an event, whose row the store now accepts.
    async fn dead_letters_are_sent_again(&self) {
        let sql = format!("ALTER TABLE {} DROP CONSTRAINT refused", F::TABLE.name);
        self.store.backend().execute(&sql, &[]).await.unwrap();
        let reader = DeadLetterReader::new(&self.settings).unwrap();
        let redriver = Redriver::new(&self.settings).unwrap();
        for dead_letter in reader.find(&all()).await.unwrap().dead_letters {
            redriver.redrive(&dead_letter).await.unwrap();
        }
        let expected = Account { consumed: 65, stored: 56, dead_lettered: 9, duplicates: 0 };
        self.process(expected.consumed).await;
        self.check_account(expected).await;
        let new = self.dead_letters(&DeadLetterFilter { waiting_only: true, ..DeadLetterFilter::default() }).await;
        assert_eq!(new.len(), BAD.len(), "those that still are not events: {new:?}");
        assert!(new.iter().all(|(offset, ..)| *offset >= RECORDS), "{new:?}");
    }

    async fn a_range_is_replayed(&self) {
        let topic = self.settings.topics[0].as_str();
        let reader = AddressedReader::new(&self.settings).unwrap();
        let options = DecodeOptions::default();
        let annotator = Arc::new(Annotator::default());
        let store = Arc::clone(&self.store);
        let replayer = Replayer::<F>::new(store, annotator, topic, &options, PartitionBy::Month);
        let offsets = OffsetSpan { topic: topic.into(), partition: 0, first: REPLAYED.start, end: REPLAYED.end };
        let expected = ReplayReport { read: 20, unchanged: 18, still_bad: 2, ..ReplayReport::default() };
        let plan = replayer.plan(&reader, &offsets).await.unwrap();
        assert_eq!(counts(plan), expected);

        let before = self.summary().await;
        let rows = self.store.stored_rows(&F::TABLE, &offsets).await.unwrap();
        let id = format!("{topic}/0/20-40");
        let revision = Revision::new(id, F::NAME, &F::TABLE, offsets.clone());
        let (revision, report) = replayer.run(&reader, &revision).await.unwrap();
        assert_eq!(counts(report), expected);
        assert_eq!(self.summary().await, before, "counted twice while both versions exist");
        replayer.finish(&revision).await.unwrap();
        assert_eq!(self.summary().await, before);
        assert_eq!(self.store.stored_rows(&F::TABLE, &offsets).await.unwrap(), rows);
        self.verify(Account { consumed: 65, stored: 56, dead_lettered: 9, duplicates: 0 }).await;
    }

    /// Runs a processor until the ledger counts this many records.
    async fn process(&self, records: u64) {
        let stop = CancellationToken::new();
        let source = KafkaSource::connect(&self.settings, MemoryBudget::new(64 << 20), 500, stop.clone()).unwrap();
        let published = Arc::new(KafkaDeadLetters::connect(&self.settings).await.unwrap());
        let dead_letters = Arc::new(OnceDeadLetters::new(self.store.clone(), published));
        let store = Arc::clone(&self.store);
        let batch = BatchSettings { size: 10, flush_after: Duration::from_millis(100), ..BatchSettings::default() };
        let pipeline = Pipeline::<F>::new(store, Arc::new(Annotator::default()), dead_letters).batch(batch);
        let running = tokio::spawn(pipeline.run(source));
        let counted = async {
            while self.account().await.consumed < records {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        if timeout(PATIENCE, counted).await.is_err() {
            panic!("{records} records are not accounted for: {:?}", self.account().await);
        }
        stop.cancel();
        timeout(PATIENCE, running).await.expect("the pipeline ends").expect("no panic").unwrap();
    }

    async fn account(&self) -> Account {
        let filter = LedgerFilter { topic: self.settings.topics.first().cloned(), ..LedgerFilter::default() };
        let ledgers = self.store.ledger(&filter).await.unwrap();
        assert!(ledgers.iter().all(|ledger| ledger.family == F::NAME && ledger.balanced), "{ledgers:?}");
        ledgers.first().map(|ledger| ledger.account).unwrap_or_default()
    }

    async fn check_account(&self, expected: Account) {
        assert_eq!(self.account().await, expected);
        let rows: u64 = self.summary().await.iter().map(|of_type| of_type.event_count).sum();
        assert_eq!(rows, expected.stored);
        self.verify(expected).await;
    }

    /// Compares the broker, the ledger and the store.
    async fn verify(&self, expected: Account) {
        let verifier = Verifier::new(&*self.store, &self.settings, DecodeOptions::default()).unwrap();
        let report = verifier.run::<F>().await.unwrap();
        assert_eq!(report.differences(), 0, "{report}");
        let [partition] = &report.partitions[..] else { panic!("one partition: {report}") };
        assert_eq!(partition.logs.iter().map(|log| log.account).collect::<Vec<_>>(), [expected], "{report}");
    }

    async fn summary(&self) -> Vec<TypeSummary> {
        let period = Period { since: Timestamp::from_millis(0), until: Timestamp::from_millis(4_000_000_000_000) };
        self.store.summary(&F::TABLE, None, period).await.unwrap()
    }

    /// Offsets, classes of errors and values of dead letters, by offset.
    async fn dead_letters(&self, filter: &DeadLetterFilter) -> Vec<(i64, String, String)> {
        let filter = DeadLetterFilter { limit: all().limit, ..filter.clone() };
        let found = DeadLetterReader::new(&self.settings).unwrap().find(&filter).await.unwrap();
        assert!(found.dead_letters.iter().all(|dead_letter| dead_letter.family == F::NAME));
        let of = |value: Option<Vec<u8>>| String::from_utf8(value.unwrap()).unwrap();
        let found = found.dead_letters.into_iter();
        let mut found: Vec<_> =
            found.map(|dead_letter| (dead_letter.offset, dead_letter.error_type, of(dead_letter.value))).collect();
        found.sort();
        found
    }
}

fn all() -> DeadLetterFilter {
    DeadLetterFilter { limit: 1000, ..DeadLetterFilter::default() }
}

/// A report without what its annotator found.
fn counts(report: ReplayReport) -> ReplayReport {
    ReplayReport { sentiments: BTreeMap::new(), topics: BTreeMap::new(), ..report }
}
