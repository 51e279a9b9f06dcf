//! Counts of generated records, to compare with what arrived.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{BadKind, GeneratedEvent, Record};

/// Counts of generated events per tenant and type, and of bad records per kind.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Tally {
    tenants: BTreeMap<String, BTreeMap<&'static str, u64>>,
    bad: BTreeMap<&'static str, u64>,
}

impl Tally {
    /// Counts an event.
    pub fn count(&mut self, event: &GeneratedEvent) {
        // Looked up first, because only a tenant's first event needs a new key.
        if !self.tenants.contains_key(&*event.tenant) {
            self.tenants.insert(event.tenant.to_string(), BTreeMap::new());
        }
        if let Some(types) = self.tenants.get_mut(&*event.tenant) {
            *types.entry(event.event_type).or_default() += 1;
        }
    }

    /// Counts a record, either an event or a bad one.
    pub fn count_record(&mut self, record: &Record) {
        match record {
            Record::Event(event) => self.count(event),
            Record::Bad(bad) => *self.bad.entry(bad.kind.name()).or_default() += 1,
        }
    }

    /// Number of events, excluding bad records.
    #[must_use]
    pub fn events(&self) -> u64 {
        self.tenants.values().flat_map(BTreeMap::values).sum()
    }

    /// Number of events of this tenant and type.
    #[must_use]
    pub fn of(&self, tenant: &str, event_type: &str) -> u64 {
        self.tenants.get(tenant).and_then(|types| types.get(event_type)).copied().unwrap_or_default()
    }

    /// Tenants with their number of events of each type.
    pub fn tenants(&self) -> impl Iterator<Item = (&str, &BTreeMap<&'static str, u64>)> {
        self.tenants.iter().map(|(tenant, types)| (tenant.as_str(), types))
    }

    /// Number of bad records of this kind.
    #[must_use]
    pub fn bad(&self, kind: BadKind) -> u64 {
        self.bad.get(kind.name()).copied().unwrap_or_default()
    }

    /// Number of bad records.
    #[must_use]
    pub fn bad_records(&self) -> u64 {
        self.bad.values().sum()
    }
}
