//! The NDJSON source: a reading thread and its one lane.

use std::{
    fs::File,
    io::{self, BufReader, Read},
    path::{Path, PathBuf},
    sync::{Arc, PoisonError},
};

use async_trait::async_trait;
use indicatif::{ProgressBar, ProgressStyle};
use tokio::{
    runtime::Handle,
    sync::{mpsc, oneshot, watch},
};
use tokio_util::sync::CancellationToken;

use super::{
    checkpoint::{CheckpointCommitter, Checkpoints, ChunkEnds, Mark, NoCheckpoint, hash, skip, unique_topic},
    lines::Lines,
};
use crate::{
    Assignment, Committed, Committer, Headers, LaneControl, LaneHandle, MemoryBudget, Record, RecordChunk, Source,
    SourceError, TopicPartition, clock::now_utc,
};

/// Bytes at which a chunk is handed on.
const CHUNK_BYTES: usize = 256 * 1024;

/// Chunks that may wait for the lane.
const QUEUE_CHUNKS: usize = 8;

const READ_BUFFER_BYTES: usize = 1024 * 1024;

/// What to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NdjsonInput {
    /// A file; it can be resumed.
    File(PathBuf),
    /// Standard input, read once.
    Stdin,
}

/// Reads NDJSON into one lane.
pub struct NdjsonSource {
    assignment: Option<Assignment>,
    control: watch::Sender<LaneControl>,
    reading: oneshot::Receiver<io::Result<()>>,
    stop: CancellationToken,
    name: String,
    skipped: i64,
}

impl NdjsonSource {
    /// Opens the input and starts reading. Must be called within a tokio runtime.
    ///
    /// `chunk_records` is the most records of a chunk; `stop` ends the source early.
    ///
    /// # Errors
    /// [`SourceError`] if the file cannot be opened or its checkpoint not be read.
    pub fn open(
        input: &NdjsonInput,
        checkpoints: &Checkpoints,
        budget: MemoryBudget,
        chunk_records: usize,
        stop: CancellationToken,
    ) -> Result<Self, SourceError> {
        let chunk_ends = ChunkEnds::default();
        let opened = match input {
            NdjsonInput::File(path) => {
                Opened::file(path, checkpoints, &chunk_ends).map_err(|source| cannot_read(path, source))?
            }
            NdjsonInput::Stdin => Opened::stdin(),
        };
        let partition = TopicPartition { topic: opened.topic.into(), partition: 0 };
        let committed = Committed { next_offset: opened.next_offset, note: opened.metadata };
        // No other file ever has this topic.
        let epoch = 0;
        let (assignment, lane) = Assignment::new(partition, opened.committer, Some(committed), epoch, QUEUE_CHUNKS);
        let LaneHandle { records, control, .. } = lane;
        let (report, reading) = oneshot::channel();
        let reader = Reader {
            lines: Lines::new(BufReader::with_capacity(READ_BUFFER_BYTES, opened.reader)),
            skip: opened.next_offset,
            records,
            budget,
            chunk_records: chunk_records.max(1),
            chunk_ends,
            progress: opened.progress,
            runtime: Handle::current(),
        };
        // A thread of its own: a read of standard input cannot be interrupted, and must not keep the runtime from ending.
        std::thread::Builder::new()
            .name("ndjson-reader".to_owned())
            .spawn(move || {
                // Nobody waits for the report once the source is gone.
                let _ = report.send(reader.run());
            })
            .map_err(|source| SourceError::Io { context: "cannot start the reading thread".to_owned(), source })?;
        Ok(Self {
            assignment: Some(assignment),
            control,
            reading,
            stop,
            name: opened.name,
            skipped: opened.next_offset,
        })
    }

    /// Lines at the start of the file that an earlier run has stored, and this one does not read again.
    #[must_use]
    pub fn skipped(&self) -> i64 {
        self.skipped
    }
}

#[async_trait]
impl Source for NdjsonSource {
    async fn next_assignment(&mut self) -> Result<Option<Assignment>, SourceError> {
        if let Some(assignment) = self.assignment.take() {
            return Ok(Some(assignment));
        }
        tokio::select! {
            outcome = &mut self.reading => match outcome {
                Ok(Ok(())) => Ok(None),
                Ok(Err(source)) => Err(SourceError::Io { context: format!("cannot read {}", self.name), source }),
                Err(_) => Err(SourceError::Io {
                    context: format!("cannot read {}", self.name),
                    source: io::Error::other("the reading thread failed"),
                }),
            },
            () = self.stop.cancelled() => {
                self.control.send_replace(LaneControl::Drain);
                Ok(None)
            }
        }
    }
}

