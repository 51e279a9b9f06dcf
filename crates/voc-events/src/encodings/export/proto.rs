//! Schemas in Protobuf.

use std::{collections::BTreeSet, fmt::Write};

use super::fields::{MergedField, ObjectNames, merge, plain};
use crate::fields::{FieldInfo, FieldType, ObjectInfo};

/// Numbers reserved for each list of fields, at least: the common fields have the numbers from 1, those of the first
/// type from 201, and so on.
const LIST_NUMBERS: usize = 200;

/// Numbers reserved by Protobuf itself.
const RESERVED: std::ops::Range<usize> = 19_000..20_000;

/// The schema of events in Protobuf: one message with the fields of all types, because one topic carries all of them.
///
/// Each list of fields has its own range of numbers, in the list's order: the numbers stay the same as long as fields
/// are added at the end of a list, and types at the end of the types. Required common fields are plain, all others
/// `optional`, `repeated` or a `map`. An object with any members is a `google.protobuf.Struct`; a field with different
/// meanings is a `google.protobuf.Value`.
///
/// ```
/// use voc_events::{encodings::export::proto_schema, voc::{BaseEvent, VocEvent}};
///
/// let schema = proto_schema("voc", "VocEvent", BaseEvent::OWN_FIELDS, VocEvent::TYPE_FIELDS);
/// assert!(schema.contains("string event_id = 1;"));
/// assert!(schema.contains("optional string call_id = 201;"));
/// ```
#[must_use]
pub fn proto_schema(package: &str, message: &str, common: &[FieldInfo], types: &[(&str, &[FieldInfo])]) -> String {
    let longest = types.iter().map(|(_, fields)| fields.len()).chain([common.len()]).max().unwrap_or(0);
    let numbers = longest.div_ceil(LIST_NUMBERS).max(1) * LIST_NUMBERS;
    let fields = merge(common, types);
    let names = ObjectNames::with_event(message);
    let mut writer = Writer { names, pending: Vec::new(), imports: BTreeSet::new(), body: String::new() };
    writer.line(0, format_args!("message {message} {{"));
    for field in &fields {
        writer.event_field(field, number(field.place, numbers));
    }
    writer.line(0, "}");
    while let Some((name, object)) = writer.pending.pop() {
        writer.message(&name, &object);
    }

    let mut text = String::from("syntax = \"proto3\";\n\n");
    if !package.is_empty() {
        text.extend(["package ", package, ";\n\n"]);
    }
    for file in &writer.imports {
        text.extend(["import \"google/protobuf/", file, ".proto\";\n"]);
    }
    if !writer.imports.is_empty() {
        text.push('\n');
    }
    text + &writer.body
}

/// The number of the field at a position in a list.
fn number((list, place): (usize, usize), numbers: usize) -> usize {
    let number = list * numbers + place + 1;
    if number < RESERVED.start { number } else { number + RESERVED.len() }
}

struct Writer {
    names: ObjectNames,
    /// Objects whose messages have not been written yet.
    pending: Vec<(String, ObjectInfo)>,
    /// The imported files of Protobuf's own types.
    imports: BTreeSet<&'static str>,
    body: String,
}

impl Writer {
    fn line(&mut self, indent: usize, line: impl std::fmt::Display) {
        // Writing to a string does not fail.
        let _ = writeln!(self.body, "{:indent$}{line}", "");
    }

    fn event_field(&mut self, field: &MergedField, number: usize) {
        let doc = field.doc.clone();
        match field.kinds.as_slice() {
            [kind] => self.field(field.name, kind, field.is_required, number, &doc),
            _ => {
                self.imports.insert("struct");
                self.declaration(&doc, format_args!("optional google.protobuf.Value {} = {number};", field.name));
            }
        }
    }

    fn field(&mut self, name: &str, kind: &FieldType, is_required: bool, number: usize, doc: &str) {
        let label = match kind {
            FieldType::List(_) => "repeated ",
            FieldType::TextMap => "",
            // A message has presence, whatever its label.
            _ if is_required => "",
            _ => "optional ",
        };
        let proto_type = match kind {
            FieldType::List(element) => self.element_type(element),
            kind => self.proto_type(kind),
        };
        self.declaration(doc, format_args!("{label}{proto_type} {name} = {number};"));
    }

    fn declaration(&mut self, doc: &str, declaration: std::fmt::Arguments<'_>) {
        self.line(2, format_args!("// {doc}"));
        self.line(2, declaration);
    }

    fn proto_type(&mut self, kind: &FieldType) -> String {
        match kind {
            FieldType::Timestamp => self.imports.insert("timestamp"),
            FieldType::JsonObject | FieldType::List(_) => self.imports.insert("struct"),
            _ => false,
        };
        match kind {
            FieldType::Uuid | FieldType::Text => "string",
            FieldType::Timestamp => "google.protobuf.Timestamp",
            FieldType::Whole => "int64",
            FieldType::Number => "double",
            FieldType::Flag => "bool",
            FieldType::JsonObject => "google.protobuf.Struct",
            FieldType::TextMap => "map<string, string>",
            FieldType::List(_) => "google.protobuf.ListValue",
            FieldType::Object(object) => {
                let (name, is_new) = self.names.name(object);
                if is_new {
                    self.pending.push((name.clone(), **object));
                }
                return name;
            }
        }
        .to_owned()
    }

    /// The type of a list's elements, which are neither lists nor maps in Protobuf.
    fn element_type(&mut self, kind: &FieldType) -> String {
        match kind {
            FieldType::TextMap => self.proto_type(&FieldType::JsonObject),
            kind => self.proto_type(kind),
        }
    }

    fn message(&mut self, name: &str, object: &ObjectInfo) {
        self.line(0, "");
        self.line(0, format_args!("message {name} {{"));
        for (place, field) in object.fields.iter().enumerate() {
            let number = number((0, place), LIST_NUMBERS);
            self.field(field.name, &field.kind, field.is_required, number, &plain(field.doc));
        }
        self.line(0, "}");
    }
}
