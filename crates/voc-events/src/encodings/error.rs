//! Why a schema cannot be used.

use std::error::Error;

use super::text::{MAX_REFERENCES, MAX_SCHEMA_BYTES, SchemaFormat};

/// Why a schema cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SchemaError {
    /// This program was built without what reads the format.
    #[error("this program was built without what reads {format}")]
    NotBuilt {
        /// The schema's format.
        format: SchemaFormat,
    },
    /// It is longer than [`MAX_SCHEMA_BYTES`].
    #[error("the schema has {bytes} bytes with its references; at most {MAX_SCHEMA_BYTES} are read")]
    TooLarge {
        /// Bytes with the references.
        bytes: usize,
    },
    /// It refers to more than [`MAX_REFERENCES`] others.
    #[error("the schema has {found} references; at most {MAX_REFERENCES} are read")]
    References {
        /// References found.
        found: usize,
    },
    /// It is nested or combined more than a schema of events ever is.
    #[error("the schema has too many {what}; at most {most} are read")]
    TooComplex {
        /// What there is too much of.
        what: &'static str,
        /// How much is read.
        most: usize,
    },
    /// The compiler of its language does not take it.
    #[error("the schema is not valid: {source}")]
    Syntax {
        /// What the compiler says.
        source: Box<dyn Error + Send + Sync>,
    },
    /// A default that no value of its field's type is.
    #[error("the default of {field} is not a value of its type")]
    Default {
        /// The field, after its record.
        field: String,
    },
    /// The reader's schema cannot be used.
    #[error("of the reader's schema: {0}")]
    Reader(#[source] Box<SchemaError>),
}
