//! A family of the demo: its events and where they are.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Deserialize;

/// A family at work: what it reads, and what was generated for it.
pub(super) struct Family {
    pub(super) name: &'static str,
    /// Where its events go, with the file that has them.
    pub(super) topics: Vec<(String, PathBuf)>,
    pub(super) generated: Generated,
}

/// Number of events by tenant (empty where a family has none) and type, as the generator reports it.
#[derive(Deserialize)]
pub(super) struct Generated {
    pub(super) tenants: BTreeMap<String, BTreeMap<String, u64>>,
}

impl Generated {
    pub(super) fn events(&self) -> u64 {
        self.tenants.values().flat_map(BTreeMap::values).sum()
    }
}
