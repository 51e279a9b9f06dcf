//! The source of files: a reading thread, which reads one input after another, each into a lane of its own.

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

/// Chunks that may wait for the lane.
const QUEUE_CHUNKS: usize = 8;

/// How often it is looked whether to stop, while a lane ends.
const LANE_END_POLL: Duration = Duration::from_millis(100);

/// Reads files, one after another: their text is unpacked and made UTF-8 if need be, and cut into lines, or into JSON
/// values where it is an array or pretty-printed.
///
/// An input that cannot be read does not keep the others from being read. It is named in the log, and the source ends
/// with an error; with its own if it is the only one.
pub struct FileSource {
    events: mpsc::Receiver<ReaderEvent>,
    /// Tells the lane of the input that is being read.
    control: Option<watch::Sender<LaneControl>>,
    stop: CancellationToken,
    tally: Arc<FileTally>,
}

/// What the reading thread has to say.
enum ReaderEvent {
    Started(Box<Assignment>, watch::Sender<LaneControl>),
    Finished(Result<(), SourceError>),
}

impl FileSource {
    /// Starts to read. Must be called within a tokio runtime. `stop` ends the source early.
    ///
    /// # Errors
    /// [`SourceError`] if there can be no thread.
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
        // A thread of its own: a read of standard input cannot be interrupted, and must not keep the runtime from ending.
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

/// The reading thread's work.
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
                // The lane or the pipeline has failed, and says why itself.
                Ok(End::ReceiverClosed) => break,
                Err(error) => {
                    if inputs.len() > 1 {
                        tracing::error!("{}", with_sources(&error));
                    }
                    errors.push(error);
                }
            }
        }
        // Nobody waits for the word once the source is gone.
        let _ = self.events.blocking_send(ReaderEvent::Finished(outcome(errors, inputs.len())));
    }

    /// Reads an input, and waits until its lane is done: the next file may be the same, or go on from it.
    fn read(&self, input: &FileInput) -> Result<End, SourceError> {
        let failed = |error: ReadError| source_error(input, error);
        let input_file = PreparedInput::of(input, &self.checkpoints).map_err(|error| failed(error.into()))?;
        let PreparedInput { topic, content, next_offset, metadata, committer, progress } = input_file;
        self.tally.skipped.fetch_add(u64::try_from(next_offset).unwrap_or(0), Ordering::Relaxed);
        let partition = TopicPartition { topic: topic.into(), partition: 0 };
        let committed = CommittedOffset { next_offset, metadata };
        // No other file ever has this topic.
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

/// What the source ends with.
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
        ReadError::Io(source) if source.kind() == std::io::ErrorKind::NotFound => {
            SourceError::Misconfigured(format!("input file {name} does not exist"))
        }
        ReadError::Io(source) => SourceError::Io { context: format!("cannot read {name}"), source },
        ReadError::Foreign(format) => SourceError::Foreign { name, format },
        ReadError::Incomplete { events } => SourceError::Incomplete { name, events },
        ReadError::Damaged(source) => {
            let is_file = matches!(input, FileInput::File(_));
            let advice = match source.defect {
                Defect::Truncated { .. } => {
                    "what can be unpacked of it is stored; import a whole copy of it, which goes on from there"
                }
                // Only a file is looked through before anything of it is taken.
                Defect::Corrupt { .. } if is_file => {
                    "what stands before that part is stored, and nothing of the part, as any byte in it may be wrong; \
                     import a sound copy of it, which goes on from there"
                }
                Defect::Corrupt { .. } => {
                    "what came before that was noticed is stored, and of that part may be wrong: import it as a file, \
                     which is looked through first"
                }
                Defect::Window => "unpack it: `zstd -dc --long=31 FILE | voc-processor … --input -`",
                Defect::Followed { .. } => "all of the archive is stored; see what was appended to it",
            };
            SourceError::Damaged { name, advice, source }
        }
    }
}

/// An error with what it is due to, as the program's last line tells it.
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
