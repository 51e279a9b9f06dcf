//! The truth: what is in Kafka's log, read from its beginning by a plain consumer.

use std::{
    collections::{BTreeMap, HashMap},
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail};
use rdkafka::{
    Offset, TopicPartitionList,
    consumer::{BaseConsumer, Consumer as _},
    error::KafkaError,
    message::{BorrowedMessage, Message as _},
};

use crate::{broker::client_config, label::Label, small::is_small};

/// Bound on one request.
const REQUEST: Duration = Duration::from_secs(30);
/// How long reading may make no progress.
const PATIENCE: Duration = Duration::from_secs(120);

/// What the log has at an offset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Entry {
    /// Nothing that a consumer may see: a transaction's marker, or a record of one that was given up.
    #[default]
    Nothing,
    /// An event: index of its tenant, its number.
    Event(u16, u32),
    /// No event.
    Poison,
}

/// All that was ever produced.
#[derive(Debug, Default)]
pub(crate) struct Truth {
    /// Names of the tenants; entries have indices into them.
    pub(crate) tenants: Vec<String>,
    /// The log by partition; the index is the offset.
    pub(crate) partitions: BTreeMap<i32, Vec<Entry>>,
}

impl Truth {
    /// Notes a record.
    pub(crate) fn add(&mut self, partition: i32, offset: i64, label: Label<'_>) -> Result<()> {
        let entry = match label {
            Label::Event(tenant, number) | Label::Resend(tenant, number) => Entry::Event(self.tenant(tenant)?, number),
            Label::Poison(_) => Entry::Poison,
        };
        let log = self.partitions.entry(partition).or_default();
        let index = usize::try_from(offset)?;
        log.resize(log.len().max(index + 1), Entry::Nothing);
        log[index] = entry;
        Ok(())
    }

    /// The entry at an offset.
    pub(crate) fn at(&self, partition: i32, offset: i64) -> Entry {
        let log = self.partitions.get(&partition);
        log.and_then(|log| log.get(usize::try_from(offset).ok()?)).copied().unwrap_or_default()
    }

    /// Number of records in a partition that were not sent in transactions, whose producer keeps no count.
    pub(crate) fn records_in(&self, partition: i32) -> u64 {
        let log = self.partitions.get(&partition).map(Vec::as_slice).unwrap_or_default();
        let is_small = |tenant: u16| self.tenants.get(usize::from(tenant)).is_some_and(|name| is_small(name));
        let counts = |entry: &&Entry| match entry {
            Entry::Nothing => false,
            Entry::Poison => true,
            Entry::Event(tenant, _) => !is_small(*tenant),
        };
        log.iter().filter(counts).count() as u64
    }

    fn tenant(&mut self, name: &str) -> Result<u16> {
        let known = self.tenants.iter().position(|tenant| tenant == name);
        let index = known.unwrap_or_else(|| {
            self.tenants.push(name.to_owned());
            self.tenants.len() - 1
        });
        Ok(u16::try_from(index)?)
    }
}

/// How often each record, by partition and offset, was found in the dead-letter topic.
pub(crate) type Letters = HashMap<(i32, i64), u32>;

/// Reads a topic bit by bit, always to its end.
pub(crate) struct LogReader {
    consumer: BaseConsumer,
    topic: String,
    /// Next offset to read, by partition.
    next: BTreeMap<i32, i64>,
}

impl LogReader {
    pub(crate) fn new(bootstrap: &str, topic: &str) -> Result<Self> {
        let mut config = client_config(bootstrap);
        config.set("group.id", "voc-chaos").set("enable.auto.commit", "false").set("enable.partition.eof", "true");
        config.set("isolation.level", "read_committed").set("auto.offset.reset", "error");
        Ok(Self { consumer: config.create()?, topic: topic.to_owned(), next: BTreeMap::new() })
    }

