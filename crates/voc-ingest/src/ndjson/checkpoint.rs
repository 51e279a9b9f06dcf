//! How far each file was stored, kept in a file of its own.

use std::{
    collections::VecDeque,
    fs,
    io::{self, BufRead, Write as _},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::lines::Lines;
use crate::{CommitError, Committer, Note, TopicPartition};

/// The checkpoints of all files read into one data directory.
///
/// A file is recognised by its content, not by its name: its first line, and marked lines further on, up to the last one that was
/// stored or may have been. So a renamed or grown file goes on where it stopped, and another file under an old name starts anew.
///
/// They are kept as a journal: a commit appends its file's entry as a line of JSON, the last line of a topic holds, and now and then
/// the journal is written anew. A commit stands between two inserts, so it must not take longer than a small write.
#[derive(Debug, Clone)]
pub struct Checkpoints {
    journal: Arc<Mutex<Journal>>,
}

#[derive(Debug)]
struct Journal {
    path: PathBuf,
    entries: Vec<Entry>,
    /// Open for appending, once something was written.
    file: Option<fs::File>,
    /// Lines appended since the journal was written anew.
    appended: usize,
}

/// Lines after which the journal is written anew, with a line for each file.
const MAX_APPENDED: usize = 4096;

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Entry {
    /// The topic the file's rows carry: its name and a mark that no other file shares.
    topic: String,
    /// Hash of the first line.
    first_line: String,
    /// Number of the first line that is not done.
    next_offset: i64,
    /// Lines by which the file is recognised, in order.
    marks: Vec<Mark>,
    /// The note of the last commit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    metadata: Option<String>,
}

/// A line's number and hash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Mark {
    pub(super) number: i64,
    pub(super) line: String,
}

impl Checkpoints {
    /// Reads the checkpoints kept at `path`; none if there is no such file yet.
    ///
    /// # Errors
    /// If the file cannot be read or is not what this program wrote.
    pub fn open(path: impl Into<PathBuf>) -> io::Result<Self> {
        let path = path.into();
        let content = match fs::read(&path) {
            Ok(content) => content,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(error),
        };
        let mut entries: Vec<Entry> = Vec::new();
        // A line without an end was cut off by a crash, so its commit was never answered.
        for line in content.split_inclusive(|byte| *byte == b'\n').filter(|line| line.ends_with(b"\n")) {
            let entry: Entry = serde_json::from_slice(line)?;
            entries.retain(|known| known.topic != entry.topic);
            entries.push(entry);
        }
        let journal = Journal { path, entries, file: None, appended: 0 };
        Ok(Self { journal: Arc::new(Mutex::new(journal)) })
    }

    /// Finds the file's entry, or makes one: gives the topic, the first line to read, and the note of the last commit.
    pub(super) fn resume(&self, file: &Path) -> io::Result<Resume> {
        let first_line = match lines_of(file)?.next_line()? {
            Some((_, line)) => hash(line),
            None => hash(b""),
        };
        let mut journal = self.journal.lock().unwrap_or_else(PoisonError::into_inner);
        for entry in journal.entries.iter().filter(|entry| entry.first_line == first_line && !entry.marks.is_empty()) {
            if has_marks(file, &entry.marks)? {
                return Ok(Resume {
                    topic: entry.topic.clone(),
                    next_offset: entry.next_offset,
                    metadata: entry.metadata.clone(),
                });
            }
        }
        let name = file.file_name().map_or_else(|| "file".into(), |name| name.to_string_lossy());
        let topic = unique_topic(&name);
        journal.entries.push(Entry {
            topic: topic.clone(),
            first_line,
            next_offset: 0,
            marks: Vec::new(),
            metadata: None,
        });
        Ok(Resume { topic, next_offset: 0, metadata: None })
    }

    fn advance(&self, topic: &str, next_offset: i64, marks: Vec<Mark>, metadata: Option<String>) -> io::Result<()> {
        let mut journal = self.journal.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(place) = journal.entries.iter().position(|entry| entry.topic == topic) else { return Ok(()) };
        let entry = &mut journal.entries[place];
        entry.next_offset = next_offset;
        entry.metadata = metadata;
        let known = entry.marks.drain(..).filter(|mark| mark.number < next_offset);
        entry.marks = newest_and(known.chain(marks).collect(), next_offset);
        journal.keep(place)
    }
}

