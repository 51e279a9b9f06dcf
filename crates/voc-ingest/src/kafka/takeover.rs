//! Taking over the consumer group of another program where that program was, or a little before.

use std::{sync::Arc, time::Duration};

use voc_events::Timestamp;

use super::{
    addressed::{AddressedReader, PartitionPosition},
    observer::Observer,
    settings::KafkaSettings,
};
use crate::{CommitMetadata, CommittedOffset, SourceError, TopicPartition};

/// Before the number of the offset from which a partition was rewound, in the metadata of the commit.
const REWOUND: &str = "rewound from ";

/// How many offsets before the committed one to search for a record: there may be none at once before it, but a marker
/// of a transaction.
const SEARCHED_OFFSETS: i64 = 1000;

/// A consumer group that this process does not join.
pub struct GroupTakeover {
    topics: Vec<String>,
    reader: AddressedReader,
    observer: Arc<Observer>,
}

/// Who made a commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CommitOrigin {
    /// Another program.
    Another,
    /// [`GroupTakeover::rewind`], from this offset.
    Rewound(i64),
    /// A processor of this program.
    Ours,
}

impl GroupTakeover {
    /// For the group and the topics in the settings. It connects on first use.
    ///
    /// # Errors
    /// [`SourceError::Misconfigured`] if no client can be created from the settings.
    pub fn new(settings: &KafkaSettings) -> Result<Self, SourceError> {
        let observer = Arc::new(Observer::of_group(settings, "-takeover")?);
        Ok(Self { topics: settings.topics.clone(), reader: AddressedReader::new(settings)?, observer })
    }

    /// Where the group is in every partition of the topics.
    ///
    /// # Errors
    /// [`SourceError`] if the brokers reject this client or none answers in time.
    pub async fn positions(&self) -> Result<Vec<PartitionPosition>, SourceError> {
        let mut partitions = Vec::new();
        for topic in &self.topics {
            partitions.extend(self.reader.partitions(topic).await?);
        }
        self.reader.positions(&partitions).await
    }

    /// Where the group would be if it were to read the records of a span of time before its commit again: at the first
    /// record that is not older than the last committed one by more than that. `None` if there is nothing to read
    /// again.
    ///
    /// # Errors
    /// [`SourceError`] if the brokers reject this client or none answers in time.
    pub async fn rewound(&self, position: &PartitionPosition, span: Duration) -> Result<Option<i64>, SourceError> {
        let Some(committed) = position.next_offset() else { return Ok(None) };
        let last = committed.min(position.end);
        let first = position.oldest.max(last - SEARCHED_OFFSETS);
        let mut newest = None;
        let mut records = self.reader.read(&position.partition, first..last);
        while let Some(some) = records.next().await? {
            newest = some.last().map(|record| record.time).or(newest);
        }
        let Some(newest) = newest else { return Ok(None) };
        let span = i64::try_from(span.as_millis()).unwrap_or(i64::MAX);
        let since = Timestamp::from_millis(newest.as_millis().saturating_sub(span));
        let offset = self.reader.offset_at(&position.partition, since).await?;
        Ok(Some(offset).filter(|offset| *offset < committed))
    }

    /// Sets the group back to an offset. The group must have no members.
    ///
    /// # Errors
    /// [`SourceError`] if the brokers refuse it or none answers in time.
    pub async fn rewind(&self, partition: &TopicPartition, from: i64, to: i64) -> Result<(), SourceError> {
        let partition = partition.clone();
        let metadata = format!("{REWOUND}{from}");
        self.observer.query(move |observer| observer.commit(&partition, to, &metadata)).await
    }
}

impl CommitOrigin {
    /// Who made this commit, as its metadata says.
    #[must_use]
    pub fn of(committed: &CommittedOffset) -> Self {
        let metadata = committed.metadata.as_deref().unwrap_or_default();
        if CommitMetadata::is_ours(metadata) {
            return Self::Ours;
        }
        let from = metadata.strip_prefix(REWOUND).and_then(|from| from.parse().ok());
        from.map_or(Self::Another, Self::Rewound)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_metadata_tells_who_committed() {
        for (metadata, origin) in [
            ("", CommitOrigin::Another),
            ("by hand", CommitOrigin::Another),
            ("rewound from ", CommitOrigin::Another),
            ("rewound from 17", CommitOrigin::Rewound(17)),
            ("voc/1 epoch 7", CommitOrigin::Ours),
            ("voc/2", CommitOrigin::Ours),
        ] {
            let committed = CommittedOffset { next_offset: 7, metadata: Some(metadata.to_owned()) };
            assert_eq!(CommitOrigin::of(&committed), origin, "{metadata}");
        }
    }
}
