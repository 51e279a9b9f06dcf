//! The report of an adoption.

use std::{collections::BTreeMap, fmt::Write as _};

use serde::Serialize;
use voc_store::{
    adoption::{AdoptionState, Comparison, Contents, PredecessorTable, TenantComparison},
    clickhouse::ClickHouse,
};

use super::group::{GroupReport, PartitionReport};

/// How much larger the new table is, with its projection, annotations and further columns; measured.
const GROWTH_PERCENT: u64 = 150;

/// How many tenants with differences are named.
const SHOWN_TENANTS: usize = 20;

/// What was adopted, or would be.
#[derive(Debug, Default, Serialize)]
pub(super) struct Report {
    pub(super) dry_run: bool,
    pub(super) families: Vec<FamilyReport>,
}

#[derive(Debug, Serialize)]
pub(super) struct FamilyReport {
    pub(super) family: &'static str,
    pub(super) table: Option<TableReport>,
    pub(super) group: Option<GroupReport>,
}

#[derive(Debug, Serialize)]
pub(super) struct TableReport {
    table: &'static str,
    kept_as: String,
    /// Whether the old table is set aside.
    is_set_aside: bool,
    rows: u64,
    events: u64,
    /// Rows beyond one for each event.
    duplicates: u64,
    /// Bytes of the old table on the disk, if they are known.
    bytes: Option<u64>,
    /// About as many bytes will the new table need.
    needed_bytes: Option<u64>,
    /// The topic in the coordinates of adopted rows.
    topic: Option<String>,
    /// Values that were accepted although they are written differently than they should be, by field.
    coerced: BTreeMap<&'static str, u64>,
    /// The sums of all tenants.
    total: Option<TenantComparison>,
    comparison: Option<Comparison>,
}

impl TableReport {
    /// What there is to adopt.
    pub(super) fn planned(table: &PredecessorTable<ClickHouse>, state: AdoptionState, contents: &Contents) -> Self {
        Self {
            table: table.name(),
            kept_as: table.kept_as(),
            is_set_aside: state == AdoptionState::SetAside,
            rows: contents.rows,
            events: contents.events,
            duplicates: contents.rows - contents.events,
            bytes: contents.bytes,
            needed_bytes: contents.bytes.map(|bytes| bytes * GROWTH_PERCENT / 100),
            topic: None,
            coerced: BTreeMap::new(),
            total: None,
            comparison: None,
        }
    }

    /// What was adopted.
    pub(super) fn new(
        table: &PredecessorTable<ClickHouse>,
        contents: &Contents,
        topic: String,
        coerced: BTreeMap<&'static str, u64>,
        comparison: Comparison,
    ) -> Self {
        Self {
            topic: Some(topic),
            coerced,
            total: Some(comparison.total()),
            comparison: Some(comparison),
            ..Self::planned(table, AdoptionState::SetAside, contents)
        }
    }

    /// Whether every event is where it should be.
    pub(super) fn is_complete(&self) -> bool {
        self.comparison.as_ref().is_some_and(Comparison::is_complete)
    }

