//! Decodes records by their schemas.

use std::borrow::Cow;

#[cfg(any(feature = "avro", feature = "protobuf", feature = "json-schema"))]
use super::text::SchemaFormat;
use super::{
    contradictions::Contradictions,
    error::SchemaError,
    text::{MAX_REFERENCES, MAX_SCHEMA_BYTES, SchemaText},
};
use crate::{Invalid, Limits};

/// A compiled schema that can read records.
///
#[cfg_attr(feature = "avro", doc = "```")]
#[cfg_attr(not(feature = "avro"), doc = "```ignore")]
/// use voc_events::{InvalidKind, Limits, encodings::{Schema, SchemaFormat, SchemaText}};
///
/// let text = r#"{"type":"record","name":"Event","fields":[{"name":"event_type","type":"string"}]}"#;
/// let schema = Schema::compile(&SchemaText::new(SchemaFormat::Avro, text), None)?;
/// // A text is its length, in zigzag form, and its bytes.
/// assert_eq!(schema.event_json(b"\x08call", &Limits::default())?, r#"{"event_type":"call"}"#);
///
/// let invalid = schema.event_json(b"\x08ca", &Limits::default()).unwrap_err();
/// assert_eq!(invalid.kind, InvalidKind::Encoding);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Schema(Compiled);

#[derive(Debug)]
enum Compiled {
    #[cfg(feature = "avro")]
    Avro(super::avro::Plan),
    #[cfg(feature = "protobuf")]
    Protobuf(super::protobuf::Messages),
    #[cfg(feature = "json-schema")]
    Json(Box<super::json_schema::Validator>),
}

impl Schema {
    /// Compiles the schema that records were written with.
    ///
    /// Avro records may also be read with a reader's schema: ours, such as
    /// [`export::avro_schema`](super::export::avro_schema) returns, resolved with the writer's by Avro's rules, with
    /// three differences: a field that only the writer has is kept; names of records, enums and fixed types matter
    /// only to choose among the branches of a union; and a logical type of the writer is kept if the reader's type has
    /// none of its own kind. The other languages have no such resolution, and a reader's schema in another format than
    /// the writer's is ignored.
    ///
    #[cfg_attr(feature = "avro", doc = "```")]
    #[cfg_attr(not(feature = "avro"), doc = "```ignore")]
    /// use voc_events::{Limits, encodings::{Schema, SchemaFormat, SchemaText}};
    ///
    /// let avro = |fields| {
    ///     let text = format!(r#"{{"type":"record","name":"Event","fields":[{fields}]}}"#);
    ///     SchemaText::new(SchemaFormat::Avro, text)
    /// };
    /// let writer = avro(r#"{"name":"call","type":"int"},{"name":"debug","type":"boolean"}"#);
    /// let reader = avro(r#"{"name":"call","type":"double"},{"name":"region","type":"string","default":"eu"}"#);
    /// let schema = Schema::compile(&writer, Some(&reader))?;
    /// // Promoted; only the writer's, and kept; only the reader's, and added.
    /// assert_eq!(schema.event_json(&[14, 1], &Limits::default())?, r#"{"call":7.0,"debug":true,"region":"eu"}"#);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`SchemaError`]. Contradictions between the two schemas are reported for the records, because they may depend
    /// on them.
    pub fn compile(writer: &SchemaText, reader: Option<&SchemaText>) -> Result<Self, SchemaError> {
        Self::resolve(writer, reader, Contradictions::Refused)
    }

    /// The same with a lenient reader's schema, which refuses nothing: values that it cannot accept are read as in the
    /// writer's schema, and what it requires may be absent. For readers that validate the result, and accept more than
    /// their schema says: a time as text, a name as an enum, an object with any members as a map. A number that the
    /// writer gives no unit stays a number where ours is a time, so that they choose its unit.
    ///
    #[cfg_attr(feature = "avro", doc = "```")]
    #[cfg_attr(not(feature = "avro"), doc = "```ignore")]
    /// use voc_events::{Limits, encodings::{Schema, SchemaFormat, SchemaText}};
    ///
    /// let avro = |kind| {
    ///     let text = format!(r#"{{"type":"record","name":"Event","fields":[{{"name":"at","type":{kind}}}]}}"#);
    ///     SchemaText::new(SchemaFormat::Avro, text)
    /// };
    /// let (writer, reader) = (avro(r#""string""#), avro(r#"{"type":"long","logicalType":"timestamp-millis"}"#));
    /// let (record, limits) = (b"\x142026-02-02", Limits::default());
    /// assert!(Schema::compile(&writer, Some(&reader))?.event_json(record, &limits).is_err());
    /// let lenient = Schema::compile_lenient(&writer, Some(&reader))?;
    /// assert_eq!(lenient.event_json(record, &limits)?, r#"{"at":"2026-02-02"}"#);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`SchemaError`].
    pub fn compile_lenient(writer: &SchemaText, reader: Option<&SchemaText>) -> Result<Self, SchemaError> {
        Self::resolve(writer, reader, Contradictions::AsWritten)
    }

