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
/// See [the module](crate::encodings) for an example.
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
    /// [`export::avro_schema`](super::export::avro_schema) returns, resolved with the writer's by Avro's rules. The
    /// other languages have no such resolution, and a reader's schema in another format than the writer's is ignored.
    ///
    /// # Errors
    /// [`SchemaError`]. Contradictions between the two schemas are reported for the records, because they may depend
    /// on them.
    pub fn compile(writer: &SchemaText, reader: Option<&SchemaText>) -> Result<Self, SchemaError> {
        Self::resolve(writer, reader, Contradictions::Refused)
    }

    /// The same with a lenient reader's schema, which refuses nothing: values that it cannot accept are read as in the
    /// writer's schema, and what it requires may be absent. For readers that validate the result, and accept more than
    /// their schema says: a time as text, a name as an enum, an object with any members as a map.
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
