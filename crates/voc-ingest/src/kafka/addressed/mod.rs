//! Bounded reads of one partition, without group membership: for replays, dead letters and comparisons.
//!
//! `rskafka` fetches where possible. Here it supports neither TLS nor librdkafka properties, and it cannot decode a
//! batch with a header without a value; in these cases librdkafka takes over at the same offset. With either client,
//! every call has a timeout, and a read ends at the bound set at its start, whatever follows: a transaction marker, a
//! gap or new records.
//!
//! Reads may return records of aborted transactions, because `rskafka` delivers them. If a header name repeats,
//! `rskafka` returns the last one. See `docs/decisions/0008-reads-and-replays.md`.

mod fetch_outcome;
mod librdkafka;
mod position;
mod rskafka;

use std::{ops::Range, sync::Arc, time::Duration};

use tokio::sync::OnceCell;
use voc_events::Timestamp;

pub use self::{fetch_outcome::AddressedRecord, position::PartitionPosition};
use self::{fetch_outcome::FetchOutcome, librdkafka::AssignedConsumer, rskafka::Fetcher};
use super::{observer::Observer, settings::KafkaSettings};
use crate::{CommittedOffset, SourceError, TopicPartition};

/// Timeout per call.
const TIMEOUT: Duration = Duration::from_secs(30);

/// Reads ranges of partitions.
pub struct AddressedReader {
    settings: KafkaSettings,
    observer: Arc<Observer>,
    /// Created on demand: reading must not require permission to use the group.
    group_observer: OnceCell<Arc<Observer>>,
    timeout: Duration,
}

impl AddressedReader {
    /// Creates a reader that connects on first use.
    ///
    /// # Errors
    /// [`SourceError::Misconfigured`] if no client can be created from the settings.
    pub fn new(settings: &KafkaSettings) -> Result<Self, SourceError> {
        let observer = Arc::new(Observer::new(settings, "-reader")?);
        Ok(Self { settings: settings.clone(), observer, group_observer: OnceCell::new(), timeout: TIMEOUT })
    }

    /// Sets the timeout per call. Default 30 s.
    #[must_use]
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// The partitions of a topic; empty if the topic does not exist or is not visible to this client.
    ///
    /// # Errors
    /// [`SourceError`] if the brokers reject this client or none answers in time.
    pub async fn partitions(&self, topic: &str) -> Result<Vec<TopicPartition>, SourceError> {
        let name: Arc<str> = topic.into();
        let (asked, timeout) = (Arc::clone(&name), self.timeout);
        let count = self.observer.query(move |observer| observer.partitions(&asked, timeout)).await?.unwrap_or(0);
        let partitions = 0..i32::try_from(count).unwrap_or(i32::MAX);
        Ok(partitions.map(|partition| TopicPartition { topic: Arc::clone(&name), partition }).collect())
    }

    /// The current offsets of a partition: from its oldest record to the end of its committed records.
    ///
    /// # Errors
    /// [`SourceError`] if the brokers reject this client or none answers in time.
    pub async fn offsets(&self, partition: &TopicPartition) -> Result<Range<i64>, SourceError> {
        let (asked, timeout) = (partition.clone(), self.timeout);
        let (oldest, end) = self.observer.query(move |observer| observer.offsets(&asked, timeout)).await?;
        Ok(oldest..end)
    }

    /// The first offset whose record is not older than `time`; the end of the partition if all are older.
    ///
    /// # Errors
    /// [`SourceError`] if the brokers reject this client or none answers in time.
    pub async fn offset_at(&self, partition: &TopicPartition, time: Timestamp) -> Result<i64, SourceError> {
        let (asked, timeout) = (partition.clone(), self.timeout);
        let found = self.observer.query(move |observer| observer.offset_at(&asked, time.as_millis(), timeout)).await?;
        match found {
            Some(offset) => Ok(offset),
            None => Ok(self.offsets(partition).await?.end),
        }
    }

    /// The committed offsets of the group in the settings, in the order of the partitions; `None` where there is none.
    ///
    /// # Errors
    /// [`SourceError`] if the brokers reject this client or none answers in time.
    pub async fn committed(&self, partitions: &[TopicPartition]) -> Result<Vec<Option<CommittedOffset>>, SourceError> {
        let connect = async || Observer::of_group(&self.settings, "-reader").map(Arc::new);
        let observer = self.group_observer.get_or_try_init(connect).await?;
        let (asked, timeout) = (partitions.to_vec(), self.timeout);
        observer.query(move |observer| observer.committed(&asked, timeout)).await
    }

