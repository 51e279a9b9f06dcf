//! The dependencies that readiness checks.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use voc_store::{EventQueries, EventStore};

/// A dependency that the service cannot work without.
#[async_trait]
pub trait Probe: Send + Sync {
    /// Its role in the service, such as `store` or `broker`.
    fn role(&self) -> &str;

    /// The system in this role, such as `clickhouse` or `kafka`.
    fn system(&self) -> &str;

    /// Checks whether it can be used now.
    ///
    /// # Errors
    /// The reason why not.
    async fn check(&self) -> Result<(), String>;

    /// Timeout of the check; a check that takes longer counts as failed.
    fn limit(&self) -> Duration {
        Duration::from_secs(2)
    }
}

/// Checks that a store answers.
pub struct StoreProbe {
    system: &'static str,
    store: Store,
}

enum Store {
    Queries(Arc<dyn EventQueries>),
    Events(Arc<dyn EventStore>),
}

impl StoreProbe {
    /// Checks the reading side; `system` names the store, such as `clickhouse`.
    #[must_use]
    pub fn of_queries(queries: Arc<dyn EventQueries>, system: &'static str) -> Self {
        Self { system, store: Store::Queries(queries) }
    }

    /// Checks the writing side.
    #[must_use]
    pub fn of_events(events: Arc<dyn EventStore>, system: &'static str) -> Self {
        Self { system, store: Store::Events(events) }
    }
}

#[async_trait]
impl Probe for StoreProbe {
    fn role(&self) -> &'static str {
        "store"
    }

    fn system(&self) -> &str {
        self.system
    }

    async fn check(&self) -> Result<(), String> {
        let answer = match &self.store {
            Store::Queries(queries) => queries.ping().await,
            Store::Events(events) => events.ping().await,
        };
        answer.map_err(|error| error.to_string())
    }
}
