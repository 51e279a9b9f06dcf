//! The file source: a thread that reads one input after another, each into its own lane.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use async_trait::async_trait;
use tokio::{
    runtime::Handle,
    sync::{mpsc, watch},
};
use tokio_util::sync::CancellationToken;

use super::{
    archive::Defect,
    checkpoints::Checkpoints,
    input::{FileInput, name_of},
    opened::PreparedInput,
    progress::FileTally,
    reader::{End, ReadError, Reader},
    settings::FileSettings,
};
use crate::{Assignment, CommittedOffset, LaneControl, LaneHandle, Source, SourceError, TopicPartition};

/// Maximum number of chunks waiting for the lane.
const QUEUE_CHUNKS: usize = 8;

/// How often to check for a stop while waiting for the end of a lane.
const LANE_END_POLL: Duration = Duration::from_millis(100);

/// Reads files one after another. Text is decompressed and converted to UTF-8 if necessary, and split into lines, or
/// into JSON values if it is an array or pretty-printed.
///
/// An input that cannot be read does not affect the others. It is logged, and the source ends with an error, which is
/// that of the input if it is the only one.
pub struct FileSource {
    events: mpsc::Receiver<ReaderEvent>,
    /// Controls the lane of the current input.
    control: Option<watch::Sender<LaneControl>>,
    stop: CancellationToken,
    tally: Arc<FileTally>,
}

/// An event of the reading thread.
enum ReaderEvent {
    Started(Box<Assignment>, watch::Sender<LaneControl>),
    Finished(Result<(), SourceError>),
}

impl FileSource {
    /// Starts reading. Must be called within a tokio runtime. `stop` ends the source early.
    ///
    /// # Errors
    /// [`SourceError`] if the thread cannot be started.
    pub fn start(
        inputs: Vec<FileInput>,
        settings: FileSettings,
        checkpoints: &Checkpoints,
        stop: CancellationToken,
    ) -> Result<Self, SourceError> {
        let (sender, events) = mpsc::channel(1);
        let tally = Arc::new(FileTally::default());
        let work = ReadTask {
            settings,
            checkpoints: checkpoints.clone(),
            events: sender,
            stop: stop.clone(),
            tally: Arc::clone(&tally),
            runtime: Handle::current(),
        };
        // A dedicated thread: a read of standard input cannot be interrupted and must not block the shutdown of the
        // runtime.
        std::thread::Builder::new()
            .name("file-reader".to_owned())
            .spawn(move || work.run(&inputs))
            .map_err(|source| SourceError::Io { context: "cannot start the reading thread".to_owned(), source })?;
        Ok(Self { events, control: None, stop, tally })
    }

    /// The running totals.
    #[must_use]
    pub fn tally(&self) -> Arc<FileTally> {
        Arc::clone(&self.tally)
    }
}

#[async_trait]
impl Source for FileSource {
    async fn next_assignment(&mut self) -> Result<Option<Assignment>, SourceError> {
        tokio::select! {
            event = self.events.recv() => match event {
                Some(ReaderEvent::Started(assignment, control)) => {
                    self.control = Some(control);
                    Ok(Some(*assignment))
                }
                Some(ReaderEvent::Finished(outcome)) => outcome.map(|()| None),
                None => Err(SourceError::Io {
                    context: "cannot read the input".to_owned(),
                    source: std::io::Error::other("the reading thread failed"),
                }),
            },
            () = self.stop.cancelled() => {
                if let Some(control) = &self.control {
                    control.send_replace(LaneControl::Drain);
                }
                Ok(None)
            }
        }
    }
}

/// The work of the reading thread.
struct ReadTask {
    settings: FileSettings,
    checkpoints: Checkpoints,
    events: mpsc::Sender<ReaderEvent>,
    stop: CancellationToken,
    tally: Arc<FileTally>,
    runtime: Handle,
}

