//! The SQL store on the embedded engine: what is stored, what is dropped, what is answered.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod support;

use std::sync::Arc;

use futures_util::FutureExt;
use serde::de::DeserializeOwned;
use support::{Row, batch, second};
use voc_events::{ColumnKind, Family, TenantId, Timestamp, voc::Voc};
use voc_store::{
    Block, DeadLetter, EventQueries, EventStore, InsertBatch, MemoryStore, Migrator, PartitionBy, Period, RecentEvent,
    RecentRange, SourceRange, SqlBackend, StoreError, TopicSummary, TypeSummary,
    embedded::{EmbeddedBackend, EmbeddedOptions, EmbeddedStore},
};
use voc_testkit::{
    merges::merge_parts,
    requirements::{TestEngine, engine_or_skip},
};

#[tokio::test]
async fn the_table_has_the_familys_columns() {
    let Some(test) = engine_or_skip() else { return };
    let store = open(&test).await;
    let columns = "SELECT concat(name, ' ', type) FROM system.columns \
        WHERE database = currentDatabase() AND table = 'voc_events' ORDER BY name";
    let found: Vec<String> = store
        .backend()
        .select_texts(columns, &[])
        .await
        .unwrap()
        .iter()
        .map(|column| column.replace("LowCardinality(String)", "String"))
        .collect();

    let batch = batch(PartitionBy::Month, &[Row::default()], 0);
    let block = Block::of_part(&batch, 0).unwrap();
    let mut written: Vec<String> =
        block.columns().iter().map(|column| format!("{} {}", column.name, column.values.type_name())).collect();
    written.sort();
    assert_eq!(written, found);
    assert!(Voc::TABLE.columns().any(|column| column.kind == ColumnKind::OptBool), "no kind is left out above");
}

#[tokio::test]
async fn every_value_is_stored_unchanged() {
    let Some(test) = engine_or_skip() else { return };
    let store = open(&test).await;
    let rows = [
        Row { call_id: "a\n\nb".into(), tenant: "ação ✓".into(), ..Row::default() },
        Row { call_id: "\t\\N'\"".into(), sentiment: None, topic: None, time: second(1), ..Row::default() },
        Row { call_id: "x".repeat(300), sentiment: Some(-0.75), topic: Some(""), time: second(2), ..Row::default() },
    ];
    let batch = batch(PartitionBy::Month, &rows, 7);
    store.insert(batch.clone()).await.unwrap();

    let sql = "SELECT formatRowNoNewline('JSONCompactEachRow', toString(event_id), tenant_id, event_type, \
        toUnixTimestamp64Milli(ts), payload, call_id, duration_ms, success, value, sentiment, topic, confidence, language, \
        decided_by, toUnixTimestamp64Milli(processed_at), source_topic, source_partition, source_offset) \
        FROM voc_events ORDER BY source_offset SETTINGS output_format_json_quote_64bit_integers = 0";
    let found = collect::<serde_json::Value>(&store, sql).await;
    let expected: Vec<serde_json::Value> = rows
        .iter()
        .zip(7_i64..)
        .map(|(row, offset)| {
            serde_json::json!([
                row.event_id(offset).to_string(),
                row.tenant,
                "call",
                row.time.as_millis(),
                row.payload(offset),
                row.call_id,
                offset,
                null,
                null,
                row.sentiment,
                row.topic,
                0.5,
                "en",
                "fast@1",
                batch.processed_at.as_millis(),
                "voc.events",
                3,
                offset
            ])
        })
        .collect();
    assert_eq!(found, expected);
}

#[tokio::test]
async fn the_same_batch_again_adds_nothing() {
    let Some(test) = engine_or_skip() else { return };
    let store = open(&test).await;
    stop_merges(&store, "voc_events").await;
    let rows: Vec<Row> = (0..100).map(|n| Row { time: second(n), ..Row::default() }).collect();
    let first = batch(PartitionBy::Month, &rows, 0);
    store.insert(first.clone()).await.unwrap();
    store.insert(first.clone()).await.unwrap();
    let mut later = (*first).clone();
    later.processed_at = Timestamp::from_millis(first.processed_at.as_millis() + 60_000);
    store.insert(Arc::new(later)).await.unwrap();
    assert_eq!(count(&store, "voc_events").await, 100);

    // The same records split differently are another batch: duplicated until a merge, except for readers with FINAL.
    store.insert(batch(PartitionBy::Month, &rows[..50], 0)).await.unwrap();
    assert_eq!((count(&store, "voc_events").await, count(&store, "voc_events FINAL").await), (150, 100));
}

