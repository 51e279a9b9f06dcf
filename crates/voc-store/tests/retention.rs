//! How long rows and dead letters are kept: the engine removes what is to be removed, and nothing else.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::{sync::Arc, time::SystemTime};

use voc_events::{
    DecodeOptions, Envelope, Family, TenantId, Timestamp,
    families::{self, FamilyInfo},
    product::Product,
    quality::Quality,
    voc::Voc,
};
use voc_store::{
    BatchBuilder, DeadLetter, EventStore, InsertBatch, Keep, MAX_RETENTION_DAYS, Migrator, PartitionBy,
    ReinsertOutcome, RetentionError, RowAnnotation, SourceRange, SqlBackend, WantedRetention,
    embedded::{EmbeddedBackend, EmbeddedOptions, EmbeddedStore},
};
use voc_testkit::requirements::{TestEngine, engine_or_skip};

const MILLIS_PER_DAY: i64 = 86_400_000;

async fn open(test: &TestEngine, partition_by: PartitionBy) -> EmbeddedStore {
    let options = EmbeddedOptions::default().with_database(test.fresh_database());
    let store = EmbeddedStore::new(EmbeddedBackend::open(test.engine(), options).unwrap());
    Migrator::new(&store, partition_by).tables(&families::tables()).up().await.unwrap();
    store
}

fn family<F: Family>() -> FamilyInfo {
    FamilyInfo::of::<F>()
}

fn now() -> Timestamp {
    Timestamp::from(SystemTime::now())
}

fn days_ago(days: i64) -> Timestamp {
    Timestamp::from_millis(now().as_millis() - days * MILLIS_PER_DAY)
}

fn wanted<F: Family>(tenant: Option<&str>, keep: Keep) -> WantedRetention {
    let tenants: Vec<TenantId> = tenant.map(|tenant| TenantId::new(tenant).unwrap()).into_iter().collect();
    WantedRetention::new(vec![family::<F>()], &tenants, keep, "a.souza").unwrap()
}

async fn change<F: Family>(store: &EmbeddedStore, tenant: Option<&str>, keep: Keep) -> Vec<String> {
    store.change_retention(&wanted::<F>(tenant, keep)).await.unwrap()
}

/// A batch of these records, at offsets from 0 on.
fn batch<F: Family>(partition_by: PartitionBy, texts: &[String]) -> Arc<InsertBatch> {
    let family = F::for_topic("events", &DecodeOptions::default());
    let mut builder = BatchBuilder::new(F::TABLE, partition_by);
    for (text, offset) in texts.iter().zip(0..) {
        let event = family.decode(text, &Envelope::default()).unwrap().event;
        builder.push(&event, text, &RowAnnotation::default(), offset).unwrap();
    }
    let last = i64::try_from(texts.len()).unwrap() - 1;
    let range = SourceRange { family: F::NAME, topic: "events".into(), partition: 0, epoch: 0, first: 0, last };
    Arc::new(builder.seal(range, now()))
}

fn dead_letter(family: &'static str, tenant: &str, offset: i64, failed_at: Timestamp) -> DeadLetter {
    DeadLetter {
        family,
        error_type: "invalid_json".to_owned(),
        error: "broken".to_owned(),
        path: String::new(),
        tenant_id: tenant.to_owned(),
        topic: "events".to_owned(),
        partition: 0,
        epoch: 0,
        offset,
        key: None,
        payload: None,
        headers: Vec::new(),
        failed_at,
    }
}

/// Lets the engine do at once what it does by and by.
async fn merge(store: &EmbeddedStore, table: &str) {
    store.backend().execute(&format!("OPTIMIZE TABLE {table} FINAL"), &[]).await.unwrap();
}

async fn ask(store: &EmbeddedStore, sql: &str) -> Vec<String> {
    store.backend().select_texts(sql, &[]).await.unwrap()
}

