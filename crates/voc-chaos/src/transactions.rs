//! A transactional producer of `voc` that aborts many transactions: their records must not become rows.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use anyhow::{Result, bail};
use rdkafka::{
    error::{KafkaError, KafkaResult},
    producer::{BaseRecord, DefaultProducerContext, Producer as _, ThreadedProducer},
};

use crate::{broker::client_config, family::VOC_TOPIC, producer::Progress, random::Random, small::SmallEvents};

/// Timeout of each step, which is retried if possible.
const STEP: Duration = Duration::from_secs(10);
/// How often to recreate a producer before the run fails.
const ATTEMPTS: u32 = 60;
/// Time between transactions.
const PAUSE: Duration = Duration::from_millis(150);
/// Maximum number of records per transaction.
const MAX_RECORDS: u32 = 30;
/// Aborted transactions per thousand.
const ABORTED: u32 = 400;

/// Number of finished transactions.
#[derive(Debug, Default)]
pub(crate) struct Transactions {
    pub(crate) committed: AtomicU32,
    pub(crate) aborted: AtomicU32,
}

/// Sends small events in transactions.
pub(crate) struct TransactionalProducer {
    bootstrap: String,
    events: SmallEvents,
    random: Random,
    progress: Arc<Progress>,
    ended: Arc<Transactions>,
}

type Client = ThreadedProducer<DefaultProducerContext>;

impl TransactionalProducer {
    pub(crate) fn new(bootstrap: &str, random: Random, progress: Arc<Progress>, ended: Arc<Transactions>) -> Self {
        Self { bootstrap: bootstrap.to_owned(), events: SmallEvents::new(0), random, progress, ended }
    }

    /// Sends transactions until stopped; none is open afterwards. Blocking.
    pub(crate) fn run(&mut self) -> Result<()> {
        let mut client = self.client()?;
        while !self.progress.is_stopped() {
            std::thread::sleep(PAUSE);
            if self.transaction(&client).is_err() {
                // A new producer aborts the open transaction, because the broker knows it by its ID.
                client = self.client()?;
            }
        }
        Ok(())
    }

    /// A client without an open transaction.
    fn client(&self) -> Result<Client> {
        let mut config = client_config(&self.bootstrap);
        config.set("transactional.id", "chaos-transactions").set("transaction.timeout.ms", "30000");
        config.set("topic.metadata.refresh.interval.ms", "1000");
        let mut last = None;
        for _ in 0..ATTEMPTS {
            let client: Client = config.create()?;
            match client.init_transactions(STEP) {
                Ok(()) => return Ok(client),
                Err(error) => last = Some(error),
            }
            std::thread::sleep(PAUSE);
        }
        bail!("transactions cannot be started: {last:?}")
    }

    fn transaction(&mut self, client: &Client) -> KafkaResult<()> {
        client.begin_transaction()?;
        let partitions = self.progress.partitions(VOC_TOPIC).unsigned_abs();
        for _ in 0..self.random.between(1, MAX_RECORDS + 1) {
            let Self { events, random, .. } = self;
            let message = events.next(&mut |_| random.below(partitions).cast_signed());
            let value = message.value.unwrap_or_default();
            let record = BaseRecord::<[u8], [u8]>::to(message.topic).partition(message.partition);
            client.send(record.key(message.key.as_bytes()).payload(&value)).map_err(|(error, _)| error)?;
        }
        if self.random.per_mille(ABORTED) {
            // Flushed, so that the log contains the aborted records.
            client.flush(STEP)?;
            repeated(|| client.abort_transaction(STEP))?;
            self.ended.aborted.fetch_add(1, Ordering::SeqCst);
        } else {
            repeated(|| client.commit_transaction(STEP))?;
            self.ended.committed.fetch_add(1, Ordering::SeqCst);
        }
        Ok(())
    }
}

/// Repeats a step until its outcome is known.
fn repeated(step: impl Fn() -> KafkaResult<()>) -> KafkaResult<()> {
    loop {
        match step() {
            Err(KafkaError::Transaction(error)) if error.is_retriable() => {}
            outcome => return outcome,
        }
    }
}
