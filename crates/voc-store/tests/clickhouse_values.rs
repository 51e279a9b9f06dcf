//! Values survive the round trip through ClickHouse unchanged, and refusals give their reason.

mod clickhouse_support;

use clickhouse_support::{Sample, Server, batch, batch_of, stored, text};
use voc_events::{Family, Timestamp, voc::Voc};
use voc_store::{EventQueries, EventStore, Migrator, Param, PartitionBy, Period, SqlBackend, StoreError};

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_of_value_survives_a_round_trip() {
    let Some(server) = Server::start("values").await else { return };
    server.create_samples().await;
    let store = server.store();
    let plain = Sample::numbered(0);
    let samples = [
        Sample { note: Some(String::new()), flag: None, tags: vec![], due: None, ..plain.clone() },
        Sample { amount: i64::MIN, maybe_amount: Some(i64::MAX), cut: 4_294_967_295_999, ts: 1, ..plain.clone() },
        Sample { tags: vec!["", "ação ✓", "'\\\n"], due: Some(-1), cut: 0, ..plain.clone() },
        Sample { small: Some(f32::MIN_POSITIVE), large: Some(f64::INFINITY), ts: -1, ..plain.clone() },
        Sample { payload: "ação ✓ \0 ' \\ \n".to_owned(), tenant_id: "çé'\"\\".to_owned(), ..plain.clone() },
        Sample { payload: "x".repeat(50_000), flag: Some(false), note: None, ..plain.clone() },
        Sample { scores: vec![], moods: vec![], labels: vec![], measures: vec![], ..plain.clone() },
        Sample {
            scores: vec![f32::MAX, -0.5],
            moods: vec![Some(0.25), None, None, Some(-1.0)],
            labels: vec![("", "ação ✓"), ("it's", ""), ("\\\n", "'")],
            measures: vec![("é", f64::MIN), ("", 0.1), ("a.b", 1e-300)],
            ..plain
        },
    ];
    store.insert(batch_of(0, &samples)).await.unwrap();

    let row = "toString(tuple(id, tenant_id, toUnixTimestamp64Milli(ts), toUInt32(cut), amount, note, tags, \
               toUnixTimestamp64Milli(due), maybe_amount, small, large, flag, scores, moods, labels, measures, \
               hex(payload), source_topic, source_partition, source_epoch))";
    for (offset, sample) in samples.iter().enumerate() {
        let found = text(&store, &format!("SELECT {row} FROM samples WHERE source_offset = {offset}")).await;
        // The engine's own representation of the same row, assembled from literals.
        let null = |value: Option<String>| value.unwrap_or_else(|| "NULL".to_owned());
        let literal =
            |text: &str| format!("unhex('{}')", text.bytes().map(|byte| format!("{byte:02x}")).collect::<String>());
        let expected = format!(
            "SELECT toString(tuple(toUUID('{}'), {}, toInt64({}), toUInt32({}), toInt64('{}'), {}, [{}]::Array(String), {}, {}, {}, \
             {}, {}, [{}]::Array(Float32), [{}]::Array(Nullable(Float32)), map({})::Map(String, String), \
             map({})::Map(String, Float64), hex({}), {}, \
             toInt32(0), toInt64(7)))",
            sample.id,
            literal(&sample.tenant_id),
            sample.ts,
            sample.cut / 1000,
            sample.amount,
            null(sample.note.as_deref().map(literal)),
            list(sample.tags.iter().map(|tag| literal(tag))),
            null(sample.due.map(|value| format!("toInt64('{value}')"))),
            null(sample.maybe_amount.map(|value| format!("toInt64('{value}')"))),
            null(sample.small.map(|value| format!("toFloat32('{value}')"))),
            null(sample.large.map(|value| format!("toFloat64('{value}')"))),
            null(sample.flag.map(|value| format!("{value}"))),
            list(sample.scores.iter().map(|value| format!("toFloat32('{value}')"))),
            list(sample.moods.iter().map(|value| null(value.map(|value| format!("toFloat32('{value}')"))))),
            list(sample.labels.iter().map(|(name, text)| format!("{}, {}", literal(name), literal(text)))),
            list(sample.measures.iter().map(|(name, value)| format!("{}, toFloat64('{value}')", literal(name)))),
            literal(&sample.payload),
            literal("it's a topic"),
        );
        assert_eq!(found, text(&store, &expected).await, "row {offset}");
    }
}

fn list(elements: impl Iterator<Item = String>) -> String {
    elements.collect::<Vec<_>>().join(", ")
}

#[tokio::test(flavor = "multi_thread")]
async fn parameters_arrive_unchanged() {
    let Some(server) = Server::start("params").await else { return };
    let store = server.store();
    for value in [
        "",
        "plain",
        "it's",
        "''; DROP TABLE samples; --",
        "back\\slash\\",
        "\\'",
        "\\n",
        "tab\tline\nreturn\rfeed\u{c}bell\u{7}\u{8}",
        "{x:String}",
        "\\N",
        "NULL",
        "ação ✓ 🦀",
        "a\0b",
        "\u{1}",
        "$1 ? :x %s",
    ] {
        let params = [Param::new("text", value), Param::new("number", -7)];
        let sql = "SELECT concat(hex({text:String}), ' ', toString({number:Int64}))";
        let found =
            store.backend().select_texts(sql, &params).await.unwrap_or_else(|error| panic!("{value:?}: {error}"));
        let hex: String = value.bytes().map(|byte| format!("{byte:02X}")).collect();
        assert_eq!(found, [format!("{hex} -7")], "{value:?}");
    }
    let missing = store.backend().select_texts("SELECT {nobody:String}", &[]).await.unwrap_err();
    assert!(matches!(missing, StoreError::Rejected { code: 456, .. }), "{missing}");
}