#[tokio::test]
async fn rows_of_one_key_are_all_stored() {
    let Some(test) = engine_or_skip() else { return };
    let store = open(&test).await;
    stop_merges(&store, "voc_events").await;
    // The same event sent twice by its producer.
    let row = Row { number: Some(1), ..Row::default() };
    store.insert(batch(PartitionBy::Month, &[row.clone(), row], 0)).await.unwrap();
    assert_eq!(count(&store, "voc_events").await, 2);
    assert_eq!(count(&store, "voc_events FINAL").await, 1);
}

#[tokio::test]
async fn a_batch_over_several_months_lands_part_by_part() {
    let Some(test) = engine_or_skip() else { return };
    for partition_by in [PartitionBy::Month, PartitionBy::TenantMonth] {
        let options = EmbeddedOptions::default().with_database(test.fresh_database());
        let store = EmbeddedStore::new(EmbeddedBackend::open(test.engine(), options).unwrap());
        Migrator::new(&store, partition_by).tables(&[Voc::TABLE]).up().await.unwrap();
        assert_eq!(store.partition_by(&Voc::TABLE).await.unwrap(), Some(partition_by));
        let rows: Vec<Row> = (0..40)
            .map(|n| Row { tenant: format!("t{}", n % 2), time: second(n * 86_400 * 3), ..Row::default() })
            .collect();
        let batch = batch(partition_by, &rows, 0);
        let parts = batch.parts.len();
        assert!(parts >= 4, "{parts}");
        stop_merges(&store, "voc_events").await;
        for _ in 0..2 {
            store.insert(batch.clone()).await.unwrap();
        }
        assert_eq!(count(&store, "voc_events").await, 40);
        let active = "system.parts WHERE active AND database = currentDatabase() AND table = 'voc_events'";
        assert_eq!(count(&store, active).await, parts as u64);
    }
}

#[tokio::test]
async fn summaries_agree_with_a_store_that_counts_rows() {
    let Some(test) = engine_or_skip() else { return };
    let (store, memory) = (open(&test).await, MemoryStore::new());
    // Five days, with rows on full hours and right next to them.
    let rows: Vec<Row> = (0_i64..2000)
        .map(|n| Row {
            tenant: format!("tenant-{}", n % 3),
            time: Timestamp::from_millis(second(n * 216).as_millis() + [0, -1, 1][(n % 3) as usize]),
            sentiment: (n % 4 != 0).then_some((n % 7) as f32 / 8.0 - 0.5),
            topic: [None, Some("billing"), Some("delivery")][(n % 5).min(2) as usize],
            event_type: ["call", "survey", "chat"][(n / 7 % 3) as usize],
            ..Row::default()
        })
        .collect();
    for (number, rows) in rows.chunks(300).enumerate() {
        let batch = batch(PartitionBy::Month, rows, number as i64 * 300);
        store.insert(batch.clone()).await.unwrap();
        memory.insert(batch).await.unwrap();
    }

    const HOUR: i64 = 3_600_000;
    const EVER: i64 = i64::MAX / 2;
    let start = second(0).as_millis();
    let tenant = TenantId::new("tenant-1").unwrap();
    for (since, until) in [
        (0, EVER),
        (10 * HOUR, 20 * HOUR),
        (10 * HOUR + 1, 20 * HOUR),
        (10 * HOUR, 20 * HOUR + 1),
        (10 * HOUR - 1, 20 * HOUR - 1),
        (10 * HOUR + 1, 11 * HOUR - 1),
        (10 * HOUR + 1, EVER),
        (10 * HOUR, 10 * HOUR),
        (-1000 * HOUR, 2000 * HOUR),
        (2000 * HOUR, EVER),
        (i64::MIN / 2, EVER),
        // Around rows a millisecond after a full hour, a millisecond before one, and on one.
        (0, 3 * HOUR + 1),
        (0, 3 * HOUR + 2),
        (0, 6 * HOUR - 1),
        (0, 6 * HOUR),
        (0, 9 * HOUR),
        (0, 9 * HOUR + 1),
        (9 * HOUR, 9 * HOUR + 1),
        // Within an hour of five rows.
        (0, 10 * HOUR + 30 * 60_000),
        (9 * HOUR + 1, 10 * HOUR + 30 * 60_000),
    ] {
        let period =
            Period { since: Timestamp::from_millis(start + since), until: Timestamp::from_millis(start + until) };
        for tenant in [None, Some(&tenant)] {
            let (found, expected) = (
                store.summary(&Voc::TABLE, tenant, period).await.unwrap(),
                memory.summary(&Voc::TABLE, tenant, period).await.unwrap(),
            );
            assert_eq!(summary_text(&found), summary_text(&expected), "{period:?} {tenant:?}");
            let (found, expected) = (
                store.topics(&Voc::TABLE, tenant, period).await.unwrap(),
                memory.topics(&Voc::TABLE, tenant, period).await.unwrap(),
            );
            assert_eq!(text_of(&found), text_of(&expected), "{period:?} {tenant:?}");
        }
    }
}

