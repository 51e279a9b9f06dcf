//! What every store does with the events of every family.
//!
//! ```no_run
//! # use voc_store::MemoryStore;
//! # use voc_testkit::{conformance, toy::{Toy, visit}};
//! # async fn test() {
//! conformance::store::check::<Toy, _>(&MemoryStore::new(), visit).await;
//! # }
//! ```
#![expect(clippy::unwrap_used, reason = "only tests call it")]

use std::{collections::BTreeMap, ops::Range, sync::Arc};

use voc_events::{DecodeOptions, Envelope, Family, FamilyEvent, Table, TenantId, Timestamp};
use voc_store::{
    Account, BatchBuilder, DeadLetter, EventQueries, EventStore, InsertBatch, LedgerEntry, LedgerFilter, MemoryStore,
    OffsetSpan, PartitionBy, Period, RecentEvent, RecentRange, ReinsertOutcome, Remedy, Revision, Revisions,
    RowAnnotation, SourceRange, SqlBackend, SqlStore, StoredRow, TopicSummary, TypeSummary,
};

use crate::merges::merge_versions;

/// A store that can be made to lose rows, to refuse them, and to keep all versions of them.
pub trait Subject: EventStore + EventQueries + Revisions {
    /// Inserts a batch of which the tokens are remembered, but not the rows, like an engine that is killed between its
    /// two writes.
    fn insert_and_lose(&self, batch: &Arc<InsertBatch>) -> impl Future<Output = ()>;

    /// Refuses rows at these offsets from now on.
    fn refuse(&self, table: &Table, offsets: &[i64]) -> impl Future<Output = ()>;

    /// Prevents merges of rows with equal keys, or allows them again.
    fn set_merging(&self, table: &Table, merging: bool) -> impl Future<Output = ()>;
}

impl Subject for MemoryStore {
    async fn insert_and_lose(&self, batch: &Arc<InsertBatch>) {
        for _ in &batch.parts {
            self.forget_rows_of_next(1);
            assert!(self.insert(batch.clone()).await.is_err());
        }
    }

    async fn refuse(&self, _: &Table, offsets: &[i64]) {
        self.reject_rows(offsets.iter().copied());
    }

    async fn set_merging(&self, _: &Table, _: bool) {}
}

impl<B: SqlBackend> Subject for SqlStore<B> {
    async fn insert_and_lose(&self, batch: &Arc<InsertBatch>) {
        self.insert(batch.clone()).await.unwrap();
        let SourceRange { first, last, .. } = batch.range;
        for table in batch.parts.iter().map(|part| part.rows.table().name) {
            // A mutation, because dropped parts take their tokens with them.
            let delete = format!("ALTER TABLE {table} DELETE WHERE source_offset BETWEEN {first} AND {last}");
            self.backend().execute(&format!("{delete} SETTINGS mutations_sync = 2"), &[]).await.unwrap();
        }
    }

    async fn refuse(&self, table: &Table, offsets: &[i64]) {
        let sql =
            format!("ALTER TABLE {} ADD CONSTRAINT refused CHECK NOT has({offsets:?}, source_offset)", table.name);
        self.backend().execute(&sql, &[]).await.unwrap();
    }

    async fn set_merging(&self, table: &Table, merging: bool) {
        let verb = if merging { "START" } else { "STOP" };
        self.backend().execute(&format!("SYSTEM {verb} MERGES {}", table.name), &[]).await.unwrap();
    }
}

/// Checks a store with events of a family; its tables exist and are empty. `record` makes the record of a numbered
/// event: with ascending times at least a minute apart, all in one month, and of at least two tenants if the family
/// has tenants.
///
/// # Panics
/// If the store behaves differently.
pub async fn check<F: Family, S: Subject>(store: &S, record: impl Fn(i64) -> String) {
    let feed = Feed { family: F::for_topic(TOPIC, &DecodeOptions::default()), record };
    feed.rows_are_stored_once_and_summed_up(store).await;
    feed.lost_rows_come_back_by_a_reinsert(store).await;
    feed.refused_rows_are_found(store).await;
    feed.rows_stored_again_count_once(store).await;
    feed.recent_events_are_found_by_their_identifiers(store).await;
    feed.resends_dropped_by_an_earlier_attempt_are_not_stored(store).await;
    feed.dead_letters_of_two_families_do_not_mix(store).await;
    feed.ledgers_of_two_families_do_not_mix(store).await;
}

