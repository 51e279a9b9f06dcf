//! The file that holds what is known of the keys.

use std::{
    collections::{BTreeSet, HashSet},
    fs::{self, OpenOptions},
    io,
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
    time::Duration,
};

use serde::{Deserialize, Serialize};
use voc_events::Timestamp;

use super::{
    key::{ApiKey, IssuedKey},
    replace::{beside, replace, resolved},
    text::KeyText,
};
use crate::access::{scope::Scope, tenants::Tenants};

/// Maximum size of the file: some ten thousand keys.
const MAX_BYTES: u64 = 4 * 1024 * 1024;
const MAX_NAME_BYTES: usize = 64;
/// Keys of one name that may be live at once: the one in use and the one that replaces it.
const MAX_LIVE: usize = 2;

/// The file cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyFileError {
    /// It cannot be read.
    #[error("cannot read the API keys in {}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// It does not hold keys.
    #[error("{} does not hold API keys as `voc-query keys` writes them: {reason}", path.display())]
    Invalid {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// It cannot be written.
    #[error("cannot write the API keys to {}: {source}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// The requested change is not possible.
    #[error(transparent)]
    Change(#[from] KeyError),
}

/// A change of the keys is not possible.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// The name is unsuitable.
    #[error("found the name {0:?}, expected 1 to 64 letters, digits, dots, dashes and underscores")]
    Name(String),
    /// A live key has this name.
    #[error("a key named {0:?} exists: rotate it, revoke it, or choose another name")]
    Exists(String),
    /// There is no such live key.
    #[error("there is no live key named {0:?}; `voc-query keys list` shows the keys")]
    NoSuchName(String),
    /// There is no such key.
    #[error("there is no key with the prefix {0:?}; `voc-query keys list` shows the keys")]
    NoSuchPrefix(String),
    /// It is being rotated already.
    #[error("two keys named {name:?} are live: revoke {older}, or wait until it expires, before you rotate again")]
    Rotating {
        /// Their name.
        name: String,
        /// The prefix of the older one.
        older: String,
    },
    /// The system's random source failed.
    #[error("the system's random source failed")]
    NoRandomness,
}

/// A key to be created.
#[derive(Debug, Clone)]
pub struct NewKey {
    /// What it is for: letters, digits, dots, dashes and underscores.
    pub name: String,
    /// What it allows.
    pub scopes: BTreeSet<Scope>,
    /// The tenants it is bound to.
    pub tenants: Tenants,
    /// How long it is valid, if not for ever.
    pub lifetime: Option<Duration>,
}

/// What is known of all keys, as it is written in a file of JSON.
///
/// ```
/// use std::time::{Duration, SystemTime};
/// use voc_api::access::{KeyFile, NewKey, Scope, Tenants};
///
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("keys.json");
/// let new = NewKey {
///     name: "dashboard".to_owned(),
///     scopes: [Scope::Read].into(),
///     tenants: Tenants::All,
///     lifetime: Some(Duration::from_hours(24 * 90)),
/// };
/// let now = SystemTime::now().into();
/// let issued = KeyFile::edit(&path, |keys| keys.create(new, now))?;
/// assert!(issued.expose().starts_with("voc_"));
/// assert_eq!(KeyFile::read(&path)?.keys()[0].name, "dashboard");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyFile {
    keys: Vec<ApiKey>,
}

impl KeyFile {
    /// Reads a file.
    ///
    /// # Errors
    /// [`KeyFileError`] if it cannot be read or does not hold keys.
    pub fn read(path: &Path) -> Result<Self, KeyFileError> {
        Self::parse(path, &content(path)?)
    }

    /// Changes a file, which is created if it does not exist. Concurrent changes wait for each other, and readers see
    /// either the old content or the new one.
    ///
    /// # Errors
    /// [`KeyFileError`]; the file is then unchanged.
    pub fn edit<T>(path: &Path, change: impl FnOnce(&mut Self) -> Result<T, KeyError>) -> Result<T, KeyFileError> {
        let failed = |source| KeyFileError::Write { path: path.to_owned(), source };
        let path = &*resolved(path);
        let lock = beside(path, ".lock");
        let lock = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(lock);
        let lock = lock.and_then(|lock| lock.lock().map(|()| lock)).map_err(failed)?;
        let mut keys = match Self::read(path) {
            Err(KeyFileError::Read { source, .. }) if source.kind() == io::ErrorKind::NotFound => Self::default(),
            read => read?,
        };
        let outcome = change(&mut keys)?;
        let mut text = serde_json::to_vec_pretty(&keys).map_err(|error| failed(error.into()))?;
        text.push(b'\n');
        replace(path, &text).map_err(failed)?;
        drop(lock);
        Ok(outcome)
    }

    /// The keys, in the order of their creation.
    #[must_use]
    pub fn keys(&self) -> &[ApiKey] {
        &self.keys
    }

    pub(super) fn into_keys(self) -> Vec<ApiKey> {
        self.keys
    }

