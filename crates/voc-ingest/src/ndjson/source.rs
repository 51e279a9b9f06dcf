//! The NDJSON source: a reading thread and its one lane.

use std::{
    fs::{self, File},
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
    checkpoint::{CheckpointCommitter, Checkpoints, ChunkEnd, ChunkEnds, Mark, NoCheckpoint, skip, unique_topic},
    foreign::{ForeignFormat, Head},
    lines::Lines,
    snapshot::Snapshot,
};
use crate::{
    Assignment, Committed, Committer, LaneControl, LaneHandle, MemoryBudget, RecordChunk, Source, SourceError,
    TopicPartition, clock::now_utc,
};

/// Bytes at which a chunk is handed on.
const CHUNK_BYTES: usize = 256 * 1024;

/// Chunks that may wait for the lane.
const QUEUE_CHUNKS: usize = 8;

const READ_BUFFER_BYTES: usize = 1024 * 1024;

/// What to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NdjsonInput {
    /// A file; it can be resumed. What cannot be read twice, such as a named pipe or a device, is read as standard
    /// input is.
    File(PathBuf),
    /// Standard input, read once.
    Stdin,
}

/// What becomes of a file's last line if no line feed ends it. It may be half of a line that is still being written.
///
/// Where an input cannot be read twice, such a line is taken in any case: nothing can follow it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnfinishedLine {
    /// It is left, with a warning, until it has an end.
    Leave,
    /// It is taken. If it is a longer line when the file is read again, that one is taken, too.
    Take,
}

