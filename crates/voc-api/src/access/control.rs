//! Checks credentials.

use std::{path::PathBuf, sync::Arc, time::Duration};

use actix_web::http::header::HeaderMap;
use tokio_util::sync::CancellationToken;
use voc_events::Timestamp;

use super::{
    caller::Caller,
    credential::credential,
    keys::{ApiKey, KeyFileError, KeyRejection, Keys, PREFIX_OF_ALL},
    refusal::Refusal,
};
use crate::telemetry::{AUTH, KEY_RELOAD_FAILURES};

/// How often the times of last use are written, in rounds of looking at the file of keys.
const LAST_USE_ROUNDS: u32 = 30;

/// Who may ask.
#[derive(Debug, Clone)]
pub struct AccessConfig {
    /// The file of API keys.
    pub keys_file: Option<PathBuf>,
    /// How often that file is looked at.
    pub reload: Duration,
}

impl Default for AccessConfig {
    fn default() -> Self {
        Self { keys_file: None, reload: Duration::from_secs(2) }
    }
}

impl AccessConfig {
    /// Whether callers need a credential. If not, everyone who reaches the port may ask everything.
    #[must_use]
    pub fn needs_credentials(&self) -> bool {
        self.keys_file.is_some()
    }
}

/// The configured credentials cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AccessError {
    /// The file of API keys.
    #[error(transparent)]
    Keys(#[from] KeyFileError),
}

/// Decides who may ask.
#[derive(Debug)]
pub struct Access {
    keys: Option<Keys>,
    reload: Duration,
}

impl Access {
    /// Reads what the configuration names.
    ///
    /// # Errors
    /// [`AccessError`] if that cannot be used.
    pub fn new(config: &AccessConfig) -> Result<Self, AccessError> {
        let keys = config.keys_file.as_deref().map(Keys::open).transpose()?;
        Ok(Self { keys, reload: config.reload })
    }

    /// Everyone may ask everything.
    #[must_use]
    pub fn unrestricted() -> Self {
        Self { keys: None, reload: AccessConfig::default().reload }
    }

    /// Who asks.
    pub(super) fn authenticate(&self, headers: &HeaderMap) -> Result<Caller, Refusal> {
        let Some(keys) = &self.keys else { return Ok(Caller::anonymous()) };
        let caller = identify(keys, headers);
        let outcome = match &caller {
            Ok(_) => "accepted",
            Err(rejection) => rejection.outcome(),
        };
        metrics::counter!(AUTH, "outcome" => outcome).increment(1);
        caller.map_err(|rejection| {
            tracing::debug!(reason = rejection.outcome(), "a caller was not identified");
            Refusal::Unauthenticated
        })
    }

    /// All API keys with the times of their last use, in the order of their creation.
    pub(super) fn keys(&self) -> Vec<(ApiKey, Option<Timestamp>)> {
        self.keys.as_ref().map(Keys::list).unwrap_or_default()
    }

    /// Looks at the file of keys at intervals until `shutdown` is cancelled.
    pub(crate) async fn maintain(self: Arc<Self>, shutdown: CancellationToken) {
        if self.keys.is_none() {
            return;
        }
        let mut round: u32 = 0;
        while shutdown.run_until_cancelled(tokio::time::sleep(self.reload)).await.is_some() {
            round = round.wrapping_add(1);
            let access = Arc::clone(&self);
            let look = move || access.look(round.is_multiple_of(LAST_USE_ROUNDS));
            if let Err(error) = tokio::task::spawn_blocking(look).await {
                tracing::error!(%error, "cannot look at the file of API keys");
            }
        }
    }

    /// Writes what would be lost with the process.
    pub(crate) async fn close(self: Arc<Self>) {
        let write = move || self.keys.as_ref().map(Keys::write_last_use);
        if let Err(error) = tokio::task::spawn_blocking(write).await {
            tracing::debug!(%error, "cannot write when API keys were last used");
        }
    }

    fn look(&self, writes_last_use: bool) {
        let Some(keys) = &self.keys else { return };
        match keys.refresh() {
            Ok(false) => {}
            Ok(true) => tracing::info!(keys = keys.list().len(), "the API keys were reloaded"),
            Err(error) => {
                metrics::counter!(KEY_RELOAD_FAILURES).increment(1);
                tracing::error!(%error, "the API keys stay as they were");
            }
        }
        if writes_last_use {
            keys.write_last_use();
        }
    }
}

fn identify(keys: &Keys, headers: &HeaderMap) -> Result<Caller, Rejection> {
    let presented = credential(headers);
    // A missing credential takes as long as a wrong one.
    let found = keys.find(presented.unwrap_or(PREFIX_OF_ALL), Timestamp::from(std::time::SystemTime::now()));
    match (presented, found) {
        (None, _) => Err(Rejection::Missing),
        (Some(_), Err(KeyRejection::Unknown)) => Err(Rejection::Unknown),
        (Some(_), Err(KeyRejection::Expired)) => Err(Rejection::Expired),
        (Some(_), Ok(key)) => Ok(Caller::new(format!("key:{}", key.prefix), key.scopes, key.tenants)),
    }
}

/// Why a caller is not identified. Only logs and metrics tell.
#[derive(Debug, Clone, Copy)]
enum Rejection {
    Missing,
    Unknown,
    Expired,
}

impl Rejection {
    fn outcome(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Unknown => "unknown",
            Self::Expired => "expired",
        }
    }
}
