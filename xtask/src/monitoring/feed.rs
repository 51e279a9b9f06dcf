//! Events that arrive all the time, at a steady pace.

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

use super::background::Background;
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
    /// Before the streams, so that it has ended when their producers do.
    sending: Background,
    streams: Arc<Mutex<Vec<Stream>>>,
}

impl Feed {
    /// A feed of nothing yet, to this broker.
    pub(super) fn start(bootstrap: &str) -> Self {
        let streams = Arc::<Mutex<Vec<Stream>>>::default();
        let fed = Arc::clone(&streams);
        let sending = Background::start(move || locked(&fed).iter_mut().try_for_each(Stream::send_due), TICK);
        Self { bootstrap: bootstrap.to_owned(), sending, streams }
    }

    /// Sends the lines of the file to the topic, over and over, one each `interval`.
    pub(super) fn add(&self, topic: &'static str, file: &Path, interval: Duration, scratch: &Scratch) -> Result<()> {
        let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
        let records: Vec<String> = text.lines().map(str::to_owned).collect();
        ensure!(!records.is_empty(), "{} has no events", file.display());
        let stream = Stream { topic, records, next: 0, interval, due: Instant::now(), producer: None };
        locked(&self.streams).push(stream);
        self.resume(topic, scratch)
    }

    /// Sends nothing more to the topic; what was sent is in Kafka.
    pub(super) fn pause(&self, topic: &str) {
        // A producer sends what it has, which takes a moment, while the others go on.
        let producer =
            locked(&self.streams).iter_mut().find(|stream| stream.topic == topic).map(|it| it.producer.take());
        drop(producer);
    }

    /// Sends to the topic again.
    pub(super) fn resume(&self, topic: &str, scratch: &Scratch) -> Result<()> {
        let producer = Producer::start(&self.bootstrap, topic, &scratch.join(format!("producer-{topic}.log")))?;
        let mut streams = locked(&self.streams);
        let stream = streams.iter_mut().find(|stream| stream.topic == topic).context("there is no such stream")?;
        stream.producer = Some(producer);
        stream.due = Instant::now();
        Ok(())
    }

    /// Fails if a producer does not work.
    pub(super) fn check(&mut self) -> Result<()> {
        self.sending.check()
    }
}

impl Stream {
    fn send_due(&mut self) -> Result<()> {
        let Some(producer) = &mut self.producer else { return Ok(()) };
        while self.due <= Instant::now() {
            let record = &self.records[self.next % self.records.len()];
            producer.send(record).with_context(|| format!("cannot send to {}", self.topic))?;
            self.next += 1;
            self.due += self.interval;
        }
        Ok(())
    }
}

fn locked(streams: &Mutex<Vec<Stream>>) -> MutexGuard<'_, Vec<Stream>> {
    streams.lock().unwrap_or_else(PoisonError::into_inner)
}