/// Reads NDJSON into one lane.
pub struct NdjsonSource {
    assignment: Option<Assignment>,
    control: watch::Sender<LaneControl>,
    reading: oneshot::Receiver<Result<(), ReadError>>,
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
        unfinished_line: UnfinishedLine,
        checkpoints: &Checkpoints,
        budget: MemoryBudget,
        chunk_records: usize,
        stop: CancellationToken,
    ) -> Result<Self, SourceError> {
        let chunk_ends = ChunkEnds::default();
        let opened = match input {
            NdjsonInput::File(path) => {
                Opened::path(path, checkpoints, &chunk_ends).map_err(|source| cannot_read(path, source))?
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
            head: Head::default(),
            can_be_resumed: opened.can_be_resumed,
            leaves_unfinished: opened.can_be_resumed && unfinished_line == UnfinishedLine::Leave,
            name: opened.name.clone(),
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
                Ok(Err(ReadError::Io(source))) => {
                    Err(SourceError::Io { context: format!("cannot read {}", self.name), source })
                }
                Ok(Err(ReadError::Foreign(format))) => Err(SourceError::NotNdjson { name: self.name.clone(), format }),
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

/// Why reading ended early.
enum ReadError {
    Io(io::Error),
    Foreign(ForeignFormat),
}

impl From<io::Error> for ReadError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl From<ForeignFormat> for ReadError {
    fn from(format: ForeignFormat) -> Self {
        Self::Foreign(format)
    }
}

/// An opened input.
struct Opened {
    name: String,
    topic: String,
    reader: Box<dyn Read + Send>,
    can_be_resumed: bool,
    next_offset: i64,
    metadata: Option<String>,
    committer: Arc<dyn Committer>,
    progress: ProgressBar,
}

impl Opened {
    fn path(path: &Path, checkpoints: &Checkpoints, chunk_ends: &ChunkEnds) -> io::Result<Self> {
        let kind = fs::metadata(path)?;
        if kind.is_dir() {
            return Err(io::Error::from(io::ErrorKind::IsADirectory));
        }
        if kind.is_file() {
            return Self::file(path, Snapshot::of(File::open(path)?)?, checkpoints, chunk_ends);
        }
        // Opened once: of a pipe, a second reader would get what the first one left.
        let name = path.file_name().map_or_else(|| "pipe".into(), |name| name.to_string_lossy());
        let reader = OpenedWhenRead { path: path.to_owned(), file: None };
        Ok(Self::stream(path.display().to_string(), &name, Box::new(reader)))
    }

    fn file(path: &Path, mut file: Snapshot, checkpoints: &Checkpoints, chunk_ends: &ChunkEnds) -> io::Result<Self> {
        let resume = checkpoints.resume(&mut file, path)?;
        let progress = ProgressBar::new(file.length()).with_style(
            ProgressStyle::with_template("{wide_bar} {bytes}/{total_bytes} {bytes_per_sec} {eta}")
                .unwrap_or_else(|_| ProgressStyle::default_bar()),
        );
        Ok(Self {
            name: path.display().to_string(),
            topic: resume.topic,
            reader: Box::new(file),
            can_be_resumed: true,
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
        Self::stream("standard input".to_owned(), "stdin", Box::new(io::stdin()))
    }

    /// What cannot be read twice.
    fn stream(name: String, topic: &str, reader: Box<dyn Read + Send>) -> Self {
        let progress = ProgressBar::new_spinner().with_style(
            ProgressStyle::with_template("{spinner} {bytes} read {bytes_per_sec}")
                .unwrap_or_else(|_| ProgressStyle::default_spinner()),
        );
        Self {
            name,
            topic: unique_topic(topic),
            reader,
            can_be_resumed: false,
            next_offset: 0,
            metadata: None,
            committer: Arc::new(NoCheckpoint),
            progress,
        }
    }
}

/// Is opened by whoever reads it, as opening a named pipe waits for somebody to write to it.
struct OpenedWhenRead {
    path: PathBuf,
    file: Option<File>,
}

impl Read for OpenedWhenRead {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let file = match &mut self.file {
            Some(file) => file,
            None => self.file.insert(File::open(&self.path)?),
        };
        file.read(buffer)
    }
}

/// The reading thread's work.
struct Reader {
    lines: Lines<BufReader<Box<dyn Read + Send>>>,
    skip: i64,
    head: Head,
    can_be_resumed: bool,
    leaves_unfinished: bool,
    name: String,
    records: mpsc::Sender<RecordChunk>,
    budget: MemoryBudget,
    chunk_records: usize,
    chunk_ends: ChunkEnds,
    progress: ProgressBar,
    runtime: Handle,
}

impl Reader {
    fn run(mut self) -> Result<(), ReadError> {
        skip(&mut self.lines, self.skip)?;
        if self.skip > 0 {
            // It was NDJSON the last time.
            self.head.accept();
        }
        let mut chunk = RecordChunk::default();
        let mut read_at = None;
        let mut unfinished = None;
        loop {
            // Before a read that may have to wait for the rest of a line, hand on what there is: a pipe cannot be read
            // again. A file does not keep anybody waiting, so it is told first what it is.
            let about_to_wait = || memchr::memchr(b'\n', self.lines.reader().buffer()).is_none();
            let full = chunk.len() >= self.chunk_records || chunk.bytes() >= CHUNK_BYTES;
            let may_be_handed_on = !self.can_be_resumed || self.head.is_known();
            let is_due = !chunk.is_empty() && may_be_handed_on && (full || about_to_wait());
            if is_due && !self.hand_on(std::mem::take(&mut chunk), unfinished.take()) {
                return Ok(());
            }
            let Some(line) = self.lines.next_line()? else { break };
            if line.bytes.trim_ascii().is_empty() {
                continue;
            }
            self.head.look(line.bytes, line.is_terminated)?;
            if chunk.is_empty() {
                // One look at the clock for all of the chunk.
                read_at = Some(now_utc());
            }
            let (number, is_unfinished) = (line.number, !line.is_terminated);
            if is_unfinished && self.leaves_unfinished {
                tracing::warn!(
                    input = self.name,
                    line = number + 1,
                    "no line feed ends the last line, so it may be half of one; it is left until it has an end, or --once takes it"
                );
                break;
            }
            chunk.push_cut(number, read_at, line.bytes, line.length);
            if is_unfinished {
                unfinished = Some(self.lines.mark_of_content());
            }
        }
        self.head.end()?;
        if !chunk.is_empty() {
            self.hand_on(chunk, unfinished);
        }
        self.progress.finish_and_clear();
        Ok(())
    }

    /// Sends a chunk to the lane, waiting for memory and for the lane; whether the lane is still there.
    fn hand_on(&mut self, mut chunk: RecordChunk, unfinished: Option<Mark>) -> bool {
        self.progress.set_position(self.lines.bytes_read());
        self.head.accept();
        chunk.charge(self.runtime.block_on(self.budget.acquire(chunk.bytes())));
        if let Some(last) = chunk.last_offset() {
            let end = ChunkEnd { last, mark: self.lines.mark(), unfinished };
            self.chunk_ends.lock().unwrap_or_else(PoisonError::into_inner).push_back(end);
        }
        self.records.blocking_send(chunk).is_ok()
    }
}
