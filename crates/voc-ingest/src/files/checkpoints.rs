//! How far each file was stored, kept in a file of its own.

use std::{
    collections::{HashMap, VecDeque},
    fs::{self, File},
    io::{self, Write as _},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;
use uuid::Uuid;

use super::{
    entry::{Commit, Entry, FirstUnits, Resume},
    input_file::InputFile,
    marks::Mark,
    units::Framing,
};
use crate::{CommitError, CommitMetadata, Committer, DeliveryRemedy, TopicPartition, disk::remedy_of};

/// The checkpoints of all files read into one data directory.
///
/// A file is recognised by its content, not by its name: all of it up to the last event that was stored or may have
/// been. So a renamed or grown file goes on where it stopped, and another file under an old name starts anew. What
/// counts is the text: an archive is recognised as what is in it. A last line without an end is not part of that: if
/// it was stored, and turns out to have been the start of a longer line, the file goes on with the longer one.
///
/// They are kept as a journal: a commit appends its file's entry as a line of JSON, the last line of a topic holds,
/// and now and then the journal is written anew. A commit stands between two inserts, so it must not take longer than
/// a small write.
#[derive(Debug, Clone)]
pub struct Checkpoints {
    journal: Arc<Mutex<Journal>>,
}

#[derive(Debug)]
struct Journal {
    path: PathBuf,
    entries: Vec<Entry>,
    /// Open for appending, once something was written.
    file: Option<File>,
    /// Lines appended since the journal was written anew.
    appended: usize,
}

/// Lines after which the journal is written anew, with a line for each file.
const MAX_APPENDED: usize = 4096;

impl Checkpoints {
    /// Reads the checkpoints kept at `path`; none if there is no such file yet.
    ///
    /// # Errors
    /// If the file cannot be read or is not what this version writes.
    pub fn open(path: impl Into<PathBuf>) -> io::Result<Self> {
        let path = path.into();
        let content = match fs::read(&path) {
            Ok(content) => content,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(error),
        };
        // The last line of a topic holds.
        let mut entries: HashMap<String, Entry> = HashMap::new();
        // A line without an end was cut off by a crash, so its commit was never answered.
        let lines = content.split_inclusive(|byte| *byte == b'\n').filter(|line| line.ends_with(b"\n"));
        for (number, line) in (1..).zip(lines) {
            let entry: Entry = serde_json::from_slice(line).map_err(|error| foreign_line(number, &error))?;
            entries.insert(entry.topic.clone(), entry);
        }
        let journal = Journal { path, entries: entries.into_values().collect(), file: None, appended: 0 };
        Ok(Self { journal: Arc::new(Mutex::new(journal)) })
    }

    /// Where a file goes on, if some of it is stored. `is_documents` says that it is not cut into lines.
    ///
    /// A file that was cut into values stays so, as every event is one. One that was cut into lines may turn out to be
    /// something else: there was no event in its lines then.
    pub(super) fn resume(&self, file: &mut InputFile, is_documents: bool) -> io::Result<Option<Resume>> {
        let mut first_units = FirstUnits::default();
        let framings = if is_documents { &[Framing::Documents][..] } else { &[Framing::Documents, Framing::Lines] };
        for framing in framings.iter().copied() {
            if self.journal().entries.iter().any(|entry| entry.is_kept_as(framing)) {
                first_units.find(file, framing)?;
            }
        }
        // Reading takes its time, in which commits must not wait.
        let begins_alike = |entry: &&Entry| first_units.are_of(entry);
        let alike: Vec<Entry> = self.journal().entries.iter().filter(begins_alike).cloned().collect();
        // A file may go on from several entries: one of them may be of a copy of its beginning.
        let mut furthest: Option<Resume> = None;
        for entry in alike {
            let resume = entry.resume(file)?;
            furthest = furthest.into_iter().chain(resume).max_by_key(|resume| resume.next_offset);
        }
        Ok(furthest)
    }

    /// Begins with a file of which nothing is stored.
    pub(super) fn begin(&self, file: &mut InputFile, path: &Path, framing: Framing) -> io::Result<Resume> {
        let name = path.file_name().map_or_else(|| "file".into(), |name| name.to_string_lossy());
        let topic = unique_topic(&name);
        // An empty file has nothing to commit either.
        let mut first_units = FirstUnits::default();
        if let Some(first) = first_units.find(file, framing)? {
            self.journal().entries.push(Entry::new(topic.clone(), framing, first.clone()));
        }
        Ok(Resume { topic, framing, next_offset: 0, metadata: None })
    }

    fn journal(&self) -> MutexGuard<'_, Journal> {
        self.journal.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn advance(&self, topic: &str, commit: Commit) -> io::Result<()> {
        let mut journal = self.journal();
        let Some(place) = journal.entries.iter().position(|entry| entry.topic == topic) else { return Ok(()) };
        journal.entries[place].advance(commit);
        journal.keep(place)
    }
}

impl Journal {
    /// Writes an entry so that it survives this process.
    fn keep(&mut self, place: usize) -> io::Result<()> {
        let entry = &self.entries[place];
        // There is nothing to recognise the file by, and nothing was stored of it.
        if !entry.is_kept() {
            return Ok(());
        }
        match &mut self.file {
            Some(file) if self.appended < MAX_APPENDED => {
                let written = file.write_all(&line_of(entry)?);
                self.appended += 1;
                if written.is_err() {
                    // A part of the line may be there, and the next one would be appended to it.
                    self.file = None;
                }
                written
            }
            _ => self.write_anew(),
        }
    }

    fn write_anew(&mut self) -> io::Result<()> {
        let mut content = Vec::new();
        for entry in self.entries.iter().filter(|entry| entry.is_kept()) {
            content.extend(line_of(entry)?);
        }
        // A rename replaces the file as a whole, so a crash leaves the old one or the new one.
        let temporary = self.path.with_extension("tmp");
        fs::write(&temporary, content)?;
        fs::rename(&temporary, &self.path)?;
        self.file = Some(fs::OpenOptions::new().append(true).open(&self.path)?);
        self.appended = 0;
        Ok(())
    }
}

fn line_of(entry: &Entry) -> io::Result<Vec<u8>> {
    let mut line = serde_json::to_vec(entry)?;
    line.push(b'\n');
    Ok(line)
}

/// A topic that no other input shares, so that equal line numbers of two inputs are never taken for one another.
pub(super) fn unique_topic(name: &str) -> String {
    let mark = Uuid::new_v4().simple().to_string();
    format!("{name}#{}", &mark[..12])
}

fn foreign_line(number: usize, error: &serde_json::Error) -> io::Error {
    let reason = format!(
        "line {number} is not what this version writes ({error}); move the file away, and what it names is imported \
         from its beginning"
    );
    io::Error::new(io::ErrorKind::InvalidData, reason)
}

/// Commits a file's progress to its checkpoint.
pub(super) struct CheckpointCommitter {
    pub(super) checkpoints: Checkpoints,
    /// The ends of chunks that were read and are not done yet. Lanes cut batches at the ends of chunks.
    pub(super) chunk_ends: ChunkEnds,
}

/// Ends of chunks, in order.
pub(super) type ChunkEnds = Arc<Mutex<VecDeque<ChunkEnd>>>;

/// Where a chunk ends.
pub(super) struct ChunkEnd {
    /// Number of its last line or event.
    pub(super) last: i64,
    /// The last one with an end that was read by then.
    pub(super) mark: Option<Mark>,
    /// The chunk's last one, if it has no end.
    pub(super) unfinished: Option<Mark>,
}

#[async_trait]
impl Committer for CheckpointCommitter {
    async fn commit(
        &self,
        partition: &TopicPartition,
        next_offset: i64,
        metadata: Option<&str>,
    ) -> Result<(), CommitError> {
        let declared_end =
            metadata.and_then(|metadata| metadata.parse::<CommitMetadata>().ok()?.intent).map(|intent| intent.last);
        let mut commit =
            Commit { next_offset, marks: Vec::new(), unfinished: None, metadata: metadata.map(str::to_owned) };
        {
            let mut chunk_ends = self.chunk_ends.lock().unwrap_or_else(PoisonError::into_inner);
            // Of the ends before the offset only the last one is still of use.
            while chunk_ends.get(1).is_some_and(|end| end.last < next_offset) {
                chunk_ends.pop_front();
            }
            let is_reached = |end: &&ChunkEnd| end.last < next_offset || Some(end.last) == declared_end;
            for end in chunk_ends.iter().filter(is_reached) {
                commit.marks.extend(end.mark.clone());
                commit.unfinished = end.unfinished.clone().or(commit.unfinished);
            }
        }
        // A line in the system's cache: not worth another thread.
        self.checkpoints.advance(&partition.topic, commit).map_err(|error| {
            let reason = format!("checkpoint not written: {error}");
            match remedy_of(&error) {
                DeliveryRemedy::Wait => CommitError::Unavailable(reason),
                DeliveryRemedy::Repair(repair) => CommitError::Refused { reason, repair },
            }
        })
    }
}

/// Commits nothing: standard input cannot be read again.
pub(super) struct NoCheckpoint;

#[async_trait]
impl Committer for NoCheckpoint {
    async fn commit(&self, _: &TopicPartition, _: i64, _: Option<&str>) -> Result<(), CommitError> {
        Ok(())
    }
}
