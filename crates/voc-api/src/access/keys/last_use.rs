//! When keys were last used, in a file beside that of the keys.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

use voc_events::Timestamp;

use super::replace::{beside, replace, resolved};

/// When each key was last used, by prefix. A service writes it about once a minute, if it may write there.
#[derive(Debug, Clone, Default)]
pub struct LastUse(BTreeMap<String, Timestamp>);

impl LastUse {
    /// The times known for a file of keys. None are known if there is no file of times, or an unreadable one.
    #[must_use]
    pub fn read(keys: &Path) -> Self {
        let text = fs::read_to_string(Self::path(keys)).unwrap_or_default();
        Self(serde_json::from_str(&text).unwrap_or_default())
    }

    /// When the key with this prefix was last used, if known.
    #[must_use]
    pub fn of(&self, prefix: &str) -> Option<Timestamp> {
        self.0.get(prefix).copied()
    }

    /// Writes these times, or the later ones that another service wrote, for exactly the keys named here.
    pub(super) fn write(keys: &Path, used: impl IntoIterator<Item = (String, Option<Timestamp>)>) -> io::Result<()> {
        let known = Self::read(keys);
        let latest = |(prefix, used): (String, Option<Timestamp>)| {
            let latest = used.max(known.of(&prefix))?;
            Some((prefix, latest))
        };
        let times: BTreeMap<String, Timestamp> = used.into_iter().filter_map(latest).collect();
        replace(&Self::path(keys), &serde_json::to_vec_pretty(&times)?)
    }

    fn path(keys: &Path) -> PathBuf {
        beside(&resolved(keys), ".last-used")
    }
}
