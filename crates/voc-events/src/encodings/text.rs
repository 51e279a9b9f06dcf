//! Schemas as stored in a registry.

use std::fmt;

/// Maximum size of a schema together with everything that it refers to, in bytes.
///
/// ```
/// use voc_events::encodings::{MAX_SCHEMA_BYTES, Schema, SchemaError, SchemaFormat, SchemaText};
///
/// let text = " ".repeat(MAX_SCHEMA_BYTES + 1);
/// let error = Schema::compile(&SchemaText::new(SchemaFormat::Json, text), None).unwrap_err();
/// assert!(matches!(error, SchemaError::TooLarge { bytes } if bytes == MAX_SCHEMA_BYTES + 1));
/// ```
pub const MAX_SCHEMA_BYTES: usize = 1024 * 1024;

/// Maximum number of schemas that a schema refers to, directly or indirectly.
///
/// ```
/// use voc_events::encodings::{MAX_REFERENCES, Schema, SchemaError, SchemaFormat, SchemaText};
///
/// let mut schema = SchemaText::new(SchemaFormat::Protobuf, "");
/// for number in 0..=MAX_REFERENCES {
///     schema = schema.with_reference(format!("{number}.proto"), "");
/// }
/// let error = Schema::compile(&schema, None).unwrap_err();
/// assert!(matches!(error, SchemaError::References { found } if found == MAX_REFERENCES + 1));
/// ```
pub const MAX_REFERENCES: usize = 64;

/// A language of schemas.
///
/// ```
/// use voc_events::encodings::SchemaFormat;
///
/// let formats = [SchemaFormat::Avro, SchemaFormat::Protobuf, SchemaFormat::Json];
/// assert_eq!(formats.map(SchemaFormat::as_str), ["AVRO", "PROTOBUF", "JSON"]);
/// assert_eq!(format!("a schema in {}", SchemaFormat::Json), "a schema in JSON");
/// ```
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
///
/// ```
/// use voc_events::encodings::{SchemaFormat, SchemaText};
///
/// let event = r#"syntax = "proto3"; import "call.proto"; message Event { Call call = 1; }"#;
/// let schema = SchemaText::new(SchemaFormat::Protobuf, event)
///     .with_reference("agent.proto", r#"syntax = "proto3"; message Agent { string id = 1; }"#)
///     .with_reference("call.proto", r#"syntax = "proto3"; import "agent.proto"; message Call { Agent agent = 1; }"#);
/// assert_eq!(schema.text, event);
/// assert_eq!(schema.references.len(), 2);
/// ```
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
///
#[cfg_attr(feature = "json-schema", doc = "```")]
#[cfg_attr(not(feature = "json-schema"), doc = "```ignore")]
/// use voc_events::{Limits, encodings::{Schema, SchemaFormat, SchemaText}};
///
/// let event = r#"{"properties":{"score":{"$ref":"https://example.com/score.json"}}}"#;
/// let schema = SchemaText::new(SchemaFormat::Json, event)
///     .with_reference("https://example.com/score.json", r#"{"type":"number"}"#);
/// assert_eq!(schema.references[0].name, "https://example.com/score.json");
/// let invalid = Schema::compile(&schema, None)?.event_json(br#"{"score":"high"}"#, &Limits::default()).unwrap_err();
/// assert_eq!(invalid.to_string(), r#"$.score: expected a number, found string "high""#);
/// # Ok::<(), voc_events::encodings::SchemaError>(())
/// ```
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
