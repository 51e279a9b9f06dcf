//! The queries of rollups in docs/operations.md: the engine answers them from the projections, with what is in the
//! rows.
#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

use std::{borrow::Cow, collections::BTreeMap, sync::Arc};

use serde_json::{Value, json};
use voc_events::{
    DecodeOptions, Envelope, Family, FamilyEvent, Timestamp,
    activity::{Activity, EnrichedEvent},
    families,
    quality::{InspectionCompleted, Quality, QualityEvent},
};
use voc_store::{
    BatchBuilder, EventStore, Migrator, PartitionBy, RowAnnotation, SourceRange, SqlBackend,
    embedded::{EmbeddedBackend, EmbeddedOptions, EmbeddedStore},
};
use voc_testkit::{
    conformance::samples,
    requirements::{TestEngine, engine_or_skip},
};

const EVENTS: i64 = 300;

struct Stage {
    writer: EmbeddedStore,
    /// Refuses a query that no projection can answer.
    reader: EmbeddedStore,
}

impl Stage {
    async fn new(test: &TestEngine) -> Self {
        let options = EmbeddedOptions::default().with_database(test.fresh_database());
        let open = |options| EmbeddedStore::new(EmbeddedBackend::open(test.engine(), options).unwrap());
        let writer = open(options.clone());
        Migrator::new(&writer, PartitionBy::Month).tables(&families::tables()).up().await.unwrap();
        Self { writer, reader: open(options.with_setting("force_optimize_projection", "1")) }
    }

    /// Stores a family's samples in several batches, and gives each to `fold`.
    async fn store<F: Family>(&self, record: fn(i64) -> String, mut fold: impl FnMut(&F::Event<'_>)) {
        let family = F::for_topic(F::PRESETS.topics[0], &DecodeOptions::default());
        for first in (0..EVENTS).step_by(100) {
            let mut builder = BatchBuilder::new(F::TABLE, PartitionBy::Month);
            for offset in first..first + 100 {
                let text = record(offset);
                let event = family.decode(&text, &Envelope::default()).unwrap().event;
                builder.push(&event, &text, &RowAnnotation::default(), offset).unwrap();
                fold(&event);
            }
            let (topic, last) = (F::PRESETS.topics[0].into(), first + 99);
            let range = SourceRange { family: F::NAME, topic, partition: 0, epoch: 0, first, last };
            self.writer.insert(Arc::new(builder.seal(range, Timestamp::from_millis(0)))).await.unwrap();
        }
    }

    /// The answer to the query in the documentation that contains a text.
    async fn answer(&self, having: &str) -> Vec<Vec<String>> {
        let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/operations.md");
        let page = std::fs::read_to_string(page).unwrap();
        let mut queries = page.split("```sql\n").skip(1).map(|rest| rest.split("```").next().unwrap());
        let query = queries.find(|query| query.contains(having)).unwrap();
        let sql = format!(
            "SELECT formatRowNoNewline('JSONCompactEachRow', *) FROM ({query}) \
             SETTINGS output_format_json_quote_64bit_integers = 0"
        );
        let rows = self.reader.backend().select_texts(&sql, &[]).await.unwrap();
        rows.iter().map(|row| rounded(&serde_json::from_str(row).unwrap())).collect()
    }
}

/// A row with all numbers as text: sums of fractions depend on their order in the last digits.
fn rounded(row: &Value) -> Vec<String> {
    let text = |value: &Value| value.as_f64().map_or_else(|| value.as_str().unwrap().to_owned(), |n| format!("{n:.9}"));
    row.as_array().unwrap().iter().map(text).collect()
}

fn hour(time: Timestamp) -> String {
    const MILLIS_PER_HOUR: i64 = 3_600_000;
    let hour = Timestamp::from_millis(time.as_millis().div_euclid(MILLIS_PER_HOUR) * MILLIS_PER_HOUR);
    hour.to_string()[..19].replace('T', " ")
}

#[tokio::test]
async fn activity_by_type_and_service() {
    let Some(test) = engine_or_skip() else { return };
    let stage = Stage::new(&test).await;
    let mut sums = BTreeMap::<_, (i64, i64)>::new();
    let fold = |event: &EnrichedEvent<'_>| {
        let service = event.service_info.as_ref().unwrap().service_name.as_deref().unwrap().to_owned();
        let key = (event.event_type().to_owned(), service, hour(event.timestamp()));
        let (events, millis) = sums.entry(key).or_default();
        *events += 1;
        *millis += event.processing_info.as_ref().unwrap().processing_ms.unwrap();
    };
    stage.store::<Activity>(samples::activity, fold).await;
    let row = |((event_type, service, hour), (events, millis)): ((String, String, String), (i64, i64))| {
        json!([event_type, service, hour, events, millis as f64 / events as f64])
    };
    let expected: Vec<_> = sums.into_iter().map(|sums| rounded(&row(sums))).collect();
    assert!(expected.len() > 10);
    assert_eq!(stage.answer("user_activity_events").await, expected);
}

