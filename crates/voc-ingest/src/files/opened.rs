//! An input ready to be read: its format, and where reading begins.

use std::{
    fs::{self, File},
    io::{self, Read},
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{
    checkpoints::{CheckpointCommitter, Checkpoints, ChunkEnds, NoCheckpoint, unique_topic},
    entry::Resume,
    foreign::ForeignFormat,
    head,
    input::{FileInput, name_of},
    input_file::InputFile,
    progress::Progress,
    snapshot::Position,
    text::{self, Bytes},
    units::{Framing, Units},
};
use crate::Committer;

/// An input ready to be read.
pub(super) struct PreparedInput {
    pub(super) topic: String,
    pub(super) content: Content,
    /// The first unfinished event.
    pub(super) next_offset: i64,
    pub(super) metadata: Option<String>,
    pub(super) committer: Arc<dyn Committer>,
    pub(super) progress: Progress,
}

/// The content of an input.
pub(super) enum Content {
    /// A file, whose format is known and which can be read again.
    File {
        units: Box<Units<'static>>,
        framing: Framing,
        /// Whether it may still grow, so that its last event may be incomplete.
        may_grow: bool,
        chunk_ends: ChunkEnds,
    },
    /// A stream, which can be read only once. Its format is detected when data arrives.
    Stream(Bytes<'static>),
}

/// Why an input cannot be read.
pub(super) enum Unreadable {
    Io(io::Error),
    Foreign(ForeignFormat),
}

impl From<io::Error> for Unreadable {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl PreparedInput {
    /// Opens an input. Reads all of a file that was imported before.
    pub(super) fn of(input: &FileInput, checkpoints: &Checkpoints) -> Result<Self, Unreadable> {
        let path = match input {
            FileInput::File(path) => path,
            FileInput::Stdin => return Ok(Self::stream(name_of(input), "stdin", Box::new(io::stdin()))),
        };
        let kind = fs::metadata(path)?;
        if kind.is_dir() {
            return Err(io::Error::from(io::ErrorKind::IsADirectory).into());
        }
        if kind.is_file() {
            return Self::file(path, InputFile::open(File::open(path)?)?, checkpoints);
        }
        // Opened only once: a second reader of a pipe would miss what the first one consumed.
        let name = path.file_name().map_or_else(|| "pipe".into(), |name| name.to_string_lossy());
        let reader = LazyFile { path: path.to_owned(), file: None };
        Ok(Self::stream(name_of(input), &name, Box::new(reader)))
    }

    fn file(path: &Path, mut file: InputFile, checkpoints: &Checkpoints) -> Result<Self, Unreadable> {
        let framing = file.framing()?;
        let resume = match checkpoints.resume(&mut file, framing == Ok(Framing::Documents))? {
            Some(resume) => resume,
            None => checkpoints.begin(&mut file, path, framing.map_err(Unreadable::Foreign)?)?,
        };
        let Resume { topic, framing, next_offset, metadata } = resume;
        let name = path.display().to_string();
        if next_offset > 0 {
            let topic = &topic;
            tracing::info!(file = name, topic, skipped = next_offset, "resuming after what an earlier run has stored");
        } else {
            tracing::info!(file = name, topic, "reading");
        }
        let chunk_ends = ChunkEnds::default();
        let committer = CheckpointCommitter { checkpoints: checkpoints.clone(), chunk_ends: Arc::clone(&chunk_ends) };
        let progress = Progress::new(name, file.position(), Some(file.length()));
        let may_grow = !file.is_archive();
        let units = Box::new(file.into_units(framing)?);
        Ok(Self {
            topic,
            content: Content::File { units, framing, may_grow, chunk_ends },
            next_offset,
            metadata,
            committer: Arc::new(committer),
            progress,
        })
    }

    /// Prepares an input that cannot be read twice.
    fn stream(name: String, topic: &str, reader: Bytes<'static>) -> Self {
        tracing::info!(input = name, "reading once");
        let position = Position::default();
        let counted = CountingStream { reader, position: position.clone() };
        Self {
            topic: unique_topic(topic),
            content: Content::Stream(Box::new(counted)),
            next_offset: 0,
            metadata: None,
            committer: Arc::new(NoCheckpoint),
            progress: Progress::new(name, position, None),
        }
    }
}

impl Content {
    /// Splits the content into units. Waits for the beginning of a stream.
    pub(super) fn units(self) -> Result<(Units<'static>, Framing), Unreadable> {
        match self {
            Self::File { units, framing, .. } => Ok((*units, framing)),
            Self::Stream(raw) => {
                let (framing, text) = head::framing_of(text::text_of(raw, None)?, false)?;
                let framing = framing.map_err(Unreadable::Foreign)?;
                Ok((Units::of(text, framing), framing))
            }
        }
    }
}

/// Opens the file on first read, because opening a named pipe blocks until there is a writer.
struct LazyFile {
    path: PathBuf,
    file: Option<File>,
}

impl Read for LazyFile {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let file = match &mut self.file {
            Some(file) => file,
            None => self.file.insert(File::open(&self.path)?),
        };
        file.read(buffer)
    }
}

/// Counts the bytes read.
struct CountingStream {
    reader: Bytes<'static>,
    position: Position,
}

impl Read for CountingStream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.reader.read(buffer)?;
        self.position.advance(length);
        Ok(length)
    }
}
