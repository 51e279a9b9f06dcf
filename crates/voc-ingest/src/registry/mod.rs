//! Schemas that records were written with, from a schema registry.
//!
//! A record in Confluent's wire format says by a number which schema it was written with. The schemas of a chunk's
//! numbers are looked up before its records are decoded, so that decoding itself waits for nothing. A registry that
//! does not answer holds the lane up and loses nothing: only if it answers that it does not know a number, the record
//! is invalid.
//!
//! In Avro a family's own schema helps to read those of producers: a number becomes the time that it stands for, a text
//! the JSON that it is. It refuses nothing. What is wrong with an event is told by the family alone.

mod client;
mod lookup;
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
    lookup::SchemaRegistry,
    settings::{RegistryLogin, RegistrySecret, RegistrySettings, RegistrySettingsError},
};

/// Where the schemas are that records were written with.
#[async_trait]
pub trait Schemas: Send + Sync + 'static {
    /// The schema of a number, made to read records for `reader`.
    ///
    /// # Errors
    /// [`LookupError`].
    async fn schema(&self, id: u32, reader: &Arc<Reader>) -> Result<Arc<Schema>, LookupError>;
}

/// Why there is no schema.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum LookupError {
    /// The registry says that it has none of this number.
    #[error("the registry has no schema of this number")]
    Unknown,
    /// The registry's schema cannot be used.
    #[error("its schema cannot be used: {0}")]
    Unusable(#[source] Arc<SchemaError>),
    /// The registry's answer is no schema that could be used.
    #[error("{0}")]
    Unreadable(String),
    /// The registry does not answer, or not as a registry does; it may later.
    #[error("the schema registry is unavailable: {0}")]
    Unavailable(String),
}

/// Who reads records: a family, on a topic.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct Reader {
    family: &'static str,
    topic: String,
    /// The schema in Avro that records are resolved to.
    avro: Option<String>,
}

impl Reader {
    /// A family's reader of a topic.
    #[must_use]
    pub fn of<F: Family>(topic: &str) -> Self {
        let has_fields = !F::FIELDS.common.is_empty();
        let avro = has_fields.then(|| export::avro_schema(F::NAME, "Event", F::FIELDS.common, &F::types_on(topic)));
        Self { family: F::NAME, topic: topic.to_owned(), avro }
    }

    /// The schema that records of a format are resolved to.
    fn schema(&self, format: SchemaFormat) -> Option<SchemaText> {
        let avro = self.avro.as_ref().filter(|_| format == SchemaFormat::Avro)?;
        Some(SchemaText::new(SchemaFormat::Avro, avro))
    }
}

/// The schemas of a topic's records.
pub(crate) struct TopicSchemas {
    schemas: Option<Arc<dyn Schemas>>,
    reader: Arc<Reader>,
}

/// The schemas of some records, by their numbers; of numbers without one, why.
#[derive(Debug, Clone, Default)]
pub(crate) struct KnownSchemas(Arc<HashMap<u32, Result<Arc<Schema>, Invalid>>>);

impl KnownSchemas {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The schema of a record with this header.
    pub(crate) fn of(&self, header: &wire::Header<'_>) -> Result<&Schema, Invalid> {
        match self.0.get(&header.schema_id) {
            Some(Ok(schema)) => Ok(schema),
            Some(Err(invalid)) => Err(invalid.clone()),
            None => Err(no_schema(header.schema_id, "the schema was not looked up")),
        }
    }
}

impl TopicSchemas {
    /// The schemas of a topic's records, from a registry if there is one.
    pub(crate) fn of<F: Family>(topic: &str, schemas: Option<Arc<dyn Schemas>>) -> Self {
        Self { schemas, reader: Arc::new(Reader::of::<F>(topic)) }
    }

    /// The numbers of the schemas that records were written with; mostly none.
    pub(crate) fn numbers<'r>(values: impl Iterator<Item = Option<&'r [u8]>>) -> BTreeSet<u32> {
        values.flatten().filter_map(|value| Some(wire::header(value).ok()??.schema_id)).collect()
    }

    /// Looks schemas up.
    ///
    /// # Errors
    /// Why the registry is unavailable.
    pub(crate) async fn look_up(&self, numbers: &BTreeSet<u32>) -> Result<KnownSchemas, String> {
        let mut known = HashMap::new();
        for &id in numbers {
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
