//! A family of the demo: its events and its files.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Deserialize;

/// A running family: its input, and what was generated for it.
pub(super) struct Family {
    pub(super) name: &'static str,
    /// The topics of its events, each with the file that contains them.
    pub(super) topics: Vec<(String, PathBuf)>,
    pub(super) generated: GeneratedCounts,
}

/// Number of events by tenant (empty for a family without tenants) and type, as reported by the generator.
#[derive(Deserialize)]
pub(super) struct GeneratedCounts {
    pub(super) tenants: BTreeMap<String, BTreeMap<String, u64>>,
}

impl GeneratedCounts {
    pub(super) fn events(&self) -> u64 {
        self.tenants.values().flat_map(BTreeMap::values).sum()
    }
}