    #[cfg_attr(not(feature = "avro"), expect(unused_variables, reason = "only Avro has a resolution of two schemas"))]
    fn resolve(
        writer: &SchemaText,
        reader: Option<&SchemaText>,
        contradictions: Contradictions,
    ) -> Result<Self, SchemaError> {
        check_size(writer)?;
        let reader = reader.filter(|reader| reader.format == writer.format);
        if let Some(reader) = reader {
            check_size(reader).map_err(|error| SchemaError::Reader(Box::new(error)))?;
        }
        match writer.format {
            #[cfg(feature = "avro")]
            SchemaFormat::Avro => {
                super::avro::Plan::compile(writer, reader, contradictions).map(Compiled::Avro).map(Self)
            }
            #[cfg(feature = "protobuf")]
            SchemaFormat::Protobuf => super::protobuf::Messages::compile(writer).map(Compiled::Protobuf).map(Self),
            #[cfg(feature = "json-schema")]
            SchemaFormat::Json => super::json_schema::Validator::compile(writer)
                .map(|validator| Self(Compiled::Json(Box::new(validator)))),
            #[allow(unreachable_patterns, reason = "with all features there is no other format")]
            format => Err(SchemaError::NotBuilt { format }),
        }
    }

    /// The event of a record as JSON. `body` is what follows the schema's number,
    /// [`Header::body`](super::wire::Header::body).
    ///
    /// The JSON may be longer than [`Limits::max_record_bytes`], up to [`MAX_EXPANSION`](super::MAX_EXPANSION) times.
    ///
    #[cfg_attr(feature = "protobuf", doc = "```")]
    #[cfg_attr(not(feature = "protobuf"), doc = "```ignore")]
    /// use voc_events::{Limits, encodings::{Schema, SchemaFormat, SchemaText, wire}};
    ///
    /// let text = r#"syntax = "proto3"; message Event { int64 call_id = 1; }"#;
    /// let schema = Schema::compile(&SchemaText::new(SchemaFormat::Protobuf, text), None)?;
    /// // Schema 7, its first message, then field 1 with the value 42.
    /// if let Some(header) = wire::header(b"\0\0\0\0\x07\0\x08\x2a")? {
    ///     assert_eq!(schema.event_json(header.body, &Limits::default())?, r#"{"call_id":42}"#);
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`Invalid`] if the body does not match the schema ([`InvalidKind::Encoding`](crate::InvalidKind::Encoding)) or
    /// the limits.
    #[cfg_attr(
        not(any(feature = "avro", feature = "protobuf", feature = "json-schema")),
        expect(unused_variables, reason = "there is no schema that could read anything")
    )]
    pub fn event_json<'r>(&self, body: &'r [u8], limits: &Limits) -> Result<Cow<'r, str>, Invalid> {
        match self.0 {
            #[cfg(feature = "avro")]
            Compiled::Avro(ref plan) => plan.event_json(body, limits).map(Cow::Owned),
            #[cfg(feature = "protobuf")]
            Compiled::Protobuf(ref messages) => messages.event_json(body, limits).map(Cow::Owned),
            #[cfg(feature = "json-schema")]
            Compiled::Json(ref validator) => validator.event_json(body, limits),
        }
    }
}

/// Checks that a schema is small enough for the compilers.
fn check_size(schema: &SchemaText) -> Result<(), SchemaError> {
    if schema.references.len() > MAX_REFERENCES {
        return Err(SchemaError::References { found: schema.references.len() });
    }
    let bytes = schema.references.iter().fold(schema.text.len(), |sum, reference| sum + reference.text.len());
    if bytes > MAX_SCHEMA_BYTES { Err(SchemaError::TooLarge { bytes }) } else { Ok(()) }
}
