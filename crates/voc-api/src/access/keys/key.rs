//! What is known of a key.

use std::{collections::BTreeSet, fmt};

use serde::{Deserialize, Serialize};
use voc_events::Timestamp;

use super::text::SecretHash;
use crate::access::{scope::Scope, tenants::Tenants};

/// What is known of a key. Its secret is not: only a hash of it is kept.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApiKey {
    /// What the key is for. While it is rotated, two keys have the same name.
    pub name: String,
    /// The part of its text that may be shown.
    pub prefix: String,
    pub(super) sha256: SecretHash,
    /// What it allows.
    pub scopes: BTreeSet<Scope>,
    /// The tenants it is bound to.
    pub tenants: Tenants,
    /// When it was created.
    pub created: Timestamp,
    /// When it stops to be valid, if ever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<Timestamp>,
    /// The prefix of the key that this one replaces.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaces: Option<String>,
}

impl ApiKey {
    /// Whether it is valid at `now`.
    #[must_use]
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.expires.is_none_or(|expires| now < expires)
    }
}

/// A new key, with its text. The text is nowhere else: pass it on once.
pub struct IssuedKey {
    /// What is known of it.
    pub key: ApiKey,
    pub(super) text: String,
}

impl IssuedKey {
    /// The text that a caller presents.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.text
    }
}

impl fmt::Debug for IssuedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IssuedKey").field("key", &self.key).finish_non_exhaustive()
    }
}
