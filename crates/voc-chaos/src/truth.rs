//! The truth: the contents of Kafka's logs, read from the beginning by a plain consumer.

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

/// Timeout of a request.
const REQUEST: Duration = Duration::from_secs(30);
/// How long reading may make no progress.
const PROGRESS_TIMEOUT: Duration = Duration::from_secs(120);

/// The entry of the log at an offset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Entry {
    /// Invisible to consumers: a transaction marker or a record of an aborted transaction.
    #[default]
    Nothing,
    /// An event: index of its series, and its number.
    Event(u16, u32),
    /// Not an event.
    Poison,
}

/// Everything produced for a family.
#[derive(Debug, Default)]
pub(crate) struct Truth {
    /// Names of the series, which entries refer to by index.
    pub(crate) series: Vec<String>,
    /// The log by partition; the index is the offset.
    pub(crate) partitions: BTreeMap<Partition, Vec<Entry>>,
}

impl Truth {
    /// Adds a record.
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

    /// Number of records in a partition outside of transactions, whose producer keeps no count.
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

/// Number of copies of each dead letter in its topic, by partition and offset.
pub(crate) type DeadLetters = HashMap<(Partition, i64), u32>;

/// Reads topics incrementally, always to the end.
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

    /// Reads the new records of a topic. Blocking.
    fn read(&mut self, topic: &str, mut take: impl FnMut(&BorrowedMessage<'_>) -> Result<()>) -> Result<()> {
        let mut assignment = TopicPartitionList::new();
        // The end of a partition is reported only with its number, so topics are read one by one.
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
                // The broker has just restarted.
                Some(Err(_)) | None => {}
            }
            if since.elapsed() > PROGRESS_TIMEOUT {
                bail!("cannot read {topic} to its end: no record within {} s", PROGRESS_TIMEOUT.as_secs());
            }
        }
        self.consumer.unassign()?;
        Ok(())
    }

    /// Adds new records of a family's topics. Blocking.
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

    /// Adds new dead letters of a family's topics. Blocking.
    pub(crate) fn read_dead_letters(&mut self, family: &Family, dead_letters: &mut DeadLetters) -> Result<()> {
        for topic in family.topics {
            self.read(&format!("{topic}.dlq"), |message| {
                let source = header(message, "voc.source.topic").context("a dead letter names no topic")?;
                let coordinates = header(message, "voc.source.partition").zip(header(message, "voc.source.offset"));
                let (partition, offset) = coordinates.context("a dead letter names no coordinates")?;
                let partition = family.partition(source, partition.parse()?);
                let partition = partition.with_context(|| format!("{topic}.dlq has a dead letter of {source}"))?;
                *dead_letters.entry((partition, offset.parse()?)).or_default() += 1;
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
    let deadline = Instant::now() + PROGRESS_TIMEOUT;
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

/// The commits of a family's group, by partition.
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

    /// Partitions whose commit is below the known end of the log, with both offsets. Blocking.
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
