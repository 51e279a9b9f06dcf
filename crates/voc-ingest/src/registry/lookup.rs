//! Schema lookup with a cache.

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
    LookupError, Reader, RegistryObstacle, RegistryObstacleKind, RegistrySettings, RegistrySettingsError,
    RegistryState, Schemas,
    client::{Client, Refusal},
    examination,
};

/// Timeout of a [check](SchemaRegistry::check): readiness probes must not wait as long as records do.
const CHECK_TIMEOUT: Duration = Duration::from_secs(1);

/// A client for a schema registry with Confluent's API, which caches schemas.
///
/// A schema never changes, so it is fetched once per reader, however many records name it at the same time. Unknown
/// schemas are requested again.
#[derive(Clone)]
pub struct SchemaRegistry {
    client: Arc<Client>,
    schemas: Cache<(u32, Arc<Reader>), CachedSchema>,
    /// Schemas whose last request had no response, and why.
    unanswered: Arc<Mutex<BTreeMap<u32, String>>>,
    /// Held by the check in progress.
    checking: Arc<tokio::sync::Mutex<()>>,
}

/// A compiled schema and its weight in the cache.
#[derive(Clone)]
struct CachedSchema {
    schema: Arc<Schema>,
    /// Size of the texts that it was compiled from.
    bytes: u32,
}

impl SchemaRegistry {
    /// Creates a client without contacting the registry.
    ///
    /// # Errors
    /// [`RegistrySettingsError`].
    pub fn new(settings: &RegistrySettings) -> Result<Self, RegistrySettingsError> {
        Ok(Self {
            client: Arc::new(Client::new(settings)?),
            schemas: Cache::builder()
                .max_capacity(settings.cached_bytes)
                .weigher(|_, cached: &CachedSchema| cached.bytes)
                .build(),
            unanswered: Arc::default(),
            checking: Arc::default(),
        })
    }

    /// Checks whether records wait for the registry: fails if it has not responded for a schema and still does not.
    /// Takes at most a second.
    ///
    /// # Errors
    /// The reason why it does not respond.
    pub async fn check(&self) -> Result<(), String> {
        let waiting = self.unanswered().first_key_value().map(|(_, reason)| reason.clone());
        let Some(reason) = waiting else { return Ok(()) };
        // Does not start a second request while one hangs.
        let Ok(checking) = Arc::clone(&self.checking).try_lock_owned() else { return Err(reason) };
        let registry = self.clone();
        let retried = on_own_thread(move || {
            let _checking = checking;
            registry.retry_unanswered()
        });
        match tokio::time::timeout(CHECK_TIMEOUT, retried).await {
            Ok(answer) => answer.unwrap_or_else(Err),
            Err(_elapsed) => Err(reason),
        }
    }

    /// Asks the registry what it has, and for one of its schemas.
    ///
    /// # Errors
    /// [`RegistryObstacle`].
    pub async fn examine(&self) -> Result<RegistryState, RegistryObstacle> {
        let client = Arc::clone(&self.client);
        let examined = on_own_thread(move || examination::examine(&client)).await;
        examined.unwrap_or_else(|reason| Err(RegistryObstacle { kind: RegistryObstacleKind::NoResponse, reason }))
    }

    /// Requests the unanswered schemas again, up to the first that fails again.
    fn retry_unanswered(&self) -> Result<(), String> {
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

    async fn fetch(&self, id: u32, reader: &Arc<Reader>) -> Result<CachedSchema, LookupError> {
        let (client, reader) = (Arc::clone(&self.client), Arc::clone(reader));
        let fetched = on_own_thread(move || fetch_schema(&client, id, &reader)).await;
        let schema = fetched.unwrap_or_else(|error| Err(LookupError::Unavailable(error)));
        let failure = match &schema {
            Err(LookupError::Unavailable(reason)) => Some(reason.as_str()),
            _ => None,
        };
        self.remember(id, failure);
        schema
    }
}

/// Runs blocking work on a dedicated thread. On exit, the runtime would wait for its own threads, which a hanging
/// registry must not block.
async fn on_own_thread<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, String> {
    let (done, outcome) = oneshot::channel();
    // The receiver is gone if the lane has ended.
    let thread = std::thread::Builder::new().name("registry".to_owned()).spawn(move || drop(done.send(work())));
    thread.map_err(|error| format!("cannot start a thread to query it: {error}"))?;
    outcome.await.map_err(|_| "the thread that queried it failed".to_owned())
}

/// Fetches a schema and compiles it for a reader. Blocking, because compilation takes time too.
fn fetch_schema(client: &Client, id: u32, reader: &Reader) -> Result<CachedSchema, LookupError> {
    let text = client.schema(id).map_err(|refusal| match refusal {
        Refusal::Unknown => LookupError::Unknown,
        Refusal::Unusable(reason) => LookupError::Unreadable(reason),
        Refusal::Unavailable(outage) => LookupError::Unavailable(outage.reason),
    })?;
    // The family validates events and accepts more than its own schema can express.
    let compile = || Schema::compile_lenient(&text, reader.schema(text.format).as_ref());
    // Compilers are pure functions, so a panic leaves no shared state half-changed.
    let compiled = catch_unwind(AssertUnwindSafe(compile))
        .map_err(|_panic| LookupError::Unreadable(format!("the compiler of {} fails on its schema", text.format)))?;
    let schema = compiled.map_err(|error| LookupError::Unusable(Arc::new(error)))?;
    let bytes = text.references.iter().fold(text.text.len(), |sum, reference| sum + reference.text.len());
    Ok(CachedSchema { schema: Arc::new(schema), bytes: u32::try_from(bytes).unwrap_or(u32::MAX) })
}

#[async_trait]
impl Schemas for SchemaRegistry {
    async fn schema(&self, id: u32, reader: &Arc<Reader>) -> Result<Arc<Schema>, LookupError> {
        let key = (id, Arc::clone(reader));
        let found = self.schemas.try_get_with(key, self.fetch(id, reader)).await;
        found.map(|cached| cached.schema).map_err(|error| LookupError::clone(&error))
    }
}