const TOPIC: &str = "it's a topic";
const PARTITION: i32 = 3;
const EPOCH: i64 = 5;
/// A family that has read the same topic.
const OTHER: &str = "other_family";

/// Events by number, which is also the offset.
struct Feed<F, R> {
    family: F,
    record: R,
}

/// An event as the store returns it.
struct Expected {
    row: StoredRow,
    event_type: String,
    tenant_id: String,
    payload: Option<String>,
}

impl<F: Family, R: Fn(i64) -> String> Feed<F, R> {
    fn annotation(number: i64, version: i64) -> RowAnnotation<'static> {
        RowAnnotation {
            sentiment: [None, Some(0.5), Some(-0.25)][(number + version).rem_euclid(3) as usize],
            topic: [None, Some("billing"), Some("delivery")][(number / 2 + version).rem_euclid(3) as usize],
            confidence: Some(0.75),
            language: "en",
            decided_by: "fast@1",
            ..RowAnnotation::default()
        }
    }

    fn batch(&self, numbers: Range<i64>) -> Arc<InsertBatch> {
        self.version(numbers, 0)
    }

    /// The rows with other annotations, processed later.
    fn version(&self, numbers: Range<i64>, version: i64) -> Arc<InsertBatch> {
        self.records(numbers.clone(), numbers.map(|number| (number, number)), version)
    }

    /// A batch of these offsets, with a row for each of these pairs of an offset and an event's number.
    fn records(
        &self,
        offsets: Range<i64>,
        rows: impl IntoIterator<Item = (i64, i64)>,
        version: i64,
    ) -> Arc<InsertBatch> {
        let mut builder = BatchBuilder::new(F::TABLE, PartitionBy::Month);
        for (offset, number) in rows {
            let text = (self.record)(number);
            let event = self.family.decode(&text, &Envelope::default()).unwrap().event;
            builder.push(&event, &text, &Self::annotation(number, version), offset).unwrap();
        }
        let range = SourceRange {
            family: F::NAME,
            topic: TOPIC.into(),
            partition: PARTITION,
            epoch: EPOCH,
            first: offsets.start,
            last: offsets.end - 1,
        };
        Arc::new(builder.seal(range, Timestamp::from_millis(1_790_000_000_000 + version)))
    }

    fn expected(&self, numbers: Range<i64>, version: i64) -> Vec<Expected> {
        let table = F::TABLE;
        let expected = |number| {
            let text = (self.record)(number);
            let event = self.family.decode(&text, &Envelope::default()).unwrap().event;
            let annotation = if table.annotated { Self::annotation(number, version) } else { RowAnnotation::default() };
            Expected {
                row: StoredRow {
                    offset: number,
                    epoch: EPOCH,
                    event_id: table.identifier.and(event.event_id()),
                    time: table.stored_time(event.timestamp()),
                    sentiment: annotation.sentiment,
                    topic: annotation.topic.map(str::to_owned),
                },
                event_type: table.event_type.map_or(table.name, |_| event.event_type()).to_owned(),
                tenant_id: table.tenant.and(event.tenant_id()).unwrap_or_default().to_owned(),
                payload: table.payload.map(|_| text.clone()),
            }
        };
        numbers.map(expected).collect()
    }

    fn offsets(numbers: Range<i64>) -> OffsetSpan {
        OffsetSpan { topic: TOPIC.into(), partition: PARTITION, first: numbers.start, end: numbers.end }
    }

    /// Checks every answer about the times of some events.
    async fn check_answers<S: Subject>(&self, store: &S, numbers: Range<i64>, version: i64) {
        let expected = self.expected(numbers.clone(), version);
        let rows: Vec<StoredRow> = expected.iter().map(|expected| expected.row.clone()).collect();
        assert_eq!(store.stored_rows(&F::TABLE, &Self::offsets(numbers.clone())).await.unwrap(), rows);

        let (first, last) = rows.first().zip(rows.last()).map(|(first, last)| (first.time, last.time)).unwrap();
        let millis = |time: Timestamp, more: i64| Timestamp::from_millis(time.as_millis() + more);
        for period in [
            Period { since: first, until: millis(last, 1) },
            Period { since: millis(first, 1), until: last },
            Period { since: millis(first, 3_600_000), until: millis(first, 2 * 3_600_000) },
            Period { since: millis(first, 1_800_001), until: millis(first, 3 * 3_600_000 + 999) },
            Period { since: first, until: first },
        ] {
            let inside = |row: &&Expected| (period.since..period.until).contains(&row.row.time);
            let all = || expected.iter().filter(inside);
            let answer = store.summary(&F::TABLE, None, period).await.unwrap();
            assert_eq!(by_type(answer), types(all()), "{period:?}");
            assert_eq!(by_topic(store.topics(&F::TABLE, None, period).await.unwrap()), topics(all()), "{period:?}");
            for name in ["nobody", &expected[0].tenant_id, &expected[1].tenant_id] {
                let Ok(tenant) = TenantId::new(name) else { continue };
                let of_tenant = || all().filter(|row| row.tenant_id == name);
                let answer = store.summary(&F::TABLE, Some(&tenant), period).await.unwrap();
                assert_eq!(by_type(answer), types(of_tenant()), "{period:?} of {tenant}");
                let answer = store.topics(&F::TABLE, Some(&tenant), period).await.unwrap();
                assert_eq!(by_topic(answer), topics(of_tenant()), "{period:?} of {tenant}");
            }
        }
    }

    /// Rows stored at the times of some events, counting each version of a row.
    async fn count<S: Subject>(&self, store: &S, numbers: Range<i64>) -> u64 {
        let expected = self.expected(numbers, 0);
        let until = expected.last().unwrap().row.time.as_millis() + 1;
        let period = Period { since: expected[0].row.time, until: Timestamp::from_millis(until) };
        let summary = store.summary(&F::TABLE, None, period).await.unwrap();
        summary.iter().map(|row| row.event_count).sum()
    }

    async fn rows_are_stored_once_and_summed_up<S: Subject>(&self, store: &S) {
        let batch = self.batch(0..60);
        for _ in 0..2 {
            store.insert(batch.clone()).await.unwrap();
        }
        self.check_answers(store, 0..60, 0).await;
        let outcome = store.reinsert(batch.clone()).await.unwrap();
        assert_eq!(outcome, ReinsertOutcome { found: 60, ..ReinsertOutcome::default() });
        let range = |first, last| SourceRange { first, last, ..batch.range.clone() };
        let stored = store.stored_offsets(&F::TABLE, &range(58, 1000)).await.unwrap();
        assert_eq!(stored, [58, 59]);
        let other_log = SourceRange { epoch: batch.range.epoch + 1, ..batch.range.clone() };
        assert!(store.stored_offsets(&F::TABLE, &other_log).await.unwrap().is_empty());
    }

    async fn lost_rows_come_back_by_a_reinsert<S: Subject>(&self, store: &S) {
        let batch = self.batch(100..150);
        store.insert_and_lose(&batch).await;
        store.insert(batch.clone()).await.unwrap();
        assert_eq!(self.count(store, 100..150).await, 0, "the token proves nothing, or a re-insert is pointless");
        assert_eq!(
            store.reinsert(batch.clone()).await.unwrap(),
            ReinsertOutcome { healed: 50, ..ReinsertOutcome::default() }
        );
        assert_eq!(store.reinsert(batch).await.unwrap(), ReinsertOutcome { found: 50, ..ReinsertOutcome::default() });
        self.check_answers(store, 100..150, 0).await;
    }

    async fn refused_rows_are_found<S: Subject>(&self, store: &S) {
        let refused = [203, 231];
        store.refuse(&F::TABLE, &refused).await;
        let batch = self.batch(200..240);
        let error = store.reinsert(batch.clone()).await.unwrap_err();
        assert_eq!(error.remedy(), Remedy::Isolate, "{error}");
        let isolated = store.isolate(batch).await.unwrap();
        assert_eq!(isolated.stored, ReinsertOutcome { inserted: 38, ..ReinsertOutcome::default() });
        assert_eq!(isolated.refused.iter().map(|row| row.offset).collect::<Vec<_>>(), refused);
        for row in isolated.refused {
            let expected = self.expected(row.offset..row.offset + 1, 0).remove(0);
            assert_eq!((row.tenant_id, row.payload), (expected.tenant_id, expected.payload));
        }
        assert_eq!(self.count(store, 200..240).await, 38);
    }

    async fn rows_stored_again_count_once<S: Subject>(&self, store: &S) {
        let numbers = 300..340;
        let (table, offsets) = (F::TABLE, Self::offsets(numbers.clone()));
        store.insert(self.batch(numbers.clone())).await.unwrap();
        store.set_merging(&table, false).await;
        let opened = Revision::new(format!("{}-again", F::NAME), F::NAME, &table, offsets.clone());
        store.save_revision(&opened).await.unwrap();
        for _ in 0..2 {
            store.insert_revised(self.version(numbers.clone(), 1), &opened).await.unwrap();
        }
        self.check_answers(store, numbers.clone(), 1).await;

        // Another family's record is one of its own.
        let others = Revision::new("others", OTHER, &Table::new("other_table", "at"), offsets);
        store.save_revision(&others).await.unwrap();
        let mut records = store.revisions().await.unwrap();
        records.retain(|record| record.id == "others");
        assert_eq!(records, [others]);
        store.set_merging(&table, true).await;
        merge_versions(store, &table, &opened).await;
        store.save_revision(&opened.opened(false)).await.unwrap();
        self.check_answers(store, numbers, 1).await;
    }

    async fn recent_events_are_found_by_their_identifiers<S: Subject>(&self, store: &S) {
        let batch = self.batch(400..420);
        store.insert(batch.clone()).await.unwrap();
        let range = RecentRange {
            table: F::TABLE,
            topic: TOPIC.into(),
            partition: PARTITION,
            epochs: 0..=EPOCH,
            before: 418,
            events: 10,
            since: batch.processed_at,
        };
        let expected = self.expected(408..418, 0).into_iter();
        let event =
            |Expected { row, tenant_id, .. }: Expected| Some(RecentEvent { tenant_id, event_id: row.event_id? });
        assert_eq!(store.recent_events(&range).await.unwrap(), expected.filter_map(event).collect::<Vec<_>>());
    }

    async fn resends_dropped_by_an_earlier_attempt_are_not_stored<S: Subject>(&self, store: &S) {
        if F::TABLE.identifier.is_none() {
            return;
        }
        store.insert(self.batch(500..505)).await.unwrap();
        // The first attempt recognised the resends at the offsets 510 to 514; a later one does not.
        let fresh = || (515..520).zip(505..510);
        store.insert(self.records(510..520, fresh(), 0)).await.unwrap();
        let resent = (510..515).zip(500..505);
        let batch = self.records(510..520, resent.chain(fresh()), 0);
        let outcome = store.reinsert(batch.clone()).await.unwrap();
        let resends = (510..515).collect();
        assert_eq!(outcome, ReinsertOutcome { found: 5, resends, ..ReinsertOutcome::default() });
        let range = SourceRange { first: 500, ..batch.range.clone() };
        let stored: Vec<i64> = (500..505).chain(515..520).collect();
        assert_eq!(store.stored_offsets(&F::TABLE, &range).await.unwrap(), stored);
    }

    async fn dead_letters_of_two_families_do_not_mix<S: Subject>(&self, store: &S) {
        let dead_letter = |family, offset| DeadLetter {
            family,
            error_type: "invalid_json".into(),
            error: "not JSON".into(),
            path: "$".into(),
            tenant_id: String::new(),
            topic: TOPIC.into(),
            partition: PARTITION,
            epoch: EPOCH,
            offset,
            key: None,
            payload: Some(b"{\xff".to_vec()),
            headers: Vec::new(),
            failed_at: Timestamp::from_millis(1_790_000_000_000),
        };
        let dead_letters = |family| -> Arc<[DeadLetter]> { [dead_letter(family, 1), dead_letter(family, 2)].into() };
        store.insert_dead_letters(dead_letters(F::NAME)).await.unwrap();
        assert_eq!(store.new_dead_letters(dead_letters(F::NAME)).await.unwrap().len(), 0);
        assert_eq!(*store.new_dead_letters(dead_letters(OTHER)).await.unwrap(), *dead_letters(OTHER));
        for _ in 0..2 {
            store.insert_dead_letters(dead_letters(OTHER)).await.unwrap();
            store.insert_dead_letters([dead_letter(OTHER, 3)].into()).await.unwrap();
        }
        let offsets = Self::offsets(0..100);
        assert_eq!(store.dead_letter_offsets(F::NAME, &offsets).await.unwrap(), [(1, EPOCH), (2, EPOCH)]);
        assert_eq!(store.dead_letter_offsets(OTHER, &offsets).await.unwrap(), [(1, EPOCH), (2, EPOCH), (3, EPOCH)]);
    }

    async fn ledgers_of_two_families_do_not_mix<S: Subject>(&self, store: &S) {
        let has_tenants = F::TABLE.tenant.is_some();
        let account = |stored| Account { consumed: stored + 1, stored, dead_lettered: 1, duplicates: 0 };
        let entry = |family, has_tenants, tenants: &[(&str, u64)]| {
            let tenants: BTreeMap<String, Account> =
                tenants.iter().map(|(tenant, stored)| ((*tenant).to_owned(), account(*stored))).collect();
            let records = tenants.values().map(|account| account.consumed).sum();
            let range = SourceRange { family, ..self.batch(0..20).range.clone() };
            LedgerEntry {
                range,
                records,
                has_tenants,
                tenants,
                gaps: Vec::new(),
                processed_at: Timestamp::from_millis(1_790_000_000_000),
            }
        };
        let tenants: &[(&str, u64)] = if has_tenants { &[("", 0), ("acme", 18)] } else { &[("", 19)] };
        store.record(&entry(F::NAME, has_tenants, tenants)).await.unwrap();
        store.record(&entry(OTHER, !has_tenants, &[("", 7)])).await.unwrap();

        let ledgers = store.ledger(&LedgerFilter::default()).await.unwrap();
        assert!(ledgers.is_sorted_by_key(|ledger| ledger.family.clone()), "{ledgers:?}");
        for (family, records, tenants) in
            [(F::NAME, 20, if has_tenants { 2 } else { 0 }), (OTHER, 8, if has_tenants { 0 } else { 1 })]
        {
            let filter = LedgerFilter { family: Some(family.to_owned()), ..LedgerFilter::default() };
            let found = store.ledger(&filter).await.unwrap();
            assert_eq!(found.len(), 1, "{found:?}");
            assert!(ledgers.contains(&found[0]), "{ledgers:?}");
            assert_eq!((found[0].family.as_str(), found[0].account.consumed), (family, records));
            assert_eq!((found[0].tenant_count, found[0].tenants.len()), (tenants, tenants as usize), "{found:?}");
            assert_eq!(found[0].extent.as_ref().unwrap().records, records);
        }
        let acme = LedgerFilter { tenant: Some(TenantId::new("acme").unwrap()), ..LedgerFilter::default() };
        let found = store.ledger(&acme).await.unwrap();
        assert_eq!(
            found.iter().map(|ledger| ledger.account.stored).collect::<Vec<_>>(),
            Vec::from_iter(has_tenants.then_some(18))
        );
    }
}

