//! Writer schemas of records, from a schema registry.
//!
//! A record in Confluent's wire format names its writer schema by ID. The schemas of a chunk are looked up before its
//! records are decoded, so that decoding never waits. A registry that does not respond blocks the lane and loses
//! nothing: a record is invalid only if the registry responds that it does not know the ID.
//!
//! For Avro, the schema of the family serves as reader schema: it converts numbers to the times that they represent,
//! and texts to the JSON that they contain. It rejects nothing, because validation is left to the family.

mod client;
mod examination;
mod lookup;
mod obstacle;
mod settings;

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use async_trait::async_trait;
use voc_events::{
    Family, Invalid, InvalidKind, Violation,
    encodings::{Schema, SchemaError, SchemaFormat, SchemaText, export, wire},
};

pub use self::{
    examination::RegistryState,
    lookup::SchemaRegistry,
    obstacle::{RegistryObstacle, RegistryObstacleKind},
    settings::{RegistryLogin, RegistrySecret, RegistrySettings, RegistrySettingsError},
};

/// Source of writer schemas.
#[async_trait]
pub trait Schemas: Send + Sync + 'static {
    /// The schema with an ID, compiled to read records for `reader`.
    ///
    /// # Errors
    /// [`LookupError`].
    async fn schema(&self, id: u32, reader: &Arc<Reader>) -> Result<Arc<Schema>, LookupError>;
}

/// Why a lookup failed.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum LookupError {
    /// The registry has no schema with this ID.
    #[error("the registry has no schema with this ID")]
    Unknown,
    /// The schema cannot be used.
    #[error("its schema cannot be used: {0}")]
    Unusable(#[source] Arc<SchemaError>),
    /// The response of the registry is not a usable schema.
    #[error("{0}")]
    Unreadable(String),
    /// The registry does not respond, or not like a registry; a retry may succeed.
    #[error("the schema registry is unavailable: {0}")]
    Unavailable(String),
}

/// A reader of records: a family on a topic.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct Reader {
    family: &'static str,
    topic: String,
    /// The Avro schema that records are resolved to.
    avro: Option<String>,
}

impl Reader {
    /// The reader of a family on a topic.
    #[must_use]
    pub fn of<F: Family>(topic: &str) -> Self {
        let has_fields = !F::FIELDS.common.is_empty();
        let avro = has_fields.then(|| export::avro_schema(F::NAME, "Event", F::FIELDS.common, &F::types_on(topic)));
        Self { family: F::NAME, topic: topic.to_owned(), avro }
    }

    /// The schema that records in `format` are resolved to.
    fn schema(&self, format: SchemaFormat) -> Option<SchemaText> {
        let avro = self.avro.as_ref().filter(|_| format == SchemaFormat::Avro)?;
        Some(SchemaText::new(SchemaFormat::Avro, avro))
    }
}

/// The schemas for the records of a topic.
pub(crate) struct TopicSchemas {
    schemas: Option<Arc<dyn Schemas>>,
    reader: Arc<Reader>,
}

/// Schemas by ID; for IDs without one, the reason.
#[derive(Debug, Clone, Default)]
pub(crate) struct KnownSchemas(Arc<HashMap<u32, Result<Arc<Schema>, Invalid>>>);

impl KnownSchemas {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The schema named by the header of a record.
    pub(crate) fn of(&self, header: &wire::Header<'_>) -> Result<&Schema, Invalid> {
        match self.0.get(&header.schema_id) {
            Some(Ok(schema)) => Ok(schema),
            Some(Err(invalid)) => Err(invalid.clone()),
            None => Err(no_schema(header.schema_id, "the schema was not looked up")),
        }
    }
}

impl TopicSchemas {
    /// The schemas for the records of a topic, from a registry if there is one.
    pub(crate) fn of<F: Family>(topic: &str, schemas: Option<Arc<dyn Schemas>>) -> Self {
        Self { schemas, reader: Arc::new(Reader::of::<F>(topic)) }
    }

    /// The schema IDs of records; usually none.
    pub(crate) fn schema_ids<'r>(values: impl Iterator<Item = Option<&'r [u8]>>) -> BTreeSet<u32> {
        values.flatten().filter_map(|value| Some(wire::header(value).ok()??.schema_id)).collect()
    }

    /// Looks up schemas.
    ///
    /// # Errors
    /// The reason why the registry is unavailable.
    pub(crate) async fn look_up(&self, schema_ids: &BTreeSet<u32>) -> Result<KnownSchemas, String> {
        let mut known = HashMap::new();
        for &id in schema_ids {
            let Some(schemas) = &self.schemas else {
                known.insert(id, Err(no_schema(id, "no registry is configured; SCHEMA_REGISTRY_URL names it")));
                continue;
            };
            let schema = match schemas.schema(id, &self.reader).await {
                Ok(schema) => Ok(schema),
                Err(LookupError::Unavailable(reason)) => return Err(reason),
                Err(error) => Err(no_schema(id, &error.to_string())),
            };
            known.insert(id, schema);
        }
        Ok(KnownSchemas(Arc::new(known)))
    }
}

fn no_schema(id: u32, reason: &str) -> Invalid {
    let expected = "a record whose schema is known";
    let violation = Violation::new("$", expected, format!("one written with schema {id}: {reason}"));
    Invalid::new(InvalidKind::UnknownSchema, violation)
}
