//! Lists and maps of any content are stored unchanged by both engines, and are taken apart row by row.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "helpers of tests")]

mod clickhouse_support;

use clickhouse_support::{CREATE_SAMPLES, SAMPLES, Sample, Server, batch_of};
use proptest::{collection, option, prelude::*, sample::select, test_runner::TestRunner};
use uuid::Uuid;
use voc_events::Timestamp;
use voc_store::{
    Cell, EventList, EventQueries, EventStore, Field, MemoryStore, Period, SqlBackend, SqlStore, TenantScope,
    embedded::{EmbeddedBackend, EmbeddedOptions, EmbeddedStore},
};
use voc_testkit::requirements::engine_or_skip;

const TEXTS: [&str; 8] = ["", "a", "b", "ação ✓", "it's", "\\", "\n\t\0", "a.b"];

fn text() -> impl Strategy<Value = &'static str> {
    select(&TEXTS[..])
}

/// Floats that equal themselves.
fn float() -> impl Strategy<Value = f64> {
    any::<f64>().prop_filter("comparable", |number| !number.is_nan())
}

#[expect(clippy::cast_possible_truncation, reason = "any 32-bit float will do")]
fn samples() -> impl Strategy<Value = Vec<Sample>> {
    let lists = (
        collection::vec(text(), 0..4),
        collection::vec(float().prop_map(|number| number as f32), 0..4),
        collection::vec(option::of(float().prop_map(|number| number as f32)), 0..4),
    );
    let maps = (collection::btree_map(text(), text(), 0..4), collection::btree_map(text(), float(), 0..4));
    let sample = (lists, maps).prop_map(|((tags, scores, moods), (labels, measures))| {
        let (labels, measures) = (labels.into_iter().collect(), measures.into_iter().collect());
        Sample { tags, scores, moods, labels, measures, ..Sample::numbered(0) }
    });
    collection::vec(sample, 1..30)
}

/// Each row's lists and maps, with the bits of floats.
const FOUND: &str = "SELECT formatRowNoNewline('JSONCompactEachRow', tags, \
    arrayMap(x -> toString(reinterpretAsUInt32(x)), scores), \
    arrayMap(x -> if(isNull(x), 'null', toString(reinterpretAsUInt32(assumeNotNull(x)))), moods), mapKeys(labels), \
    mapValues(labels), mapKeys(measures), arrayMap(x -> toString(reinterpretAsUInt64(x)), mapValues(measures))) \
    FROM samples ORDER BY source_offset";

fn expected(sample: &Sample) -> serde_json::Value {
    let Sample { tags, scores, moods, labels, measures, .. } = sample;
    let bits = |score: &f32| score.to_bits().to_string();
    let mood = |mood: &Option<f32>| mood.map_or_else(|| "null".to_owned(), |mood| bits(&mood));
    serde_json::json!([
        tags,
        scores.iter().map(bits).collect::<Vec<_>>(),
        moods.iter().map(mood).collect::<Vec<_>>(),
        labels.iter().map(|(name, _)| name).collect::<Vec<_>>(),
        labels.iter().map(|(_, text)| text).collect::<Vec<_>>(),
        measures.iter().map(|(name, _)| name).collect::<Vec<_>>(),
        measures.iter().map(|(_, number)| number.to_bits().to_string()).collect::<Vec<_>>(),
    ])
}

async fn check<B: SqlBackend>(store: &SqlStore<B>, samples: &[Sample]) -> Result<(), TestCaseError> {
    store.backend().execute("TRUNCATE TABLE samples", &[]).await.unwrap();
    store.insert(batch_of(0, samples)).await.unwrap();
    let found = store.backend().select_texts(FOUND, &[]).await.unwrap();
    let found: Vec<serde_json::Value> = found.iter().map(|row| serde_json::from_str(row).unwrap()).collect();
    prop_assert_eq!(found, samples.iter().map(expected).collect::<Vec<_>>());
    Ok(())
}

