//! Schemas as stored in a registry.

use std::fmt;

/// Maximum size of a schema together with everything that it refers to, in bytes.
pub const MAX_SCHEMA_BYTES: usize = 1024 * 1024;

/// Maximum number of schemas that a schema refers to, directly or indirectly.
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
    /// Its name in a registry.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Avro => "AVRO",
            Self::Protobuf => "PROTOBUF",
            Self::Json => "JSON",
        }
    }

    /// The format with this name in a registry. A registry omits the name for Avro.
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

/// A schema as stored in a registry: a text, and the other schemas that it refers to.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SchemaText {
    /// The language of the text.
    pub format: SchemaFormat,
    /// The schema.
    pub text: String,
    /// The schemas that it refers to, directly or indirectly: each after those that it needs.
    pub references: Vec<SchemaReference>,
}

/// A schema that another one refers to.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SchemaReference {
    /// The name by which it is referred to: the full name of the type in Avro, the path of the import in Protobuf, the
    /// URI in JSON Schema.
    pub name: String,
    /// The schema.
    pub text: String,
}

impl SchemaText {
    /// A schema without references.
    pub fn new(format: SchemaFormat, text: impl Into<String>) -> Self {
        Self { format, text: text.into(), references: Vec::new() }
    }

    /// The same with an additional reference, to be added after those that it needs.
    #[must_use]
    pub fn with_reference(mut self, name: impl Into<String>, text: impl Into<String>) -> Self {
        self.references.push(SchemaReference { name: name.into(), text: text.into() });
        self
    }
}
