//! Schemas as a registry keeps them.

use std::fmt;

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
}
