//! Bounded reads of one partition, as no member of a group: for replays, dead letters, comparisons.
//!
//! `rskafka` fetches where it can. It cannot speak TLS here, takes none of librdkafka's properties, and cannot decode a batch in which
//! a header has no value; there librdkafka takes over, at the same offset. Both ways every call is under a time-out, and the read ends
//! at the bound that was set at its start, whatever comes behind it: a marker of a transaction, a gap, new records.
//!
//! What is read may hold records of aborted transactions, as `rskafka` delivers them; of headers whose name comes twice it gives the
//! last. See `docs/decisions/0008-reads-and-replays.md`.

mod fetch_outcome;
mod librdkafka;
mod rskafka;

use std::{ops::Range, sync::Arc, time::Duration};

use tokio::sync::OnceCell;
use voc_events::Timestamp;

pub use self::fetch_outcome::AddressedRecord;
use self::{fetch_outcome::FetchOutcome, librdkafka::AssignedConsumer, rskafka::Fetcher};
use super::{observer::Observer, settings::KafkaSettings};
use crate::{CommittedOffset, SourceError, TopicPartition};

/// Longest time a call may take.
const TIMEOUT: Duration = Duration::from_secs(30);

/// Reads ranges of partitions.
pub struct AddressedReader {
    settings: KafkaSettings,
    observer: Arc<Observer>,
    /// Made when it is needed: to read, nobody has to be allowed to use the group.
    group_observer: OnceCell<Arc<Observer>>,
    timeout: Duration,
}

impl AddressedReader {
    /// A reader that connects when it is first asked.
    ///
    /// # Errors
    /// [`SourceError::Misconfigured`] if no client can be made of the settings.
    pub fn new(settings: &KafkaSettings) -> Result<Self, SourceError> {
        let observer = Arc::new(Observer::new(settings, "-reader")?);
        Ok(Self { settings: settings.clone(), observer, group_observer: OnceCell::new(), timeout: TIMEOUT })
    }

    /// Sets the longest time a call may take. Default 30 s.
    #[must_use]
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// The partitions of a topic; none if there is no such topic, or none this client may see.
    ///
    /// # Errors
    /// [`SourceError`] if the brokers refuse this client, or none answers in time.
    pub async fn partitions(&self, topic: &str) -> Result<Vec<TopicPartition>, SourceError> {
        let name: Arc<str> = topic.into();
        let (asked, timeout) = (Arc::clone(&name), self.timeout);
        let count = self.observer.asked(move |observer| observer.partitions(&asked, timeout)).await?.unwrap_or(0);
        let partitions = 0..i32::try_from(count).unwrap_or(i32::MAX);
        Ok(partitions.map(|partition| TopicPartition { topic: Arc::clone(&name), partition }).collect())
    }

    /// The offsets a partition has now: from its oldest record to behind the newest that is committed.
    ///
    /// # Errors
    /// [`SourceError`] if the brokers refuse this client, or none answers in time.
    pub async fn offsets(&self, partition: &TopicPartition) -> Result<Range<i64>, SourceError> {
        let (asked, timeout) = (partition.clone(), self.timeout);
        let (oldest, end) = self.observer.asked(move |observer| observer.offsets(&asked, timeout)).await?;
        Ok(oldest..end)
    }

    /// The first offset whose record is not older than a time; the partition's end if all are.
    ///
    /// # Errors
    /// [`SourceError`] if the brokers refuse this client, or none answers in time.
    pub async fn offset_at(&self, partition: &TopicPartition, time: Timestamp) -> Result<i64, SourceError> {
        let (asked, timeout) = (partition.clone(), self.timeout);
        let found = self.observer.asked(move |observer| observer.offset_at(&asked, time.as_millis(), timeout)).await?;
        match found {
            Some(offset) => Ok(offset),
            None => Ok(self.offsets(partition).await?.end),
        }
    }

    /// What the settings' group has committed of a partition; none if nothing.
    ///
    /// # Errors
    /// [`SourceError`] if the brokers refuse this client, or none answers in time.
    pub async fn committed(&self, partition: &TopicPartition) -> Result<Option<CommittedOffset>, SourceError> {
        let connect = async || Observer::of_group(&self.settings, "-reader").map(Arc::new);
        let observer = self.group_observer.get_or_try_init(connect).await?;
        let (asked, timeout) = (partition.clone(), self.timeout);
        observer.asked(move |observer| observer.committed(&asked, timeout)).await
    }

    /// Reads a range of offsets; nothing is asked for before the first [`AddressedRecords::next`].
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

    /// The same, without the records of aborted transactions.
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
    /// Whether records of aborted transactions are left out, which only librdkafka can.
    committed_only: bool,
    client: Option<Client>,
}

/// Who fetches.
enum Client {
    Rskafka(Fetcher),
    Librdkafka(AssignedConsumer),
}

impl AddressedRecords {
    /// The next records of the range, at least one; `None` at its end.
    ///
    /// # Errors
    /// [`SourceError`] if the brokers refuse this client, do not answer in time, do not have the offset any more, or not yet: a
    /// partition's new leader may have to learn first how far its log goes. The call can be repeated.
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
            // A client in doubt is dropped by now.
            match fetched {
                FetchOutcome::Records(mut records) => {
                    self.client = Some(client);
                    // Without a record, what is at this offset is a marker or was compacted away.
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
                    tracing::debug!(partition = %self.partition, offset = self.position, reason, "librdkafka reads on");
                    self.client = Some(self.librdkafka()?);
                }
            }
        }
        Ok(None)
    }

    /// The offset up to which everything was given.
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
