//! Converts records in other encodings to JSON.
//!
//! Producers that use a schema registry write records in Confluent's [wire format](wire): each names the schema it was
//! written with, and is in Avro, in Protobuf, or in JSON that is valid for a JSON Schema. A [`Schema`] converts the
//! event of such a record to JSON text, which the families decode like any other. Nothing here does I/O: fetching
//! schemas is left to the caller.
//!
//! Each format is a feature of this crate, off by default: `avro`, `protobuf`, `json-schema`.
//!
#![cfg_attr(feature = "json-schema", doc = "```")]
#![cfg_attr(not(feature = "json-schema"), doc = "```ignore")]
//! use voc_events::{Limits, encodings::{Schema, SchemaFormat, SchemaText, wire}};
//!
//! let record = b"\0\0\0\0\x07{\"event_type\":\"call\"}";
//! let header = wire::header(record)?.expect("the record has one");
//! assert_eq!(header.schema_id, 7);
//! // What the registry has under this number.
//! let text = SchemaText::new(SchemaFormat::Json, r#"{"type":"object","required":["event_type"]}"#);
//! let schema = Schema::compile(&text, None)?;
//! assert_eq!(schema.event_json(header.body, &Limits::default())?, r#"{"event_type":"call"}"#);
//!
//! let invalid = schema.event_json(b"{}", &Limits::default()).unwrap_err();
//! assert_eq!(invalid.to_string(), "$.event_type: expected a value, found nothing");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What becomes of values
//!
//! | Avro | Protobuf | JSON |
//! | --- | --- | --- |
//! | `int`, `long` | integers of any kind | number |
//! | `float`, `double` | `float`, `double` | number; not finite: refused |
//! | `bytes`, `fixed` | `bytes` | string, in base64 |
//! | `enum` | `enum` | string; in Protobuf a number if it has no name |
//! | union | `oneof` | the value |
//! | `record`, `map` | message, `map` | object |
//! | `array` | `repeated` | array |
//! | `timestamp-*`, `local-timestamp-*` | `google.protobuf.Timestamp` | string in RFC 3339; a local time has no offset |
//! | `date`, `time-*`, `duration` | | string: `2026-02-02`, `12:00:00.000`, `P1M2DT3S` |
//! | | `google.protobuf.Duration` | string: `3.5s` |
//! | `uuid` | | string |
//! | `decimal`, `big-decimal` | `confluent.type.Decimal` | number if it is read as exactly that, else string |
//! | `string` with `"voc.json": true` | `google.protobuf.Struct`, `Value`, `ListValue` | the JSON in it |
//! | | `google.protobuf.*Value` (wrappers) | the value |
//!
//! What is absent is left out: a field of an Avro record that is null, a field of a Protobuf message with presence that
//! is not set, and one that is `repeated` or a `map` and has no elements. Other fields of a Protobuf message are
//! written with their value even if it is the default. Names are those of the schema, also in Protobuf (`call_id`, not
//! `callId`); an extension's is its full name in brackets (`[shop.gift_note]`).
//!
//! # Free-form JSON in Avro
//!
//! Avro has no type for an object of any members. A field with the property `"voc.json": true` stands for one: its
//! strings (also within a union, an array or a map) are texts of JSON, and become what they say. A string that is not
//! JSON stays a string.
//!
//! # Bounds
//!
//! Records come from anywhere, so nothing that they claim is believed: memory and time grow with the record's size, and
//! the JSON is bounded by [`MAX_EXPANSION`]. The libraries compile schemas; records in Avro and Protobuf are read here,
//! straight into JSON, because the libraries build trees of values many times as large as the record.

#[cfg(feature = "avro")]
mod avro;
mod contradictions;
mod error;
pub mod export;
#[cfg(any(feature = "avro", feature = "protobuf"))]
mod fault;
#[cfg(feature = "json-schema")]
mod json_schema;
#[cfg(any(feature = "avro", feature = "json-schema"))]
mod nesting;
#[cfg(any(feature = "avro", feature = "protobuf"))]
mod output;
#[cfg(feature = "protobuf")]
mod protobuf;
mod schema;
mod text;
pub mod wire;
#[cfg(any(feature = "avro", feature = "protobuf"))]
mod written;

pub use error::SchemaError;
pub use schema::Schema;
pub use text::{MAX_REFERENCES, MAX_SCHEMA_BYTES, SchemaFormat, SchemaReference, SchemaText};

/// How many times [`Limits::max_record_bytes`](crate::Limits::max_record_bytes) the JSON of a record may be long.
/// Names, times and numbers take more room in JSON than in binary encodings.
///
/// ```
/// use voc_events::{Limits, encodings::MAX_EXPANSION};
///
/// // What a buffer for the JSON of any record must hold.
/// let limits = Limits::default().with_max_record_bytes(64 * 1024);
/// assert_eq!(limits.max_record_bytes * MAX_EXPANSION, 256 * 1024);
/// ```
pub const MAX_EXPANSION: usize = 4;

/// The property of a field in Avro whose strings are texts of JSON.
const JSON_PROPERTY: &str = "voc.json";

/// Deepest nesting that is read of any record, whatever [`Limits::max_depth`](crate::Limits::max_depth) says: levels
/// take room on the stack.
#[cfg(any(feature = "avro", feature = "protobuf", feature = "json-schema"))]
const MAX_LEVELS: usize = 128;
