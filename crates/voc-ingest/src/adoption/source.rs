//! The source: a task that reads one table partition after another into a single lane.

use std::sync::Arc;

use async_trait::async_trait;
use tokio::{
    sync::{mpsc, watch},
    task::JoinHandle,
};
use tokio_util::sync::CancellationToken;
use voc_store::{
    SqlBackend, StoreError,
    adoption::{AdoptionStart, Contents, ContentsPart, OldRow, PredecessorTable},
};

use super::{committer::AdoptionCommitter, record::text_of};
use crate::{
    Assignment, CommittedOffset, Headers, LaneControl, LaneHandle, MemoryBudget, RecordChunk, Source, SourceError,
    TopicPartition, backoff::Backoff,
};

/// Maximum number of chunks waiting for the lane.
const QUEUE_CHUNKS: usize = 8;

/// Reads the events of a predecessor's table, each once, in an order that never changes.
///
/// While the store does not answer, it waits. The source ends when all events are handed over, or when `stop` is
/// cancelled; what the lane has taken until then is stored and committed.
pub struct AdoptionSource {
    assignment: Option<Assignment>,
    control: watch::Sender<LaneControl>,
    reading: JoinHandle<Result<(), SourceError>>,
    stop: CancellationToken,
}

/// The work of the reading task.
struct Reading<B> {
    table: PredecessorTable<B>,
    parts: Vec<ContentsPart>,
    records: mpsc::Sender<RecordChunk>,
    budget: MemoryBudget,
    chunk_records: usize,
}

/// Why the reading of a table partition ends early.
enum Interruption {
    /// The lane takes no more.
    ReceiverClosed,
    /// The store failed.
    Store(StoreError),
}

impl AdoptionSource {
    /// Starts reading a table, which is set aside, where `start` says. Chunks hold up to `chunk_records` records, and
    /// their memory is charged to `budget`. Must be called within a tokio runtime.
    pub fn start<B: SqlBackend>(
        table: &PredecessorTable<B>,
        contents: &Contents,
        start: AdoptionStart,
        budget: MemoryBudget,
        chunk_records: usize,
        stop: CancellationToken,
    ) -> Self {
        let AdoptionStart { claim, next_offset, metadata } = start;
        let partition = TopicPartition { topic: claim.topic.as_str().into(), partition: 0 };
        let committer = AdoptionCommitter { table: table.clone(), claim };
        let committed = CommittedOffset { next_offset, metadata };
        // The topic is unique to the table.
        let epoch = 0;
        let (assignment, lane) = Assignment::new(partition, Arc::new(committer), Some(committed), epoch, QUEUE_CHUNKS);
        let LaneHandle { records, control, .. } = lane;
        let reading = Reading {
            table: table.clone(),
            parts: contents.parts.clone(),
            records,
            budget,
            chunk_records: chunk_records.max(1),
        };
        let reading = tokio::spawn(reading.run(u64::try_from(next_offset).unwrap_or(0)));
        Self { assignment: Some(assignment), control, reading, stop }
    }
}

#[async_trait]
impl Source for AdoptionSource {
    async fn next_assignment(&mut self) -> Result<Option<Assignment>, SourceError> {
        if let Some(assignment) = self.assignment.take() {
            return Ok(Some(assignment));
        }
        tokio::select! {
            ended = &mut self.reading => {
                let stopped = || SourceError::Table { source: StoreError::Unavailable("reading was interrupted".to_owned()) };
                ended.unwrap_or_else(|_| Err(stopped())).map(|()| None)
            }
            () = self.stop.cancelled() => {
                self.control.send_replace(LaneControl::Drain);
                Ok(None)
            }
        }
    }
}

impl Drop for AdoptionSource {
    fn drop(&mut self) {
        self.reading.abort();
    }
}

impl<B: SqlBackend> Reading<B> {
    /// Hands over all events from the one at place `next` on.
    async fn run(self, mut next: u64) -> Result<(), SourceError> {
        for part in &self.parts {
            let mut backoff = Backoff::default();
            while next < part.first + part.events {
                let before = next;
                match self.read(part, &mut next).await {
                    Ok(()) => {}
                    Err(Interruption::ReceiverClosed) => return Ok(()),
                    Err(Interruption::Store(error)) if error.is_retryable() => {
                        if next > before {
                            backoff = Backoff::default();
                        }
                        let retry_in = backoff.next_wait();
                        tracing::warn!(%error, ?retry_in, next, "reading of {} waits", self.table.kept_as());
                        tokio::time::sleep(retry_in).await;
                    }
                    Err(Interruption::Store(source)) => return Err(SourceError::Table { source }),
                }
            }
        }
        Ok(())
    }

    /// Hands over the rest of a table partition, and advances `next` with it.
    async fn read(&self, part: &ContentsPart, next: &mut u64) -> Result<(), Interruption> {
        let mut rows = self.table.rows(part, *next - part.first);
        while let Some(rows) = rows.next().await.map_err(Interruption::Store)? {
            for some in rows.chunks(self.chunk_records) {
                let chunk = self.chunk(some, *next).await;
                self.records.send(chunk).await.map_err(|_| Interruption::ReceiverClosed)?;
                *next += some.len() as u64;
            }
        }
        if *next == part.first + part.events {
            return Ok(());
        }
        // Reading would begin again at this place forever.
        let message = format!(
            "the partition {} of {} has lost rows since they were counted: event {next} is not there",
            part.id,
            self.table.kept_as()
        );
        Err(Interruption::Store(StoreError::Rejected { code: 0, message }))
    }

    async fn chunk(&self, rows: &[OldRow], first: u64) -> RecordChunk {
        let texts: Vec<Vec<u8>> = rows.iter().map(text_of).collect();
        let bytes =
            texts.iter().map(Vec::len).sum::<usize>() + rows.iter().map(|row| row.identity.len()).sum::<usize>();
        let permit = self.budget.acquire(bytes).await;
        let mut chunk = RecordChunk::with_capacity(bytes);
        let first = i64::try_from(first).unwrap_or(i64::MAX);
        for (offset, (row, text)) in (first..).zip(rows.iter().zip(&texts)) {
            chunk.push(offset, Some(row.identity.as_bytes()), Some(text), Headers::new());
        }
        chunk.charge(permit);
        chunk
    }
}
