//! The producer: not ours but librdkafka's idempotent one, so what it has been told is written is written once.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicI32, AtomicU64, Ordering},
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

use crate::{broker::client_config, feed::Message, random::Random};

/// The rate changes so often.
const TICK: Duration = Duration::from_millis(20);
/// How long a flush may make no progress.
const FLUSH: Duration = Duration::from_secs(180);

/// What may be known of the producer, and said to it, while it works.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    /// Records may go to partitions below this number.
    pub(crate) partitions: AtomicI32,
    /// Records that the broker said it has.
    pub(crate) acknowledged: AtomicU64,
    /// Records that were given up.
    pub(crate) failed: AtomicU64,
    stop: AtomicBool,
    /// Acknowledged records by partition.
    by_partition: Mutex<HashMap<i32, u64>>,
}

impl Progress {
    /// To be called before anything is to be produced.
    pub(crate) fn go(&self) {
        self.stop.store(false, Ordering::SeqCst);
    }

    /// Whether producing is to end.
    pub(crate) fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::SeqCst)
    }

    /// Ends producing.
    pub(crate) fn stop(&self) {
        self.stop.store(true, Ordering::SeqCst);
    }

    /// Number of acknowledged records in a partition.
    pub(crate) fn acknowledged_in(&self, partition: i32) -> u64 {
        let by_partition = self.by_partition.lock().unwrap_or_else(PoisonError::into_inner);
        by_partition.get(&partition).copied().unwrap_or_default()
    }
}

/// Hears what became of each record.
struct Reports(Arc<Progress>);

impl ClientContext for Reports {}

impl ProducerContext for Reports {
    type DeliveryOpaque = ();

    fn delivery(&self, result: &DeliveryResult<'_>, (): ()) {
        match result {
            Ok(message) => {
                self.0.acknowledged.fetch_add(1, Ordering::SeqCst);
                let mut by_partition = self.0.by_partition.lock().unwrap_or_else(PoisonError::into_inner);
                *by_partition.entry(message.partition()).or_default() += 1;
            }
            Err(_) => {
                self.0.failed.fetch_add(1, Ordering::SeqCst);
            }
        }
    }
}

/// Gives the next record, which is to go to that partition unless it says otherwise.
pub(crate) type Messages = Box<dyn FnMut(i32) -> Message + Send>;

/// Sends records to a topic.
pub(crate) struct Producer {
    client: ThreadedProducer<Reports>,
    topic: String,
    next: Messages,
    random: Random,
    progress: Arc<Progress>,
}

impl Producer {
    pub(crate) fn new(
        bootstrap: &str,
        topic: &str,
        next: Messages,
        random: Random,
        progress: Arc<Progress>,
    ) -> Result<Self> {
        let mut config = client_config(bootstrap);
        config.set("enable.idempotence", "true").set("acks", "all").set("message.timeout.ms", "0");
        config.set("compression.type", "lz4").set("linger.ms", "20");
        config.set("topic.metadata.refresh.interval.ms", "1000");
        let client = ThreadedProducer::from_config_and_context(&config, Reports(Arc::clone(&progress)))?;
        Ok(Self { client, topic: topic.to_owned(), next, random, progress })
    }

    /// Sends about so many records a second, in waves, until told to stop; then waits until all are acknowledged. Blocks.
    pub(crate) fn run(&mut self, rate: u32) -> Result<()> {
        let mut due = 0.0;
        let mut last = Instant::now();
        let (mut wave, mut wave_ends) = (1.0, last);
        while !self.progress.is_stopped() {
            std::thread::sleep(TICK);
            let now = Instant::now();
            if now > wave_ends {
                // From a fifth to nine fifths: the mean is the rate.
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

    /// Sends so many records as fast as they are taken, and waits until all are acknowledged. Blocks.
    pub(crate) fn fill(&mut self, records: u64) -> Result<()> {
        for _ in 0..records {
            self.send_next()?;
        }
        self.flush()
    }

    fn send_next(&mut self) -> Result<()> {
        let partitions = self.progress.partitions.load(Ordering::SeqCst);
        let partition = i32::try_from(self.random.below(u32::try_from(partitions)?))?;
        let message = (self.next)(partition);
        self.send(&message, message.partition.unwrap_or(partition))
    }

    fn send(&self, message: &Message, partition: i32) -> Result<()> {
        let mut record = BaseRecord::<[u8], [u8]>::to(&self.topic).partition(partition).key(message.key.as_bytes());
        record.payload = message.value.as_deref();
        loop {
            match self.client.send(record) {
                Ok(()) => return Ok(()),
                // The broker is away.
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
            bail!("the producer cannot go on: {code}: {reason}");
        }
        Ok(())
    }
}
