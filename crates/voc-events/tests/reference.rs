//! `docs/events.md` says what the descriptions say. `UPDATE_DOCS=1` writes it.

#![expect(clippy::expect_used, clippy::panic, reason = "helpers of tests fail this way")]

use std::{fmt::Write as _, fs, path::Path};

use voc_events::{
    Column, DecodeOptions, Envelope, Family, Table,
    families::{self, FamilyVisitor},
    fields::{FieldInfo, FieldType, ObjectInfo},
};

const HEAD: &str = "\
# Events

The fields of the events of each family. This file is written from the descriptions in
[`voc-events`](../crates/voc-events/README.md); its folder [`schemas`](../crates/voc-events/schemas) has the same for
schema registries, by topic. [Operations](operations.md#events) explains how values are read, and which other forms
are accepted.

| kind | in JSON |
|---|---|
| text | a string |
| UUID | a string such as `6f9619ff-8b86-4d01-b42d-00cf4fc964ff` |
| time | a string such as `2026-02-02T09:00:00-03:00` (RFC 3339; UTC if it has no offset), or a number of seconds or milliseconds since 1970 |
| whole number | a number of 64 bits without a fraction |
| number | a number |
| flag | `true` or `false` |
| object | an object with any members |
| texts by name | an object whose values are strings |

Fields in **bold** are required: an event without one of them becomes a dead letter, and so does one with a wrong value
in any field listed. All other members are allowed and kept. A column is where a field is in the family's table; if
the field is absent, it is empty if it is one of texts or of values by name, and null otherwise.
";

/// What is particular to a family, and an event of it.
fn particulars(family: &str) -> (&'static str, &'static str) {
    match family {
        "voc" => (
            "Calls and what happens around them, for many tenants. An event of any type beyond those below is stored \
             as well.",
            r#"{
  "event_id": "6f9619ff-8b86-4d01-b42d-00cf4fc964ff",
  "tenant_id": "acme",
  "timestamp": "2026-02-02T12:00:00Z",
  "event_type": "call",
  "call_id": "c-1",
  "transcript": "Agent: How can I help? Customer: It works now, thank you!",
  "duration_ms": 42000
}"#,
        ),
        "activity" => (
            "What users do on sites. All types of event have the same fields.",
            r#"{
  "event_id": "6f9619ff-8b86-4d01-b42d-00cf4fc964ff",
  "event_type": "page_view",
  "timestamp": "2026-02-02T12:00:00Z",
  "user_id": "user-123",
  "page_url": "https://example.com/",
  "event_data": {"button_clicked": "submit"},
  "service_info": {"service_name": "ingestion-service", "environment": "production"}
}"#,
        ),
        "product" => (
            "What happens in applications. All types of event have the same fields. Members beyond them are kept in \
             the column `properties`, within `_extra`.",
            r#"{
  "app_id": "openstream",
  "event_name": "video_buffering",
  "user_id": "user_550e8400",
  "timestamp": "2026-02-02T12:00:00Z",
  "properties": {"stream_id": "st-998877", "buffer_duration_ms": 1500}
}"#,
        ),
        "quality" => (
            "Inspections and manufacturing. A type is refused on those of the family's topics where it does not \
             belong. An event of any type beyond those below is stored as well. The columns `defect_types` and \
             `defect_severities` list those of the defects, in parallel.",
            r#"{
  "event_type": "INSPECTION_COMPLETED",
  "timestamp": "2026-02-02T12:00:00Z",
  "inspection_id": "INS-001",
  "batch_id": "BATCH-001",
  "quality_score": 0.95,
  "defects": [{"defect_type": "scratch", "severity": "minor", "confidence": 0.85, "location": "corner"}]
}"#,
        ),
        other => panic!("describe the family {other} here"),
    }
}

/// The chapter of a family.
struct Chapter;

impl FamilyVisitor for Chapter {
    type Output = String;