/// A completed inspection with a score, unless it failed, and up to three defects.
fn inspection(number: i64) -> String {
    let (severity, kind) = if number % 2 == 0 { ("minor", "visual") } else { ("major", "x-ray") };
    let defects = ["scratch", "crack", "stain"].into_iter().take(usize::try_from(number % 4).unwrap());
    let defects: Vec<Value> = defects.map(|kind| json!({"defect_type": kind, "severity": severity})).collect();
    let mut event = json!({
        "event_type": "INSPECTION_COMPLETED", "timestamp": 1_770_033_600 + number * 97, "inspection_id": "i",
        "batch_id": format!("b-{}", number % 3), "inspection_type": kind, "defects": defects,
    });
    if number % 5 != 0 {
        event["quality_score"] = json!((number % 7) as f64 / 8.0);
    }
    event.to_string()
}

fn completed<'e, 'a>(event: &'e QualityEvent<'a>) -> &'e InspectionCompleted<'a> {
    let QualityEvent::InspectionCompleted(event) = event else { panic!("{event:?}") };
    event
}

#[tokio::test]
async fn quality_scores_by_type_of_inspection_and_batch() {
    let Some(test) = engine_or_skip() else { return };
    let stage = Stage::new(&test).await;
    let mut scores = BTreeMap::<_, Vec<f64>>::new();
    let fold = |event: &QualityEvent<'_>| {
        let (time, event) = (hour(event.timestamp()), completed(event));
        let text = |text: &Option<Cow<'_, str>>| text.as_deref().unwrap().to_owned();
        if let Some(score) = event.quality_score {
            scores.entry((text(&event.inspection_type), text(&event.batch_id), time)).or_default().push(score);
        }
    };
    stage.store::<Quality>(inspection, fold).await;
    let row = |((kind, batch, hour), scores): ((String, String, String), Vec<f64>)| {
        let mean = scores.iter().sum::<f64>() / scores.len() as f64;
        let (worst, best) = scores.iter().fold((1.0, 0.0), |(worst, best), &score| (score.min(worst), score.max(best)));
        json!([kind, batch, hour, scores.len(), mean, worst, best])
    };
    let expected: Vec<_> = scores.into_iter().map(|sums| rounded(&row(sums))).collect();
    assert!(expected.len() > 10);
    assert_eq!(stage.answer("quality_score").await, expected);
}

#[tokio::test]
async fn defects_by_type_and_severity() {
    let Some(test) = engine_or_skip() else { return };
    let stage = Stage::new(&test).await;
    let mut numbers = BTreeMap::<_, i64>::new();
    let fold = |event: &QualityEvent<'_>| {
        let (time, event) = (hour(event.timestamp()), completed(event));
        for defect in event.defects.as_ref().unwrap() {
            let kind = event.inspection_type.as_deref().unwrap().to_owned();
            let (defect_type, severity) = (defect.defect_type.as_deref().unwrap(), defect.severity.as_deref().unwrap());
            *numbers.entry((kind, time.clone(), defect_type.to_owned(), severity.to_owned())).or_default() += 1;
        }
    };
    stage.store::<Quality>(inspection, fold).await;
    let row = |((kind, hour, defect, severity), number): ((String, String, String, String), i64)| {
        json!([kind, hour, defect, severity, number])
    };
    let expected: Vec<_> = numbers.into_iter().map(|sums| rounded(&row(sums))).collect();
    assert!(expected.len() > 10);
    assert_eq!(stage.answer("sumMap").await, expected);
}
