//! Records that look like events of another family: the log says so once, and names it.

#![expect(clippy::expect_used, reason = "helpers of tests end them this way")]

use std::pin::Pin;

use voc_events::{
    Family,
    families::{self, FamilyVisitor},
};
use voc_testkit::generator::{GeneratedFamily, GeneratorConfig};

use crate::{
    log::Log,
    support::{LaneUnderTest, by_size, event},
};

/// What a family's lane made of records.
struct Outcome {
    log: String,
    stored: u64,
    dead_lettered: u64,
}

impl Outcome {
    /// The hints in the log.
    fn hints(&self) -> Vec<&str> {
        let lines = self.log.lines().filter(|line| line.contains("meant?"));
        lines.filter_map(|line| Some(line.split_once("records of ")?.1.split_once('?')?.0)).collect()
    }
}

/// Runs a family's lane of a topic with records.
struct Run<'r>(&'r str, &'r [String]);

impl FamilyVisitor for Run<'_> {
    type Output = Pin<Box<dyn Future<Output = Outcome>>>;

    fn visit<F: Family>(self) -> Self::Output {
        let (topic, records) = (self.0.to_owned(), self.1.to_vec());
        Box::pin(async move {
            let (log, _guard) = Log::collect();
            let mut lane = LaneUnderTest::of_family::<F>(&topic, by_size(1000, 1000));
            lane.send(lane.chunk(0, records.iter().map(|record| Some(record.as_bytes())))).await;
            lane.end_records();
            lane.ended().await;
            Outcome { log: log.text(), stored: lane.tally.stored(), dead_lettered: lane.tally.dead_lettered() }
        })
    }
}

async fn run(family: &str, topic: &str, records: &[String]) -> Outcome {
    families::visit(family, Run(topic, records)).expect("a family").await
}

/// The events of the demo.
fn generated(family: &str) -> Vec<String> {
    let config = GeneratorConfig { events: 100, ..GeneratorConfig::ending_at(1_770_033_600_000) };
    let family: GeneratedFamily = family.parse().expect("a family");
    family.events(&config).map(|event| event.json).collect()
}

/// An event as the system that the family replaces documented it.
fn documented(family: &str) -> String {
    match family {
        "voc" => event(1),
        "activity" => r#"{"event_id":"6f9619ff-8b86-4d01-b42d-00cf4fc964ff","request_id":"r-1",
            "event_type":"page_view","timestamp":"2024-01-15T10:30:45Z","user_id":"user-123",
            "session_id":"session-456","page_url":"https://example.com","event_data":{"button_clicked":"submit"}}"#
            .to_owned(),
        "product" => r#"{"app_id":"openstream","event_name":"video_buffering","user_id":"user_550e8400",
            "timestamp":"2026-02-02T12:00:00.000Z","properties":{"buffer_duration_ms":1500}}"#
            .to_owned(),
        _ => r#"{"event_type":"INSPECTION_COMPLETED","timestamp":"2026-02-02T12:00:00Z","inspection_id":"INS-001",
            "batch_id":"BATCH-001","chip_id":"CHIP-001","inspection_type":"visual","quality_score":0.95,
            "defects":[{"defect_type":"scratch","severity":"minor","confidence":0.85,"location":"corner"}]}"#
            .to_owned(),
    }
}

#[tokio::test]
async fn every_family_names_the_one_that_the_records_belong_to() {
    // The families that take any event with an identifier, a type and a time, or only with a type and a time.
    let takes = |this: &str, other: &str, has_id: bool| {
        this == other || other != "product" && (this == "quality" || this == "activity" && has_id)
    };
    for this in families::ALL {
        for other in families::ALL {
            let cases = [
                ("events.ndjson", generated(other.name), true),
                (this.presets.topics[0], vec![documented(other.name)], other.name != "quality"),
            ];
            for (topic, records, has_id) in cases {
                let outcome = run(this.name, topic, &records).await;
                let case = format!("{} events on {topic} given to {}: {}", other.name, this.name, outcome.log);
                let is_taken = takes(this.name, other.name, has_id);
                let expected = if is_taken { (records.len() as u64, 0) } else { (0, records.len() as u64) };
                assert_eq!((outcome.stored, outcome.dead_lettered), expected, "{case}");
                if this.name == other.name {
                    assert!(outcome.hints().is_empty(), "{case}");
                    continue;
                }
                let fate = if is_taken { "stored" } else { "refused" };
                let (this, other) = (this.name, other.name);
                let hint = format!(
                    "{topic} are {fate} as {this} events and look like {other} events: is --family {other} meant"
                );
                assert_eq!(outcome.hints(), [hint], "{case}");
            }
        }
    }
}

#[tokio::test]
async fn records_among_others_are_noticed_too() {
    let calls = (0..10).map(event);
    let records: Vec<String> = calls.chain([documented("product")]).collect();
    let outcome = run("voc", "voc.events", &records).await;
    assert_eq!((outcome.stored, outcome.dead_lettered), (10, 1));
    assert_eq!(outcome.hints().len(), 1, "{}", outcome.log);
}

#[tokio::test]
async fn defective_and_unusual_events_of_the_family_itself_are_not_mistaken() {
    let id = "6f9619ff-8b86-4d01-b42d-00cf4fc964ff";
    let head = format!(r#""event_id":"{id}","timestamp":1770033600"#);
    for (family, record) in [
        // Without a tenant or an identifier: the other families would accept them.
        ("voc", format!(r#"{{{head},"event_type":"call","call_id":"c-1","metadata":{{}}}}"#)),
        ("voc", r#"{"timestamp":1770033600,"tenant_id":"acme","event_type":"call","call_id":"c-1"}"#.to_owned()),
        // Types that its producers made up, some of them named as in other families.
        ("voc", format!(r#"{{{head},"tenant_id":"acme","event_type":"page_view","user_id":"u-1"}}"#)),
        ("activity", format!(r#"{{{head},"event_type":"call","user_id":"u-1","tenant_id":"acme"}}"#)),
        ("activity", format!(r#"{{{head},"event_type":"USER_LOGIN","user_id":"u-1","session_id":"s-1"}}"#)),
        ("activity", format!(r#"{{{head},"event_type":"audit","metadata":{{"plan":"gold"}}}}"#)),
        ("activity", format!(r#"{{{head},"event_type":""}}"#)),
        ("quality", r#"{"timestamp":1770033600,"event_type":"SHIFT_STARTED"}"#.to_owned()),
        ("quality", format!(r#"{{{head},"event_type":"SHIFT_STARTED","user_id":"u-1","source":"plant-7"}}"#)),
        ("quality", format!(r#"{{{head},"event_type":"USER_LOGIN","session_id":"s-1"}}"#)),
        ("product", r#"{"timestamp":1770033600,"app_id":"openstream","user_id":"u-1"}"#.to_owned()),
    ] {
        let outcome = run(family, "records", std::slice::from_ref(&record)).await;
        assert!(outcome.hints().is_empty(), "{record}: {}", outcome.log);
    }
}
