//! Tenant identifiers.

use std::{fmt, sync::Arc};

use serde::{Serialize, Serializer};

/// The identifier of a tenant: 1 to 256 bytes of UTF-8 without control characters, not only white space.
///
/// ```
/// use voc_events::TenantId;
/// assert_eq!(TenantId::new("acme")?.as_str(), "acme");
/// assert!(TenantId::new("").is_err());
/// # Ok::<(), voc_events::TenantIdError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TenantId(Arc<str>);

impl TenantId {
    /// Longest identifier in bytes.
    pub const MAX_BYTES: usize = 256;

    /// Checks and wraps an identifier.
    ///
    /// # Errors
    /// [`TenantIdError`] if it is empty, too long, or holds a control character.
    pub fn new(id: &str) -> Result<Self, TenantIdError> {
        Self::check(id)?;
        Ok(Self(id.into()))
    }

    /// The check of [`TenantId::new`] without keeping the identifier.
    ///
    /// ```
    /// use voc_events::{TenantId, TenantIdError};
    ///
    /// assert_eq!(TenantId::check(&"t".repeat(TenantId::MAX_BYTES)), Ok(()));
    /// assert_eq!(TenantId::check(&"t".repeat(TenantId::MAX_BYTES + 1)), Err(TenantIdError::TooLong { bytes: 257 }));
    /// ```
    ///
    /// # Errors
    /// Like [`TenantId::new`].
    pub fn check(id: &str) -> Result<(), TenantIdError> {
        if id.trim().is_empty() {
            return Err(TenantIdError::Empty);
        }
        if id.len() > Self::MAX_BYTES {
            return Err(TenantIdError::TooLong { bytes: id.len() });
        }
        if id.chars().any(char::is_control) {
            return Err(TenantIdError::ControlCharacter);
        }
        Ok(())
    }

    /// The identifier as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for TenantId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for TenantId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl AsRef<str> for TenantId {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

/// Reasons why a tenant identifier was refused.
///
/// ```
/// use voc_events::{TenantId, TenantIdError};
///
/// let error = TenantId::new("acme\n").unwrap_err();
/// assert_eq!(error, TenantIdError::ControlCharacter);
/// assert_eq!(format!("found {error}"), "found a string with control characters");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TenantIdError {
    /// No characters, or only white space.
    #[error("an empty string")]
    Empty,
    /// More than [`TenantId::MAX_BYTES`].
    #[error("a string of {bytes} bytes")]
    TooLong {
        /// Length found.
        bytes: usize,
    },
    /// A control character.
    #[error("a string with control characters")]
    ControlCharacter,
}