type TypeGroups = BTreeMap<String, (u64, Option<f64>, Timestamp, Timestamp)>;
type TopicGroups = BTreeMap<String, (u64, Option<f64>)>;

fn by_type(answer: Vec<TypeSummary>) -> TypeGroups {
    assert!(answer.is_sorted_by(|one, next| one.event_count >= next.event_count), "{answer:?}");
    let group =
        |row: TypeSummary| (row.event_type, (row.event_count, row.avg_sentiment, row.first_event, row.last_event));
    answer.into_iter().map(group).collect()
}

fn by_topic(answer: Vec<TopicSummary>) -> TopicGroups {
    answer.into_iter().map(|row| (row.topic, (row.event_count, row.avg_sentiment))).collect()
}

fn types<'e>(rows: impl Iterator<Item = &'e Expected>) -> TypeGroups {
    let groups = grouped(rows, |row| Some(row.event_type.clone()));
    let group =
        |rows: Vec<&Expected>| (rows.len() as u64, mean(&rows), rows[0].row.time, rows[rows.len() - 1].row.time);
    groups.into_iter().map(|(name, rows)| (name, group(rows))).collect()
}

fn topics<'e>(rows: impl Iterator<Item = &'e Expected>) -> TopicGroups {
    let groups = grouped(rows, |row| row.row.topic.clone());
    groups.into_iter().map(|(name, rows)| (name, (rows.len() as u64, mean(&rows)))).collect()
}

fn grouped<'e>(
    rows: impl Iterator<Item = &'e Expected>,
    name: impl Fn(&Expected) -> Option<String>,
) -> BTreeMap<String, Vec<&'e Expected>> {
    let mut groups: BTreeMap<String, Vec<&Expected>> = BTreeMap::new();
    for row in rows {
        if let Some(name) = name(row) {
            groups.entry(name).or_default().push(row);
        }
    }
    groups
}

/// Scores are multiples of a quarter, so their sums are exact in any order.
fn mean(rows: &[&Expected]) -> Option<f64> {
    let scores: Vec<f64> = rows.iter().filter_map(|row| row.row.sentiment.map(f64::from)).collect();
    (!scores.is_empty()).then(|| scores.iter().sum::<f64>() / scores.len() as f64)
}