#[tokio::test(flavor = "multi_thread")]
async fn long_results_are_complete() {
    let Some(server) = Server::start("long").await else { return };
    let store = server.store();
    let sql = "SELECT toString(number) FROM numbers(300000)";
    let texts = store.backend().select_texts(sql, &[]).await.unwrap();
    assert_eq!(texts.len(), 300_000);
    assert!(texts.iter().enumerate().all(|(number, text)| *text == number.to_string()));
    let none = store.backend().select_texts("SELECT toString(number) FROM numbers(0)", &[]).await.unwrap();
    assert!(none.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_inserted_twice_is_stored_once_in_one_part() {
    let Some(server) = Server::start("token").await else { return };
    server.create_samples().await;
    let store = server.store();
    let first = batch(0, 20_000);
    store.insert(first.clone()).await.unwrap();
    store.insert(first.clone()).await.unwrap();
    assert_eq!(stored(&store, &first).await, (20_000, 20_000));
    let parts = "SELECT toString(count()) FROM system.parts WHERE active AND table = 'samples' AND database = currentDatabase()";
    assert_eq!(text(&store, parts).await, "1");

    // The token decides, not the rows: the same rows as another batch are stored again.
    let second = batch(20_000, 1);
    store.insert(second.clone()).await.unwrap();
    store.insert(batch_of(20_001, &[Sample::numbered(20_000)])).await.unwrap();
    assert_eq!(text(&store, "SELECT toString(count()) FROM samples WHERE source_offset >= 20000").await, "2");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_of_two_months_is_stored_completely() {
    let Some(server) = Server::start("months").await else { return };
    server.create_samples().await;
    let store = server.store();
    let samples: Vec<Sample> = (0..100)
        .map(|number| Sample { ts: 1_700_000_000_000 + number % 2 * 40 * 86_400_000, ..Sample::numbered(number) })
        .collect();
    let batch = batch_of(0, &samples);
    assert_eq!(batch.parts.len(), 2);
    store.insert(batch.clone()).await.unwrap();
    store.insert(batch.clone()).await.unwrap();
    assert_eq!(stored(&store, &batch).await, (100, 100));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_schema_is_created_and_answers() {
    let Some(server) = Server::start("schema").await else { return };
    let store = server.store();
    assert!(!Migrator::new(&store, PartitionBy::Month).tables(&[Voc::TABLE]).up().await.unwrap().is_empty());
    EventStore::ping(&store).await.unwrap();
    let period = Period { since: Timestamp::from_millis(0), until: Timestamp::from_millis(i64::MAX) };
    assert!(store.summary(&Voc::TABLE, None, period).await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_are_classified_by_remedy() {
    let Some(server) = Server::start("refusals").await else { return };
    server.create_samples().await;
    let store = server.store();
    let backend = store.backend();

    for (sql, expected) in [
        ("SELECT * FROM nowhere", 60),
        ("SELECT (", 62),
        ("SELECT toString(throwIf(number = 100000)) FROM numbers(200000)", 395),
    ] {
        let error = backend.select_texts(sql, &[]).await.unwrap_err();
        assert!(matches!(error, StoreError::Rejected { code, .. } if code == expected), "{sql}: {error:?}");
    }
    for sql in [
        "SELECT toString(sleepEachRow(0.1)) FROM numbers(50) SETTINGS max_execution_time = 1, max_block_size = 1",
        "SELECT toString(groupArray(number)) FROM numbers(10000000) SETTINGS max_memory_usage = 1000000",
    ] {
        let error = backend.select_texts(sql, &[]).await.unwrap_err();
        assert!(matches!(error, StoreError::Unavailable(_)), "{sql}: {error:?}");
    }

    // Refused before the data, and refused after it.
    backend.execute("RENAME TABLE samples TO renamed", &[]).await.unwrap();
    let error = store.insert(batch(0, 10)).await.unwrap_err();
    assert!(matches!(error, StoreError::Rejected { code: 60, .. }), "{error:?}");
    backend.execute("RENAME TABLE renamed TO samples", &[]).await.unwrap();
    backend.execute("ALTER TABLE samples ADD CONSTRAINT few CHECK amount < 0", &[]).await.unwrap();
    let error = store.insert(batch(0, 10)).await.unwrap_err();
    assert!(matches!(error, StoreError::Rejected { code: 469, .. }), "{error:?}");
    backend.execute("ALTER TABLE samples DROP CONSTRAINT few", &[]).await.unwrap();
    backend
        .execute("ALTER TABLE samples MODIFY SETTING parts_to_throw_insert = 1, parts_to_delay_insert = 0", &[])
        .await
        .unwrap();
    backend.execute("SYSTEM STOP MERGES samples", &[]).await.unwrap();
    store.insert(batch(0, 10)).await.unwrap();
    let error = store.insert(batch(10, 10)).await.unwrap_err();
    assert!(matches!(error, StoreError::Unavailable(_)), "{error:?}");

    let texts = "the result of a query is texts in one column";
    assert!(backend.select_texts("SELECT 1", &[]).await.is_err(), "{texts}");
    assert!(backend.select_texts("SELECT 'a', 'b'", &[]).await.is_err(), "{texts}");
    assert_eq!(text(&store, "SELECT 'still here'").await, "still here");
}
