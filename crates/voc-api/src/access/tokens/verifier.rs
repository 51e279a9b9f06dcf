//! Verifies tokens.

use std::{fmt, path::PathBuf, sync::Arc, time::Duration};

use jsonwebtoken::{Validation, decode, decode_header, errors::ErrorKind};

use super::{
    claims::Claims,
    key::{TokenKey, TokenKeyError},
    key_set::{KeySet, Place},
    provider,
};
use crate::access::caller::Identity;

/// Longest token that is looked at.
const MAX_BYTES: usize = 8 * 1024;

/// How tokens are verified.
#[derive(Debug, Clone)]
pub struct TokenConfig {
    /// What they are signed with.
    pub keys: TokenKeys,
    /// Required among a token's `aud`. Without it, a token with an `aud` is refused: it is for another service.
    pub audience: Option<String>,
    /// Required as a token's `iss`.
    pub issuer: Option<String>,
    /// The claim that names a token's tenants, as a text or a list.
    pub tenant_claim: String,
    /// How often a set of keys at an address is read again.
    pub refresh: Duration,
    /// Shortest time between reading a set of keys and reading it again because of a token with an unknown key.
    pub pause: Duration,
}

impl TokenConfig {
    /// Tokens that are signed with these keys, with their tenants in `tenant_id`.
    #[must_use]
    pub fn new(keys: TokenKeys) -> Self {
        Self {
            keys,
            audience: None,
            issuer: None,
            tenant_claim: "tenant_id".to_owned(),
            refresh: Duration::from_secs(300),
            pause: Duration::from_secs(30),
        }
    }
}

/// What tokens are signed with. The keys determine the algorithm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TokenKeys {
    /// HS256, with the secret in a file.
    Secret(PathBuf),
    /// RS256 or ES256, with the public key in a file (PEM).
    PublicKey(PathBuf),
    /// RS256 or ES256, with the public keys in a file (a JSON Web Key Set).
    SetFile(PathBuf),
    /// RS256 or ES256, with the public keys at an address (a JSON Web Key Set).
    SetUrl(String),
}

/// Why a token is not accepted. Only logs and metrics tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::access) enum TokenRejection {
    /// Not a token, or signed with another key, or for another service.
    Invalid,
    Expired,
}

/// Verifies tokens.
pub(in crate::access) struct Tokens {
    keys: Keys,
    config: TokenConfig,
}

enum Keys {
    One(TokenKey),
    Set(Arc<KeySet>),
}

impl Tokens {
    /// Reads keys in files. Those at an address follow when [`refresh`](Self::refresh) is called.
    pub(in crate::access) fn open(config: &TokenConfig) -> Result<Self, TokenKeyError> {
        provider::install();
        let keys = match &config.keys {
            TokenKeys::Secret(path) => Keys::One(TokenKey::from_secret_file(path)?),
            TokenKeys::PublicKey(path) => Keys::One(TokenKey::from_public_key_file(path)?),
            TokenKeys::SetFile(path) => {
                let set = KeySet::new(Place::File(path.clone()), config.pause);
                set.load()?;
                Keys::Set(Arc::new(set))
            }
            TokenKeys::SetUrl(url) => Keys::Set(Arc::new(KeySet::new(Place::Url(url.clone()), config.pause))),
        };
        Ok(Self { keys, config: config.clone() })
    }

    /// What a token says about its bearer.
    pub(in crate::access) async fn verify(&self, token: &str) -> Result<Identity, TokenRejection> {
        if token.len() > MAX_BYTES {
            return Err(TokenRejection::Invalid);
        }
        let header = decode_header(token).map_err(|_| TokenRejection::Invalid)?;
        let key = self.key(header.kid.as_deref()).await.ok_or(TokenRejection::Invalid)?;
        let claims = decode::<Claims>(token, &key.key, &self.validation(&key)).map_err(|error| match error.kind() {
            ErrorKind::ExpiredSignature => TokenRejection::Expired,
            _ => TokenRejection::Invalid,
        })?;
        claims.claims.identity(&self.config.tenant_claim).ok_or(TokenRejection::Invalid)
    }

    /// Reads a set of keys again, if it is time.
    pub(in crate::access) async fn refresh(&self) {
        if let Keys::Set(set) = &self.keys {
            Arc::clone(set).refresh(self.config.refresh).await;
        }
    }

    async fn key(&self, id: Option<&str>) -> Option<TokenKey> {
        match &self.keys {
            Keys::One(key) => Some(key.clone()),
            Keys::Set(set) => {
                if let Some(key) = set.find(id) {
                    return Some(key);
                }
                Arc::clone(set).refresh_for_unknown().await;
                set.find(id)
            }
        }
    }

    fn validation(&self, key: &TokenKey) -> Validation {
        // With a leeway of 60 seconds.
        let mut validation = Validation::new(key.algorithm);
        validation.validate_nbf = true;
        let mut required = vec!["exp"];
        if let Some(audience) = &self.config.audience {
            validation.set_audience(&[audience]);
            required.push("aud");
        }
        if let Some(issuer) = &self.config.issuer {
            validation.set_issuer(&[issuer]);
            required.push("iss");
        }
        validation.set_required_spec_claims(&required);
        validation
    }
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tokens").field("config", &self.config).finish_non_exhaustive()
    }
}
