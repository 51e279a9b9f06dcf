//! Schemas in Avro.

use super::{
    fields::{MergedField, ObjectNames, merge, plain},
    tree::Tree,
};
use crate::{
    encodings::JSON_PROPERTY,
    fields::{FieldInfo, FieldType, ObjectInfo},
};

/// The schema of events in Avro: one record with the fields of all types, because one topic carries all of them.
///
/// Required common fields are plain. All others are nullable with the default null, so that the schema may gain and
/// lose them. A time is a `timestamp-millis`, a UUID a string with that logical type, and an object with any members a
/// string of its JSON with the property `"voc.json": true`; see [the module](crate::encodings).
///
/// ```
/// use voc_events::{encodings::export::avro_schema, voc::{BaseEvent, VocEvent}};
///
/// let schema = avro_schema("voc", "VocEvent", BaseEvent::OWN_FIELDS, VocEvent::TYPE_FIELDS);
/// assert!(schema.contains(r#""name": "call_id""#));
/// ```
#[must_use]
pub fn avro_schema(namespace: &str, name: &str, common: &[FieldInfo], types: &[(&str, &[FieldInfo])]) -> String {
    let mut names = ObjectNames::with_event(name);
    let fields = merge(common, types).iter().map(|field| event_field(field, &mut names)).collect();
    let mut record = vec![("type".to_owned(), Tree::text("record")), ("name".to_owned(), Tree::text(name))];
    if !namespace.is_empty() {
        record.push(("namespace".to_owned(), Tree::text(namespace)));
    }
    record.push(("fields".to_owned(), Tree::Array(fields)));
    Tree::Object(record).pretty()
}

fn event_field(field: &MergedField, names: &mut ObjectNames) -> Tree {
    // A union may contain each of Avro's types only once.
    let mut of_types: Vec<(&'static str, FieldType)> = Vec::new();
    let mut are_plain = Vec::new();
    for kind in &field.kinds {
        let is_alike = |known: &FieldType| matches!(kind, FieldType::Object(_)) <= (known == kind);
        match of_types.iter().position(|(name, known)| *name == avro_type(kind) && is_alike(known)) {
            // Two types that Avro writes alike are read as what Avro writes.
            Some(known) => are_plain.push(known),
            None => of_types.push((avro_type(kind), *kind)),
        }
    }
    let mut branches: Vec<Tree> = Vec::new();
    for (place, (avro_type, kind)) in of_types.iter().enumerate() {
        let is_scalar = matches!(*avro_type, "long" | "string");
        let schema = if is_scalar && are_plain.contains(&place) { Tree::text(*avro_type) } else { schema(kind, names) };
        branches.push(schema);
    }
    let is_json = field.kinds.iter().any(holds_json);
    member(field.name, branches, field.is_required, is_json, &field.doc)
}

fn object_field(field: &FieldInfo, names: &mut ObjectNames) -> Tree {
    member(field.name, vec![schema(&field.kind, names)], field.is_required, holds_json(&field.kind), &plain(field.doc))
}

fn member(name: &str, mut branches: Vec<Tree>, is_required: bool, is_json: bool, doc: &str) -> Tree {
    if !is_required {
        branches.insert(0, Tree::text("null"));
    }
    let schema = match <[Tree; 1]>::try_from(branches) {
        Ok([schema]) => schema,
        Err(branches) => Tree::Array(branches),
    };
    let mut members = vec![("name".to_owned(), Tree::text(name)), ("type".to_owned(), schema)];
    if !is_required {
        members.push(("default".to_owned(), Tree::Null));
    }
    if is_json {
        members.push((JSON_PROPERTY.to_owned(), Tree::Flag(true)));
    }
    members.push(("doc".to_owned(), Tree::text(doc)));
    Tree::Object(members)
}

/// The name of the Avro type for a kind.
fn avro_type(kind: &FieldType) -> &'static str {
    match kind {
        FieldType::Uuid | FieldType::Text | FieldType::JsonObject => "string",
        FieldType::Timestamp | FieldType::Whole => "long",
        FieldType::Number => "double",
        FieldType::Flag => "boolean",
        FieldType::TextMap => "map",
        FieldType::Object(object) => object.name,
        FieldType::List(_) => "array",
    }
}

fn holds_json(kind: &FieldType) -> bool {
    match kind {
        FieldType::JsonObject => true,
        FieldType::List(element) => holds_json(element),
        _ => false,
    }
}

fn schema(kind: &FieldType, names: &mut ObjectNames) -> Tree {
    let logical =
        |base: &str, logical: &str| Tree::object([("type", Tree::text(base)), ("logicalType", Tree::text(logical))]);
    match kind {
        FieldType::Uuid => logical("string", "uuid"),
        FieldType::Timestamp => logical("long", "timestamp-millis"),
        FieldType::Object(object) => record(object, names),
        FieldType::TextMap => Tree::object([("type", Tree::text("map")), ("values", Tree::text("string"))]),
        FieldType::List(element) => Tree::object([("type", Tree::text("array")), ("items", schema(element, names))]),
        FieldType::Text | FieldType::JsonObject | FieldType::Whole | FieldType::Number | FieldType::Flag => {
            Tree::text(avro_type(kind))
        }
    }
}

fn record(object: &ObjectInfo, names: &mut ObjectNames) -> Tree {
    match names.name(object) {
        (name, false) => Tree::Text(name),
        (name, true) => Tree::object([
            ("type", Tree::text("record")),
            ("name", Tree::Text(name)),
            ("fields", Tree::Array(object.fields.iter().map(|field| object_field(field, names)).collect())),
        ]),
    }
}
