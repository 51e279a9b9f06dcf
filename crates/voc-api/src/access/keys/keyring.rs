//! The keys in use: those of a file, read again whenever it changes.

use std::{
    collections::HashMap,
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError, RwLock,
        atomic::{AtomicI64, Ordering},
    },
};

use voc_events::Timestamp;

use super::{
    file::{KeyFile, KeyFileError, content},
    key::ApiKey,
    last_use::LastUse,
    text::{KeyText, SecretHash},
};

/// In place of a time: never.
const NEVER: i64 = i64::MIN;

/// Why a presented key is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::access) enum KeyRejection {
    Unknown,
    Expired,
}

/// The keys of a file.
#[derive(Debug)]
pub(in crate::access) struct Keys {
    path: PathBuf,
    /// The content that was looked at last, whether it could be used or not; empty if there was none.
    seen: Mutex<String>,
    ring: RwLock<Arc<Keyring>>,
}

type Keyring = HashMap<String, Arc<UsedKey>>;

#[derive(Debug)]
struct UsedKey {
    key: ApiKey,
    /// In the file, in which keys are in the order of their creation.
    position: usize,
    /// Milliseconds since the epoch, or [`NEVER`].
    last_used: AtomicI64,
}

impl Keys {
    /// Reads the file.
    pub(in crate::access) fn open(path: &Path) -> Result<Self, KeyFileError> {
        let text = content(path)?;
        let file = KeyFile::parse(path, &text)?;
        warn_if_exposed(path);
        let ring = keyring(file, &Keyring::new(), &LastUse::read(path));
        Ok(Self { path: path.to_owned(), seen: Mutex::new(text), ring: RwLock::new(Arc::new(ring)) })
    }

    /// The key that is presented, if it is a known and live one. The same work is done for all texts.
    pub(in crate::access) fn find(&self, presented: &str, now: Timestamp) -> Result<ApiKey, KeyRejection> {
        let text = KeyText::parse(presented).unwrap_or_else(KeyText::nobodys);
        let ring = self.ring();
        let found = ring.get(&text.prefix);
        let expected = found.map_or(SecretHash::NONE, |used| used.key.sha256);
        let is_right = text.hash().equals(&expected);
        let used = found.filter(|_| is_right).ok_or(KeyRejection::Unknown)?;
        if !used.key.is_live(now) {
            return Err(KeyRejection::Expired);
        }
        used.last_used.fetch_max(now.as_millis(), Ordering::Relaxed);
        Ok(used.key.clone())
    }

    /// All keys with the times of their last use, in the order of their creation.
    pub(in crate::access) fn list(&self) -> Vec<(ApiKey, Option<Timestamp>)> {
        let ring = self.ring();
        let mut keys: Vec<&Arc<UsedKey>> = ring.values().collect();
        keys.sort_by_key(|used| used.position);
        keys.into_iter().map(|used| (used.key.clone(), used.last_used())).collect()
    }

    /// Reads the file again if its content has changed. Returns whether other keys are in use now. On an error the
    /// previous keys stay in use, and the error is returned once.
    pub(in crate::access) fn refresh(&self) -> Result<bool, KeyFileError> {
        let text = content(&self.path);
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        // A content that is not readable counts as none.
        let current = text.as_deref().unwrap_or_default();
        if *seen == current {
            return Ok(false);
        }
        current.clone_into(&mut seen);
        let file = KeyFile::parse(&self.path, &text?)?;
        let next = keyring(file, &self.ring(), &LastUse::default());
        *self.ring.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(next);
        Ok(true)
    }

    /// Writes the times of last use beside the file, if that is possible.
    pub(in crate::access) fn write_last_use(&self) {
        let used = self.list().into_iter().map(|(key, used)| (key.prefix, used));
        if let Err(error) = LastUse::write(&self.path, used) {
            tracing::debug!(%error, "cannot write when API keys were last used");
        }
    }

    fn ring(&self) -> Arc<Keyring> {
        Arc::clone(&self.ring.read().unwrap_or_else(PoisonError::into_inner))
    }
}

impl UsedKey {
    fn last_used(&self) -> Option<Timestamp> {
        let millis = self.last_used.load(Ordering::Relaxed);
        (millis != NEVER).then(|| Timestamp::from_millis(millis))
    }
}

fn keyring(file: KeyFile, previous: &Keyring, known: &LastUse) -> Keyring {
    let used = |(position, key): (usize, ApiKey)| {
        let earlier = previous.get(&key.prefix).and_then(|used| used.last_used());
        let last_used = earlier.or(known.of(&key.prefix)).map_or(NEVER, Timestamp::as_millis);
        (key.prefix.clone(), Arc::new(UsedKey { key, position, last_used: last_used.into() }))
    };
    file.into_keys().into_iter().enumerate().map(used).collect()
}

/// The hashes are of no use to a reader, but names and tenants are nobody else's business.
fn warn_if_exposed(path: &Path) {
    let mode = fs::metadata(path).map_or(0, |about| about.permissions().mode());
    if mode & 0o077 != 0 {
        tracing::warn!(
            file = %path.display(),
            mode = format!("{:03o}", mode & 0o777),
            "others may access the file of API keys; chmod 600 keeps it to its owner"
        );
    }
}
