//! A set of public keys (JWKS, RFC 7517), from a file or an address, which changes while its owner rotates keys.

use std::{
    collections::HashMap,
    path::PathBuf,
    sync::{Arc, PoisonError, RwLock},
    time::{Duration, Instant},
};

use jsonwebtoken::{
    Algorithm, DecodingKey,
    jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyAlgorithm, PublicKeyUse},
};
use serde::Deserialize;
use serde_json::Value;
use tokio::sync::Mutex;
use ureq::tls::{Certificate, RootCerts, TlsConfig};

use super::key::{TokenKey, TokenKeyError, read};
use crate::telemetry::KEY_RELOAD_FAILURES;

/// Timeout of a request for the set.
const TIMEOUT: Duration = Duration::from_secs(5);
const MAX_BYTES: u64 = 256 * 1024;
/// Keys of a set that are looked at.
const MAX_KEYS: usize = 100;

/// Where the set is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    File(PathBuf),
    Url(String),
}

/// The keys of a set by their identifiers.
type Keys = HashMap<Option<String>, TokenKey>;

/// A set of keys that is read again while it is used.
pub(super) struct KeySet {
    place: Place,
    keys: RwLock<Arc<Keys>>,
    /// When the set was read last, or that was tried. Whoever holds it is reading.
    attempted: Mutex<Option<Instant>>,
    /// Shortest time between two attempts that unknown keys cause.
    pause: Duration,
}

impl KeySet {
    /// An empty set, to be [refreshed](Self::refresh).
    pub(super) fn new(place: Place, pause: Duration) -> Self {
        Self { place, keys: RwLock::default(), attempted: Mutex::new(None), pause }
    }

    /// The key with this identifier. A token without an identifier means the only key of a set.
    ///
    /// The identifier comes from a caller, and is only compared with others: it is no path and no address.
    pub(super) fn find(&self, id: Option<&str>) -> Option<TokenKey> {
        let keys = Arc::clone(&self.keys.read().unwrap_or_else(PoisonError::into_inner));
        match id {
            Some(id) => keys.get(&Some(id.to_owned())).cloned(),
            None if keys.len() == 1 => keys.values().next().cloned(),
            None => None,
        }
    }

    /// Reads the set again, because a caller presents an unknown key, unless that was tried a short time ago. Callers
    /// that come meanwhile wait for the same attempt.
    pub(super) async fn refresh_for_unknown(self: Arc<Self>) {
        let mut attempted = self.attempted.lock().await;
        if attempted.is_some_and(|attempted| attempted.elapsed() < self.pause) {
            return;
        }
        *attempted = Some(Instant::now());
        self.refresh_now().await;
    }

    /// Reads the set again, unless that was done within `interval`.
    pub(super) async fn refresh(self: Arc<Self>, interval: Duration) {
        let mut attempted = self.attempted.lock().await;
        // A file is looked at each time; it costs nothing.
        let is_due = matches!(self.place, Place::File(_)) || attempted.is_none_or(|last| last.elapsed() >= interval);
        let is_empty = self.keys.read().unwrap_or_else(PoisonError::into_inner).is_empty();
        let is_retry = is_empty && attempted.is_none_or(|last| last.elapsed() >= self.pause);
        if is_due || is_retry {
            *attempted = Some(Instant::now());
            self.refresh_now().await;
        }
    }

    /// On an error the previous keys stay.
    async fn refresh_now(self: &Arc<Self>) {
        let set = Arc::clone(self);
        match tokio::task::spawn_blocking(move || set.load()).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => {
                metrics::counter!(KEY_RELOAD_FAILURES).increment(1);
                tracing::error!(%error, "the keys of JWTs stay as they were");
            }
            Err(error) => tracing::error!(%error, "the keys of JWTs cannot be read"),
        }
    }

    /// Reads the set. Blocks.
    pub(super) fn load(&self) -> Result<(), TokenKeyError> {
        let (place, text) = match &self.place {
            Place::File(path) => (path.display().to_string(), read(path)?),
            Place::Url(url) => (url.clone(), fetch(url)?),
        };
        let expected = "a JSON Web Key Set with a public key, RSA (RS256) or on the curve P-256 (ES256)";
        let keys = parse(&text).filter(|keys| !keys.is_empty());
        let keys = keys.ok_or(TokenKeyError::Unusable { place, expected })?;
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(keys);
        Ok(())
    }
}

/// The usable keys of a set: others may be for other purposes.
fn parse(text: &[u8]) -> Option<Keys> {
    #[derive(Deserialize)]
    struct Set {
        keys: Vec<Value>,
    }
    let set: Set = serde_json::from_slice(text).ok()?;
    let read = |value| serde_json::from_value::<Jwk>(value).ok();
    let keys = set.keys.into_iter().take(MAX_KEYS).filter_map(read);
    Some(keys.filter_map(|jwk| Some((jwk.common.key_id.clone(), token_key(&jwk)?))).collect())
}

/// A public key for one of the two algorithms. Never a symmetric one: who can read a set could sign with it.
fn token_key(jwk: &Jwk) -> Option<TokenKey> {
    let is_for_signatures = jwk.common.public_key_use.as_ref().is_none_or(|usage| *usage == PublicKeyUse::Signature);
    let is_for = |algorithm| jwk.common.key_algorithm.is_none_or(|stated| stated == algorithm);
    let key = DecodingKey::from_jwk(jwk).ok().filter(|_| is_for_signatures)?;
    match &jwk.algorithm {
        AlgorithmParameters::RSA(_) if is_for(KeyAlgorithm::RS256) => {
            Some(TokenKey { algorithm: Algorithm::RS256, key })
        }
        AlgorithmParameters::EllipticCurve(curve)
            if is_for(KeyAlgorithm::ES256) && curve.curve == EllipticCurve::P256 =>
        {
            TokenKey::on_p256(key)
        }
        _ => None,
    }
}

fn fetch(url: &str) -> Result<Vec<u8>, TokenKeyError> {
    let failed = |reason: String| TokenKeyError::Fetch { url: url.to_owned(), reason };
    let mut tls = TlsConfig::builder();
    if url.starts_with("https:") {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let found = rustls_native_certs::load_native_certs().certs;
        let trusted = found.iter().map(|certificate| Certificate::from_der(certificate).to_owned());
        tls = tls.unversioned_rustls_crypto_provider(provider).root_certs(RootCerts::from(trusted));
    }
    // An address that redirects could lead into the network of the service.
    let config = ureq::Agent::config_builder().timeout_global(Some(TIMEOUT)).max_redirects(0).tls_config(tls.build());
    let mut answer = ureq::Agent::from(config.build()).get(url).call().map_err(|error| failed(error.to_string()))?;
    if answer.status() != 200 {
        return Err(failed(format!("status {}", answer.status())));
    }
    answer.body_mut().with_config().limit(MAX_BYTES).read_to_vec().map_err(|error| failed(error.to_string()))
}