fn check_on<B: SqlBackend>(runtime: &tokio::runtime::Runtime, store: &SqlStore<B>) {
    let config = ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() };
    let outcome = TestRunner::new(config).run(&samples(), |samples| runtime.block_on(check(store, &samples)));
    outcome.expect("lists and maps are stored unchanged");
}

#[test]
fn the_engine_stores_lists_and_maps_unchanged() {
    let Some(test) = engine_or_skip() else { return };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let options = EmbeddedOptions::default().with_database(test.fresh_database());
    let store = EmbeddedStore::new(EmbeddedBackend::open(test.engine(), options).unwrap());
    runtime.block_on(store.backend().execute(CREATE_SAMPLES, &[])).unwrap();
    check_on(&runtime, &store);
}

#[test]
fn the_server_stores_lists_and_maps_unchanged() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let Some(server) = runtime.block_on(Server::start("lists")) else { return };
    runtime.block_on(server.create_samples());
    check_on(&runtime, &server.store());
}

/// The cells of lists and maps of all events.
async fn listed(store: &impl EventQueries) -> Vec<Vec<Cell>> {
    let ever = Period { since: Timestamp::from_millis(0), until: Timestamp::from_millis(4_000_000_000_000) };
    let fields = ["tags", "scores", "moods", "labels", "measures"].map(|name| Field::find(&SAMPLES, name).unwrap());
    let list = EventList::new(SAMPLES, TenantScope::All, ever).limit(100);
    let events = store.events(&fields.into_iter().fold(list, EventList::field)).await.unwrap().events;
    events.into_iter().map(|event| event.cells).collect()
}

#[test]
fn lists_and_maps_look_as_those_of_the_engine_in_memory() {
    let Some(test) = engine_or_skip() else { return };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let options = EmbeddedOptions::default().with_database(test.fresh_database());
    let store = EmbeddedStore::new(EmbeddedBackend::open(test.engine(), options).unwrap());
    runtime.block_on(store.backend().execute(CREATE_SAMPLES, &[])).unwrap();
    let compared = async |samples: Vec<Sample>| {
        let numbered = |(sample, number)| Sample { id: Uuid::from_u128(number), ..sample };
        let batch = batch_of(0, &samples.into_iter().zip(0..).map(numbered).collect::<Vec<_>>());
        store.backend().execute("TRUNCATE TABLE samples", &[]).await.unwrap();
        store.insert(batch.clone()).await.unwrap();
        let memory = MemoryStore::new();
        memory.insert(batch).await.unwrap();
        assert_eq!(listed(&memory).await, listed(&store).await);
    };
    let whole = Sample {
        scores: vec![0.3, 1.0, -0.0, 1e10, f32::MIN_POSITIVE],
        moods: vec![Some(0.1), None, Some(f32::INFINITY)],
        labels: vec![("z", ""), ("a", "b")],
        measures: vec![("z", 4.0), ("a", 1e17), ("e", 1e300)],
        ..Sample::numbered(0)
    };
    runtime.block_on(compared(vec![whole]));
    let config = ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() };
    let outcome = TestRunner::new(config).run(&samples(), |samples| {
        runtime.block_on(compared(samples));
        Ok(())
    });
    outcome.expect("the stores agree");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn some_rows_of_a_batch_are_a_batch_of_these_rows(
        samples in samples(),
        wanted in collection::vec(any::<bool>(), 30),
    ) {
        let all = &batch_of(0, &samples).parts[0];
        let is_wanted = |offset: i64| wanted[usize::try_from(offset).unwrap()];
        let selected = all.rows.select(is_wanted);
        let few: Vec<Sample> =
            samples.iter().zip(&wanted).filter(|(_, wanted)| **wanted).map(|(sample, _)| sample.clone()).collect();
        prop_assert_eq!(selected.rows(), few.len());
        if few.is_empty() {
            return Ok(());
        }
        let expected = &batch_of(0, &few).parts[0];
        for ((column, found), (_, expected)) in selected.columns().zip(expected.rows.columns()) {
            if column.name != "source_offset" {
                prop_assert_eq!(found, expected, "{} of {}", column.name, SAMPLES.name);
            }
        }
    }
}