impl Journal {
    /// Writes an entry so that it survives this process.
    fn keep(&mut self, place: usize) -> io::Result<()> {
        let entry = &self.entries[place];
        // Without a mark there is nothing to recognise the file by, and nothing was stored of it.
        if entry.marks.is_empty() {
            return Ok(());
        }
        match &mut self.file {
            Some(file) if self.appended < MAX_APPENDED => {
                file.write_all(&line_of(entry)?)?;
                self.appended += 1;
                Ok(())
            }
            _ => self.write_anew(),
        }
    }

    fn write_anew(&mut self) -> io::Result<()> {
        let mut content = Vec::new();
        for entry in self.entries.iter().filter(|entry| !entry.marks.is_empty()) {
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

/// Of the marks before an offset the last one, and all behind it.
fn newest_and(mut marks: Vec<Mark>, next_offset: i64) -> Vec<Mark> {
    marks.sort_by_key(|mark| mark.number);
    marks.dedup_by_key(|mark| mark.number);
    let before = marks.partition_point(|mark| mark.number < next_offset);
    marks.split_off(before.saturating_sub(1))
}

/// Where reading a file begins.
pub(super) struct Resume {
    pub(super) topic: String,
    pub(super) next_offset: i64,
    pub(super) metadata: Option<String>,
}

/// A topic that no other input shares, so that equal line numbers of two inputs are never taken for one another.
pub(super) fn unique_topic(name: &str) -> String {
    let mark = Uuid::new_v4().simple().to_string();
    format!("{name}#{}", &mark[..12])
}

fn lines_of(file: &Path) -> io::Result<Lines<io::BufReader<fs::File>>> {
    Ok(Lines::new(io::BufReader::with_capacity(1 << 20, fs::File::open(file)?)))
}

fn has_marks(file: &Path, marks: &[Mark]) -> io::Result<bool> {
    let mut lines = lines_of(file)?;
    let mut marks = marks.iter().peekable();
    while let Some(mark) = marks.peek() {
        match lines.next_line()? {
            None => return Ok(false),
            Some((number, line)) if number == mark.number => {
                if hash(line) != mark.line {
                    return Ok(false);
                }
                marks.next();
            }
            Some(_) => {}
        }
    }
    Ok(true)
}

/// Reads past the first `count` lines.
pub(super) fn skip<R: BufRead>(lines: &mut Lines<R>, count: i64) -> io::Result<()> {
    for _ in 0..count {
        if lines.next_line()?.is_none() {
            break;
        }
    }
    Ok(())
}

/// The hash by which lines are recognised.
pub(super) fn hash(line: &[u8]) -> String {
    let digest = Sha256::digest(line);
    digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

/// Commits a file's progress to its checkpoint.
pub(super) struct CheckpointCommitter {
    pub(super) checkpoints: Checkpoints,
    /// The last lines of chunks that were read and are not done yet. Lanes cut batches at the ends of chunks.
    pub(super) chunk_ends: ChunkEnds,
}

/// Last lines of chunks, in order.
pub(super) type ChunkEnds = Arc<Mutex<VecDeque<Mark>>>;

#[async_trait]
impl Committer for CheckpointCommitter {
    async fn commit(
        &self,
        partition: &TopicPartition,
        next_offset: i64,
        metadata: Option<&str>,
    ) -> Result<(), CommitError> {
        let declared_end = metadata.and_then(|note| note.parse::<Note>().ok()?.intent).map(|intent| intent.last);
        let marks: Vec<Mark> = {
            let mut chunk_ends = self.chunk_ends.lock().unwrap_or_else(PoisonError::into_inner);
            // Of the ends before the offset only the last one is still of use.
            while chunk_ends.get(1).is_some_and(|end| end.number < next_offset) {
                chunk_ends.pop_front();
            }
            let is_mark = |end: &&Mark| end.number < next_offset || Some(end.number) == declared_end;
            chunk_ends.iter().filter(is_mark).cloned().collect()
        };
        // A line in the system's cache: not worth another thread.
        self.checkpoints
            .advance(&partition.topic, next_offset, marks, metadata.map(str::to_owned))
            .map_err(|error| CommitError::Unavailable(format!("checkpoint not written: {error}")))
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