fn cannot_read(path: &Path, source: io::Error) -> SourceError {
    match source.kind() {
        io::ErrorKind::NotFound => SourceError::Misconfigured(format!("input file {} does not exist", path.display())),
        _ => SourceError::Io { context: format!("cannot read {}", path.display()), source },
    }
}

/// An opened input.
struct Opened {
    name: String,
    topic: String,
    reader: Box<dyn Read + Send>,
    next_offset: i64,
    metadata: Option<String>,
    committer: Arc<dyn Committer>,
    progress: ProgressBar,
}

impl Opened {
    fn file(path: &Path, checkpoints: &Checkpoints, chunk_ends: &ChunkEnds) -> io::Result<Self> {
        let file = File::open(path)?;
        if file.metadata()?.is_dir() {
            return Err(io::Error::from(io::ErrorKind::IsADirectory));
        }
        let resume = checkpoints.resume(path)?;
        let progress = ProgressBar::new(file.metadata()?.len()).with_style(
            ProgressStyle::with_template("{wide_bar} {bytes}/{total_bytes} {bytes_per_sec} {eta}")
                .unwrap_or_else(|_| ProgressStyle::default_bar()),
        );
        Ok(Self {
            name: path.display().to_string(),
            topic: resume.topic,
            reader: Box::new(file),
            next_offset: resume.next_offset,
            metadata: resume.metadata,
            committer: Arc::new(CheckpointCommitter {
                checkpoints: checkpoints.clone(),
                chunk_ends: Arc::clone(chunk_ends),
            }),
            progress,
        })
    }

    fn stdin() -> Self {
        let progress = ProgressBar::new_spinner().with_style(
            ProgressStyle::with_template("{spinner} {bytes} read {bytes_per_sec}")
                .unwrap_or_else(|_| ProgressStyle::default_spinner()),
        );
        Self {
            name: "standard input".to_owned(),
            topic: unique_topic("stdin"),
            reader: Box::new(io::stdin()),
            next_offset: 0,
            metadata: None,
            committer: Arc::new(NoCheckpoint),
            progress,
        }
    }
}

/// The reading thread's work.
struct Reader {
    lines: Lines<BufReader<Box<dyn Read + Send>>>,
    skip: i64,
    records: mpsc::Sender<RecordChunk>,
    budget: MemoryBudget,
    chunk_records: usize,
    chunk_ends: ChunkEnds,
    progress: ProgressBar,
    runtime: Handle,
}

impl Reader {
    fn run(mut self) -> io::Result<()> {
        skip(&mut self.lines, self.skip)?;
        let mut chunk = RecordChunk::default();
        let mut read_at = None;
        loop {
            // Before a read that may have to wait for more input, hand on what there is.
            let about_to_wait = self.lines.reader().buffer().is_empty();
            let full = chunk.len() >= self.chunk_records || chunk.bytes() >= CHUNK_BYTES;
            if !chunk.is_empty() && (full || about_to_wait) && !self.hand_on(std::mem::take(&mut chunk)) {
                return Ok(());
            }
            let Some((number, line)) = self.lines.next_line()? else { break };
            if !line.trim_ascii().is_empty() {
                if chunk.is_empty() {
                    // One look at the clock for all of the chunk.
                    read_at = Some(now_utc());
                }
                chunk.push_at(number, read_at, None, Some(line), Headers::new());
            }
        }
        if !chunk.is_empty() {
            self.hand_on(chunk);
        }
        self.progress.finish_and_clear();
        Ok(())
    }

    /// Sends a chunk to the lane, waiting for memory and for the lane; whether the lane is still there.
    fn hand_on(&mut self, mut chunk: RecordChunk) -> bool {
        self.progress.set_position(self.lines.bytes_read());
        chunk.charge(self.runtime.block_on(self.budget.acquire(chunk.bytes())));
        let end = |record: Record<'_>| Mark { number: record.offset, line: hash(record.value.unwrap_or_default()) };
        if let Some(last) = chunk.iter().last().map(end) {
            self.chunk_ends.lock().unwrap_or_else(PoisonError::into_inner).push_back(last);
        }
        self.records.blocking_send(chunk).is_ok()
    }
}
