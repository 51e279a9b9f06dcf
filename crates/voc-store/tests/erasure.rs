//! Erasing the events of a customer or a tenant: they are gone everywhere, nobody else's are, and the accounts
//! balance.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::{collections::BTreeMap, sync::Arc};

use voc_events::{
    DecodeOptions, Envelope, Family, TenantId, Timestamp,
    families::{self, FamilyInfo},
    product::Product,
    voc::Voc,
};
use voc_store::{
    Account, AuditedLog, BatchBuilder, DeadLetter, Erased, Erasure, ErasureError, ErasureProgress, EventQueries,
    EventStore, InsertBatch, LedgerEntry, LedgerFilter, Migrator, OffsetRange, PartitionBy, Period, ReinsertOutcome,
    RowAnnotation, SourceRange, SqlBackend,
    embedded::{EmbeddedBackend, EmbeddedOptions, EmbeddedStore},
};
use voc_testkit::requirements::{TestEngine, engine_or_skip};

const TOPIC: &str = "voc.events";
const EPOCH: i64 = 3;

async fn open(test: &TestEngine, partition_by: PartitionBy) -> EmbeddedStore {
    let options = EmbeddedOptions::default().with_database(test.fresh_database());
    let store = EmbeddedStore::new(EmbeddedBackend::open(test.engine(), options).unwrap());
    Migrator::new(&store, partition_by).tables(&families::tables()).up().await.unwrap();
    store
}

fn family(name: &str) -> FamilyInfo {
    *families::find(name).unwrap()
}

fn tenant(name: &str) -> TenantId {
    TenantId::new(name).unwrap()
}

fn of_customer(name: &str, customer: &str) -> Erasure {
    Erasure::new(vec![family("voc")], Some(tenant(name)), Some(customer.to_owned())).unwrap()
}

