//! Every store with every family: one that has all roles, and one that has almost none and other names.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod clickhouse_support;

use std::{collections::HashSet, sync::Arc};

use clickhouse_support::{Server, create_read_tables};
use uuid::Uuid;
use voc_events::{
    Column, ColumnKind, DecodeOptions, Envelope, Family, FamilyEvent, RowWriter, Table, Timestamp, Value,
    activity::Activity, families, product::Product, quality::Quality, voc::Voc,
};
use voc_store::{
    AuditedLog, BatchBuilder, EventQueries, EventStore, InsertBatch, MemoryStore, Migrator, PartitionBy, Period,
    ReinsertOutcome, RowAnnotation, RowBatch, RowCall, RowProblem, RowTopic, SourceRange, SqlBackend, SqlStore,
    embedded::{EmbeddedBackend, EmbeddedOptions, EmbeddedStore},
};
use voc_testkit::{
    conformance::{self, samples},
    requirements::{TestEngine, engine_or_skip},
    toy::{TOY_MIGRATIONS, Toy, visit},
};

#[tokio::test]
async fn the_memory_store_keeps_any_family() {
    conformance::store::check::<Voc, _>(&MemoryStore::new(), samples::voc).await;
    conformance::store::check::<Activity, _>(&MemoryStore::new(), samples::activity).await;
    conformance::store::check::<Product, _>(&MemoryStore::new(), samples::product).await;
    conformance::store::check::<Quality, _>(&MemoryStore::new(), samples::quality).await;
    conformance::store::check::<Toy, _>(&MemoryStore::new(), visit).await;
}

