//! The event model: types, families, decoding and validation of Voice-of-Customer events.
//!
//! A *record* is the bytes that a transport carried. [`record_text`] makes the checks that apply to every record
//! (size, UTF-8) and returns the text to be stored. A [`Family`] decodes this text into one of its event types,
//! borrowing from it where possible, and reports every [`Violation`] of a bad event at once. ClickHouse's JSON
//! functions and its JSON type can read the text of every accepted event. Nothing here does I/O.
//!
//! ```
//! use voc_events::{DecodeOptions, Envelope, voc::{Voc, VocEvent}, Family, FamilyEvent, record_text};
//!
//! let record = br#"{"event_id":"6f9619ff-8b86-4d01-b42d-00cf4fc964ff","tenant_id":"acme",
//!                   "timestamp":"2026-02-02T09:00:00-03:00","event_type":"call","call_id":"c-1",
//!                   "transcript":"Customer: it works, thank you!"}"#;
//! let options = DecodeOptions::default();
//! let text = record_text(record, &options.limits)?;
//! let event = Voc::for_topic("voc.events", &options).decode(&text, &Envelope::default())?.event;
//! assert_eq!(event.tenant_id(), Some("acme"));
//! assert_eq!(event.timestamp().to_string(), "2026-02-02T12:00:00.000Z");
//! assert!(matches!(&event, VocEvent::Call(call) if call.call_id == "c-1"));
//! # Ok::<(), voc_events::Invalid>(())
//! ```
//!
//! All errors of a bad event are reported, each with its path:
//!
//! ```
//! # use voc_events::{DecodeOptions, Envelope, voc::Voc, Family};
//! let record = r#"{"tenant_id":"","timestamp":"soon","event_type":"call","call_id":""}"#;
//! let voc = Voc::for_topic("voc.events", &DecodeOptions::default());
//! let invalid = voc.decode(record, &Envelope::default()).unwrap_err();
//! let paths: Vec<_> = invalid.violations.iter().map(|v| v.path.as_str()).collect();
//! assert_eq!(paths, ["$.event_id", "$.tenant_id", "$.timestamp", "$.call_id"]);
//! ```

#![forbid(unsafe_code)]

pub mod activity;
mod constant;
pub mod encodings;
pub mod families;
mod family;
pub mod fields;
mod found;
mod invalid;
mod json;
mod limits;
pub mod product;
pub mod quality;
mod readable;
mod record;
mod row;
pub mod schemas;
mod surrogates;
mod table;
mod tenant;
mod timestamp;
pub mod voc;

pub use family::{DecodeOptions, Decoded, Envelope, EventFields, Family, FamilyEvent, Presets, TypeFields};
pub use invalid::{Invalid, InvalidKind, Violation};
pub use json::Json;
pub use limits::{Limits, MAX_CLOCK_SKEW_MILLIS};
pub use record::record_text;
pub use row::{RowWriter, Value};
pub use table::{Column, ColumnKind, RESERVED_COLUMNS, Table, TableError, TableProblem};
pub use tenant::{TenantId, TenantIdError};
pub use timestamp::{Timestamp, TimestampError};

/// The examples of the README are tested, too.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

/// What the macros need from other crates.
#[doc(hidden)]
pub mod __private {
    pub use serde::{Deserialize, Deserializer, Serialize, Serializer, ser::SerializeMap};
    pub use serde_json::value::RawValue;

    /// The JSON of a deserializer's content.
    pub fn json_of<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
        serde_json::Value::deserialize(deserializer).map(|value| value.to_string())
    }

    pub fn custom_error<E: serde::de::Error>(error: crate::Invalid) -> E {
        E::custom(error)
    }

    pub fn to_json<T: Serialize>(value: &T) -> String {
        serde_json::to_string(value).unwrap_or_default()
    }
}
