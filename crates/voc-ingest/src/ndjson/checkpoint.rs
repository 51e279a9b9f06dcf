//! How far each file was stored, kept in a file of its own.

use std::{
    collections::VecDeque,
    fs::{self, File},
    io::{self, BufRead, BufReader, Write as _},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{lines::Lines, snapshot::Snapshot};
use crate::{CommitError, Committer, DeliveryRemedy, Note, TopicPartition, disk::remedy_of};

/// The checkpoints of all files read into one data directory.
///
/// A file is recognised by its content, not by its name: all of it up to the last line that was stored or may have
/// been. So a renamed or grown file goes on where it stopped, and another file under an old name starts anew. A last
/// line without an end is not part of that: if it was stored, and turns out to have been the start of a longer line,
/// the file goes on with the longer one.
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
    file: Option<File>,
    /// Lines appended since the journal was written anew.
    appended: usize,
}

/// Lines after which the journal is written anew, with a line for each file.
const MAX_APPENDED: usize = 4096;

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Entry {
    /// The topic the file's rows carry: its name and a mark that no other file shares.
    topic: String,
    /// What is in the first line: other files are told by it without being read further.
    first_line: Mark,
    /// Number of the first line that is not done.
    next_offset: i64,
    /// Lines by which the file is recognised, in order. All have an end.
    marks: Vec<Mark>,
    /// The last line, if it was taken without an end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    unfinished: Option<Mark>,
    /// The note of the last commit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    metadata: Option<String>,
}

/// A line's number and the hash of a file's content up to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Mark {
    pub(super) number: i64,
    content: String,
}

impl Mark {
    pub(super) fn new(number: i64, content: u128) -> Self {
        Self { number, content: format!("{content:032x}") }
    }
}

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
        let mut entries: Vec<Entry> = Vec::new();
        // A line without an end was cut off by a crash, so its commit was never answered.
        let lines = content.split_inclusive(|byte| *byte == b'\n').filter(|line| line.ends_with(b"\n"));
        for (number, line) in (1..).zip(lines) {
            let entry: Entry = serde_json::from_slice(line).map_err(|error| foreign_line(number, &error))?;
            entries.retain(|known| known.topic != entry.topic);
            entries.push(entry);
        }
        let journal = Journal { path, entries, file: None, appended: 0 };
        Ok(Self { journal: Arc::new(Mutex::new(journal)) })
    }

    /// Finds an open file's entry, or makes one: gives the topic, the first line to read, and the note of the last
    /// commit. Leaves the file at its start.
    pub(super) fn resume(&self, file: &mut Snapshot, path: &Path) -> io::Result<Resume> {
        let first_line = first_line(file)?;
        let mut journal = self.journal.lock().unwrap_or_else(PoisonError::into_inner);
        let begins_alike = |entry: &&Entry| entry.is_kept() && Some(&entry.first_line) == first_line.as_ref();
        // A file may go on from several entries: one of them may be of a copy of its beginning.
        let mut furthest: Option<Resume> = None;
        for entry in journal.entries.iter().filter(begins_alike) {
            let resume = entry.resume(file)?;
            furthest = furthest.into_iter().chain(resume).max_by_key(|resume| resume.next_offset);
        }
        if let Some(resume) = furthest {
            return Ok(resume);
        }
        let name = path.file_name().map_or_else(|| "file".into(), |name| name.to_string_lossy());
        let topic = unique_topic(&name);
        // An empty file has nothing to commit either.
        if let Some(first_line) = first_line {
            journal.entries.push(Entry {
                topic: topic.clone(),
                first_line,
                next_offset: 0,
                marks: Vec::new(),
                unfinished: None,
                metadata: None,
            });
        }
        Ok(Resume { topic, next_offset: 0, metadata: None })
    }

    fn advance(&self, topic: &str, commit: Commit) -> io::Result<()> {
        let mut journal = self.journal.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(place) = journal.entries.iter().position(|entry| entry.topic == topic) else { return Ok(()) };
        journal.entries[place].advance(commit);
        journal.keep(place)
    }
}

impl Entry {
    /// Whether something was committed of the file.
    fn is_kept(&self) -> bool {
        !self.marks.is_empty() || self.unfinished.is_some()
    }