    fn write(&self, text: &mut String) -> std::fmt::Result {
        let Self { table, kept_as, rows, events, duplicates, .. } = self;
        writeln!(text, "{table}: {rows} rows of {events} events; {duplicates} rows are further copies of an event")?;
        let (Some(comparison), Some(total)) = (&self.comparison, &self.total) else {
            if let (Some(bytes), Some(needed)) = (self.bytes, self.needed_bytes) {
                writeln!(text, "  {} MiB on the disk; the new table needs about {} MiB", bytes >> 20, needed >> 20)?;
            }
            return match self.is_set_aside {
                true => writeln!(text, "  is set aside as {kept_as}; its events would be stored in {table}"),
                false => writeln!(text, "  would be set aside as {kept_as}, and its events stored in a new {table}"),
            };
        };
        let TenantComparison { stored, at_another_time, dead_lettered, expired, missing, surplus, .. } = total;
        writeln!(text, "  {stored} stored, {dead_lettered} dead letters, {missing} missing")?;
        if *at_another_time > 0 {
            writeln!(
                text,
                "  {at_another_time} stored with the time of their payload, which is not that of their row"
            )?;
        }
        if *expired > 0 {
            writeln!(text, "  {expired} so old that the new table drops them")?;
        }
        if *surplus > 0 {
            writeln!(text, "  DIFFERENCE {surplus} rows too many are stored")?;
        }
        if comparison.foreign_rows > 0 {
            writeln!(
                text,
                "  DIFFERENCE {} rows of {table} were written by another program since it was created: stop the Python service",
                comparison.foreign_rows
            )?;
        }
        let differs = |tenant: &TenantComparison| tenant.missing + tenant.surplus > 0;
        let differing = comparison.tenants.iter().filter(|(_, tenant)| differs(tenant));
        for (name, tenant) in differing.take(SHOWN_TENANTS) {
            let TenantComparison { events, missing, surplus, .. } = tenant;
            writeln!(
                text,
                "  DIFFERENCE tenant {name:?}: {missing} of {events} events are missing, {surplus} too many"
            )?;
        }
        for event in &comparison.missing_events {
            writeln!(text, "  missing: {event}")?;
        }
        if self.is_complete() {
            writeln!(text, "  complete for {} tenants", comparison.tenants.len())?;
            writeln!(text, "  the old table is kept; once you do not need it any more: DROP TABLE {kept_as}")?;
        }
        Ok(())
    }
}

impl GroupReport {
    fn write(&self, text: &mut String) -> std::fmt::Result {
        writeln!(text, "group {}:", self.group)?;
        if !self.members.is_empty() {
            writeln!(text, "  must be stopped first: {}", self.members.join(", "))?;
        }
        for partition in &self.partitions {
            let PartitionReport { topic, partition: number, next_offset, rewound_from, lag, gone, is_continued } =
                partition;
            write!(text, "  {topic}/{number}: ")?;
            match next_offset {
                None => write!(text, "nothing committed; KAFKA_AUTO_OFFSET_RESET says where to begin")?,
                Some(offset) if *is_continued => write!(text, "continued by a processor, at {offset}")?,
                Some(offset) => write!(text, "continues at {offset}")?,
            }
            if let Some(from) = rewound_from {
                write!(text, ", set back from {from}")?;
            }
            if let Some(lag) = lag {
                write!(text, "; {lag} records to read")?;
            }
            if *gone > 0 {
                write!(text, "; {gone} records before them were not read, and Kafka no longer has them")?;
            }
            writeln!(text)?;
        }
        if self.partitions.is_empty() {
            writeln!(text, "  kafka has none of its topics, or does not show them to this client")?;
        }
        Ok(())
    }
}

impl Report {
    /// For people, or as a line of JSON.
    pub(super) fn text(&self, json: bool) -> anyhow::Result<String> {
        if json {
            return Ok(format!("{}\n", serde_json::to_string(self)?));
        }
        let mut text = String::new();
        for family in &self.families {
            if let Some(table) = &family.table {
                table.write(&mut text)?;
            } else {
                writeln!(text, "{}: no table to adopt", family.family)?;
            }
            if let Some(group) = &family.group {
                group.write(&mut text)?;
            }
        }
        Ok(text)
    }

    /// Fails if an event is not where it should be, so that scripts can check.
    pub(super) fn check(&self) -> anyhow::Result<()> {
        let incomplete =
            self.families.iter().filter_map(|family| family.table.as_ref()).find(|table| !table.is_complete());
        let Some(TableReport { table, comparison: Some(comparison), .. }) = incomplete else { return Ok(()) };
        let TenantComparison { missing, surplus, .. } = comparison.total();
        anyhow::bail!(
            "{table} differs from the old table: {missing} events are missing, {surplus} rows are too many, {} are of \
             another program; see above",
            comparison.foreign_rows
        )
    }
}