#[tokio::test]
async fn the_engine_keeps_any_family() {
    let Some(test) = engine_or_skip() else { return };
    check::<Voc, _>(&embedded(&test), samples::voc).await;
    check::<Activity, _>(&embedded(&test), samples::activity).await;
    check::<Product, _>(&embedded(&test), samples::product).await;
    check::<Quality, _>(&embedded(&test), samples::quality).await;
    check::<Toy, _>(&embedded(&test), visit).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_server_keeps_any_family() {
    let Some(server) = Server::start("families_voc").await else { return };
    check::<Voc, _>(&server.store(), samples::voc).await;
    let Some(server) = Server::start("families_activity").await else { return };
    check::<Activity, _>(&server.store(), samples::activity).await;
    let Some(server) = Server::start("families_product").await else { return };
    check::<Product, _>(&server.store(), samples::product).await;
    let Some(server) = Server::start("families_quality").await else { return };
    check::<Quality, _>(&server.store(), samples::quality).await;
    let Some(server) = Server::start("families_toy").await else { return };
    check::<Toy, _>(&server.store(), visit).await;
}

async fn check<F: Family, B: SqlBackend>(store: &SqlStore<B>, record: impl Fn(i64) -> String) {
    migrate(store, PartitionBy::Month).await;
    conformance::store::check::<F, _>(store, record).await;
    store.check_deduplication(&[F::TABLE]).await.unwrap();
}

async fn migrate<B: SqlBackend>(store: &SqlStore<B>, partition_by: PartitionBy) {
    let migrator = Migrator::new(store, partition_by).with_migrations(TOY_MIGRATIONS);
    let tables = [families::tables(), vec![Toy::TABLE]].concat();
    migrator.tables(&tables).up().await.unwrap();
}

fn embedded(test: &TestEngine) -> EmbeddedStore {
    let options = EmbeddedOptions::default().with_database(test.fresh_database());
    EmbeddedStore::new(EmbeddedBackend::open(test.engine(), options).unwrap())
}

fn visits(numbers: std::ops::Range<i64>, partition_by: PartitionBy) -> Arc<InsertBatch> {
    let toy = Toy::for_topic("toy.visits", &DecodeOptions::default());
    let mut builder = BatchBuilder::new(Toy::TABLE, partition_by);
    for number in numbers.clone() {
        let text = visit(number);
        let event = toy.decode(&text, &Envelope::default()).unwrap().event;
        builder.push(&event, &text, &RowAnnotation::default(), number).unwrap();
    }
    let (first, last) = (numbers.start, numbers.end - 1);
    let range = SourceRange { family: Toy::NAME, topic: "toy.visits".into(), partition: 0, epoch: 0, first, last };
    Arc::new(builder.seal(range, Timestamp::from_millis(1_790_000_000_000)))
}

#[tokio::test]
async fn every_value_of_an_outside_family_is_stored_unchanged() {
    let Some(test) = engine_or_skip() else { return };
    let store = embedded(&test);
    migrate(&store, PartitionBy::Month).await;
    store.insert(visits(0..3, PartitionBy::Month)).await.unwrap();
    let sql = "SELECT formatRowNoNewline('JSONCompactEachRow', toUnixTimestamp(at), page, seconds, tags, source_offset) \
        FROM toy_visits ORDER BY source_offset SETTINGS output_format_json_quote_64bit_integers = 0";
    let rows = store.backend().select_texts(sql, &[]).await.unwrap();
    assert_eq!(
        rows,
        [
            r#"[1770033600, "home", 0, ["new","a, 'b'"], 0]"#,
            r#"[1770034020, "search", null, [], 1]"#,
            r#"[1770034440, "", null, [""], 2]"#
        ]
    );
}

#[tokio::test]
async fn whole_hours_of_an_outside_family_come_from_its_rollups() {
    let Some(test) = engine_or_skip() else { return };
    let options = EmbeddedOptions::default().with_database(test.fresh_database());
    let writer = EmbeddedStore::new(EmbeddedBackend::open(test.engine(), options.clone()).unwrap());
    migrate(&writer, PartitionBy::Month).await;
    writer.insert(visits(0..100, PartitionBy::Month)).await.unwrap();
    // A table of events without types, whose rollups are by hour only.
    let untyped = Table::new("untyped", "at").in_seconds().sorting_key(Toy::TABLE.sorting_key);
    let create = "CREATE TABLE untyped (at DateTime('UTC'), source_offset Int64, \
        PROJECTION hourly (SELECT toStartOfHour(at), count(), min(at), max(at) GROUP BY toStartOfHour(at))) \
        ENGINE = MergeTree ORDER BY at";
    let fill = "INSERT INTO untyped SELECT at, source_offset FROM toy_visits";
    // Rows that were never merged may have several versions, so the rollups are not used for them.
    for sql in [create, fill, "OPTIMIZE TABLE untyped FINAL", "OPTIMIZE TABLE toy_visits FINAL"] {
        writer.backend().execute(sql, &[]).await.unwrap();
    }

    // With this setting the engine refuses a query that no projection can answer.
    let forced = options.with_setting("force_optimize_projection", "1");
    let reader = EmbeddedStore::new(EmbeddedBackend::open(test.engine(), forced).unwrap());
    let second = |seconds: i64| Timestamp::from_millis((1_770_033_600 + seconds) * 1000);
    for table in [Toy::TABLE, untyped] {
        let all = Period { since: second(3600), until: Timestamp::from_millis(i64::MAX) };
        let summary = reader.summary(&table, None, all).await.unwrap();
        assert_eq!(summary.iter().map(|row| row.event_count).sum::<u64>(), 91, "{summary:?}");
        assert!(summary.iter().all(|row| row.first_event >= second(3600)), "{summary:?}");
        let minutes = Period { since: second(60), until: second(120) };
        assert!(reader.summary(&table, None, minutes).await.is_err(), "the setting does nothing");
        let later = Period { since: second(1_000_000), until: second(2_000_000) };
        assert_eq!(writer.summary(&table, None, later).await.unwrap(), []);
    }
    let all = Period { since: second(0), until: Timestamp::from_millis(i64::MAX) };
    let summary = writer.summary(&untyped, None, all).await.unwrap();
    assert_eq!((summary[0].event_type.as_str(), summary[0].event_count, summary.len()), ("untyped", 100, 1));
}

#[tokio::test]
async fn a_table_without_tenants_is_always_partitioned_by_month() {
    let Some(test) = engine_or_skip() else { return };
    for partition_by in [PartitionBy::Month, PartitionBy::TenantMonth] {
        let store = embedded(&test);
        migrate(&store, partition_by).await;
        assert_eq!(store.partition_by(&Toy::TABLE).await.unwrap(), Some(PartitionBy::Month));
        let batch = visits(0..10, partition_by);
        assert_eq!(batch.parts.len(), 1);
        store.insert(batch.clone()).await.unwrap();
        assert_eq!(store.reinsert(batch).await.unwrap(), ReinsertOutcome { found: 10, ..ReinsertOutcome::default() });
    }
}

/// An event whose table is sorted by its topic and its identifier.
struct Letter(u128);

impl FamilyEvent for Letter {
    fn event_id(&self) -> Option<Uuid> {
        Some(Uuid::from_u128(self.0))
    }

    fn timestamp(&self) -> Timestamp {
        Timestamp::from_millis(1_770_033_600_999)
    }

    fn event_type(&self) -> &'static str {
        "letter"
    }

    fn write_row<W: RowWriter + ?Sized>(&self, _: &mut W) {}
}