    fn visit<F: Family>(self) -> String {
        let (introduction, example) = particulars(F::NAME);
        let strict = F::for_topic(F::PRESETS.topics[0], &DecodeOptions::default().strict(true));
        strict.decode(example, &Envelope::default()).expect("the example is valid");
        let mut chapter = format!("\n## {}\n\n", F::NAME);
        let has_identifiers = F::FIELDS.common.iter().any(|field| field.name == "event_id");
        let paragraph = format!("{introduction} {} {}", about(&F::TABLE), resends(&F::TABLE, has_identifiers));
        chapter += &wrapped(&paragraph);
        write!(chapter, "\n```json\n{example}\n```\n").expect("text");
        let mut objects = Vec::new();
        // The columns of roles, and those that a family fills itself, are no part of the fields' descriptions.
        let column = |field: &FieldInfo| match field.name {
            "timestamp" => Some(F::TABLE.time),
            name => F::TABLE.columns().find(|column| column.name == name),
        };
        fields(&mut chapter, "All events", F::FIELDS.common, column, &mut objects);
        for (name, own) in F::FIELDS.types {
            fields(&mut chapter, &format!("`{name}`"), own, |field| field.column, &mut objects);
            let topics = F::PRESETS.topics;
            let has_type = |topic: &&&str| F::types_on(topic).iter().any(|(other, _)| other == name);
            let own_topics: Vec<String> = topics.iter().filter(has_type).map(|topic| format!("`{topic}`")).collect();
            if topics.len() > 1 {
                write!(chapter, "\nTopic: {}.\n", own_topics.join(", ")).expect("text");
            }
        }
        let mut number = 0;
        while let Some(object) = objects.get(number).copied() {
            let title = format!("Objects `{}`", object.name);
            fields(&mut chapter, &title, object.fields, |field| field.column, &mut objects);
            number += 1;
        }
        chapter
    }
}

/// What the table keeps.
fn about(table: &Table) -> String {
    let payload = table.payload.map(|column| format!("; the whole event is in the column `{}`", column.name));
    let tenants = if table.tenant.is_none() { " There are no tenants." } else { "" };
    let retention = table.retention_days.map(|days| format!(" Rows are kept for {days} days after their event."));
    format!("The table is `{}`{}.{tenants}{}", table.name, payload.unwrap_or_default(), retention.unwrap_or_default())
}

/// What becomes of an event that its producer sends again.
fn resends(table: &Table, has_identifiers: bool) -> &'static str {
    match (table.identifier, has_identifiers) {
        (Some(_), _) => {
            "An event that is sent again, with the same `event_id` and time, is one event: it is dropped if the first \
             one is recent (`VOC_RECENT_SECONDS`), else the store merges both rows."
        }
        (None, true) => {
            "An event that is sent again with the same `event_id` is dropped if the first one is recent \
             (`VOC_RECENT_SECONDS`); later, or without an `event_id`, it is another event."
        }
        (None, false) => {
            "Events have no identifier: one that its producer sends again is another event, and is counted twice. A \
             record that is only read again, such as after a crash, is not."
        }
    }
}

/// The table of an object's fields; notes the objects among them.
fn fields(
    chapter: &mut String,
    title: &str,
    fields: &'static [FieldInfo],
    column: impl Fn(&FieldInfo) -> Option<Column>,
    objects: &mut Vec<&'static ObjectInfo>,
) {
    write!(chapter, "\n### {title}\n\n| field | kind | column | meaning |\n|---|---|---|---|\n").expect("text");
    for field in fields {
        let name = if field.is_required { format!("**`{}`**", field.name) } else { format!("`{}`", field.name) };
        let column = column(field).map(|column| format!("`{}`", column.name)).unwrap_or_default();
        let meaning = field.doc.split_whitespace().collect::<Vec<_>>().join(" ");
        writeln!(chapter, "| {name} | {} | {column} | {meaning} |", kind(&field.kind, objects)).expect("text");
    }
}

fn kind(kind: &'static FieldType, objects: &mut Vec<&'static ObjectInfo>) -> String {
    match kind {
        FieldType::Uuid => "UUID".to_owned(),
        FieldType::Text => "text".to_owned(),
        FieldType::Timestamp => "time".to_owned(),
        FieldType::Whole => "whole number".to_owned(),
        FieldType::Number => "number".to_owned(),
        FieldType::Flag => "flag".to_owned(),
        FieldType::JsonObject => "object".to_owned(),
        FieldType::TextMap => "texts by name".to_owned(),
        FieldType::Object(object) => {
            if !objects.contains(object) {
                objects.push(object);
            }
            format!("`{}`", object.name)
        }
        FieldType::List(element) => format!("list of {}", self::kind(element, objects)),
        other => panic!("describe the kind {other:?} here"),
    }
}

/// A paragraph in lines of prose.
fn wrapped(text: &str) -> String {
    const WIDTH: usize = 119;
    let (mut lines, mut line) = (String::new(), String::new());
    for word in text.split_whitespace() {
        if line.chars().count() + 1 + word.chars().count() > WIDTH {
            lines = lines + line.trim_end() + "\n";
            line.clear();
        }
        line = line + word + " ";
    }
    lines + line.trim_end() + "\n"
}

#[test]
fn the_file_is_that_of_the_descriptions() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/events.md");
    let chapters = families::ALL.iter().map(|family| families::visit(family.name, Chapter).expect("a family"));
    let text = chapters.fold(HEAD.to_owned(), |text, chapter| text + &chapter);
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&path, &text).expect("the file can be written");
    }
    let written = fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(written, text, "write it with UPDATE_DOCS=1");
}
