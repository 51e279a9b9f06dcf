//! The producer: the idempotent one of librdkafka instead of our own, so acknowledged records are written exactly
//! once.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::{Result, bail};
use rdkafka::{
    ClientContext,
    config::FromClientConfigAndContext as _,
    error::KafkaError,
    message::Message as _,
    producer::{BaseRecord, DeliveryResult, Producer as _, ProducerContext, ThreadedProducer},
    types::RDKafkaErrorCode,
};

use crate::{
    broker::client_config,
    family::Partition,
    message::{Message, Messages},
    random::Random,
};

/// Interval between bursts of records.
const TICK: Duration = Duration::from_millis(20);
/// How long a flush may make no progress.
const FLUSH: Duration = Duration::from_secs(180);

/// Shared state of the producers while they work.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    /// Number of acknowledged records.
    pub(crate) acknowledged: AtomicU64,
    /// Number of failed records.
    pub(crate) failed: AtomicU64,
    stop: AtomicBool,
    topics: Mutex<HashMap<&'static str, TopicProgress>>,
}

#[derive(Debug, Default)]
struct TopicProgress {
    /// Number of partitions that records may go to.
    partitions: i32,
    /// Number of acknowledged records by partition.
    acknowledged: HashMap<i32, u64>,
}

impl Progress {
    /// Enables producing; call before it starts.
    pub(crate) fn start(&self) {
        self.stop.store(false, Ordering::SeqCst);
    }

    /// Whether producing must stop.
    pub(crate) fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::SeqCst)
    }

    /// Stops producing.
    pub(crate) fn stop(&self) {
        self.stop.store(true, Ordering::SeqCst);
    }

    /// Number of partitions of a topic that records go to; 0 for an unknown topic.
    pub(crate) fn partitions(&self, topic: &str) -> i32 {
        self.topics().get(topic).map_or(0, |topic| topic.partitions)
    }

    /// Sets the number of partitions of a topic that records go to.
    pub(crate) fn set_partitions(&self, topic: &'static str, partitions: i32) {
        self.topics().entry(topic).or_default().partitions = partitions;
    }

    /// Number of acknowledged records in a partition.
    pub(crate) fn acknowledged_in(&self, partition: Partition) -> u64 {
        let topics = self.topics();
        let topic = topics.get(partition.topic);
        topic.and_then(|topic| topic.acknowledged.get(&partition.number)).copied().unwrap_or_default()
    }

    fn acknowledge(&self, topic: &str, partition: i32) {
        self.acknowledged.fetch_add(1, Ordering::SeqCst);
        if let Some(topic) = self.topics().get_mut(topic) {
            *topic.acknowledged.entry(partition).or_default() += 1;
        }
    }

    fn topics(&self) -> MutexGuard<'_, HashMap<&'static str, TopicProgress>> {
        self.topics.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Receives the delivery reports of records.
pub(crate) struct DeliveryReports(pub(crate) Arc<Progress>);

impl ClientContext for DeliveryReports {}

impl ProducerContext for DeliveryReports {
    type DeliveryOpaque = ();

    fn delivery(&self, result: &DeliveryResult<'_>, (): ()) {
        match result {
            Ok(message) => self.0.acknowledge(message.topic(), message.partition()),
            Err(_) => {
                self.0.failed.fetch_add(1, Ordering::SeqCst);
            }
        }
    }
}

/// Sends records to topics.
pub(crate) struct Producer {
    client: ThreadedProducer<DeliveryReports>,
    next: Messages,
    random: Random,
    progress: Arc<Progress>,
}

impl Producer {
    pub(crate) fn new(bootstrap: &str, next: Messages, random: Random, progress: Arc<Progress>) -> Result<Self> {
        let mut config = client_config(bootstrap);
        config.set("enable.idempotence", "true").set("acks", "all").set("message.timeout.ms", "0");
        config.set("compression.type", "lz4").set("linger.ms", "20");
        config.set("topic.metadata.refresh.interval.ms", "1000");
        let client = ThreadedProducer::from_config_and_context(&config, DeliveryReports(Arc::clone(&progress)))?;
        Ok(Self { client, next, random, progress })
    }

    /// Sends about `rate` records per second, in waves, until stopped; then waits until all are acknowledged.
    /// Blocking.
    pub(crate) fn run(&mut self, rate: u32) -> Result<()> {
        let mut due = 0.0;
        let mut last = Instant::now();
        let (mut wave, mut wave_ends) = (1.0, last);
        while !self.progress.is_stopped() {
            std::thread::sleep(TICK);
            let now = Instant::now();
            if now > wave_ends {
                // Between 0.2 and 1.8, so the mean is the rate.
                wave = f64::from(self.random.between(20, 181)) / 100.0;
                wave_ends = now + Duration::from_millis(u64::from(self.random.between(200, 3000)));
            }
            due += now.duration_since(last).as_secs_f64() * f64::from(rate) * wave;
            last = now;
            while due >= 1.0 {
                due -= 1.0;
                self.send_next()?;
            }
        }
        self.flush()
    }

    /// Sends `records` records as fast as possible, and waits until all are acknowledged. Blocking.
    pub(crate) fn fill(&mut self, records: u64) -> Result<()> {
        for _ in 0..records {
            self.send_next()?;
        }
        self.flush()
    }

    fn send_next(&mut self) -> Result<()> {
        let Self { next, random, progress, .. } = self;
        // Sending to a topic without partitions fails.
        let mut partition_of = |topic| random.below(progress.partitions(topic).unsigned_abs()).cast_signed();
        let message = next(&mut partition_of)?;
        self.send(&message)
    }

    fn send(&self, message: &Message) -> Result<()> {
        let record = BaseRecord::<[u8], [u8]>::to(message.topic).partition(message.partition);
        let mut record = record.key(message.key.as_bytes());
        record.payload = message.value.as_deref();
        loop {
            match self.client.send(record) {
                Ok(()) => return Ok(()),
                // The broker is unavailable.
                Err((KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull), same)) => {
                    if self.progress.is_stopped() {
                        return Ok(());
                    }
                    record = same;
                    std::thread::sleep(TICK);
                }
                Err((error, _)) => bail!("cannot produce: {error}"),
            }
        }
    }

    fn flush(&self) -> Result<()> {
        let mut left = self.client.in_flight_count();
        let mut since = Instant::now();
        while self.client.in_flight_count() > 0 {
            std::thread::sleep(TICK);
            let now_left = self.client.in_flight_count();
            if now_left < left {
                (left, since) = (now_left, Instant::now());
            }
            if since.elapsed() > FLUSH {
                bail!("{now_left} records are not acknowledged after {} s", FLUSH.as_secs());
            }
        }
        if let Some((code, reason)) = self.client.client().fatal_error() {
            bail!("the producer failed: {code}: {reason}");
        }
        Ok(())
    }
}