#[tokio::test]
async fn summaries_of_whole_hours_come_from_the_rollups() {
    let Some(test) = engine_or_skip() else { return };
    let database = test.fresh_database();
    let plain = EmbeddedOptions::default().with_database(&database);
    let writer = EmbeddedStore::new(EmbeddedBackend::open(test.engine(), plain.clone()).unwrap());
    Migrator::new(&writer, PartitionBy::Month).up().await.unwrap();
    let rows: Vec<Row> = (0..500).map(|n| Row { time: second(n * 60), ..Row::default() }).collect();
    writer.insert(batch(PartitionBy::Month, &rows, 0)).await.unwrap();
    // Rows that were never merged may have several versions, so the rollups are not used for them.
    writer.backend().execute("OPTIMIZE TABLE voc_events FINAL", &[]).await.unwrap();

    // With this setting the engine refuses a query that no projection answers.
    let forced = plain.with_setting("force_optimize_projection", "1");
    let reader = EmbeddedStore::new(EmbeddedBackend::open(test.engine(), forced).unwrap());
    let tenant = TenantId::new("acme").unwrap();
    for tenant in [None, Some(&tenant)] {
        for (until, events) in [(Timestamp::from_millis(i64::MAX), 440), (second(5 * 3600), 240)] {
            let period = Period { since: second(3600), until };
            let summary = reader.summary(&Voc::TABLE, tenant, period).await.unwrap();
            assert_eq!(summary[0].event_count, events);
            assert_eq!(reader.topics(&Voc::TABLE, tenant, period).await.unwrap()[0].topic, "billing");
        }
    }
    let minutes = Period { since: second(60), until: second(120) };
    assert!(reader.summary(&Voc::TABLE, None, minutes).await.is_err(), "the setting does nothing");
}

#[tokio::test]
async fn dead_letters_keep_every_byte_and_are_stored_once() {
    let Some(test) = engine_or_skip() else { return };
    let store = open(&test).await;
    let dead_letter = |offset, payload: Option<&[u8]>, headers| DeadLetter {
        family: "voc",
        error_type: "invalid_json".into(),
        error: "$: expected a JSON object, found it's".into(),
        path: "$".into(),
        tenant_id: String::new(),
        topic: "voc.events".into(),
        partition: 3,
        epoch: 0,
        offset,
        key: (offset == 1).then(|| vec![0, 255]),
        payload: payload.map(<[u8]>::to_vec),
        headers,
        failed_at: Timestamp::from_millis(1_770_000_000_123),
    };
    let headers = vec![("trace".to_owned(), Some(vec![0xff, b'\n', b'\n'])), ("empty".to_owned(), None)];
    let dead_letters: Arc<[DeadLetter]> = [
        dead_letter(1, Some(b"\xff\n\n\0{"), headers),
        dead_letter(2, None, vec![]),
        dead_letter(3, Some(b""), vec![]),
    ]
    .into();
    stop_merges(&store, "dead_letters").await;
    store.insert_dead_letters(dead_letters.clone()).await.unwrap();
    store.insert_dead_letters(dead_letters.clone()).await.unwrap();
    assert_eq!(count(&store, "dead_letters").await, 3);
    assert!(store.new_dead_letters(dead_letters.clone()).await.unwrap().is_empty());
    let other = dead_letter(4, None, vec![]);
    let asked = [dead_letters[0].clone(), other.clone()].into();
    assert_eq!(*store.new_dead_letters(asked).await.unwrap(), [other]);
    // A re-insert may group the dead letters differently.
    store.insert_dead_letters(dead_letters[1..].into()).await.unwrap();
    store.insert_dead_letters(Arc::new([])).await.unwrap();
    assert_eq!(count(&store, "dead_letters").await, 3);
    // The same offset of a recreated topic is another dead letter, also for a merge.
    let recreated: Arc<[DeadLetter]> = [DeadLetter { epoch: 1_770_000_000_000, ..dead_letters[0].clone() }].into();
    store.insert_dead_letters(recreated.clone()).await.unwrap();
    store.insert_dead_letters(recreated).await.unwrap();
    store.backend().execute("SYSTEM START MERGES dead_letters", &[]).await.unwrap();
    merge_parts(store.backend(), "dead_letters").await;
    assert_eq!(count(&store, "dead_letters").await, 4);

    let sql = "SELECT formatRowNoNewline('JSONCompactEachRow', source_offset, hex(key), hex(payload), header_names, \
        arrayMap(value -> hex(value), header_values), error, toUnixTimestamp64Milli(failed_at)) FROM dead_letters FINAL \
        WHERE source_epoch = 0 ORDER BY source_offset SETTINGS output_format_json_quote_64bit_integers = 0";
    let found = collect::<serde_json::Value>(&store, sql).await;
    let error = "$: expected a JSON object, found it's";
    assert_eq!(
        found,
        [
            serde_json::json!([
                1,
                "00FF",
                "FF0A0A007B",
                ["trace", "empty"],
                ["FF0A0A", null],
                error,
                1_770_000_000_123_i64
            ]),
            serde_json::json!([2, null, null, [], [], error, 1_770_000_000_123_i64]),
            serde_json::json!([3, null, "", [], [], error, 1_770_000_000_123_i64]),
        ]
    );
}

