//! Where a group is in a partition.

use crate::{CommittedOffset, TopicPartition};

/// Where a group is in a partition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartitionPosition {
    /// The partition.
    pub partition: TopicPartition,
    /// The oldest offset that Kafka has.
    pub oldest: i64,
    /// The offset after the newest committed record.
    pub end: i64,
    /// The group's last commit; `None` if there is none.
    pub committed: Option<CommittedOffset>,
}

impl PartitionPosition {
    /// The offset that the group reads next; `None` without a commit.
    #[must_use]
    pub fn next_offset(&self) -> Option<i64> {
        self.committed.as_ref().map(|committed| committed.next_offset)
    }
}