/// An event of `voc` in month `month` of 2026; the members are further ones.
fn event(number: u32, month: u32, tenant: &str, event_type: &str, members: &str) -> String {
    format!(
        r#"{{"event_id":"00000000-0000-4000-8000-{number:012}","tenant_id":"{tenant}","event_type":"{event_type}","#
    ) + &format!(r#""timestamp":"2026-{month:02}-02T12:00:00Z",{members}}}"#)
}

fn call(number: u32, month: u32, tenant: &str, call: &str, customer: &str) -> String {
    let members = format!(r#""call_id":"{call}","customer_id":{customer},"transcript":"I am c-7 and want c-8""#);
    event(number, month, tenant, "call", &members)
}

fn action(number: u32, month: u32, tenant: &str, call: &str, metadata: &str) -> String {
    let members = format!(r#""call_id":"{call}","agent_id":"a-1","action":"refund","metadata":{{{metadata}}}"#);
    event(number, month, tenant, "agent_action", &members)
}

/// A batch of these records of a family, at consecutive offsets of partition 0.
fn batch<F: Family>(partition_by: PartitionBy, first: i64, texts: &[String]) -> Arc<InsertBatch> {
    let family = F::for_topic(TOPIC, &DecodeOptions::default());
    let mut builder = BatchBuilder::new(F::TABLE, partition_by);
    for (text, offset) in texts.iter().zip(first..) {
        let event = family.decode(text, &Envelope::default()).unwrap().event;
        builder.push(&event, text, &RowAnnotation::default(), offset).unwrap();
    }
    let last = first + i64::try_from(texts.len()).unwrap() - 1;
    let range = SourceRange { family: F::NAME, topic: TOPIC.into(), partition: 0, epoch: EPOCH, first, last };
    Arc::new(builder.seal(range, Timestamp::from_millis(1_790_000_000_000)))
}

fn dead_letter(offset: i64, tenant: &str, payload: &[u8]) -> DeadLetter {
    DeadLetter {
        family: "voc",
        error_type: "invalid_json".to_owned(),
        error: "broken".to_owned(),
        path: String::new(),
        tenant_id: tenant.to_owned(),
        topic: TOPIC.to_owned(),
        partition: 0,
        epoch: EPOCH,
        offset,
        key: None,
        payload: Some(payload.to_vec()),
        headers: Vec::new(),
        failed_at: Timestamp::from_millis(1_790_000_000_000),
    }
}

fn account(consumed: u64, stored: u64, dead_lettered: u64) -> Account {
    Account { consumed, stored, dead_lettered, duplicates: 0 }
}

fn entry((first, last): (i64, i64), tenants: &[(&str, Account)]) -> LedgerEntry {
    LedgerEntry {
        range: SourceRange { family: "voc", topic: TOPIC.into(), partition: 0, epoch: EPOCH, first, last },
        records: OffsetRange { first, last }.offsets(),
        has_tenants: true,
        tenants: tenants.iter().map(|(tenant, account)| ((*tenant).to_owned(), *account)).collect(),
        gaps: Vec::new(),
        processed_at: Timestamp::from_millis(1_790_000_000_000),
    }
}

async fn offsets(store: &EmbeddedStore, table: &str) -> Vec<i64> {
    let sql = format!("SELECT toString(source_offset) FROM {table} ORDER BY source_offset SETTINGS final = 0");
    let texts = store.backend().select_texts(&sql, &[]).await.unwrap();
    texts.iter().map(|text| text.parse().unwrap()).collect()
}

/// Events by type, from the hourly rollups where they can be used.
async fn counts(store: &EmbeddedStore, of: &str) -> BTreeMap<String, u64> {
    let summary = store.summary(&Voc::TABLE, Some(&tenant(of)), Period::EVER).await.unwrap();
    summary.into_iter().map(|of_type| (of_type.event_type, of_type.event_count)).collect()
}

fn log() -> AuditedLog {
    AuditedLog { family: "voc", table: Voc::TABLE.name, topic: TOPIC.to_owned(), partition: 0, epoch: EPOCH }
}

async fn disagreeing(store: &EmbeddedStore) -> usize {
    let windows = store.audit(&log(), i64::MAX, 4).await.unwrap();
    assert!(!windows.is_empty());
    windows.iter().filter(|window| !window.agrees()).count()
}

fn voc_records() -> Vec<String> {
    vec![
        call(0, 1, "acme", "k-1", r#""c-7""#),
        action(1, 3, "acme", "k-1", ""),
        call(2, 1, "acme", "k-2", r#""c-8""#),
        call(3, 2, "globex", "k-1", r#""c-7""#),
        action(4, 2, "globex", "k-1", ""),
        action(5, 2, "acme", "k-3", r#""customer_id":"c-7""#),
        call(6, 2, "acme", "k-4", r#""c-77""#),
        action(7, 2, "acme", "k-2", ""),
        action(8, 2, "acme", "k-5", r#""seen":{"customer_id": "c-7"}"#),
    ]
}

fn voc_dead_letters() -> [DeadLetter; 7] {
    [
        dead_letter(9, "acme", br#"{"tenant_id":"acme","customer_id":"c-7","duration_ms":"x"}"#),
        dead_letter(10, "acme", br#"{"tenant_id":"acme","customer_id":"c-8","duration_ms":"x"}"#),
        dead_letter(11, "acme", br#"{"tenant_id":"acme","call_id": "k-1","duration_ms":"x"}"#),
        dead_letter(12, "", br#"{"tenant_id": "acme","customer_id":"c-7""#),
        dead_letter(13, "", br#"{"tenant_id": "globex","customer_id":"c-7"}"#),
        dead_letter(14, "acme", b"\x00\x06c-7\xff"),
        dead_letter(15, "globex", br#"{"tenant_id":"globex","customer_id":"c-7","duration_ms":"x"}"#),
    ]
}

/// Sixteen records of two tenants, as rows and dead letters, and their account.
async fn fill(store: &EmbeddedStore, partition_by: PartitionBy) -> Arc<InsertBatch> {
    let rows = batch::<Voc>(partition_by, 0, &voc_records());
    store.insert(Arc::clone(&rows)).await.unwrap();
    store.insert_dead_letters(voc_dead_letters().into()).await.unwrap();
    let tenants = [("acme", account(11, 7, 4)), ("globex", account(3, 2, 1)), ("", account(2, 0, 2))];
    store.record(&entry((0, 15), &tenants)).await.unwrap();
    rows
}

#[tokio::test]
async fn a_customers_events_are_gone_and_nobody_elses() {
    let Some(test) = engine_or_skip() else { return };
    for partition_by in [PartitionBy::Month, PartitionBy::TenantMonth] {
        let store = open(&test, partition_by).await;
        let rows = fill(&store, partition_by).await;
        assert_eq!(counts(&store, "acme").await, BTreeMap::from([("agent_action".into(), 4), ("call".into(), 3)]));
        assert_eq!(disagreeing(&store).await, 0);

        let erasure = of_customer("acme", "c-7").requested("a.souza", "ticket 4711");
        // Those that name the customer, those of the customer's calls, and the broken ones.
        let due = Erased { rows: 4, dead_letters: 4 };
        assert_eq!(store.find_for_erasure(&erasure).await.unwrap(), [("voc", due)]);
        assert_eq!(offsets(&store, "voc_events").await.len(), 9, "to look is not to erase");
        let finished = store.erase(&erasure, &()).await.unwrap();
        assert_eq!(finished.erased, due);

        assert_eq!(offsets(&store, "voc_events").await, [2, 3, 4, 6, 7]);
        assert_eq!(offsets(&store, "dead_letters").await, [10, 13, 15]);
        assert_eq!(counts(&store, "acme").await, BTreeMap::from([("agent_action".into(), 1), ("call".into(), 2)]));
        assert_eq!(counts(&store, "globex").await, BTreeMap::from([("agent_action".into(), 1), ("call".into(), 1)]));

        // The account balances, and says what was erased.
        assert_eq!(disagreeing(&store).await, 0);
        let ledger = store.ledger(&LedgerFilter::default()).await.unwrap().remove(0);
        assert_eq!((ledger.balanced, ledger.account, ledger.erased), (true, account(16, 9, 7), due));
        let acme = LedgerFilter { tenant: Some(tenant("acme")), ..LedgerFilter::default() };
        let ledger = store.ledger(&acme).await.unwrap().remove(0);
        assert_eq!((ledger.erased, ledger.tenants[0].erased), (Erased { rows: 4, dead_letters: 3 }, ledger.erased));
        let globex = LedgerFilter { tenant: Some(tenant("globex")), ..LedgerFilter::default() };
        assert_eq!(store.ledger(&globex).await.unwrap().remove(0).erased, Erased::default());

        // A batch that is inserted again after a crash, and dead letters, bring nothing back.
        let outcome = store.reinsert(rows).await.unwrap();
        assert_eq!(outcome, ReinsertOutcome { found: 9, ..ReinsertOutcome::default() });
        store.insert_dead_letters(voc_dead_letters().into()).await.unwrap();
        assert_eq!(offsets(&store, "voc_events").await, [2, 3, 4, 6, 7]);
        assert_eq!(offsets(&store, "dead_letters").await, [10, 13, 15]);

        let recorded = store.erasures().await.unwrap();
        assert_eq!(recorded.len(), 1);
        assert_eq!((recorded[0].id.as_str(), recorded[0].erased), (finished.id.as_str(), due));
        assert_eq!((recorded[0].requested_by.as_str(), recorded[0].reason.as_str()), ("a.souza", "ticket 4711"));
        assert_eq!(recorded[0].customer_hash, erasure.customer_hash());
        assert!(recorded[0].finished_at.is_some());
        // Nothing that is kept names the customer.
        for table in ["erasures", "erased_records"] {
            let sql = format!("SELECT formatRowNoNewline('JSONEachRow', *) FROM {table}");
            let kept = store.backend().select_texts(&sql, &[]).await.unwrap().join("\n");
            assert!(!kept.is_empty() && !kept.contains("c-7"), "{kept}");
        }
        let again = store.erase(&of_customer("acme", "c-7"), &()).await.unwrap();
        assert!(again.erased.is_empty() && again.id != finished.id, "{again:?}");
    }
}

#[tokio::test]
async fn what_is_stored_again_is_noticed_and_erased_again() {
    let Some(test) = engine_or_skip() else { return };
    let store = open(&test, PartitionBy::Month).await;
    fill(&store, PartitionBy::Month).await;
    store.erase(&of_customer("acme", "c-7"), &()).await.unwrap();

    // As if the topic was read again from its beginning, by a store that has forgotten the tokens.
    let mut again = batch::<Voc>(PartitionBy::Month, 0, &voc_records());
    Arc::get_mut(&mut again).unwrap().range.last += 1;
    store.insert(again).await.unwrap();
    assert!(offsets(&store, "voc_events").await.contains(&0));
    assert!(disagreeing(&store).await > 0);
    let found = store.audit_offsets(&log(), OffsetRange { first: 0, last: 20 }).await.unwrap();
    assert_eq!((found.erased_rows, found.erased_dead_letters), (vec![0, 1, 5, 8], vec![9, 11, 12, 14]));

    let families = [family("voc")];
    assert_eq!(store.erase_again(&families, &()).await.unwrap(), Erased { rows: 4, dead_letters: 0 });
    assert_eq!(store.erase_again(&families, &()).await.unwrap(), Erased::default());
    assert!(!offsets(&store, "voc_events").await.contains(&0));

    // After a reset of the group's offset the same events come in another epoch.
    let mut later = batch::<Voc>(PartitionBy::Month, 0, &voc_records());
    Arc::get_mut(&mut later).unwrap().range.epoch = EPOCH + 1;
    store.insert(later).await.unwrap();
    let of_customer_is_back = offsets(&store, "voc_events").await.iter().filter(|offset| **offset == 0).count();
    assert_eq!(of_customer_is_back, 1);
    assert_eq!(store.erase_again(&families, &()).await.unwrap(), Erased { rows: 4, dead_letters: 0 });
    let log = AuditedLog { epoch: EPOCH + 1, ..log() };
    let found = store.audit_offsets(&log, OffsetRange { first: 0, last: 20 }).await.unwrap();
    assert_eq!(found.erased_rows, [0, 1, 5, 8]);
    assert_eq!(found.rows.iter().map(|(offset, _)| *offset).collect::<Vec<_>>(), [2, 3, 4, 6, 7]);
}

#[tokio::test]
async fn an_interrupted_erasure_is_continued() {
    /// Ends the erasure at the step with this number.
    struct Until(std::sync::atomic::AtomicUsize, tokio::sync::Notify);
    impl ErasureProgress for Until {
        fn step(&self, _text: &str) {
            if self.0.fetch_sub(1, std::sync::atomic::Ordering::Relaxed) == 1 {
                self.1.notify_one();
            }
        }
    }
    let Some(test) = engine_or_skip() else { return };
    for step in 1.. {
        let store = open(&test, PartitionBy::Month).await;
        fill(&store, PartitionBy::Month).await;
        let until = Until(step.into(), tokio::sync::Notify::new());
        let erasure = of_customer("acme", "c-7");
        let interrupted = tokio::select! {
            biased;
            () = until.1.notified() => true,
            erased = store.erase(&erasure, &until) => { erased.unwrap(); false }
        };
        let finished = store.erase(&of_customer("acme", "c-7"), &()).await.unwrap();
        let recorded = store.erasures().await.unwrap();
        if interrupted {
            // It is the same erasure, with all that it has removed.
            assert_eq!(finished.erased, Erased { rows: 4, dead_letters: 4 }, "step {step}");
            assert_eq!(recorded.len(), 1, "step {step}: {recorded:?}");
        }
        let last = recorded.last().unwrap();
        assert!(recorded.iter().all(|erasure| erasure.finished_at.is_some()), "step {step}: {recorded:?}");
        assert_eq!((&last.id, last.erased), (&finished.id, finished.erased), "step {step}");
        assert_eq!(offsets(&store, "voc_events").await, [2, 3, 4, 6, 7], "step {step}");
        assert_eq!(offsets(&store, "dead_letters").await, [10, 13, 15], "step {step}");
        assert_eq!(disagreeing(&store).await, 0, "step {step}");
        if !interrupted {
            assert!(step > 4, "{step}");
            break;
        }
    }
}

#[tokio::test]
async fn an_event_sent_twice_is_not_missing_when_its_row_was_erased() {
    let Some(test) = engine_or_skip() else { return };
    let store = open(&test, PartitionBy::Month).await;
    let first = batch::<Voc>(PartitionBy::Month, 0, &[call(1, 1, "acme", "k-1", r#""c-7""#)]);
    let resent = batch::<Voc>(PartitionBy::Month, 1, &[call(1, 1, "acme", "k-1", r#""c-7""#)]);
    store.insert(first).await.unwrap();
    store.insert(Arc::clone(&resent)).await.unwrap();
    store.backend().execute("OPTIMIZE TABLE voc_events FINAL", &[]).await.unwrap();
    let kept = offsets(&store, "voc_events").await;
    assert_eq!(kept.len(), 1);
    store.erase(&of_customer("acme", "c-7"), &()).await.unwrap();
    assert_eq!(offsets(&store, "voc_events").await, [] as [i64; 0]);

    let rows = batch::<Voc>(PartitionBy::Month, 1 - kept[0], &[call(1, 1, "acme", "k-1", r#""c-7""#)]);
    let known = store.with_event_stored(&log(), &rows.parts[0].rows).await.unwrap();
    assert_eq!(Vec::from_iter(known), [1 - kept[0]]);
    let other = batch::<Voc>(PartitionBy::Month, 5, &[call(2, 1, "acme", "k-1", r#""c-7""#)]);
    assert!(store.with_event_stored(&log(), &other.parts[0].rows).await.unwrap().is_empty());
    let outcome = store.reinsert(rows).await.unwrap();
    assert_eq!(outcome.inserted, 0, "{outcome:?}");
    assert_eq!(offsets(&store, "voc_events").await, [] as [i64; 0]);
}

#[tokio::test]
async fn all_of_a_tenants_events_are_erased_from_all_families() {
    let Some(test) = engine_or_skip() else { return };
    let store = open(&test, PartitionBy::TenantMonth).await;
    fill(&store, PartitionBy::TenantMonth).await;
    let view = |app: &str, user: &str| {
        format!(r#"{{"app_id":"{app}","event_name":"view","timestamp":{},"user_id":"{user}"}}"#, now())
    };
    let views = batch::<Product>(PartitionBy::TenantMonth, 0, &[view("acme", "u-1"), view("globex", "u-1")]);
    store.insert(views).await.unwrap();

    let families = vec![family("voc"), family("product")];
    let erasure = Erasure::new(families, Some(tenant("acme")), None).unwrap();
    // Eleven dead letters and rows under the tenant's name, and one without a tenant that names it.
    let finished = store.erase(&erasure, &()).await.unwrap();
    assert_eq!(finished.erased, Erased { rows: 8, dead_letters: 5 });
    assert_eq!(offsets(&store, "voc_events").await, [3, 4]);
    assert_eq!(offsets(&store, "dead_letters").await, [13, 15]);
    assert_eq!(offsets(&store, "ai_analytics_events").await, [1]);
    assert_eq!(counts(&store, "acme").await, BTreeMap::new());
    assert_eq!(disagreeing(&store).await, 0);
}

fn now() -> u64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs()
}

#[test]
fn whose_events_to_erase_must_be_clear() {
    let customer = || Some("u-1".to_owned());
    let new = |family_name: &str, of: Option<&str>, customer: Option<String>| {
        Erasure::new(vec![family(family_name)], of.map(tenant), customer).map(drop).unwrap_err()
    };
    assert_eq!(new("voc", None, customer()), ErasureError::NeedsTenant { family: "voc" });
    assert_eq!(new("activity", Some("acme"), customer()), ErasureError::NoTenants { family: "activity" });
    assert_eq!(new("activity", None, None), ErasureError::NeedsCustomer { family: "activity" });
    assert_eq!(new("voc", Some("acme"), Some(String::new())), ErasureError::EmptyCustomer);
    assert!(Erasure::new(vec![family("activity"), family("quality")], None, customer()).is_ok());
}

#[tokio::test]
async fn every_spelling_of_an_identifier_is_found() {
    let Some(test) = engine_or_skip() else { return };
    let store = open(&test, PartitionBy::Month).await;
    let customer = "o'neil+é/\"x\"";
    let spellings = [
        r#""o'neil+é/\"x\"""#,
        r#""o\u0027neil\u002B\u00E9\/\u0022x\u0022""#,
        r#""o\u0027neil\u002b\u00e9\u002fx""#,
        r#"" o'neil+é/\"x\"\u00a0""#,
    ];
    // The third is another customer.
    let ours = [0, 1, 3];
    let mut rows: Vec<String> = (0..4)
        .map(|number| {
            action(number, 1, "acme", "", &format!(r#""by":{{"customer_id":{}}}"#, spellings[number as usize]))
        })
        .collect();
    rows.push(action(4, 1, "acme", "", r#""by":{"\u0063ustomer_id":"o'neil+é/\"x\""}"#));
    // The customer's calls, in every writing of their names.
    for (number, call_id) in [(5, r#""K/1""#), (6, "44"), (7, r#"" Ké ""#)] {
        let members = format!(r#""call_id":{call_id},"customer_id":{}"#, spellings[0]);
        rows.push(event(number, 1, "acme", "call", &members));
    }
    rows.push(action(8, 1, "acme", "other", ""));
    store.insert(batch::<Voc>(PartitionBy::Month, 0, &rows)).await.unwrap();
    let letter = |offset: i64, members: &str| dead_letter(offset, "acme", format!("{{{members}}}").as_bytes());
    let mut letters: Vec<DeadLetter> = (100..)
        .zip(spellings)
        .map(|(offset, spelling)| letter(offset, &format!(r#""customer_id":{spelling}"#)))
        .collect();
    letters.extend([
        letter(104, r#""call_id":"K\/1""#),
        letter(105, r#""call_id":44"#),
        letter(106, r#""call_id":"K\u00e9""#),
        letter(107, r#""metadata":{"parent":{"call_id":"other"}},"call_id":" K/1 ""#),
        letter(108, r#""call_id":"K""#),
        letter(109, r#""call_id":"4""#),
        dead_letter(110, "acme", br#"{"broken":"o\u0027neil+\u00e9/\"x\""#),
        dead_letter(111, "acme", br#"{"broken":"o'neil"#),
    ]);
    store.insert_dead_letters(letters.into()).await.unwrap();
    let finished = store.erase(&of_customer("acme", &format!(" {customer}\t")), &()).await.unwrap();
    assert_eq!(offsets(&store, "voc_events").await, [2, 8]);
    assert_eq!(offsets(&store, "dead_letters").await, [102, 108, 109, 111]);
    assert_eq!(finished.erased, Erased { rows: ours.len() as u64 + 4, dead_letters: 8 });

    // Numbers as they are written.
    let store = open(&test, PartitionBy::Month).await;
    let numbers = ["4711", "4711.0", "-4711", "\"4711\"", "47110"];
    let rows: Vec<String> =
        (0..).zip(numbers).map(|(n, number)| action(n, 1, "acme", "", &format!(r#""customer_id":{number}"#))).collect();
    store.insert(batch::<Voc>(PartitionBy::Month, 0, &rows)).await.unwrap();
    for (customer, left) in [("4711", vec![1, 2, 4]), ("4711.0", vec![2, 4]), ("-4711", vec![4])] {
        store.erase(&of_customer("acme", customer), &()).await.unwrap();
        assert_eq!(offsets(&store, "voc_events").await, left, "{customer}");
    }
}