    /// Adds a key.
    ///
    /// # Errors
    /// [`KeyError`] if the name is unsuitable or in use.
    pub fn create(&mut self, new: NewKey, now: Timestamp) -> Result<IssuedKey, KeyError> {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        if new.name.is_empty() || new.name.len() > MAX_NAME_BYTES || !new.name.bytes().all(is_plain) {
            return Err(KeyError::Name(new.name));
        }
        if self.live(&new.name, now).next().is_some() {
            return Err(KeyError::Exists(new.name));
        }
        self.issue(new, None, now)
    }

    /// Adds a key that replaces the live one of this name and allows the same for the same length of time. The old one
    /// stays valid for `overlap`, or until it expires, if that is earlier.
    ///
    /// # Errors
    /// [`KeyError`] if there is no live key of this name, or a second one.
    pub fn rotate(&mut self, name: &str, overlap: Duration, now: Timestamp) -> Result<IssuedKey, KeyError> {
        let live: Vec<ApiKey> = self.live(name, now).cloned().collect();
        let Some(old) = live.first() else { return Err(KeyError::NoSuchName(name.to_owned())) };
        if live.len() >= MAX_LIVE {
            return Err(KeyError::Rotating { name: name.to_owned(), older: old.prefix.clone() });
        }
        let lifetime = old.expires.map(|expires| expires.as_millis().saturating_sub(old.created.as_millis()));
        let lifetime = lifetime.map(|millis| Duration::from_millis(millis.try_into().unwrap_or_default()));
        let (scopes, tenants) = (old.scopes.clone(), old.tenants.clone());
        let new = NewKey { name: name.to_owned(), scopes, tenants, lifetime };
        let issued = self.issue(new, Some(old.prefix.clone()), now)?;
        let end = after(now, overlap);
        if let Some(old) = self.keys.iter_mut().find(|key| key.prefix == old.prefix) {
            old.retires = Some(old.retires.map_or(end, |retires| retires.min(end)));
        }
        Ok(issued)
    }

    /// Removes the key with this prefix, which is returned.
    ///
    /// # Errors
    /// [`KeyError`] if there is none.
    pub fn revoke(&mut self, prefix: &str) -> Result<ApiKey, KeyError> {
        let found = self.keys.iter().position(|key| key.prefix == prefix);
        found.map(|index| self.keys.remove(index)).ok_or_else(|| KeyError::NoSuchPrefix(prefix.to_owned()))
    }

    /// Removes all keys of this name, which are returned.
    ///
    /// # Errors
    /// [`KeyError`] if there is none.
    pub fn revoke_all(&mut self, name: &str) -> Result<Vec<ApiKey>, KeyError> {
        let revoked: Vec<ApiKey> = self.keys.extract_if(.., |key| key.name == name).collect();
        if revoked.is_empty() { Err(KeyError::NoSuchName(name.to_owned())) } else { Ok(revoked) }
    }

    /// Adds a key; expired ones of its name go.
    fn issue(&mut self, new: NewKey, replaces: Option<String>, now: Timestamp) -> Result<IssuedKey, KeyError> {
        self.keys.retain(|key| key.name != new.name || key.is_live(now));
        // Two equal prefixes among thousands of keys are very unlikely, but not impossible.
        let text = loop {
            let text = KeyText::generate().ok_or(KeyError::NoRandomness)?;
            if self.keys.iter().all(|key| key.prefix != text.prefix) {
                break text;
            }
        };
        let key = ApiKey {
            name: new.name,
            prefix: text.prefix.clone(),
            sha256: text.hash(),
            scopes: new.scopes,
            tenants: new.tenants,
            created: now,
            expires: new.lifetime.map(|lifetime| after(now, lifetime)),
            retires: None,
            replaces,
        };
        self.keys.push(key.clone());
        Ok(IssuedKey { key, text: text.expose() })
    }

    /// The live keys of this name, oldest first.
    fn live(&self, name: &str, now: Timestamp) -> impl Iterator<Item = &ApiKey> {
        self.keys.iter().filter(move |key| key.name == name && key.is_live(now))
    }

    pub(super) fn parse(path: &Path, text: &str) -> Result<Self, KeyFileError> {
        let invalid = |reason| KeyFileError::Invalid { path: path.to_owned(), reason };
        let file: Self = serde_json::from_str(text).map_err(|error| invalid(error.to_string()))?;
        let mut prefixes = HashSet::new();
        match file.keys.iter().find(|key| !prefixes.insert(&key.prefix)) {
            Some(key) => Err(invalid(format!("two keys have the prefix {:?}", key.prefix))),
            None => Ok(file),
        }
    }
}

/// The text of a file of keys.
pub(super) fn content(path: &Path) -> Result<String, KeyFileError> {
    let failed = |source| KeyFileError::Read { path: path.to_owned(), source };
    let bytes = fs::metadata(path).map_err(failed)?.len();
    if bytes > MAX_BYTES {
        let reason = format!("it is larger than {MAX_BYTES} bytes");
        return Err(KeyFileError::Invalid { path: path.to_owned(), reason });
    }
    fs::read_to_string(path).map_err(failed)
}

fn after(start: Timestamp, span: Duration) -> Timestamp {
    Timestamp::from_millis(start.as_millis().saturating_add(span.as_millis().try_into().unwrap_or(i64::MAX)))
}
