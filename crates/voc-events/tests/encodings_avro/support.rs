//! Writing records and checking what is read of them.

use apache_avro::{types::Value, writer::datum::GenericDatumWriter};
use voc_events::{
    Invalid, InvalidKind, Limits,
    encodings::{Schema, SchemaFormat, SchemaText},
};

pub(crate) fn avro(text: &str) -> SchemaText {
    SchemaText::new(SchemaFormat::Avro, text)
}

/// A record's schema with these fields.
pub(crate) fn record(fields: &str) -> String {
    format!(r#"{{"type":"record","name":"Event","namespace":"test","fields":[{fields}]}}"#)
}

pub(crate) fn encode(schema: &str, value: impl Into<Value>) -> Vec<u8> {
    let schema = apache_avro::Schema::parse_str(schema).expect("the schema is valid");
    let writer = GenericDatumWriter::builder(&schema).build().expect("the schema is complete");
    writer.write_value_to_vec(value).expect("the value is of the schema")
}

pub(crate) fn fields(values: Vec<(&str, Value)>) -> Value {
    Value::Record(values.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

pub(crate) fn read(writer: &str, reader: Option<&str>, body: &[u8]) -> Result<String, Invalid> {
    let schema = Schema::compile(&avro(writer), reader.map(avro).as_ref()).expect("the schemas are valid");
    schema.event_json(body, &Limits::default()).map(std::borrow::Cow::into_owned)
}

/// Reads a record of one field.
pub(crate) fn read_field(schema: &str, value: Value) -> Result<String, Invalid> {
    let schema = record(&format!(r#"{{"name":"x","type":{schema}}}"#));
    let body = encode(&schema, fields(vec![("x", value)]));
    read(&schema, None, &body)
}

#[track_caller]
pub(crate) fn check_field(schema: &str, value: Value, json: &str) {
    assert_eq!(read_field(schema, value).expect("the record is valid"), format!("{{\"x\":{json}}}"), "{schema}");
}

#[track_caller]
pub(crate) fn check_invalid(outcome: Result<String, Invalid>, kind: InvalidKind, reason: &str) {
    let invalid = outcome.expect_err("the record should be refused");
    assert_eq!((invalid.kind, invalid.to_string().as_str()), (kind, reason));
}
