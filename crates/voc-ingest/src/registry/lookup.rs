//! Schemas, remembered once they were found.

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use moka::future::Cache;
use voc_events::encodings::Schema;

use super::{
    LookupError, Reader, RegistrySettings, RegistrySettingsError, Schemas,
    client::{Client, Refusal},
};

/// A schema registry that speaks Confluent's API, with the schemas that it was asked for.
///
/// A schema never changes, so it is asked for once for each reader, however many records name it at the same time. What
/// is not found is asked for again.
#[derive(Clone)]
pub struct SchemaRegistry {
    client: Arc<Client>,
    schemas: Cache<(u32, Arc<Reader>), Arc<Schema>>,
    /// Why the last question had no answer, if it had none.
    failure: Arc<Mutex<Option<String>>>,
}

impl SchemaRegistry {
    /// A registry, which is not asked yet.
    ///
    /// # Errors
    /// [`RegistrySettingsError`].
    pub fn new(settings: &RegistrySettings) -> Result<Self, RegistrySettingsError> {
        Ok(Self {
            client: Arc::new(Client::new(settings)?),
            schemas: Cache::new(settings.cached_schemas),
            failure: Arc::default(),
        })
    }

    /// Whether records wait for the registry: an error if its last answer was none, and it still does not answer.
    ///
    /// # Errors
    /// Why it does not answer.
    pub async fn check(&self) -> Result<(), String> {
        if self.failure.lock().unwrap_or_else(PoisonError::into_inner).is_none() {
            return Ok(());
        }
        let client = Arc::clone(&self.client);
        let answer = tokio::task::spawn_blocking(move || client.ping()).await;
        let answer = answer.unwrap_or_else(|error| Err(error.to_string()));
        self.remember(answer.as_ref().err());
        answer
    }

    fn remember(&self, failure: Option<&String>) {
        *self.failure.lock().unwrap_or_else(PoisonError::into_inner) = failure.cloned();
    }

    async fn fetch(&self, id: u32, reader: &Reader) -> Result<Arc<Schema>, LookupError> {
        let client = Arc::clone(&self.client);
        let asked = tokio::task::spawn_blocking(move || client.schema(id)).await;
        let text = match asked {
            Ok(Ok(text)) => text,
            Ok(Err(Refusal::Unknown)) => {
                self.remember(None);
                return Err(LookupError::Unknown);
            }
            Ok(Err(Refusal::Unusable(reason))) => {
                self.remember(None);
                return Err(LookupError::Unreadable(reason));
            }
            Ok(Err(Refusal::Unavailable(reason))) => {
                self.remember(Some(&reason));
                return Err(LookupError::Unavailable(reason));
            }
            Err(error) => return Err(LookupError::Unavailable(error.to_string())),
        };
        self.remember(None);
        let schema = Schema::compile(&text, reader.schema(text.format).as_ref());
        schema.map(Arc::new).map_err(|error| LookupError::Unusable(Arc::new(error)))
    }
}

#[async_trait]
impl Schemas for SchemaRegistry {
    async fn schema(&self, id: u32, reader: &Arc<Reader>) -> Result<Arc<Schema>, LookupError> {
        let key = (id, Arc::clone(reader));
        let found = self.schemas.try_get_with(key, self.fetch(id, reader)).await;
        found.map_err(|error| LookupError::clone(&error))
    }
}
