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
    /// When its own lifetime ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) expires: Option<Timestamp>,
    /// When the overlap with its replacement ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) retires: Option<Timestamp>,
    /// The prefix of the key that this one replaces.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaces: Option<String>,
}

impl ApiKey {
    /// When it stops being valid, if ever.
    #[must_use]
    pub fn ends(&self) -> Option<Timestamp> {
        self.expires.into_iter().chain(self.retires).min()
    }

    /// Whether it is valid at `now`.
    #[must_use]
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.ends().is_none_or(|end| now < end)
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
