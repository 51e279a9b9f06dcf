//! A minimal family: no tenants, no identifiers, no payload and no text, and its own names for the rest.
//!
//! It shows what the smallest family takes, and ensures that code for families relies on roles only.

use serde::Deserialize;
use voc_events::{
    Column, ColumnKind, DecodeOptions, Decoded, Envelope, Family, FamilyEvent, Invalid, InvalidKind, Presets,
    RowWriter, Table, Timestamp, Value, Violation,
};
use voc_store::Migration;

/// Visits of pages, as a [`Family`].
#[derive(Debug, Clone, Copy)]
pub struct Toy;

impl Family for Toy {
    type Event<'a> = Visit<'a>;

    const NAME: &'static str = "toy";
    const TYPES: &'static [&'static str] = &["home", "search"];
    const TABLE: Table = Table::new("toy_visits", "at")
        .in_seconds()
        .event_type("page")
        .promoted(&[Column::new("seconds", ColumnKind::OptI64), Column::new("tags", ColumnKind::StrList)])
        .sorting_key(&["page", "at", "source_topic", "source_partition", "source_epoch", "source_offset"]);
    const PRESETS: Presets = Presets::new(&["toy.visits"], "toy-processor");

    fn for_topic(_topic: &str, _options: &DecodeOptions) -> Self {
        Self
    }

    fn decode<'a>(&self, text: &'a str, _envelope: &Envelope<'_>) -> Result<Decoded<Visit<'a>>, Invalid> {
        serde_json::from_str(text).map(Decoded::new).map_err(|error| {
            let kind = if error.is_data() { InvalidKind::Schema } else { InvalidKind::Json };
            Invalid::new(kind, Violation::new("$", "a visit", error.to_string()))
        })
    }
}

/// A visit of a page.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Visit<'a> {
    at_ms: i64,
    page: &'a str,
    seconds: Option<i64>,
    #[serde(default, borrow)]
    tags: Vec<&'a str>,
}

impl FamilyEvent for Visit<'_> {
    fn timestamp(&self) -> Timestamp {
        Timestamp::from_millis(self.at_ms)
    }

    fn event_type(&self) -> &str {
        self.page
    }

    fn write_row<W: RowWriter + ?Sized>(&self, row: &mut W) {
        const TABLE: Table = Toy::TABLE;
        if let Some(seconds) = self.seconds {
            row.put(const { TABLE.place_of("seconds") }, Value::I64(seconds));
        }
        row.put(const { TABLE.place_of("tags") }, Value::StrList(&self.tags));
    }
}

/// The record of a visit: one every seven minutes, of three alternating pages.
#[must_use]
pub fn visit(number: i64) -> String {
    let at_ms = 1_770_033_600_000 + number * 420_123;
    match number % 3 {
        0 => format!(r#"{{"at_ms":{at_ms},"page":"home","seconds":{number},"tags":["new","a, 'b'"]}}"#),
        1 => format!(r#"{{"at_ms":{at_ms},"page":"search"}}"#),
        _ => format!(r#"{{"at_ms":{at_ms},"page":"","seconds":null,"tags":[""]}}"#),
    }
}

/// The family's table.
pub const TOY_MIGRATIONS: &[Migration] = &[Migration {
    version: 10_001,
    name: "toy_visits",
    sql: "\
CREATE TABLE IF NOT EXISTS toy_visits
(
    at DateTime('UTC'),
    page LowCardinality(String),
    seconds Nullable(Int64),
    tags Array(String),
    processed_at DateTime64(3, 'UTC'),
    source_topic LowCardinality(String),
    source_partition Int32,
    source_epoch Int64,
    source_offset Int64,
    INDEX idx_source_offset source_offset TYPE minmax GRANULARITY 1,
    PROJECTION hourly
    (
        SELECT page, toStartOfHour(at), count(), min(at), max(at) GROUP BY page, toStartOfHour(at)
    )
)
ENGINE = ReplacingMergeTree(processed_at)
PARTITION BY {{partition_by(at)}}
ORDER BY (page, at, source_topic, source_partition, source_epoch, source_offset)
SETTINGS non_replicated_deduplication_window = 10000, deduplicate_merge_projection_mode = 'rebuild';
",
}];
