//! What a comparison found.

use std::fmt;

use serde::Serialize;
use voc_store::{Account, OffsetRange};

/// What was found in all partitions.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct VerifyReport {
    /// By family, topic and partition.
    pub partitions: Vec<PartitionReport>,
}

impl VerifyReport {
    /// Number of differences.
    #[must_use]
    pub fn differences(&self) -> usize {
        self.partitions.iter().flat_map(|partition| &partition.logs).map(|log| log.differences.len()).sum()
    }
}

/// What was found in a partition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PartitionReport {
    /// The family that reads it.
    pub family: &'static str,
    /// The topic.
    pub topic: String,
    /// The partition.
    pub partition: i32,
    /// Kafka's oldest offset.
    pub oldest_offset: i64,
    /// Kafka's end.
    pub end_offset: i64,
    /// The offset the group has committed.
    pub committed_offset: Option<i64>,
    /// What is worth knowing and no difference.
    pub remarks: Vec<String>,
    /// By epoch.
    pub logs: Vec<LogReport>,
}

/// What was found in one of a partition's logs.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct LogReport {
    /// Which log.
    pub epoch: i64,
    /// The offsets in the ledger; none if it has no batch of the log.
    pub recorded: Option<OffsetRange>,
    /// Batches in the ledger.
    pub batches: u64,
    /// What the ledger says.
    pub account: Account,
    /// Ranges of offsets that are no record's.
    pub gap_ranges: u64,
    /// Offsets in them.
    pub gap_offsets: u64,
    /// What is worth knowing and no difference.
    pub remarks: Vec<String>,
    /// Where the three do not agree.
    pub differences: Vec<Difference>,
}

/// Something on which Kafka, the ledger and the store do not agree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// What it is.
    pub kind: DifferenceKind,
    /// Where it is; the first ranges where there are many.
    pub offsets: Vec<OffsetRange>,
    /// What it means.
    pub meaning: String,
}

/// Kinds of differences.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DifferenceKind {
    /// Records that the ledger counts, of which nothing is stored.
    Lost,
    /// Rows that are not there, which may be lost or merged away; Kafka does not have their records any more.
    MissingOrMerged,
    /// Records that the commit passed, and the ledger does not know.
    NotRecorded,
    /// Rows stored more than once, until they are merged.
    Doubled,
    /// Rows or dead letters that the ledger does not know.
    Unknown,
    /// Offsets of more than one batch.
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

/// Rising offsets as ranges.
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
            let committed =
                partition.committed_offset.map_or_else(|| "nothing".to_owned(), |offset| offset.to_string());
            writeln!(f, "{family} {topic}/{number}  kafka {oldest_offset} to {end_offset}, committed {committed}")?;
            partition.remarks.iter().try_for_each(|remark| writeln!(f, "  note: {remark}"))?;
            partition.logs.iter().try_for_each(|log| write!(f, "{log}"))?;
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
        } else {
            writeln!(f, "  epoch {}: nothing in the ledger", self.epoch)?;
        }
        self.remarks.iter().try_for_each(|remark| writeln!(f, "    note: {remark}"))?;
        self.differences.iter().try_for_each(|difference| writeln!(f, "    DIFFERENCE {difference}"))
    }
}
