//! The families whose events go through the system: where they go, and what the oracle asks the store about them.
//!
//! Written down here once more, and not taken from the product: the oracle trusts none of its code.

use std::fmt;

/// The topic of `voc`, to which partitions are added.
pub(crate) const VOC_TOPIC: &str = "chaos.events";
/// The topic of `quality` whose records are in Avro, and the others.
pub(crate) const INSPECTIONS: &str = "chip-quality.inspection.events";
pub(crate) const MANUFACTURING: &str = "chip-quality.manufacturing.events";
pub(crate) const ASSESSMENTS: &str = "chip-quality.quality.events";
pub(crate) const USERS: &str = "chip-quality.user.events";
pub(crate) const SERVICES: &str = "chip-quality.system.events";

/// A family, and how its rows are asked for in SQL.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Family {
    /// Its name in the product's settings and tables.
    pub(crate) name: &'static str,
    /// The group that reads it.
    pub(crate) group: &'static str,
    pub(crate) topics: &'static [&'static str],
    pub(crate) table: &'static str,
    /// What inserts of its rows begin with; not so the trial inserts of a processor that starts.
    pub(crate) insert: &'static str,
    /// The column of events' times.
    pub(crate) time: &'static str,
    /// The columns that the projection `hourly` groups by, beside the hour and what this program does not ask for.
    pub(crate) keys: &'static str,
    /// What says which series of numbered events a row is of: see [`Label`](crate::label::Label).
    pub(crate) series: &'static str,
    /// Whether a merge leaves one row an event; else one a record.
    pub(crate) merges_resends: bool,
}

/// Calls, agents, tools, quality of service. A series is a tenant's events of a type.
pub(crate) static VOC: Family = Family {
    name: "voc",
    group: "chaos",
    topics: &[VOC_TOPIC],
    table: "voc_events",
    insert: "INSERT INTO voc_events",
    time: "ts",
    keys: "tenant_id, event_type",
    series: "concat(tenant_id, '/', event_type)",
    merges_resends: true,
};

/// Inspections and manufacturing. There are no tenants: a series is the events of a type.
pub(crate) static QUALITY: Family = Family {
    name: "quality",
    group: "chaos-quality",
    topics: &[INSPECTIONS, MANUFACTURING, ASSESSMENTS, USERS, SERVICES],
    table: "quality_events",
    insert: "INSERT INTO quality_events",
    time: "timestamp",
    keys: "event_type",
    series: "event_type",
    merges_resends: false,
};

/// What the chaos processes, and what is measured with.
pub(crate) static VOC_AND_QUALITY: [&Family; 2] = [&VOC, &QUALITY];
pub(crate) static ONLY_VOC: [&Family; 1] = [&VOC];

impl Family {
    /// The partition of that topic, if it is one of the family's.
    pub(crate) fn partition(&self, topic: &str, number: i32) -> Option<Partition> {
        let topic = self.topics.iter().find(|own| **own == topic)?;
        Some(Partition { topic, number })
    }
}

/// A partition of a topic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Partition {
    pub(crate) topic: &'static str,
    pub(crate) number: i32,
}

impl fmt::Display for Partition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.topic, self.number)
    }
}