#[tokio::test]
async fn an_event_sent_twice_is_not_lost_if_the_key_contains_its_source() {
    let Some(test) = engine_or_skip() else { return };
    let store = embedded(&test);
    let table = Table::new("letters", "at").in_seconds().identifier("row").sorting_key(&[
        "source_topic",
        "source_partition",
        "at",
        "row",
    ]);
    assert_eq!(table.check(), Ok(()));
    let create = "CREATE TABLE letters (at DateTime('UTC'), row UUID, processed_at DateTime64(3, 'UTC'), \
        source_topic LowCardinality(String), source_partition Int32, source_epoch Int64, source_offset Int64) \
        ENGINE = ReplacingMergeTree(processed_at) ORDER BY (source_topic, source_partition, at, row) \
        SETTINGS non_replicated_deduplication_window = 100";
    store.backend().execute(create, &[]).await.unwrap();
    create_read_tables(store.backend()).await;
    let mut builder = BatchBuilder::new(table, PartitionBy::Month);
    for offset in 0..6 {
        builder.push(&Letter(offset as u128 / 2), "", &RowAnnotation::default(), offset).unwrap();
    }
    let range =
        SourceRange { family: "letter", topic: "it's\ta topic".into(), partition: 1, epoch: 2, first: 0, last: 5 };
    let batch = Arc::new(builder.seal(range, Timestamp::from_millis(1_790_000_000_000)));
    store.insert(batch.clone()).await.unwrap();
    store.backend().execute("OPTIMIZE TABLE letters FINAL", &[]).await.unwrap();
    let outcome = store.reinsert(batch.clone()).await.unwrap();
    assert_eq!((outcome.found, outcome.healed, outcome.resends.len()), (3, 0, 3));

    let log = |topic: &str| AuditedLog {
        family: "letter",
        table: "letters",
        topic: topic.to_owned(),
        partition: 1,
        epoch: 2,
    };
    let rows = &batch.parts[0].rows;
    let stored = store.with_event_stored(&log("it's\ta topic"), rows).await.unwrap();
    assert_eq!(stored, HashSet::from([0, 1, 2, 3, 4, 5]));
    assert_eq!(store.with_event_stored(&log("another"), rows).await.unwrap(), HashSet::new());
}

/// An event with the given content.
#[derive(Clone, Default)]
struct ArbitraryEvent {
    tenant_id: Option<&'static str>,
    event_id: Option<Uuid>,
    time: i64,
    values: Vec<(usize, Value<'static>)>,
}

impl FamilyEvent for ArbitraryEvent {
    fn event_id(&self) -> Option<Uuid> {
        self.event_id
    }

    fn tenant_id(&self) -> Option<&str> {
        self.tenant_id
    }

    fn timestamp(&self) -> Timestamp {
        Timestamp::from_millis(self.time)
    }

    fn event_type(&self) -> &'static str {
        "said"
    }

    fn write_row<W: RowWriter + ?Sized>(&self, row: &mut W) {
        self.values.iter().for_each(|(place, value)| row.put(*place, *value));
    }
}