    /// Reads what has come since the last time; blocks.
    pub(crate) fn read(&mut self, mut take: impl FnMut(&BorrowedMessage<'_>) -> Result<()>) -> Result<()> {
        let mut assignment = TopicPartitionList::new();
        let mut open = 0;
        for partition in partitions(&self.consumer, &self.topic)? {
            let offset = self.next.entry(partition).or_insert(0);
            assignment.add_partition_offset(&self.topic, partition, Offset::Offset(*offset))?;
            open += 1;
        }
        self.consumer.assign(&assignment)?;
        let mut since = Instant::now();
        while open > 0 {
            match self.consumer.poll(Duration::from_secs(1)) {
                Some(Ok(message)) => {
                    since = Instant::now();
                    self.next.insert(message.partition(), message.offset() + 1);
                    take(&message)?;
                }
                Some(Err(KafkaError::PartitionEOF(_))) => open -= 1,
                // The broker has just come back.
                Some(Err(_)) | None => {}
            }
            if since.elapsed() > PATIENCE {
                bail!("cannot read {} to its end: no record within {} s", self.topic, PATIENCE.as_secs());
            }
        }
        self.consumer.unassign()?;
        Ok(())
    }
}

fn partitions(consumer: &BaseConsumer, topic: &str) -> Result<Vec<i32>> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let metadata = consumer.fetch_metadata(Some(topic), REQUEST);
        if let Ok(metadata) = &metadata {
            let found = metadata.topics().iter().find(|found| found.name() == topic && found.error().is_none());
            if let Some(found) = found.filter(|found| !found.partitions().is_empty()) {
                return Ok(found.partitions().iter().map(|partition| partition.id()).collect());
            }
        }
        if Instant::now() > deadline {
            bail!("cannot see the partitions of {topic}: {:?}", metadata.err());
        }
        std::thread::sleep(Duration::from_millis(500));
    }
}

/// Adds what is new in the topic to the truth. Blocks.
pub(crate) fn read_truth(reader: &mut LogReader, truth: &mut Truth) -> Result<()> {
    reader.read(|message| {
        let key = message.key().and_then(|key| std::str::from_utf8(key).ok());
        let label = key.and_then(Label::parse).context("the topic has a record that we did not produce")?;
        truth.add(message.partition(), message.offset(), label)
    })
}

/// Adds what is new in the dead-letter topic. Blocks.
pub(crate) fn read_letters(reader: &mut LogReader, letters: &mut Letters) -> Result<()> {
    use rdkafka::message::Headers as _;
    reader.read(|message| {
        let header = |name: &str| {
            let header = message.headers()?.iter().find(|header| header.key == name)?;
            std::str::from_utf8(header.value?).ok()?.parse::<i64>().ok()
        };
        let coordinates = header("voc.source.partition").zip(header("voc.source.offset"));
        let (partition, offset) = coordinates.context("a dead letter names no coordinates")?;
        *letters.entry((i32::try_from(partition)?, offset)).or_default() += 1;
        Ok(())
    })
}

/// What the processors' group has committed, by partition.
pub(crate) struct GroupWatch {
    consumer: BaseConsumer,
    topic: String,
}

impl GroupWatch {
    pub(crate) fn new(bootstrap: &str, group: &str, topic: &str) -> Result<Self> {
        let mut config = client_config(bootstrap);
        config.set("group.id", group).set("enable.auto.commit", "false");
        Ok(Self { consumer: config.create()?, topic: topic.to_owned() })
    }

    /// Partitions whose commit has not come to the end of what the truth knows, with both offsets. Blocks.
    pub(crate) fn behind(&self, truth: &Truth) -> Result<Vec<(i32, i64, i64)>> {
        let mut wanted = TopicPartitionList::new();
        for partition in truth.partitions.keys() {
            wanted.add_partition(&self.topic, *partition);
        }
        let committed = self.consumer.committed_offsets(wanted, REQUEST)?;
        let behind = committed.elements().into_iter().filter_map(|element| {
            let end = truth.partitions.get(&element.partition())?.len() as i64;
            let committed = element.offset().to_raw().unwrap_or(-1).max(0);
            (committed < end).then_some((element.partition(), committed, end))
        });
        Ok(behind.collect())
    }
}
