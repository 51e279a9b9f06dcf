//! Checks credentials.

use std::{
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant, SystemTime},
};

use actix_web::http::header::HeaderMap;
use tokio_util::sync::CancellationToken;
use voc_events::Timestamp;

use super::{
    caller::{Caller, Identity},
    clock::Clock,
    credential::credential,
    keys::{ApiKey, KeyFileError, KeyRejection, Keys, PREFIX_OF_ALL},
    limiter::{CallerLimits, Limiter},
    local::is_for_this_machine,
    refusal::Refusal,
    tokens::{TokenConfig, TokenKeyError, TokenRejection, Tokens},
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
    /// How tokens are verified; none are accepted without.
    pub tokens: Option<TokenConfig>,
    /// What one caller, or one tenant, may use.
    pub limits: CallerLimits,
    /// Whether the audit log holds the values of all parameters, also of those that may be personal.
    pub audit_values: bool,
    /// The origins of pages whose scripts may ask (CORS), such as `https://dashboard.example`.
    pub cors_origins: Vec<String>,
    /// Whether the service is for this machine only, so that a request to any other host is refused.
    pub local_only: bool,
}

impl Default for AccessConfig {
    fn default() -> Self {
        Self {
            keys_file: None,
            reload: Duration::from_secs(2),
            tokens: None,
            limits: CallerLimits::default(),
            audit_values: false,
            cors_origins: Vec::new(),
            local_only: false,
        }
    }
}

impl AccessConfig {
    /// Whether callers need a credential. If not, everyone who reaches the port may ask everything.
    #[must_use]
    pub fn needs_credentials(&self) -> bool {
        self.keys_file.is_some() || self.tokens.is_some()
    }
}

/// The configured credentials cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AccessError {
    /// The file of API keys.
    #[error(transparent)]
    Keys(#[from] KeyFileError),
    /// The keys of tokens.
    #[error(transparent)]
    Tokens(#[from] TokenKeyError),
}

/// Decides who may ask.
#[derive(Debug)]
pub struct Access {
    keys: Option<Keys>,
    tokens: Option<Tokens>,
    limiter: Arc<Limiter>,
    config: AccessConfig,
}

impl Access {
    /// Reads what the configuration names.
    ///
    /// # Errors
    /// [`AccessError`] if that cannot be used.
    pub fn new(config: &AccessConfig) -> Result<Self, AccessError> {
        Self::with_clock(config, Instant::now)
    }

    /// The same; allowances grow back by another clock than the system's, as in tests.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn with_clock(
        config: &AccessConfig,
        now: impl Fn() -> Instant + Send + Sync + 'static,
    ) -> Result<Self, AccessError> {
        let keys = config.keys_file.as_deref().map(Keys::open).transpose()?;
        let tokens = config.tokens.as_ref().map(Tokens::open).transpose()?;
        let limiter = Arc::new(Limiter::new(config.limits, &Clock::new(now)));
        Ok(Self { keys, tokens, limiter, config: config.clone() })
    }

    /// Everyone may ask everything.
    #[must_use]
    pub fn unrestricted() -> Self {
        let config = AccessConfig::default();
        Self { keys: None, tokens: None, limiter: Arc::new(Limiter::new(config.limits, &Clock::default())), config }
    }

    /// Who asks.
    pub(super) async fn authenticate(&self, headers: &HeaderMap) -> Result<Caller, Refusal> {
        if self.config.local_only && !is_for_this_machine(headers) {
            return Err(Refusal::NotLocal);
        }
        if !self.config.needs_credentials() {
            return Ok(Caller::new(Identity::anonymous(), Arc::clone(&self.limiter)));
        }
        let identity = self.identify(credential(headers)).await;
        let outcome = identity.as_ref().map_or_else(|rejection| rejection.outcome(), |_| "accepted");
        metrics::counter!(AUTH, "outcome" => outcome).increment(1);
        match identity {
            Ok(identity) => Ok(Caller::new(identity, Arc::clone(&self.limiter))),
            Err(_) => {
                tracing::debug!(reason = outcome, "a caller was not identified");
                Err(Refusal::Unauthenticated)
            }
        }
    }

    /// Counts a request of a caller. Without credentials callers cannot be told apart, and are not limited.
    pub(super) fn count_request(&self, caller: &Caller) -> Result<(), Refusal> {
        if self.config.needs_credentials() { self.limiter.request(caller.id()) } else { Ok(()) }
    }

    /// What is left of a caller's allowances, as the headers `RateLimit-Policy` and `RateLimit`.
    pub(super) fn allowances(&self, caller: &Caller) -> Option<(String, String)> {
        self.config.needs_credentials().then(|| self.limiter.headers(caller.id(), &caller.payer()))
    }

    /// Whether the audit log holds the values of all parameters.
    pub(super) fn audits_values(&self) -> bool {
        self.config.audit_values
    }

    /// The origins of pages whose scripts may ask.
    pub(super) fn cors_origins(&self) -> &[String] {
        &self.config.cors_origins
    }

    async fn identify(&self, presented: Option<&str>) -> Result<Identity, Rejection> {
        let text = presented.unwrap_or(PREFIX_OF_ALL);
        if let Some(tokens) = self.tokens.as_ref().filter(|_| !text.starts_with(PREFIX_OF_ALL)) {
            return Ok(tokens.verify(text).await?);
        }
        // A missing key takes as long as a wrong one.
        let found = self.keys.as_ref().map(|keys| keys.find(text, Timestamp::from(SystemTime::now())));
        match (presented, found) {
            (None, _) => Err(Rejection::Missing),
            (Some(_), None) => Err(Rejection::Unknown),
            (Some(_), Some(found)) => {
                let key = found?;
                Ok(Identity { id: format!("key:{}", key.prefix), scopes: key.scopes, tenants: key.tenants })
            }
        }
    }

    /// All API keys with the times of their last use, in the order of their creation.
    pub(super) fn keys(&self) -> Vec<(ApiKey, Option<Timestamp>)> {
        self.keys.as_ref().map(Keys::list).unwrap_or_default()
    }

    /// Looks at the keys at intervals until `shutdown` is cancelled.
    pub(crate) async fn maintain(self: Arc<Self>, shutdown: CancellationToken) {
        if !self.config.needs_credentials() {
            return;
        }
        let mut round: u32 = 0;
        loop {
            if let Some(tokens) = &self.tokens {
                tokens.refresh().await;
            }
            if shutdown.run_until_cancelled(tokio::time::sleep(self.config.reload)).await.is_none() {
                return;
            }
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

/// Why a caller is not identified. Only logs and metrics tell.
#[derive(Debug, Clone, Copy)]
enum Rejection {
    Missing,
    Unknown,
    Expired,
}

impl From<KeyRejection> for Rejection {
    fn from(rejection: KeyRejection) -> Self {
        match rejection {
            KeyRejection::Unknown => Self::Unknown,
            KeyRejection::Expired => Self::Expired,
        }
    }
}

impl From<TokenRejection> for Rejection {
    fn from(rejection: TokenRejection) -> Self {
        match rejection {
            TokenRejection::Invalid => Self::Unknown,
            TokenRejection::Expired => Self::Expired,
        }
    }
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
