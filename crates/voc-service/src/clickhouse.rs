//! Connects to the ClickHouse server at start and checks or migrates its tables.

use voc_events::families;
use voc_store::{
    Migrator, StoreError, TableLayout,
    clickhouse::{ClickHouse, ClickHouseConfig, ClickHouseStore, ClickHouseTimeouts, ClickHouseTls},
};

use crate::{
    certificates,
    config::{clickhouse::ClickHouseSettings, lifecycle::LifecycleSettings},
};

/// A store in the configured server. It connects on first use.
///
/// # Errors
/// [`StoreError::Misconfigured`] if the certificate authorities to trust cannot be read.
pub fn connect(settings: ClickHouseSettings) -> Result<ClickHouseStore, StoreError> {
    let timeouts = ClickHouseTimeouts {
        connect: settings.connect_timeout,
        insert: settings.insert_timeout,
        query: settings.query_timeout,
        ..ClickHouseTimeouts::default()
    };
    let mut layout = TableLayout::default();
    if let Some(cluster) = settings.cluster {
        layout = layout.on_cluster(cluster);
    }
    if let Some(policy) = settings.storage_policy {
        layout = layout.with_storage_policy(policy);
    }
    let config = ClickHouseConfig::at(settings.host, settings.port)
        .with_user(settings.user, settings.password.expose())
        .with_database(settings.database)
        .with_others(settings.other_hosts)
        .with_layout(layout)
        .with_connections(settings.pool_size)
        .with_timeouts(timeouts);
    let tls = match (settings.secure, settings.ca_file) {
        (false, _) => None,
        (true, None) => Some(ClickHouseTls::with_authorities_of_system()?),
        (true, Some(file)) => Some(ClickHouseTls::with_authorities_of_file(&file)?),
    };
    Ok(ClickHouseStore::connect(match tls {
        None => config,
        Some(tls) => config.with_tls(tls),
    }))
}

/// Sets the metric of the server's certificate, once it is known.
pub fn export_certificate(tls: Option<&ClickHouseTls>) {
    if let Some(certificate) = tls.and_then(ClickHouseTls::certificate) {
        certificates::export(&certificate, "store", "clickhouse");
    }
}

/// The migrator of all families' tables.
fn migrator<'s>(store: &'s ClickHouseStore, lifecycle: &LifecycleSettings) -> Migrator<'s, ClickHouse> {
    Migrator::new(store, lifecycle.partition_by).tables(&families::tables())
}

/// Connects to the server, with the configured number of retries, and checks that its tables are what this program
/// needs. With [`LifecycleSettings::migrate`] it also applies missing migrations.
///
/// # Errors
/// [`StoreError`] if the server cannot be reached or used, or its tables are not up to date.
pub async fn prepare(store: &ClickHouseStore, lifecycle: &LifecycleSettings) -> Result<(), StoreError> {
    until_answered(lifecycle, async || {
        match lifecycle.migrate {
            true => migrate(store, lifecycle).await?,
            false => migrator(store, lifecycle).check().await?,
        }
        store.check_replication(&families::tables()).await
    })
    .await
}

/// Repeats `question` while the store is unreachable, up to the configured number of retries.
///
/// # Errors
/// The last [`StoreError`], or the first that is not transient.
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
