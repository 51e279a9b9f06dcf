//! Events that arrive all the time, at a steady pace.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use crate::kafka::Producer;
use crate::scratch::Scratch;

/// Pause between two looks at what is due.
const TICK: Duration = Duration::from_millis(50);

/// Events of one topic.
struct Stream {
    topic: &'static str,
    records: Vec<String>,
    next: usize,
    interval: Duration,
    due: Instant,
    /// `None` while nothing is sent.
    producer: Option<Producer>,
}

/// The producers of all topics; they end when it is dropped.
pub(super) struct Feed {
    bootstrap: String,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Shared {
    streams: Mutex<Vec<Stream>>,
    failure: Mutex<Option<anyhow::Error>>,
    ended: AtomicBool,
}

impl Feed {
    /// A feed of nothing yet, to this broker.
    pub(super) fn start(bootstrap: &str) -> Self {
        let shared = Arc::<Shared>::default();
        let feeding = Arc::clone(&shared);
        let thread = std::thread::spawn(move || feeding.run());
        Self { bootstrap: bootstrap.to_owned(), shared, thread: Some(thread) }
    }

    /// Sends the lines of the file to the topic, over and over, one each `interval`.
    pub(super) fn add(&self, topic: &'static str, file: &Path, interval: Duration, scratch: &Scratch) -> Result<()> {
        let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
        let records = text.lines().map(str::to_owned).collect();
        let stream = Stream { topic, records, next: 0, interval, due: Instant::now(), producer: None };
        self.shared.streams().push(stream);
        self.resume(topic, scratch)
    }

    /// Sends nothing more to the topic; what was sent is in Kafka.
    pub(super) fn pause(&self, topic: &str) {
        // A producer sends what it has, which takes a moment, while the others go on.
        let producer =
            self.shared.streams().iter_mut().find(|stream| stream.topic == topic).map(|it| it.producer.take());
        drop(producer);
    }

    /// Sends to the topic again.
    pub(super) fn resume(&self, topic: &str, scratch: &Scratch) -> Result<()> {
        let producer = Producer::start(&self.bootstrap, topic, &scratch.join(format!("producer-{topic}.log")))?;
        let mut streams = self.shared.streams();
        let stream = streams.iter_mut().find(|stream| stream.topic == topic).context("there is no such stream")?;
        stream.producer = Some(producer);
        stream.due = Instant::now();
        Ok(())
    }

    /// Fails if a producer does not work.
    pub(super) fn check(&self) -> Result<()> {
        match self.shared.failure.lock().unwrap_or_else(PoisonError::into_inner).take() {
            Some(error) => Err(error),
            None => Ok(()),
        }
    }
}

impl Drop for Feed {
    fn drop(&mut self) {
        self.shared.ended.store(true, Ordering::SeqCst);
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

impl Shared {
    fn run(&self) {
        while !self.ended.load(Ordering::SeqCst) {
            let sent = self.streams().iter_mut().try_for_each(Stream::send_due);
            if let Err(error) = sent {
                *self.failure.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
                return;
            }
            std::thread::sleep(TICK);
        }
        // Their producers end.
        self.streams().clear();
    }

    fn streams(&self) -> MutexGuard<'_, Vec<Stream>> {
        self.streams.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Stream {
    fn send_due(&mut self) -> Result<()> {
        let Some(producer) = &mut self.producer else { return Ok(()) };
        while self.due <= Instant::now() {
            let record = self.records.get(self.next % self.records.len()).context("there are no events")?;
            producer.send(record).with_context(|| format!("cannot send to {}", self.topic))?;
            self.next += 1;
            self.due += self.interval;
        }
        Ok(())
    }
}