async fn ttl(store: &EmbeddedStore, table: &str) -> String {
    let sql = format!("SELECT engine_full FROM system.tables WHERE database = currentDatabase() AND name = '{table}'");
    let engine = ask(store, &sql).await.pop().unwrap();
    let ttl = engine.split_once(" TTL ").map_or("", |(_, ttl)| ttl);
    ttl.split_once(" SETTINGS ").map_or(ttl, |(ttl, _)| ttl).to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_tenant_is_kept_for_its_own_time() {
    let Some(test) = engine_or_skip() else { return };
    for partition_by in [PartitionBy::Month, PartitionBy::TenantMonth] {
        let store = open(&test, partition_by).await;
        let call = |number: usize, tenant: &str, time: &str| {
            format!(
                r#"{{"event_id":"00000000-0000-4000-8000-{number:012}","tenant_id":"{tenant}","event_type":"call","#
            ) + &format!(r#""call_id":"c-{number}","timestamp":"{time}"}}"#)
        };
        let mut texts = Vec::new();
        for tenant in ["acme", "it's", "globex", "hooli"] {
            for days in [1, 10, 60, 400] {
                texts.push(call(texts.len(), tenant, &days_ago(days).to_string()));
            }
        }
        // A TTL cannot express when it ends.
        texts.push(call(texts.len(), "hooli", "2105-12-31T00:00:00Z"));
        let batch = batch::<Voc>(partition_by, &texts);
        store.insert(batch.clone()).await.unwrap();
        let letters: Vec<DeadLetter> = [("acme", 10), ("acme", 60), ("", 10), ("", 400), ("globex", 400)]
            .iter()
            .zip(1000..)
            .map(|((tenant, days), offset)| dead_letter("voc", tenant, offset, days_ago(*days)))
            .chain([dead_letter("product", "acme", 1000, days_ago(400))])
            .collect();
        store.insert_dead_letters(letters.into()).await.unwrap();

        // Parts on the default disk are moved there and stay, whatever else changes.
        let moved = "ALTER TABLE voc_events MODIFY TTL toDateTime(ts) + INTERVAL 5 DAY TO DISK 'default'";
        store.backend().execute(moved, &[]).await.unwrap();
        let planned = store.plan_retention(&wanted::<Voc>(Some("acme"), Keep::Days(30))).await.unwrap();
        assert_eq!(ttl(&store, "voc_events").await.matches("toIntervalDay").count(), 1, "nothing is changed by a plan");
        assert_eq!(change::<Voc>(&store, Some("acme"), Keep::Days(30)).await, planned);
        change::<Voc>(&store, Some("it's"), Keep::Days(30)).await;
        change::<Voc>(&store, Some("globex"), Keep::Forever).await;
        change::<Voc>(&store, None, Keep::Days(365)).await;
        let retention = store.retention("voc", &Voc::TABLE).await.unwrap();
        assert_eq!(retention.to_string(), "365 days, but acme 30 days, globex forever, it's 30 days");
        let changed = ttl(&store, "voc_events").await;
        assert!(changed.ends_with("TO DISK 'default'"), "{changed}");

        merge(&store, "voc_events").await;
        merge(&store, "dead_letters").await;
        let kept =
            "SELECT concat(tenant_id, ' ', toString(count())) FROM voc_events GROUP BY tenant_id ORDER BY tenant_id";
        assert_eq!(ask(&store, kept).await, ["acme 2", "globex 4", "hooli 4", "it's 2"]);
        let kept = "SELECT concat(family, ' ', tenant_id, ' ', toString(source_offset)) FROM dead_letters ORDER BY ALL";
        assert_eq!(ask(&store, kept).await, ["product acme 1000", "voc  1002", "voc acme 1000", "voc globex 1004"]);

        // What is gone because of its age is not lost, and does not come back.
        let reinserted = store.reinsert(batch).await.unwrap();
        assert_eq!(reinserted, ReinsertOutcome { found: 17, ..ReinsertOutcome::default() });
        let lost = "ALTER TABLE voc_events DELETE WHERE tenant_id = 'globex' SETTINGS mutations_sync = 2";
        store.backend().execute(lost, &[]).await.unwrap();
        let healed = store.reinsert(self::batch::<Voc>(partition_by, &texts)).await.unwrap();
        assert_eq!(healed.healed, 4, "{healed:?}");

        for tenant in [Some("acme"), Some("it's"), Some("globex"), None] {
            change::<Voc>(&store, tenant, Keep::Default).await;
        }
        assert_eq!(ttl(&store, "voc_events").await, "toDateTime(ts) + toIntervalDay(5) TO DISK 'default'");
        assert_eq!(ttl(&store, "dead_letters").await, "");
        let withdrawn = store.retention("voc", &Voc::TABLE).await.unwrap();
        assert_eq!((withdrawn.to_string().as_str(), withdrawn.changes().len()), ("forever", 8));
        assert!(withdrawn.may_be_gone("acme", days_ago(31), days_ago(1), now()), "it was removed meanwhile");
        assert!(withdrawn.changes().iter().all(|change| change.applied_at.is_some()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_that_is_created_with_a_time_gets_it_back() {
    let Some(test) = engine_or_skip() else { return };
    let store = open(&test, PartitionBy::Month).await;
    let event = |app: &str, days: i64| {
        let time = days_ago(days);
        format!(r#"{{"app_id":"{app}","event_name":"click","user_id":"u-1","timestamp":"{time}"}}"#)
    };
    let texts: Vec<String> =
        ["shop", "site"].iter().flat_map(|app| [10, 60, 80].map(|days| event(app, days))).collect();
    store.insert(batch::<Product>(PartitionBy::Month, &texts)).await.unwrap();
    change::<Product>(&store, Some("shop"), Keep::Days(30)).await;
    merge(&store, "ai_analytics_events").await;
    let kept = "SELECT concat(app_id, ' ', toString(count())) FROM ai_analytics_events GROUP BY app_id ORDER BY app_id";
    assert_eq!(ask(&store, kept).await, ["shop 1", "site 3"]);
    assert_eq!(ttl(&store, "dead_letters").await.matches("toIntervalDay").count(), 1, "only those of the tenant");

    change::<Product>(&store, Some("shop"), Keep::Default).await;
    let of_table = ttl(&store, "ai_analytics_events").await;
    assert!(of_table.contains("toIntervalDay(90)") && !of_table.contains("multiIf"), "{of_table}");
    change::<Product>(&store, None, Keep::Forever).await;
    assert_eq!(ttl(&store, "ai_analytics_events").await, "");
    assert_eq!(store.retention("product", &Product::TABLE).await.unwrap().to_string(), "forever");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_family_without_tenants_has_one_time() {
    let Some(test) = engine_or_skip() else { return };
    let store = open(&test, PartitionBy::Month).await;
    let acme = [TenantId::new("acme").unwrap()];
    let refused = |families, tenants: &[TenantId], keep| WantedRetention::new(families, tenants, keep, "").unwrap_err();
    assert_eq!(
        refused(vec![family::<Voc>(), family::<Quality>()], &acme, Keep::Forever),
        RetentionError::NoTenants { family: "quality" }
    );
    for days in [0, MAX_RETENTION_DAYS + 1] {
        assert_eq!(refused(vec![family::<Voc>()], &[], Keep::Days(days)), RetentionError::Days);
    }
    change::<Quality>(&store, None, Keep::Days(MAX_RETENTION_DAYS)).await;
    let changed = ttl(&store, "quality_events").await;
    assert!(
        changed.contains(&format!("toIntervalDay({MAX_RETENTION_DAYS})")) && !changed.contains("multiIf"),
        "{changed}"
    );
    assert_eq!(ttl(&store, "voc_events").await, "");

    let sums = "ALTER TABLE quality_events MODIFY TTL timestamp + INTERVAL 1 DAY GROUP BY event_type, timestamp SET source_offset = max(source_offset)";
    store.backend().execute(sums, &[]).await.unwrap();
    let error = store.change_retention(&wanted::<Quality>(None, Keep::Days(5))).await.unwrap_err().to_string();
    assert!(error.contains("GROUP BY") && error.contains("REMOVE TTL"), "{error}");
    let changes = store.retention("quality", &Quality::TABLE).await.unwrap().changes().len();
    assert_eq!(changes, 1, "what cannot be applied is not recorded");
}

fn old_calls(count: usize) -> Vec<String> {
    let event = |number: usize| {
        format!(r#"{{"event_id":"00000000-0000-4000-8000-{number:012}","tenant_id":"acme","event_type":"call","#)
            + &format!(r#""call_id":"c-{number}","timestamp":"2020-05-02T12:00:00Z"}}"#)
    };
    (0..count).map(event).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_of_the_past_does_not_make_a_batch_complete() {
    let Some(test) = engine_or_skip() else { return };
    let store = open(&test, PartitionBy::Month).await;
    for keep in [Keep::Days(30), Keep::Forever] {
        change::<Voc>(&store, None, keep).await;
    }
    // Declared, and never inserted.
    let outcome = store.reinsert(batch::<Voc>(PartitionBy::Month, &old_calls(10))).await.unwrap();
    assert_eq!(outcome, ReinsertOutcome { inserted: 10, ..ReinsertOutcome::default() });
    assert_eq!(ask(&store, "SELECT toString(count()) FROM voc_events").await, ["10"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_later_change_wins_whatever_clocks_say() {
    let Some(test) = engine_or_skip() else { return };
    let store = open(&test, PartitionBy::Month).await;
    change::<Voc>(&store, None, Keep::Days(30)).await;
    // Another machine's clock is ahead.
    let ahead = "INSERT INTO retention SELECT * REPLACE \
        (changed_at + INTERVAL 1 HOUR AS changed_at, applied_at + INTERVAL 1 HOUR AS applied_at) FROM retention";
    store.backend().execute(ahead, &[]).await.unwrap();
    change::<Voc>(&store, None, Keep::Forever).await;
    let retention = store.retention("voc", &Voc::TABLE).await.unwrap();
    assert_eq!(retention.to_string(), "forever");
    assert_eq!(ttl(&store, "voc_events").await, "");
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_made_at_the_same_time_are_all_applied() {
    let Some(test) = engine_or_skip() else { return };
    let store = open(&test, PartitionBy::Month).await;
    let tenants: Vec<String> = (0..8).map(|number| format!("tenant-{number}")).collect();
    let changes = tenants.iter().map(|tenant| change::<Voc>(&store, Some(tenant), Keep::Days(30)));
    futures_util::future::join_all(changes).await;
    let applied = ttl(&store, "voc_events").await;
    assert!(tenants.iter().all(|tenant| applied.contains(tenant.as_str())), "{applied}");
    let retention = store.retention("voc", &Voc::TABLE).await.unwrap();
    assert_eq!(retention.tenants().len(), tenants.len());
    assert!(retention.changes().iter().all(|change| change.applied_at.is_some()), "{retention:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_was_interrupted_is_repeated() {
    let Some(test) = engine_or_skip() else { return };
    let store = open(&test, PartitionBy::Month).await;
    let recorded = "INSERT INTO retention (family, tenant_id, changed_at, days) VALUES ('voc', 'acme', now64(3), 30)";
    store.backend().execute(recorded, &[]).await.unwrap();
    let before = store.retention("voc", &Voc::TABLE).await.unwrap();
    assert_eq!(before.last_change("acme").unwrap().applied_at, None);
    let statements = store.repeat_retention(&[family::<Voc>()]).await.unwrap();
    assert_eq!(statements.len(), 2, "{statements:?}");
    assert!(ttl(&store, "voc_events").await.contains("'acme'"));
    let after = store.retention("voc", &Voc::TABLE).await.unwrap();
    assert!(after.last_change("acme").unwrap().applied_at.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_no_server_would_read_is_refused_before_it_is_recorded() {
    let Some(test) = engine_or_skip() else { return };
    let store = open(&test, PartitionBy::Month).await;
    let tenants: Vec<TenantId> =
        (0..8000).map(|number| TenantId::new(&format!("a-tenant-with-a-long-name-{number}")).unwrap()).collect();
    let wanted = |tenants| WantedRetention::new(vec![family::<Voc>()], tenants, Keep::Days(30), "").unwrap();
    let error = store.change_retention(&wanted(&tenants)).await.unwrap_err().to_string();
    assert!(error.contains("a time of their own") && error.contains("256000"), "{error}");
    assert_eq!(store.retention("voc", &Voc::TABLE).await.unwrap().changes(), []);
    store.change_retention(&wanted(&tenants[..2000])).await.unwrap();
    assert_eq!(store.retention("voc", &Voc::TABLE).await.unwrap().tenants().len(), 2000);
}