#[tokio::test]
async fn dead_letters_lost_behind_their_token_are_written_again() {
    let Some(test) = engine_or_skip() else { return };
    let store = open(&test).await;
    let dead_letter = |offset| DeadLetter {
        family: "voc",
        error_type: "invalid_json".into(),
        error: String::new(),
        path: String::new(),
        tenant_id: String::new(),
        topic: "it's \\ a\ttopic".into(),
        partition: 0,
        epoch: 0,
        offset,
        key: None,
        payload: None,
        headers: vec![],
        failed_at: second(offset),
    };
    let dead_letters: Arc<[DeadLetter]> = (0..500).map(dead_letter).collect();
    stop_merges(&store, "dead_letters").await;
    store.insert_dead_letters(dead_letters[..300].into()).await.unwrap();
    store.insert_dead_letters(dead_letters.clone()).await.unwrap();
    assert_eq!(count(&store, "dead_letters").await, 500);
    // Like one killed after it wrote the token and before it wrote the part. A mutation is a merge to the engine.
    let delete = "ALTER TABLE dead_letters DELETE WHERE source_offset >= 100 SETTINGS mutations_sync = 2";
    for sql in ["SYSTEM START MERGES dead_letters", delete, "SYSTEM STOP MERGES dead_letters"] {
        store.backend().execute(sql, &[]).await.unwrap();
    }
    store.insert_dead_letters(dead_letters).await.unwrap();
    assert_eq!(count(&store, "dead_letters").await, 500);
}

#[tokio::test]
async fn the_memory_store_and_the_engine_find_the_same_newest_events() {
    let Some(test) = engine_or_skip() else { return };
    let engine = open(&test).await;
    // Others' rows are versions of the same events.
    stop_merges(&engine, "voc_events").await;
    let stores: [Arc<dyn EventStore>; 2] = [Arc::new(engine), Arc::new(MemoryStore::new())];
    let rows: Vec<Row> = (0..20)
        .map(|n| Row { tenant: format!("tenant-{}", n % 3), time: second(n * 86_400 * 5), ..Row::default() })
        .collect();
    let first = batch(PartitionBy::Month, &rows, 0);
    let second_batch = batch(PartitionBy::Month, &rows[..10], 20);
    let of = |range: SourceRange| Arc::new(InsertBatch { range, ..(*first).clone() });
    let range = RecentRange {
        table: *first.parts[0].rows.table(),
        topic: first.range.topic.clone(),
        partition: first.range.partition,
        epochs: 0..=0,
        before: 25,
        events: 8,
        since: first.processed_at,
    };
    let event = |offset: i64| {
        let row = &rows[usize::try_from(offset % 20).unwrap()];
        RecentEvent { tenant_id: row.tenant.clone(), event_id: row.event_id(offset) }
    };
    for store in stores {
        // Others' rows at the same offsets.
        for other in [
            SourceRange { epoch: 7, ..first.range.clone() },
            SourceRange { partition: 4, ..first.range.clone() },
            SourceRange { topic: "another".into(), ..first.range.clone() },
        ] {
            store.insert(of(other)).await.unwrap();
        }
        store.insert(first.clone()).await.unwrap();
        store.insert(second_batch.clone()).await.unwrap();
        let found = store.recent_events(&range).await.unwrap();
        assert_eq!(found, (17..25).map(event).collect::<Vec<_>>());
        let later = RecentRange { epochs: 0..=7, events: 10, ..range.clone() };
        assert_eq!(store.recent_events(&later).await.unwrap(), (10..20).map(event).collect::<Vec<_>>());
        let all = RecentRange { before: 1000, events: 900, ..range.clone() };
        assert_eq!(store.recent_events(&all).await.unwrap(), (0..30).map(event).collect::<Vec<_>>());
        for none in [
            RecentRange { events: 0, ..range.clone() },
            RecentRange { before: 0, ..range.clone() },
            RecentRange { epochs: 8..=8, ..range.clone() },
            RecentRange { since: Timestamp::from_millis(first.processed_at.as_millis() + 1), ..range.clone() },
        ] {
            assert_eq!(store.recent_events(&none).await.unwrap(), [], "{none:?}");
        }
    }
}