#[test]
fn a_row_that_does_not_fit_changes_nothing() {
    const TABLE: Table = Table::new("said", "at")
        .in_seconds()
        .tenant("who")
        .identifier("id")
        .promoted(&[
            Column::new("words", ColumnKind::StrList),
            Column::new("note", ColumnKind::Str),
            Column::new("due", ColumnKind::OptTimestamp),
            Column::new("amount", ColumnKind::I64),
            Column::new("labels", ColumnKind::StrMap),
            Column::new("measures", ColumnKind::F64Map),
            Column::new("scores", ColumnKind::F32List),
            Column::new("moods", ColumnKind::OptF32List),
        ])
        .annotated();
    let good = ArbitraryEvent {
        tenant_id: Some("acme"),
        event_id: Some(Uuid::from_u128(7)),
        time: 1999,
        values: vec![
            (3, Value::I64(1)),
            (0, Value::StrList(&["a", "b"])),
            (5, Value::F64Map(&[("mos", 4.0), ("rtt", 20.0)])),
            (7, Value::OptF32List(&[None, Some(0.5)])),
        ],
    };
    let with = |value| ArbitraryEvent { values: [good.values.clone(), vec![value]].concat(), ..good.clone() };
    let call = RowCall {
        turns: 2,
        topics: vec![RowTopic { topic: "billing", score: 0.5, sentiment: None }],
        churn_phrases: vec!["cancel my account"],
        ..RowCall::default()
    };
    let annotation =
        RowAnnotation { sentiment: Some(0.5), topic: Some("billing"), call: Some(&call), ..RowAnnotation::default() };

    let kind = |column, kind, found| RowProblem::Kind { column, kind, found };
    for (bad, problem) in [
        (with((1, Value::I64(2))), kind("note", ColumnKind::Str, "an integer")),
        (with((2, Value::Str("soon"))), kind("due", ColumnKind::OptTimestamp, "a text")),
        (
            ArbitraryEvent { values: vec![(0, Value::Str("a"))], ..good.clone() },
            kind("words", ColumnKind::StrList, "a text"),
        ),
        (with((3, Value::I64(2))), RowProblem::Twice { column: "amount" }),
        (with((0, Value::StrList(&[]))), RowProblem::Twice { column: "words" }),
        (with((4, Value::F64Map(&[("a", 1.0)]))), kind("labels", ColumnKind::StrMap, "a map of 64-bit floats")),
        (with((4, Value::I64(2))), kind("labels", ColumnKind::StrMap, "an integer")),
        (with((5, Value::F64Map(&[]))), RowProblem::Twice { column: "measures" }),
        (with((6, Value::OptF32List(&[None]))), kind("scores", ColumnKind::F32List, "a list of 32-bit floats")),
        (
            ArbitraryEvent { values: vec![(7, Value::StrMap(&[("a", "b")]))], ..good.clone() },
            kind("moods", ColumnKind::OptF32List, "a map of texts"),
        ),
        (with((8, Value::I64(2))), RowProblem::NoColumn { place: 8 }),
        (with((usize::MAX, Value::I64(2))), RowProblem::NoColumn { place: usize::MAX }),
        (
            ArbitraryEvent { values: vec![], ..good.clone() },
            RowProblem::Absent { column: "amount", kind: ColumnKind::I64 },
        ),
        (
            ArbitraryEvent { tenant_id: None, ..good.clone() },
            RowProblem::Absent { column: "who", kind: ColumnKind::Str },
        ),
        (
            ArbitraryEvent { event_id: None, ..good.clone() },
            RowProblem::Absent { column: "id", kind: ColumnKind::Uuid },
        ),
        (
            ArbitraryEvent { time: -1, ..good.clone() },
            RowProblem::OutOfRange { column: "at", kind: ColumnKind::Seconds },
        ),
        (
            ArbitraryEvent { time: 4_294_967_296_000, ..good.clone() },
            RowProblem::OutOfRange { column: "at", kind: ColumnKind::Seconds },
        ),
    ] {
        for rows_before in 0..3 {
            let mut rows = RowBatch::new(TABLE);
            let mut builder = BatchBuilder::new(TABLE, PartitionBy::TenantMonth);
            for offset in 0..rows_before {
                rows.push(&good, "{}", &annotation, offset).unwrap();
                builder.push(&good, "{}", &annotation, offset).unwrap();
            }
            let before = rows.clone();
            let error = rows.push(&bad, "{}", &annotation, 9).unwrap_err();
            assert_eq!((error.table, &error.problem), ("said", &problem));
            assert!(error.to_string().starts_with("the event does not fit the table said: "), "{error}");
            assert_eq!(rows, before, "{error}");
            assert_eq!(builder.push(&bad, "{}", &annotation, 9).unwrap_err(), error);
            assert_eq!(builder.rows(), rows.rows());

            rows.push(&good, "{}", &annotation, 10).unwrap();
            builder.push(&good, "{}", &annotation, 10).unwrap();
            let range =
                SourceRange { family: "said", topic: "said".into(), partition: 0, epoch: 0, first: 0, last: 10 };
            let sealed = builder.seal(range, Timestamp::from_millis(0));
            assert_eq!(sealed.parts.len(), 1, "{error}");
            assert_eq!(sealed.parts[0].rows, rows);
            assert!(rows.columns().all(|(_, data)| data.rows() == rows.rows()), "{error}");
        }
    }
}
