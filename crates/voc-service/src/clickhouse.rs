//! The way to the ClickHouse server at start: reach it, and see to its tables.

use voc_events::families;
use voc_store::{
    Migrator, StoreError,
    clickhouse::{ClickHouse, ClickHouseConfig, ClickHouseStore, ClickHouseTimeouts},
};

use crate::config::{clickhouse::ClickHouseSettings, lifecycle::LifecycleSettings};

/// A store in the server that the settings name; connected to when it is first needed.
#[must_use]
pub fn connect(settings: ClickHouseSettings) -> ClickHouseStore {
    let timeouts = ClickHouseTimeouts {
        connect: settings.connect_timeout,
        insert: settings.insert_timeout,
        query: settings.query_timeout,
        ..ClickHouseTimeouts::default()
    };
    ClickHouseStore::connect(
        ClickHouseConfig::at(settings.host, settings.port)
            .with_user(settings.user, settings.password.expose())
            .with_database(settings.database)
            .with_connections(settings.pool_size)
            .with_timeouts(timeouts),
    )
}

/// Sees to the tables of all families.
fn migrator<'s>(store: &'s ClickHouseStore, lifecycle: &LifecycleSettings) -> Migrator<'s, ClickHouse> {
    Migrator::new(store, lifecycle.partition_by).tables(&families::tables())
}

/// Reaches the server, trying again as often as the settings say, and checks that its tables are what this program needs; with
/// [`LifecycleSettings::migrate`] it brings them up to date.
///
/// # Errors
/// [`StoreError`] if the server cannot be reached or used, or its tables are not up to date.
pub async fn prepare(store: &ClickHouseStore, lifecycle: &LifecycleSettings) -> Result<(), StoreError> {
    until_answered(lifecycle, async || match lifecycle.migrate {
        true => migrate(store, lifecycle).await,
        false => migrator(store, lifecycle).check().await,
    })
    .await
}

/// Asks again, as often as the settings say, while the store is out of reach.
///
/// # Errors
/// The last [`StoreError`], or the first that does not pass with time.
pub async fn until_answered<T>(
    lifecycle: &LifecycleSettings,
    question: impl AsyncFn() -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    let mut tries_left = lifecycle.max_retries;
    loop {
        match question().await {
            Err(error) if error.is_retryable() && tries_left > 0 => {
                let retry_in = lifecycle.retry_delay;
                tracing::warn!(%error, tries_left, ?retry_in, "the store is not ready yet");
                tries_left -= 1;
                tokio::time::sleep(retry_in).await;
            }
            outcome => return outcome,
        }
    }
}

/// Creates the database if it is missing, and applies the missing migrations.
///
/// # Errors
/// [`StoreError`] if the server cannot be reached or used.
pub async fn migrate(store: &ClickHouseStore, lifecycle: &LifecycleSettings) -> Result<(), StoreError> {
    store.backend().create_database().await?;
    let applied = migrator(store, lifecycle).up().await?;
    tracing::info!(applied = applied.len(), "the tables are up to date");
    Ok(())
}
