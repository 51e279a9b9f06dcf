//! Schemas as a registry keeps them, and what they make of a record.

use std::{borrow::Cow, error::Error, fmt};

use crate::{Invalid, Limits};

/// Most bytes of a schema together with all that it refers to.
pub const MAX_SCHEMA_BYTES: usize = 1024 * 1024;

/// Most schemas that a schema refers to, those included that these refer to.
pub const MAX_REFERENCES: usize = 64;

/// A language of schemas.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SchemaFormat {
    /// Apache Avro.
    Avro,
    /// Protocol Buffers.
    Protobuf,
    /// JSON Schema.
    Json,
}

impl SchemaFormat {
    /// The name that a registry has for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Avro => "AVRO",
            Self::Protobuf => "PROTOBUF",
            Self::Json => "JSON",
        }
    }

    /// The format of a registry's name for it. A registry says nothing of a schema in Avro.
    ///
    /// ```
    /// use voc_events::encodings::SchemaFormat;
    /// assert_eq!(SchemaFormat::named("PROTOBUF"), Some(SchemaFormat::Protobuf));
    /// assert_eq!(SchemaFormat::named(""), Some(SchemaFormat::Avro));
    /// assert_eq!(SchemaFormat::named("XML"), None);
    /// ```
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "" | "AVRO" => Some(Self::Avro),
            "PROTOBUF" => Some(Self::Protobuf),
            "JSON" => Some(Self::Json),
            _ => None,
        }
    }
}

impl fmt::Display for SchemaFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A schema as a registry keeps it: a text, and the other schemas that this text refers to.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SchemaText {
    /// The language of the text.
    pub format: SchemaFormat,
    /// The schema.
    pub text: String,
    /// What it refers to, and what this refers to in turn: each after those that it needs.
    pub references: Vec<SchemaReference>,
}

/// A schema that another one refers to.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SchemaReference {
    /// How it is referred to: the full name of the type in Avro, the path of the import in Protobuf, the URI in JSON
    /// Schema.
    pub name: String,
    /// The schema.
    pub text: String,
}

impl SchemaText {
    /// A schema that refers to no other.
    pub fn new(format: SchemaFormat, text: impl Into<String>) -> Self {
        Self { format, text: text.into(), references: Vec::new() }
    }

    /// The same with a further schema that it refers to, to be given after those that this one needs.
    #[must_use]
    pub fn with_reference(mut self, name: impl Into<String>, text: impl Into<String>) -> Self {
        self.references.push(SchemaReference { name: name.into(), text: text.into() });
        self
    }

    /// Whether it is of a size that compilers can be trusted with.
    fn check_size(&self) -> Result<(), SchemaError> {
        if self.references.len() > MAX_REFERENCES {
            return Err(SchemaError::References { found: self.references.len() });
        }
        let bytes = self.references.iter().fold(self.text.len(), |sum, reference| sum + reference.text.len());
        if bytes > MAX_SCHEMA_BYTES { Err(SchemaError::TooLarge { bytes }) } else { Ok(()) }
    }
}

/// A schema that is ready to read records.
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

/// What becomes of values that the reader's schema cannot take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Contradictions {
    /// The record is refused.
    Refused,
    /// They are read as the writer has them.
    AsWritten,
}

impl Schema {
    /// Compiles the schema that records were written with.
    ///
    /// In Avro, records may be read with a reader's schema as well: ours, such as
    /// [`export::avro_schema`](super::export::avro_schema) gives, resolved by Avro's rules with the writer's. The other
    /// languages have no such resolution, and a reader's schema of another format than the writer's is passed over.
    ///
    /// # Errors
    /// [`SchemaError`]. Where the two schemas contradict each other, that is told of the records, as it may depend on
    /// them.
    pub fn compile(writer: &SchemaText, reader: Option<&SchemaText>) -> Result<Self, SchemaError> {
        Self::resolve(writer, reader, Contradictions::Refused)
    }

    /// The same, where the reader's schema helps and refuses nothing: what it cannot take is read as the writer has it,
    /// and what it needs may be absent. For readers that check what they get, and take more than their schema says: a
    /// time as text, a name as an enum, an object of any members as a map.
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
        writer.check_size()?;
        let reader = reader.filter(|reader| reader.format == writer.format);
        if let Some(reader) = reader {
            reader.check_size().map_err(|error| SchemaError::Reader(Box::new(error)))?;
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
    /// [`Invalid`] if the body does not fit the schema ([`InvalidKind::Encoding`](crate::InvalidKind::Encoding)) or the
    /// limits.
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
