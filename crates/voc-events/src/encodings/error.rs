//! Reasons why a schema cannot be used.

use std::error::Error;

use super::text::{MAX_REFERENCES, MAX_SCHEMA_BYTES, SchemaFormat};

/// Why a schema cannot be used.
///
/// ```
/// use voc_events::encodings::{Schema, SchemaError, SchemaFormat, SchemaText};
///
/// let unfinished = SchemaText::new(SchemaFormat::Avro, r#"{"type":"record""#);
/// match Schema::compile(&unfinished, None).unwrap_err() {
///     // The registry's owner must correct the schema.
///     SchemaError::Syntax { source } => assert!(source.to_string().starts_with("EOF while parsing an object")),
///     // This program needs the feature `avro`.
///     SchemaError::NotBuilt { format } => assert_eq!(format, SchemaFormat::Avro),
///     other => panic!("{other}"),
/// }
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SchemaError {
    /// This program was built without support for the format.
    #[error("this program was built without support for {format}")]
    NotBuilt {
        /// The schema's format.
        format: SchemaFormat,
    },
    /// It is longer than [`MAX_SCHEMA_BYTES`].
    #[error("the schema has {bytes} bytes with its references; at most {MAX_SCHEMA_BYTES} are allowed")]
    TooLarge {
        /// Bytes, including the references.
        bytes: usize,
    },
    /// It refers to more than [`MAX_REFERENCES`] others.
    #[error("the schema has {found} references; at most {MAX_REFERENCES} are allowed")]
    References {
        /// References found.
        found: usize,
    },
    /// It is nested or composed more than any real schema of events.
    #[error("the schema has too many {what}; at most {limit} are allowed")]
    TooComplex {
        /// What there is too much of.
        what: &'static str,
        /// The limit.
        limit: usize,
    },
    /// The compiler of its language rejects it.
    #[error("the schema is not valid: {source}")]
    Syntax {
        /// The compiler's error.
        source: Box<dyn Error + Send + Sync>,
    },
    /// A default that is not a value of its field's type.
    #[error("the default of {field} is not a value of its type")]
    Default {
        /// The field, preceded by its record.
        field: String,
    },
    /// The reader's schema cannot be used.
    #[error("the reader's schema: {0}")]
    Reader(#[source] Box<SchemaError>),
}