impl ReadTask {
    fn run(self, inputs: &[FileInput]) {
        let mut errors = Vec::new();
        for input in inputs {
            if self.stop.is_cancelled() {
                break;
            }
            match self.read(input) {
                Ok(End::Whole) => {
                    self.tally.files.fetch_add(1, Ordering::Relaxed);
                }
                // The lane or the pipeline has failed and reports why.
                Ok(End::ReceiverClosed) => break,
                Err(error) => {
                    if inputs.len() > 1 {
                        tracing::error!("{}", with_sources(&error));
                    }
                    errors.push(error);
                }
            }
        }
        // The checkpoints are locked while they are open, and whoever sees the end may open them again.
        let Self { events, checkpoints, .. } = self;
        drop(checkpoints);
        // There is no receiver if the source is gone.
        let _ = events.blocking_send(ReaderEvent::Finished(outcome(errors, inputs.len())));
    }

    /// Reads an input and waits until its lane is done: the next file may be the same or continue it.
    fn read(&self, input: &FileInput) -> Result<End, SourceError> {
        let failed = |error: ReadError| source_error(input, error);
        let input_file = PreparedInput::of(input, &self.checkpoints).map_err(|error| failed(error.into()))?;
        let PreparedInput { topic, content, next_offset, metadata, committer, progress } = input_file;
        self.tally.skipped.fetch_add(u64::try_from(next_offset).unwrap_or(0), Ordering::Relaxed);
        let partition = TopicPartition { topic: topic.into(), partition: 0 };
        let committed = CommittedOffset { next_offset, metadata };
        // The topic is unique to this file.
        let epoch = 0;
        let (assignment, lane) = Assignment::new(partition, committer, Some(committed), epoch, QUEUE_CHUNKS);
        let LaneHandle { records, control, end } = lane;
        if self.events.blocking_send(ReaderEvent::Started(Box::new(assignment), control)).is_err() {
            return Ok(End::ReceiverClosed);
        }
        let reader = Reader {
            skip: next_offset,
            name: name_of(input),
            unfinished: self.settings.unfinished,
            records,
            budget: self.settings.budget.clone(),
            chunk_records: self.settings.chunk_records.max(1),
            progress,
            runtime: self.runtime.clone(),
        };
        let outcome = reader.run(content).map_err(failed);
        while !end.wait(LANE_END_POLL) {
            if self.stop.is_cancelled() {
                return Ok(End::ReceiverClosed);
            }
        }
        outcome
    }
}

/// The result of the source.
fn outcome(mut errors: Vec<SourceError>, inputs: usize) -> Result<(), SourceError> {
    match errors.len() {
        0 => Ok(()),
        1 if inputs == 1 => errors.pop().map_or(Ok(()), Err),
        failed => {
            let foreign = errors.iter().filter(|error| matches!(error, SourceError::Foreign { .. })).count();
            Err(SourceError::Inputs { failed, inputs, foreign })
        }
    }
}

fn source_error(input: &FileInput, error: ReadError) -> SourceError {
    let name = name_of(input);
    match error {
        ReadError::Io(source) if source.kind() == std::io::ErrorKind::NotFound => SourceError::Misconfigured(format!(
            "input file {name} does not exist, or is a link to a file that does not"
        )),
        ReadError::Io(source) => SourceError::Io { context: format!("cannot read {name}"), source },
        ReadError::Foreign(format) => SourceError::Foreign { name, format },
        ReadError::Incomplete { events } => SourceError::Incomplete { name, events },
        ReadError::Damaged(source) => {
            let is_file = matches!(input, FileInput::File(_));
            let advice = match source.defect {
                Defect::Truncated { .. } => {
                    "the part before that is stored; import a complete copy, which resumes from there"
                }
                // Only files are checked before any of their content is taken.
                Defect::Corrupt { .. } if is_file => {
                    "the content before that part is stored, and nothing of the part, because any byte in it may be wrong; \
                     import an intact copy, which resumes from there"
                }
                Defect::Corrupt { .. } => {
                    "the content read before the damage was detected is stored, and may be wrong in that part: import it \
                     as a file, which is checked first"
                }
                Defect::Window => "decompress it: `zstd -dc --long=31 FILE | voc-processor … --input -`",
                Defect::Followed { .. } => "the whole archive is stored; check what was appended to it",
            };
            SourceError::Damaged { name, advice, source }
        }
    }
}

/// Formats an error with its sources, like the last line of the program.
fn with_sources(error: &SourceError) -> String {
    let mut text = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(error) = source {
        text.push_str(": ");
        text.push_str(&error.to_string());
        source = error.source();
    }
    text
}
