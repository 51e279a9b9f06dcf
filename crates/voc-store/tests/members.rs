//! Members of events and their lists of values, as fields of questions.
#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

use std::sync::Arc;

use serde_json::{Value as Json, json};
use voc_events::{
    DecodeOptions, Decoded, Envelope, Family, FamilyEvent as _, Table, Timestamp, product::Product, quality::Quality,
};
use voc_store::{
    Answer, BatchBuilder, Cell, Condition, Dimension, EventQueries, EventStore, Filter, InsertBatch, MemoryStore,
    Metric, Migrator, PartitionBy, Period, Query, QueryError, RowAnnotation, SourceRange, TenantScope, Value,
    embedded::{EmbeddedBackend, EmbeddedOptions, EmbeddedStore},
};
use voc_testkit::requirements::{TestEngine, engine_or_skip};

const EVER: Period = Period { since: Timestamp::from_millis(0), until: Timestamp::from_millis(4_000_000_000_000) };

fn sealed<F: Family>(topic: &str, events: &[Json]) -> Arc<InsertBatch> {
    let family = F::for_topic(topic, &DecodeOptions::default());
    let mut builder = BatchBuilder::new(F::TABLE, PartitionBy::Month);
    for (event, offset) in events.iter().zip(0..) {
        let payload = event.to_string();
        let Ok(Decoded { event, .. }) = family.decode(&payload, &Envelope::default()) else { panic!("{payload}") };
        assert!(event.text().is_none());
        builder.push(&event, &payload, &RowAnnotation::default(), offset).unwrap();
    }
    let last = events.len() as i64 - 1;
    let range = SourceRange { family: F::NAME, topic: topic.into(), partition: 0, epoch: 0, first: 0, last };
    Arc::new(builder.seal(range, Timestamp::from_millis(0)))
}

/// Both stores with the same batch.
async fn both(engine: &TestEngine, batch: Arc<InsertBatch>) -> [Box<dyn EventQueries>; 2] {
    let options = EmbeddedOptions::default().with_database(engine.fresh_database());
    let store = EmbeddedStore::new(EmbeddedBackend::open(engine.engine(), options).unwrap());
    Migrator::new(&store, PartitionBy::Month).up().await.unwrap();
    let memory = MemoryStore::new();
    store.insert(batch.clone()).await.unwrap();
    memory.insert(batch).await.unwrap();
    [Box::new(store), Box::new(memory)]
}

fn question(table: &Table, dimensions: &[&str], metrics: &[&str]) -> Query {
    let query = Query::new(*table, TenantScope::All, EVER);
    let query = dimensions.iter().fold(query, |query, name| query.dimension(Dimension::parse(table, name).unwrap()));
    metrics.iter().fold(query, |query, name| query.metric(Metric::parse(table, name).unwrap()))
}

fn json(answer: &Answer) -> Json {
    let cell = |cell: &Cell| match cell {
        Cell::Text(text) => json!(text),
        Cell::Integer(number) => json!(number),
        Cell::Float(number) => json!(number),
        _ => Json::Null,
    };
    answer.rows.iter().map(|row| row.iter().map(cell).collect::<Json>()).collect()
}

#[tokio::test]
async fn members_are_texts_or_numbers() {
    let Some(engine) = engine_or_skip() else { return };
    // Older events are dropped.
    let now = Timestamp::from(std::time::SystemTime::now()).to_string();
    let of = |properties: Json| {
        json!({"app_id": "openstream", "event_name": "video_heartbeat", "user_id": "u-1", "timestamp": now,
            "properties": properties})
    };
    let events = [
        of(json!({"watch_time": 30, "content": "a", "deep": {"er": "x"}})),
        of(json!({"watch_time": 1.5, "content": "a \"b\" é", "deep": {"er": true}})),
        of(json!({"watch_time": "12", "content": 7, "deep": {"er": 2.0}})),
        of(json!({"watch_time": null, "content": "", "deep": {"er": ["x"]}})),
        of(json!({"watch_time": false, "content": {"id": 1}, "deep": "er"})),
        of(json!({})),
    ];
    let table = Product::TABLE;
    for store in both(&engine, sealed::<Product>("octane.events", &events)).await {
        let ask = async |dimension: &str, metric: &str| {
            let query = question(&table, &[dimension], &[metric]);
            json(&store.query(&query).await.unwrap())
        };
        let of_content = ask("properties.content", "count_properties.watch_time").await;
        assert_eq!(of_content, json!([["7", 1], ["a", 1], ["a \"b\" é", 1], [null, 1]]));
        let of_content = ask("properties.content", "sum_properties.watch_time").await;
        assert_eq!(of_content, json!([["a", 30.0], ["a \"b\" é", 1.5], ["7", null], [null, null]]));
        assert_eq!(ask("properties.deep.er", "event_count").await, json!([[null, 3], ["2", 1], ["true", 1], ["x", 1]]));
        let count = async |condition: Condition| {
            let filter = Filter::parse(&table, "properties.watch_time", condition).unwrap();
            let query = question(&table, &[], &["event_count"]).filter(filter);
            json(&store.query(&query).await.unwrap())[0][0].clone()
        };
        assert_eq!(count(Condition::Present).await, 4);
        assert_eq!(count(Condition::AtLeast(Value::Float(1.5))).await, 2);
        assert_eq!(count(Condition::Is(vec![Value::Integer(30)])).await, 1);
        assert_eq!(count(Condition::Is(vec![Value::Text("12".to_owned())])).await, 1);
    }
    let error = Metric::parse(&table, "share_properties.watch_time").unwrap_err();
    assert!(matches!(error, QueryError::Function { .. }), "{error}");
}

#[tokio::test]
async fn an_event_is_in_the_group_of_each_value_of_a_list() {
    let Some(engine) = engine_or_skip() else { return };
    let of = |station: &str, defects: Json| {
        json!({"event_type": "INSPECTION_COMPLETED", "timestamp": "2026-02-02T12:00:00Z", "inspection_id": "i-1",
            "metadata": {"station": station}, "defects": defects})
    };
    let scratch = json!({"defect_type": "scratch", "severity": "minor"});
    let crack = json!({"defect_type": "crack", "severity": "major"});
    let events = [
        of("A1", json!([scratch, crack, scratch])),
        of("A1", json!([])),
        of("B2", json!([crack, {"severity": "major"}])),
    ];
    let table = Quality::TABLE;
    for store in both(&engine, sealed::<Quality>("chip-quality.inspection.events", &events)).await {
        let by_type = question(&table, &["defect_types"], &["event_count", "count_defect_types"]);
        let answer = store.query(&by_type).await.unwrap();
        assert_eq!(json(&answer), json!([["crack", 2, 5], [null, 2, 2], ["scratch", 1, 3]]));
        let by_station = question(&table, &["payload.metadata.station"], &["count_defect_types", "event_count"]);
        assert_eq!(json(&store.query(&by_station).await.unwrap()), json!([["A1", 3, 2], ["B2", 2, 1]]));
        let both = question(&table, &["payload.metadata.station", "defect_severities"], &["event_count"]);
        let expected = json!([["A1", "major", 1], ["A1", "minor", 1], ["A1", null, 1], ["B2", "major", 1]]);
        assert_eq!(json(&store.query(&both).await.unwrap()), expected);
        let none = question(&table, &[], &["count_defect_types"]);
        let nothing = Condition::Is(vec![Value::Text("NOTHING".to_owned())]);
        let none = none.filter(Filter::parse(&table, "event_type", nothing).unwrap());
        assert_eq!(json(&store.query(&none).await.unwrap()), json!([[0]]));
    }
}
