//! The families whose events pass through the system: their topics, and how the oracle queries the store for them.
//!
//! Duplicated here instead of taken from the product: the oracle trusts none of its code.

use std::fmt;

/// The topic of `voc`, to which partitions are added.
pub(crate) const VOC_TOPIC: &str = "chaos.events";
/// Topics of `quality`; the records of the first are in Avro.
pub(crate) const INSPECTIONS: &str = "chip-quality.inspection.events";
pub(crate) const MANUFACTURING: &str = "chip-quality.manufacturing.events";
pub(crate) const ASSESSMENTS: &str = "chip-quality.quality.events";
pub(crate) const USERS: &str = "chip-quality.user.events";
pub(crate) const SERVICES: &str = "chip-quality.system.events";

/// A family, and how its rows are queried in SQL.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Family {
    /// Its name in the product's settings and tables.
    pub(crate) name: &'static str,
    /// Its consumer group.
    pub(crate) group: &'static str,
    pub(crate) topics: &'static [&'static str],
    pub(crate) table: &'static str,
    /// Prefix of the inserts of its rows; trial inserts of a starting processor differ.
    pub(crate) insert: &'static str,
    /// The column with the times of events.
    pub(crate) time: &'static str,
    /// Columns that the projection `hourly` groups by, besides the hour and columns that are not queried here.
    pub(crate) keys: &'static str,
    /// Expression for the series of numbered events that a row belongs to: see [`Label`](crate::label::Label).
    pub(crate) series: &'static str,
    /// Whether a merge leaves one row per event; otherwise one per record.
    pub(crate) merges_resends: bool,
}

/// Calls, agents, tools, quality of service. A series is the events of one tenant and type.
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

/// Inspections and manufacturing, without tenants. A series is the events of one type.
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

/// The families in the chaos scenario, and in measurements.
pub(crate) static VOC_AND_QUALITY: [&Family; 2] = [&VOC, &QUALITY];
pub(crate) static ONLY_VOC: [&Family; 1] = [&VOC];

impl Family {
    /// A partition of `topic`, if the family has that topic.
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
