//! The truth: what is in Kafka's log, read from its beginning by a plain consumer.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail};
use rdkafka::{
    Offset, TopicPartitionList,
    consumer::{BaseConsumer, Consumer as _},
    error::KafkaError,
    message::{BorrowedMessage, Headers as _, Message as _},
};

use crate::{
    broker::client_config,
    family::{Family, Partition},
    label::Label,
    small::is_small,
};

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
    /// An event: index of its series, its number.
    Event(u16, u32),
    /// No event.
    Poison,
}

/// All that was ever produced of a family.
#[derive(Debug, Default)]
pub(crate) struct Truth {
    /// Names of the series; entries have indices into them.
    pub(crate) series: Vec<String>,
    /// The log by partition; the index is the offset.
    pub(crate) partitions: BTreeMap<Partition, Vec<Entry>>,
}

impl Truth {
    /// Notes a record.
    pub(crate) fn add(&mut self, partition: Partition, offset: i64, label: Label<'_>) -> Result<()> {
        let entry = match label {
            Label::Event(series, number) | Label::Resend(series, number) => Entry::Event(self.series(series)?, number),
            Label::Poison(_) => Entry::Poison,
        };
        let log = self.partitions.entry(partition).or_default();
        let index = usize::try_from(offset)?;
        log.resize(log.len().max(index + 1), Entry::Nothing);
        log[index] = entry;
        Ok(())
    }

    /// The entry at an offset.
    pub(crate) fn at(&self, partition: Partition, offset: i64) -> Entry {
        let log = self.partitions.get(&partition);
        log.and_then(|log| log.get(usize::try_from(offset).ok()?)).copied().unwrap_or_default()
    }

    /// Number of records in a partition that were not sent in transactions, whose producer keeps no count.
    pub(crate) fn records_in(&self, partition: Partition) -> u64 {
        let log = self.partitions.get(&partition).map(Vec::as_slice).unwrap_or_default();
        let is_small = |series: u16| self.series.get(usize::from(series)).is_some_and(|name| is_small(name));
        let counts = |entry: &&Entry| match entry {
            Entry::Nothing => false,
            Entry::Poison => true,
            Entry::Event(series, _) => !is_small(*series),
        };
        log.iter().filter(counts).count() as u64
    }

    fn series(&mut self, name: &str) -> Result<u16> {
        let known = self.series.iter().position(|series| series == name);
        let index = known.unwrap_or_else(|| {
            self.series.push(name.to_owned());
            self.series.len() - 1
        });
        Ok(u16::try_from(index)?)
    }
}

/// How often each record, by partition and offset, was found in the dead-letter topic.
pub(crate) type Letters = HashMap<(Partition, i64), u32>;

/// Reads topics bit by bit, always to their ends.
pub(crate) struct LogReader {
    consumer: BaseConsumer,
    /// Next offset to read, by topic and partition.
    next: BTreeMap<(String, i32), i64>,
}

impl LogReader {
    pub(crate) fn new(bootstrap: &str) -> Result<Self> {
        let mut config = client_config(bootstrap);
        config.set("group.id", "voc-chaos").set("enable.auto.commit", "false").set("enable.partition.eof", "true");
        config.set("isolation.level", "read_committed").set("auto.offset.reset", "error");
        Ok(Self { consumer: config.create()?, next: BTreeMap::new() })
    }

    /// Reads what has come to a topic since the last time; blocks.
    fn read(&mut self, topic: &str, mut take: impl FnMut(&BorrowedMessage<'_>) -> Result<()>) -> Result<()> {
        let mut assignment = TopicPartitionList::new();
        // An end is told by the partition's number alone: topics are read one after the other.
        let mut open = BTreeSet::new();
        for partition in partitions(&self.consumer, topic)? {
            let offset = self.next.entry((topic.to_owned(), partition)).or_insert(0);
            assignment.add_partition_offset(topic, partition, Offset::Offset(*offset))?;
            open.insert(partition);
        }
        self.consumer.assign(&assignment)?;
        let mut since = Instant::now();
        while !open.is_empty() {
            match self.consumer.poll(Duration::from_secs(1)) {
                Some(Ok(message)) => {
                    since = Instant::now();
                    self.next.insert((topic.to_owned(), message.partition()), message.offset() + 1);
                    take(&message)?;
                }
                Some(Err(KafkaError::PartitionEOF(partition))) => _ = open.remove(&partition),
                // The broker has just come back.
                Some(Err(_)) | None => {}
            }
            if since.elapsed() > PATIENCE {
                bail!("cannot read {topic} to its end: no record within {} s", PATIENCE.as_secs());
            }
        }
        self.consumer.unassign()?;
        Ok(())
    }

    /// Adds what is new in a family's topics to the truth. Blocks.
    pub(crate) fn read_truth(&mut self, family: &Family, truth: &mut Truth) -> Result<()> {
        for topic in family.topics {
            self.read(topic, |message| {
                let key = message.key().and_then(|key| std::str::from_utf8(key).ok());
                let label = key.and_then(Label::parse);
                let label = label.with_context(|| format!("{topic} has a record that we did not produce"))?;
                truth.add(Partition { topic, number: message.partition() }, message.offset(), label)
            })?;
        }
        Ok(())
    }

    /// Adds what is new in a family's dead-letter topics. Blocks.
    pub(crate) fn read_letters(&mut self, family: &Family, letters: &mut Letters) -> Result<()> {
        for topic in family.topics {
            self.read(&format!("{topic}.dlq"), |message| {
                let source = header(message, "voc.source.topic").context("a dead letter names no topic")?;
                let coordinates = header(message, "voc.source.partition").zip(header(message, "voc.source.offset"));
                let (partition, offset) = coordinates.context("a dead letter names no coordinates")?;
                let partition = family.partition(source, partition.parse()?);
                let partition = partition.with_context(|| format!("{topic}.dlq has a letter of {source}"))?;
                *letters.entry((partition, offset.parse()?)).or_default() += 1;
                Ok(())
            })?;
        }
        Ok(())
    }
}

fn header<'m>(message: &'m BorrowedMessage<'_>, name: &str) -> Option<&'m str> {
    let header = message.headers()?.iter().find(|header| header.key == name)?;
    std::str::from_utf8(header.value?).ok()
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

/// What a family's group has committed, by partition.
pub(crate) struct GroupWatch {
    consumer: BaseConsumer,
    family: &'static Family,
}

impl GroupWatch {
    pub(crate) fn new(bootstrap: &str, family: &'static Family) -> Result<Self> {
        let mut config = client_config(bootstrap);
        config.set("group.id", family.group).set("enable.auto.commit", "false");
        Ok(Self { consumer: config.create()?, family })
    }

    /// Partitions whose commit has not come to the end of what the truth knows, with both offsets. Blocks.
    pub(crate) fn behind(&self, truth: &Truth) -> Result<Vec<(Partition, i64, i64)>> {
        let mut wanted = TopicPartitionList::new();
        for partition in truth.partitions.keys() {
            wanted.add_partition(partition.topic, partition.number);
        }
        let committed = self.consumer.committed_offsets(wanted, REQUEST)?;
        let behind = committed.elements().into_iter().filter_map(|element| {
            let partition = self.family.partition(element.topic(), element.partition())?;
            let end = truth.partitions.get(&partition)?.len() as i64;
            let committed = element.offset().to_raw().unwrap_or(-1).max(0);
            (committed < end).then_some((partition, committed, end))
        });
        Ok(behind.collect())
    }
}