    /// Where a file goes on; `None` if it is another file. Leaves it at its start.
    fn resume(&self, file: &mut Snapshot) -> io::Result<Option<Resume>> {
        let mut marks = self.marks.iter().peekable();
        let mut unfinished = self.unfinished.as_ref();
        let mut is_other = false;
        let mut is_another_line = false;
        read_lines(file, |lines, number| {
            if let Some(mark) = unfinished.take_if(|mark| mark.number == number) {
                is_another_line = lines.mark_of_content() != *mark;
            }
            if let Some(mark) = marks.next_if(|mark| mark.number == number) {
                is_other = lines.mark().as_ref() != Some(mark);
            }
            !is_other && (marks.peek().is_some() || unfinished.is_some())
        })?;
        // A line without an end may also have been taken back.
        is_another_line |= unfinished.is_some();
        if is_other || marks.peek().is_some() || (is_another_line && self.marks.is_empty()) {
            return Ok(None);
        }
        let unfinished = self.unfinished.as_ref().filter(|mark| is_another_line && mark.number < self.next_offset);
        Ok(Some(unfinished.map_or_else(|| self.go_on(), |mark| self.read_again(mark.number))))
    }

    fn go_on(&self) -> Resume {
        Resume { topic: self.topic.clone(), next_offset: self.next_offset, metadata: self.metadata.clone() }
    }

    /// Goes on with a line that is done, but was not all of the line. In an epoch of its own, in which its number does
    /// not stand for what was stored of it.
    fn read_again(&self, number: i64) -> Resume {
        tracing::info!(
            line = number + 1,
            "the last line, which had no end when it was read, is another one now and is read again"
        );
        let last = self.metadata.as_deref().and_then(|note| note.parse::<Note>().ok()).map_or(0, |note| note.epoch);
        let begun = Note { epoch: last + 1, intent: None };
        Resume { topic: self.topic.clone(), next_offset: number, metadata: begun.text() }
    }

    fn advance(&mut self, commit: Commit) {
        let next_offset = commit.next_offset;
        self.next_offset = next_offset;
        self.metadata = commit.metadata;
        let known = self.marks.drain(..).filter(|mark| mark.number < next_offset);
        self.marks = newest_and(known.chain(commit.marks).collect(), next_offset);
        // A mark behind it was made of the line with its end.
        let last_mark = self.marks.last().map_or(-1, |mark| mark.number);
        self.unfinished = commit.unfinished.or(self.unfinished.take()).filter(|mark| mark.number > last_mark);
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

fn foreign_line(number: usize, error: &serde_json::Error) -> io::Error {
    let reason = format!(
        "line {number} is not what this version writes ({error}); move the file away, and what it names is imported from its beginning"
    );
    io::Error::new(io::ErrorKind::InvalidData, reason)
}

/// What is in a file's first line; none if the file is empty.
fn first_line(file: &mut Snapshot) -> io::Result<Option<Mark>> {
    let mut first_line = None;
    read_lines(file, |lines, _| {
        first_line = Some(lines.mark_of_content());
        false
    })?;
    Ok(first_line)
}

/// Shows a file's lines, by their numbers, as long as they are wanted. Leaves the file at its start.
fn read_lines(
    file: &mut Snapshot,
    mut is_next_wanted: impl FnMut(&mut Lines<BufReader<&mut Snapshot>>, i64) -> bool,
) -> io::Result<()> {
    file.rewind()?;
    let mut lines = Lines::new(BufReader::with_capacity(1 << 20, &mut *file));
    while let Some(number) = lines.next_line()?.map(|line| line.number) {
        if !is_next_wanted(&mut lines, number) {
            break;
        }
    }
    file.rewind()
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

/// What a commit says of a file.
struct Commit {
    next_offset: i64,
    marks: Vec<Mark>,
    unfinished: Option<Mark>,
    metadata: Option<String>,
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
    /// Number of its last line.
    pub(super) last: i64,
    /// The last line with an end that was read by then.
    pub(super) mark: Option<Mark>,
    /// The chunk's last line, if it has no end.
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
        let declared_end = metadata.and_then(|note| note.parse::<Note>().ok()?.intent).map(|intent| intent.last);
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