#[tokio::test]
async fn an_abandoned_insert_leaves_the_store_usable() {
    let Some(test) = engine_or_skip() else { return };
    let store = open(&test).await;
    stop_merges(&store, "voc_events").await;
    let rows: Vec<Row> = (0..5000).map(|n| Row { time: second(n), ..Row::default() }).collect();
    let batch = batch(PartitionBy::Month, &rows, 0);
    // Starts the insert, and does not wait for it to finish.
    assert!(store.insert(batch.clone()).now_or_never().is_none());
    store.insert(batch).await.unwrap();
    assert_eq!(count(&store, "voc_events").await, 5000);
}

#[tokio::test]
async fn statements_wait_for_a_free_connection() {
    let Some(test) = engine_or_skip() else { return };
    let options = EmbeddedOptions::default().with_database(test.fresh_database()).with_connections(1);
    let store = EmbeddedStore::new(EmbeddedBackend::open(test.engine(), options).unwrap());
    let answers = futures_util::future::join_all((0..20).map(|n| {
        let store = store.clone();
        async move { store.backend().select_texts(&format!("SELECT toString({n})"), &[]).await.unwrap() }
    }))
    .await;
    assert!(answers.iter().enumerate().all(|(n, answer)| *answer == [n.to_string()]), "{answers:?}");
}

#[tokio::test]
async fn a_missing_table_is_refused_not_retried() {
    let Some(test) = engine_or_skip() else { return };
    let options = EmbeddedOptions::default().with_database(test.fresh_database());
    let store = EmbeddedStore::new(EmbeddedBackend::open(test.engine(), options).unwrap());
    let error = store.insert(batch(PartitionBy::Month, &[Row::default()], 0)).await.unwrap_err();
    assert!(matches!(error, StoreError::Rejected { code: 60, .. }) && !error.is_retryable(), "{error:?}");
    EventStore::ping(&store).await.unwrap();
}

/// Keeps rows that are stored twice, because a merge would drop them.
async fn stop_merges(store: &EmbeddedStore, table: &str) {
    store.backend().execute(&format!("SYSTEM STOP MERGES {table}"), &[]).await.unwrap();
}

async fn count(store: &EmbeddedStore, table: &str) -> u64 {
    let sql = format!("SELECT toString(count()) FROM {table}");
    store.backend().select_texts(&sql, &[]).await.unwrap()[0].parse().unwrap()
}

/// A store with its own database, with all tables.
async fn open(test: &TestEngine) -> EmbeddedStore {
    let options = EmbeddedOptions::default().with_database(test.fresh_database());
    let store = EmbeddedStore::new(EmbeddedBackend::open(test.engine(), options).unwrap());
    Migrator::new(&store, PartitionBy::Month).tables(&[Voc::TABLE]).up().await.unwrap();
    store
}

/// The rows of a query of JSON texts.
async fn collect<T: DeserializeOwned>(store: &EmbeddedStore, sql: &str) -> Vec<T> {
    let rows = store.backend().select_texts(sql, &[]).await.unwrap();
    rows.iter().map(|row| serde_json::from_str(row).unwrap()).collect()
}

/// A summary as text; means with nine digits, because they depend on the order of summation.
fn summary_text(summary: &[TypeSummary]) -> Vec<String> {
    let text = |row: &TypeSummary| {
        let (count, mean) = (row.event_count, row.avg_sentiment.map(|mean| format!("{mean:.9}")));
        format!("{} {count} {mean:?} {} {}", row.event_type, row.first_event, row.last_event)
    };
    summary.iter().map(text).collect()
}

/// Like [`summary_text`], for topics.
fn text_of(topics: &[TopicSummary]) -> Vec<String> {
    let text = |row: &TopicSummary| {
        format!("{} {} {:?}", row.topic, row.event_count, row.avg_sentiment.map(|mean| format!("{mean:.9}")))
    };
    topics.iter().map(text).collect()
}
