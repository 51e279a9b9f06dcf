//! Schemas, remembered once they were found.

use std::{
    collections::BTreeMap,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use moka::future::Cache;
use tokio::sync::oneshot;
use voc_events::encodings::Schema;

use super::{
    LookupError, Reader, RegistrySettings, RegistrySettingsError, Schemas,
    client::{Client, Refusal},
};

/// Longest time of a [check](SchemaRegistry::check): whoever asks for readiness does not wait as long as records do.
const CHECK_TIMEOUT: Duration = Duration::from_secs(1);

/// A schema registry that speaks Confluent's API, with the schemas that it was asked for.
///
/// A schema never changes, so it is asked for once for each reader, however many records name it at the same time. What
/// is not found is asked for again.
#[derive(Clone)]
pub struct SchemaRegistry {
    client: Arc<Client>,
    schemas: Cache<(u32, Arc<Reader>), Arc<Schema>>,
    /// The schemas that were asked for last without an answer, and why.
    unanswered: Arc<Mutex<BTreeMap<u32, String>>>,
    /// Held by the check under way.
    checking: Arc<tokio::sync::Mutex<()>>,
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
            unanswered: Arc::default(),
            checking: Arc::default(),
        })
    }

    /// Whether records wait for the registry: an error if it did not answer for a schema, and still does not. Takes a
    /// second at most.
    ///
    /// # Errors
    /// Why it does not answer.
    pub async fn check(&self) -> Result<(), String> {
        let waiting = self.unanswered().first_key_value().map(|(_, reason)| reason.clone());
        let Some(reason) = waiting else { return Ok(()) };
        // A question that hangs is not asked a second time beside itself.
        let Ok(checking) = Arc::clone(&self.checking).try_lock_owned() else { return Err(reason) };
        let registry = self.clone();
        let asked = aside(move || {
            let _checking = checking;
            registry.ask_again()
        });
        match tokio::time::timeout(CHECK_TIMEOUT, asked).await {
            Ok(answer) => answer.unwrap_or_else(Err),
            Err(_elapsed) => Err(reason),
        }
    }

    /// Asks for the schemas again that had no answer, up to the first that has none again.
    fn ask_again(&self) -> Result<(), String> {
        let ids: Vec<u32> = self.unanswered().keys().copied().collect();
        for id in ids {
            let answer = self.client.schema(id);
            let failure = answer.err().and_then(Refusal::unavailable);
            self.remember(id, failure.as_deref());
            failure.map_or(Ok(()), Err)?;
        }
        Ok(())
    }

    fn remember(&self, id: u32, failure: Option<&str>) {
        match failure {
            Some(failure) => self.unanswered().insert(id, failure.to_owned()),
            None => self.unanswered().remove(&id),
        };
    }

    fn unanswered(&self) -> MutexGuard<'_, BTreeMap<u32, String>> {
        self.unanswered.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn fetch(&self, id: u32, reader: &Arc<Reader>) -> Result<Arc<Schema>, LookupError> {
        let (client, reader) = (Arc::clone(&self.client), Arc::clone(reader));
        let fetched = aside(move || fetched(&client, id, &reader)).await;
        let schema = fetched.unwrap_or_else(|error| Err(LookupError::Unavailable(error)));
        let failure = match &schema {
            Err(LookupError::Unavailable(reason)) => Some(reason.as_str()),
            _ => None,
        };
        self.remember(id, failure);
        schema
    }
}

/// Does work that blocks on a thread of its own. The runtime would wait for its own threads at the process's end, which
/// a registry that hangs must not hold up.
async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, String> {
    let (done, outcome) = oneshot::channel();
    // Nobody is left to tell when the lane has ended.
    let thread = std::thread::Builder::new().name("registry".to_owned()).spawn(move || drop(done.send(work())));
    thread.map_err(|error| format!("no thread to ask it on: {error}"))?;
    outcome.await.map_err(|_| "the thread that asked it failed".to_owned())
}

/// A schema from the registry, made to read records. It blocks: compilers take their time, too.
fn fetched(client: &Client, id: u32, reader: &Reader) -> Result<Arc<Schema>, LookupError> {
    let text = client.schema(id).map_err(|refusal| match refusal {
        Refusal::Unknown => LookupError::Unknown,
        Refusal::Unusable(reason) => LookupError::Unreadable(reason),
        Refusal::Unavailable(reason) => LookupError::Unavailable(reason),
    })?;
    // The family says what is wrong with an event, and takes more than its own schema has words for.
    let compile = || Schema::compile_lenient(&text, reader.schema(text.format).as_ref());
    // Compilers are functions, so nobody sees what one that panics leaves half done.
    let compiled = catch_unwind(AssertUnwindSafe(compile))
        .map_err(|_panic| LookupError::Unreadable(format!("the compiler of {} fails on its schema", text.format)))?;
    compiled.map(Arc::new).map_err(|error| LookupError::Unusable(Arc::new(error)))
}

#[async_trait]
impl Schemas for SchemaRegistry {
    async fn schema(&self, id: u32, reader: &Arc<Reader>) -> Result<Arc<Schema>, LookupError> {
        let key = (id, Arc::clone(reader));
        let found = self.schemas.try_get_with(key, self.fetch(id, reader)).await;
        found.map_err(|error| LookupError::clone(&error))
    }
}