    /// Where the group in the settings is in each of the partitions.
    ///
    /// # Errors
    /// [`SourceError`] if the brokers reject this client or none answers in time.
    pub async fn positions(&self, partitions: &[TopicPartition]) -> Result<Vec<PartitionPosition>, SourceError> {
        // First, so that what is queried later is at least as recent.
        let committed = self.committed(partitions).await?;
        let mut positions = Vec::new();
        for (partition, committed) in partitions.iter().zip(committed) {
            let Range { start, end } = self.offsets(partition).await?;
            positions.push(PartitionPosition { partition: partition.clone(), oldest: start, end, committed });
        }
        Ok(positions)
    }

    /// Reads a range of offsets. The first request is sent by [`AddressedRecords::next`].
    #[must_use]
    pub fn read(&self, partition: &TopicPartition, offsets: Range<i64>) -> AddressedRecords {
        AddressedRecords {
            settings: self.settings.clone(),
            partition: partition.clone(),
            position: offsets.start,
            end: offsets.end,
            timeout: self.timeout,
            committed_only: false,
            client: None,
        }
    }

    /// Like [`read`](Self::read), but without the records of aborted transactions.
    #[must_use]
    pub fn read_committed(&self, partition: &TopicPartition, offsets: Range<i64>) -> AddressedRecords {
        AddressedRecords { committed_only: true, ..self.read(partition, offsets) }
    }
}

/// A range being read.
pub struct AddressedRecords {
    settings: KafkaSettings,
    partition: TopicPartition,
    position: i64,
    end: i64,
    timeout: Duration,
    /// Whether to skip records of aborted transactions, which only librdkafka can do.
    committed_only: bool,
    client: Option<Client>,
}

/// The client that fetches.
enum Client {
    Rskafka(Fetcher),
    Librdkafka(AssignedConsumer),
}

impl AddressedRecords {
    /// The next records of the range, at least one; `None` at its end.
    ///
    /// # Errors
    /// [`SourceError`] if the brokers reject this client, do not answer in time, or do not have the offset, either no
    /// longer or not yet: a new partition leader may not know the end of its log. The call can be repeated.
    pub async fn next(&mut self) -> Result<Option<Vec<AddressedRecord>>, SourceError> {
        while self.position < self.end {
            let mut client = match self.client.take() {
                Some(client) => client,
                None => self.connect().await?,
            };
            let fetched = match &mut client {
                Client::Rskafka(fetcher) => fetcher.fetch(self.position, self.timeout).await?,
                Client::Librdkafka(consumer) => consumer.fetch(self.position, self.end, self.timeout).await?,
            };
            // A client whose call failed is dropped by now.
            match fetched {
                FetchOutcome::Records(mut records) => {
                    self.client = Some(client);
                    // Without a record, this offset is a marker or was compacted away.
                    self.position = records.last().map_or(self.position, |last| last.offset) + 1;
                    records.retain(|record| record.offset < self.end);
                    if !records.is_empty() {
                        return Ok(Some(records));
                    }
                }
                FetchOutcome::Last(records) => {
                    self.position = self.end;
                    if !records.is_empty() {
                        return Ok(Some(records));
                    }
                }
                FetchOutcome::Unreadable(reason) => {
                    tracing::debug!(partition = %self.partition, offset = self.position, reason, "switching to librdkafka");
                    self.client = Some(self.librdkafka()?);
                }
            }
        }
        Ok(None)
    }

    /// The offset below which everything was returned.
    #[must_use]
    pub fn position(&self) -> i64 {
        self.position
    }

    async fn connect(&self) -> Result<Client, SourceError> {
        if self.committed_only || self.settings.security.protocol.has_tls() || !self.settings.properties.is_empty() {
            return self.librdkafka();
        }
        Ok(Client::Rskafka(Fetcher::connect(&self.settings, &self.partition, self.timeout).await?))
    }

    fn librdkafka(&self) -> Result<Client, SourceError> {
        AssignedConsumer::new(&self.settings, &self.partition, self.position).map(Client::Librdkafka)
    }
}
