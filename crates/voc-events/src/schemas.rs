//! The schemas of each topic, in the languages of schema registries.
//!
//! They are generated from the events' descriptions; the folder `schemas` of this crate contains them as files.
//!
//! ```
//! use voc_events::{quality::Quality, schemas::TopicSchema};
//!
//! let [avro, protobuf, json] = TopicSchema::all::<Quality>("chip-quality.inspection.events");
//! assert_eq!(avro.file_name(), "chip-quality.inspection.events.avsc");
//! assert!(avro.text.contains("\"quality_score\""));
//! assert!(protobuf.text.contains("optional double quality_score"));
//! assert!(json.text.contains("\"INSPECTION_COMPLETED\""));
//! ```

use crate::{
    Family,
    encodings::{SchemaFormat, export},
};

/// A topic's schema in one language.
///
/// ```
/// use voc_events::{Family, encodings::SchemaFormat, schemas::TopicSchema, voc::Voc};
///
/// let schemas = Voc::PRESETS.topics.iter().flat_map(|topic| TopicSchema::all::<Voc>(topic));
/// let files: Vec<_> = schemas.map(|schema| (schema.format, schema.file_name())).collect();
/// assert_eq!(files[0], (SchemaFormat::Avro, "voc.events.avsc".to_owned()));
/// assert_eq!(files[1], (SchemaFormat::Protobuf, "voc.events.proto".to_owned()));
/// assert_eq!(files[2], (SchemaFormat::Json, "voc.events.schema.json".to_owned()));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TopicSchema {
    /// The topic.
    pub topic: String,
    /// The language.
    pub format: SchemaFormat,
    /// The schema.
    pub text: String,
}

impl TopicSchema {
    /// The schemas of a family's topic in Avro, Protobuf and JSON Schema.
    #[must_use]
    pub fn all<F: Family>(topic: &str) -> [Self; 3] {
        let (common, tag, types) = (F::FIELDS.common, F::FIELDS.tag, F::types_on(topic));
        let of = |format, text| Self { topic: topic.to_owned(), format, text };
        [
            of(SchemaFormat::Avro, export::avro_schema(F::NAME, "Event", common, &types)),
            of(SchemaFormat::Protobuf, export::proto_schema(F::NAME, "Event", common, &types)),
            of(SchemaFormat::Json, export::json_schema(topic, tag, common, &types)),
        ]
    }

    /// The name of its file.
    #[must_use]
    pub fn file_name(&self) -> String {
        let extension = match self.format {
            SchemaFormat::Avro => "avsc",
            SchemaFormat::Protobuf => "proto",
            SchemaFormat::Json => "schema.json",
        };
        format!("{}.{extension}", self.topic)
    }
}
