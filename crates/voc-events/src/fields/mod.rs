//! Describing events: one line per field defines the struct's field, its decoding, its serialisation, its column and
//! its documentation.
//!
//! [`fields!`](crate::fields!) describes an object; [`event_types!`](crate::event_types) describes the types of event
//! that share a base and are distinguished by a field. [`decode`] reads an event described this way.
//!
//! ```
//! use std::borrow::Cow;
//! use voc_events::{DecodeOptions, Timestamp, fields::decode};
//!
//! voc_events::fields! {
//!     /// A visit of a page.
//!     pub struct Visit<'a> {
//!         required {
//!             /// When it began.
//!             at: Timestamp,
//!             /// The page's path.
//!             page: Cow<'a, str>,
//!         }
//!         optional {
//!             /// How long it took.
//!             seconds: i64 => OptI64,
//!         }
//!         rest extra
//!     }
//! }
//!
//! let text = r#"{"at":"2026-02-02T12:00:00Z","page":"/","seconds":"7","browser":"x"}"#;
//! let visit = decode::<Visit>(text, &DecodeOptions::default(), None)?;
//! assert_eq!((visit.event.seconds, visit.event.extra[0].0.as_ref()), (Some(7), "browser"));
//! assert_eq!(visit.coerced, ["seconds"]);
//! assert_eq!(serde_json::to_string(&visit.event).unwrap(),
//!     r#"{"at":"2026-02-02T12:00:00.000Z","page":"/","seconds":7,"browser":"x"}"#);
//!
//! let invalid = decode::<Visit>(r#"{"at":"soon","seconds":"long"}"#, &DecodeOptions::default(), None).unwrap_err();
//! let paths: Vec<_> = invalid.violations.iter().map(|violation| violation.path.as_str()).collect();
//! assert_eq!(paths, ["$.at", "$.page", "$.seconds"]);
//! # Ok::<(), voc_events::Invalid>(())
//! ```

mod description;
mod json_text;
mod kinds;
mod macros;
mod members;
mod names;
mod numbers;
mod object;
mod reader;
mod timestamps;

pub(crate) use self::members::each_member;
pub use self::{
    description::{FieldInfo, FieldType, ObjectInfo},
    kinds::{EventType, FieldKind, Id, ListElement, Numbers, StringMap, Tenant, Transcript},
    names::{NameTable, Names, collect_columns, count_columns},
    object::{Fields, Object, decode, decode_checked, read_object},
    reader::{Place, Reader},
};
