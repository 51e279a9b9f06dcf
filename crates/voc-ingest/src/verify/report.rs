//! The results of a comparison.

use std::fmt;

use serde::Serialize;
use voc_store::{Account, Erased, OffsetRange};

/// The results for all partitions.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct VerifyReport {
    /// By family, topic and partition.
    pub partitions: Vec<PartitionReport>,
    /// Topics that Kafka does not have, or does not show to this client.
    pub missing_topics: Vec<String>,
}

impl VerifyReport {
    /// Adds the results for other topics.
    pub fn append(&mut self, mut other: Self) {
        self.partitions.append(&mut other.partitions);
        self.missing_topics.append(&mut other.missing_topics);
    }

    /// Number of differences.
    #[must_use]
    pub fn differences(&self) -> usize {
        self.partitions.iter().flat_map(|partition| &partition.logs).map(|log| log.differences.len()).sum()
    }
}

/// The results for a partition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PartitionReport {
    /// The family that consumes it.
    pub family: &'static str,
    /// The topic.
    pub topic: String,
    /// The partition.
    pub partition: i32,
    /// Oldest offset in Kafka; `None` if Kafka does not have the partition.
    pub oldest_offset: Option<i64>,
    /// End offset in Kafka; `None` if Kafka does not have the partition.
    pub end_offset: Option<i64>,
    /// The committed offset of the group.
    pub committed_offset: Option<i64>,
    /// Remarks that are not differences.
    pub remarks: Vec<String>,
    /// By epoch.
    pub logs: Vec<LogReport>,
}

/// The results for one log of a partition.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct LogReport {
    /// The epoch of the log.
    pub epoch: i64,
    /// The offsets in the ledger; `None` if it has no batch of the log.
    pub recorded: Option<OffsetRange>,
    /// Batches in the ledger.
    pub batches: u64,
    /// The totals of the ledger.
    pub account: Account,
    /// How many of these were erased since.
    pub erased: Erased,
    /// Number of ranges of offsets without a record.
    pub gap_ranges: u64,
    /// Number of offsets in them.
    pub gap_offsets: u64,
    /// Remarks that are not differences.
    pub remarks: Vec<String>,
    /// Where Kafka, the ledger and the store disagree.
    pub differences: Vec<Difference>,
}

/// A disagreement between Kafka, the ledger and the store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// The kind of difference.
    pub kind: DifferenceKind,
    /// Affected offsets; only the first ranges if there are many.
    pub offsets: Vec<OffsetRange>,
    /// What it means.
    pub meaning: String,
}

/// Kinds of differences.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DifferenceKind {
    /// Records in the ledger that are not stored.
    Lost,
    /// Missing rows, which may be lost or merged away; Kafka no longer has their records.
    MissingOrMerged,
    /// Records that the commit passed but the ledger does not know.
    NotRecorded,
    /// Rows stored more than once, until they are merged.
    Doubled,
    /// Rows or dead letters that were erased, and are stored again.
    NotErased,
    /// Rows or dead letters that the ledger does not know.
    Unknown,
    /// Offsets that belong to more than one batch.
    Overlap,
    /// A tenant whose numbers do not add up.
    Unbalanced,
}

impl DifferenceKind {
    /// Its name, as in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Lost => "lost",
            Self::MissingOrMerged => "missing_or_merged",
            Self::NotRecorded => "not_recorded",
            Self::Doubled => "doubled",
            Self::NotErased => "not_erased",
            Self::Unknown => "unknown",
            Self::Overlap => "overlap",
            Self::Unbalanced => "unbalanced",
        }
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.kind.as_str())?;
        for (place, range) in self.offsets.iter().enumerate() {
            write!(f, "{}{range}", if place == 0 { ": offsets " } else { ", " })?;
        }
        write!(f, ": {}", self.meaning)
    }
}

/// Converts ascending offsets to ranges.
pub(super) fn ranges(offsets: impl IntoIterator<Item = i64>) -> Vec<OffsetRange> {
    let mut ranges: Vec<OffsetRange> = Vec::new();
    for offset in offsets {
        match ranges.last_mut() {
            Some(range) if range.last + 1 == offset => range.last = offset,
            _ => ranges.push(OffsetRange { first: offset, last: offset }),
        }
    }
    ranges
}

impl fmt::Display for VerifyReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for partition in &self.partitions {
            let PartitionReport { family, topic, partition: number, oldest_offset, end_offset, .. } = partition;
            write!(f, "{family} {topic}/{number}")?;
            if let (Some(oldest), Some(end)) = (oldest_offset, end_offset) {
                let committed =
                    partition.committed_offset.map_or_else(|| "nothing".to_owned(), |offset| offset.to_string());
                write!(f, "  kafka {oldest} to {end}, committed {committed}")?;
            }
            writeln!(f)?;
            partition.remarks.iter().try_for_each(|remark| writeln!(f, "  note: {remark}"))?;
            partition.logs.iter().try_for_each(|log| write!(f, "{log}"))?;
        }
        for topic in &self.missing_topics {
            writeln!(f, "note: kafka has no topic {topic}, or does not show it to this client")?;
        }
        writeln!(f, "{} partitions, {} differences", self.partitions.len(), self.differences())
    }
}

impl fmt::Display for LogReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(recorded) = self.recorded {
            let Account { consumed, stored, dead_lettered, duplicates } = self.account;
            writeln!(
                f,
                "  epoch {}, offsets {recorded}, {} batches: {consumed} consumed, {stored} stored, {dead_lettered} dead-lettered, \
                 {duplicates} duplicates; {} offsets in {} gaps",
                self.epoch, self.batches, self.gap_offsets, self.gap_ranges
            )?;
            if !self.erased.is_empty() {
                let Erased { rows, dead_letters } = self.erased;
                writeln!(f, "    note: {rows} rows and {dead_letters} dead letters of these were erased")?;
            }
        } else {
            writeln!(f, "  epoch {}: nothing in the ledger", self.epoch)?;
        }
        self.remarks.iter().try_for_each(|remark| writeln!(f, "    note: {remark}"))?;
        self.differences.iter().try_for_each(|difference| writeln!(f, "    DIFFERENCE {difference}"))
    }
}
