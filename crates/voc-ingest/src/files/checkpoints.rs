//! The progress of each file, kept in a file of its own.

use std::{
    collections::{HashMap, VecDeque},
    fs::{self, File, TryLockError},
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

/// The checkpoints of all files imported with one data directory.
///
/// A file is recognised by its content rather than its name: the whole content up to the last event that was or may
/// have been stored. So a renamed or grown file resumes where it stopped, and another file with an old name starts
/// from the beginning; a copy from before it grew is recognised, too. The text counts: an archive is recognised by its
/// content. A last line without a line feed is not part of that: if it was stored and turns out to have been the
/// beginning of a longer line, the file resumes with the longer one.
///
/// An entry belongs to a family: what one family made of a file says nothing about the events that another one finds
/// in it, so each reads the file from the beginning, under a topic of its own.
///
/// Checkpoints are kept as a journal: a commit appends the entry of its file as a line of JSON, the last line of each
/// topic applies, and the journal is compacted from time to time. A commit stands between two inserts, so it takes no
/// longer than a small write, unless the journal is [`synced`](Self::synced).
///
/// A file beside the journal is locked for as long as any clone of the checkpoints lives: a second import would not
/// see the commits of the first, and store its files again.
#[derive(Debug, Clone)]
pub struct Checkpoints {
    journal: Arc<Mutex<Journal>>,
    /// The family whose entries are matched; the journal keeps those of all.
    family: Arc<str>,
}

#[derive(Debug)]
struct Journal {
    path: PathBuf,
    entries: Vec<Entry>,
    /// Open for appending after the first write.
    file: Option<File>,
    /// Lines appended since the last compaction.
    appended: usize,
    /// Whether every write is synced to the disk.
    is_synced: bool,
    /// Locked until it is closed.
    _lock: File,
}

/// Number of appended lines at which the journal is compacted to one line per file.
const MAX_APPENDED: usize = 4096;

impl Checkpoints {
    /// Reads the checkpoints at `path`, to import events of `family`; empty if the file does not exist yet.
    ///
    /// # Errors
    /// If the file cannot be read or was not written by this version, or if other checkpoints are open on it.
    pub fn open(path: impl Into<PathBuf>, family: &str) -> io::Result<Self> {
        let path = path.into();
        let lock = lock(&lock_path(&path))?;
        let content = match fs::read(&path) {
            Ok(content) => content,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(error),
        };
        // The last line of each topic applies.
        let mut entries: HashMap<String, Entry> = HashMap::new();
        // A line without a line feed was truncated by a crash, so its commit was never acknowledged.
        let lines = content.split_inclusive(|byte| *byte == b'\n').filter(|line| line.ends_with(b"\n"));
        for (number, line) in (1..).zip(lines) {
            let entry: Entry = serde_json::from_slice(line).map_err(|error| foreign_line(number, &error))?;
            entries.insert(entry.topic.clone(), entry);
        }
        let journal = Journal {
            path,
            entries: entries.into_values().collect(),
            file: None,
            appended: 0,
            is_synced: false,
            _lock: lock,
        };
        Ok(Self { journal: Arc::new(Mutex::new(journal)), family: family.into() })
    }

    /// Syncs the journal to the disk with every commit, so that it survives a power failure. Otherwise files whose
    /// events are stored would be read again.
    ///
    /// For stores that survive the failure: servers on other machines. Not for the embedded engine, which leaves its
    /// rows to the page cache, too: a journal that outlives them would skip events that are lost. The cost is two
    /// syncs per batch, the first of which writes the declaration; a few milliseconds, beside an insert over the
    /// network.
    #[must_use]
    pub fn synced(self) -> Self {
        self.journal().is_synced = true;
        self
    }

    /// Whether checkpoints are open on `path`, by this process or another one. Nothing is created.
    #[must_use]
    pub fn is_open(path: &Path) -> bool {
        let lock = File::open(lock_path(path));
        lock.is_ok_and(|lock| matches!(lock.try_lock(), Err(TryLockError::WouldBlock)))
    }

    /// Where a file resumes, if a part of it is stored. `is_documents` is set if it is not split into lines.
    ///
    /// A file that was split into values stays so, because every value is an event. One that was split into lines may
    /// turn out to be something else, but then its lines contained no event.
    pub(super) fn resume(&self, file: &mut InputFile, is_documents: bool) -> io::Result<Option<Resume>> {
        let mut first_units = FirstUnits::default();
        let framings = if is_documents { &[Framing::Documents][..] } else { &[Framing::Documents, Framing::Lines] };
        for framing in framings.iter().copied() {
            if self.journal().entries.iter().any(|entry| entry.is_of(&self.family) && entry.is_kept_as(framing)) {
                first_units.find(file, framing)?;
            }
        }
        // Commits must not wait while files are read.
        let begins_alike = |entry: &&Entry| entry.is_of(&self.family) && first_units.are_of(entry);
        let alike: Vec<Entry> = self.journal().entries.iter().filter(begins_alike).cloned().collect();
        // A file may match several entries, for example that of a copy of its beginning.
        let mut furthest: Option<Resume> = None;
        for entry in alike {
            let resume = entry.resume(file)?;
            furthest = furthest.into_iter().chain(resume).max_by_key(|resume| resume.next_offset);
        }
        if let Some(resume) = &furthest {
            let mut journal = self.journal();
            let continued = journal.entries.iter_mut().filter(|entry| entry.topic == resume.topic);
            continued.for_each(Entry::remember_end);
        }
        Ok(furthest)
    }

    /// Begins a file of which nothing is stored.
    pub(super) fn begin(&self, file: &mut InputFile, path: &Path, framing: Framing) -> io::Result<Resume> {
        let name = path.file_name().map_or_else(|| "file".into(), |name| name.to_string_lossy());
        let topic = unique_topic(&name);
        // An empty file has nothing to commit.
        let mut first_units = FirstUnits::default();
        if let Some(first) = first_units.find(file, framing)? {
            let entry = Entry::new(topic.clone(), &self.family, framing, first.clone());
            self.journal().entries.push(entry);
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
    /// Writes an entry.
    fn keep(&mut self, place: usize) -> io::Result<()> {
        let entry = &self.entries[place];
        // Nothing was stored, and there is nothing to recognise the file by.
        if !entry.is_kept() {
            return Ok(());
        }
        match &mut self.file {
            Some(file) if self.appended < MAX_APPENDED => {
                let line = line_of(entry)?;
                let written =
                    file.write_all(&line).and_then(|()| if self.is_synced { file.sync_data() } else { Ok(()) });
                self.appended += 1;
                if written.is_err() {
                    // A part of the line may be written, and the next one would be appended to it. After a failed
                    // sync it is unknown which lines are on the disk. So the next commit writes all of them again.
                    self.file = None;
                }
                written
            }
            _ => self.compact(),
        }
    }

    fn compact(&mut self) -> io::Result<()> {
        let mut content = Vec::new();
        for entry in self.entries.iter().filter(|entry| entry.is_kept()) {
            content.extend(line_of(entry)?);
        }
        // A rename is atomic, so a crash leaves the old file or the new one.
        let temporary = self.path.with_extension("tmp");
        let mut file = File::create(&temporary)?;
        file.write_all(&content)?;
        if self.is_synced {
            // Before the rename: the name must not lead to content that a power failure can take away.
            file.sync_data()?;
        }
        fs::rename(&temporary, &self.path)?;
        if self.is_synced {
            sync_folder_of(&self.path)?;
        }
        self.file = Some(fs::OpenOptions::new().append(true).open(&self.path)?);
        self.appended = 0;
        Ok(())
    }
}

/// The file that is locked while the checkpoints at `path` are open. The journal itself is replaced when it is
/// compacted, so a lock on it would be lost.
fn lock_path(path: &Path) -> PathBuf {
    path.with_extension("lock")
}

/// Locks a file until it is closed. It is never removed: another process might lock the removed one.
fn lock(path: &Path) -> io::Result<File> {
    let unusable = |error: io::Error| io::Error::new(error.kind(), format!("cannot lock {}: {error}", path.display()));
    let file = File::options().write(true).create(true).truncate(false).open(path).map_err(unusable)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => {
            let reason = format!(
                "{} is locked by another import; wait for its end, or use another data directory for other inputs",
                path.display()
            );
            Err(io::Error::new(io::ErrorKind::ResourceBusy, reason))
        }
        Err(TryLockError::Error(error)) => Err(unusable(error)),
    }
}

/// Syncs the names in the folder of a file.
fn sync_folder_of(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    match File::open(folder)?.sync_all() {
        // Some network file systems cannot sync folders.
        Err(error) if matches!(error.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported) => Ok(()),
        synced => synced,
    }
}

fn line_of(entry: &Entry) -> io::Result<Vec<u8>> {
    let mut line = serde_json::to_vec(entry)?;
    line.push(b'\n');
    Ok(line)
}

/// A unique topic, so that equal line numbers of two inputs are never confused.
pub(super) fn unique_topic(name: &str) -> String {
    let mark = Uuid::new_v4().simple().to_string();
    format!("{name}#{}", &mark[..12])
}

fn foreign_line(number: usize, error: &serde_json::Error) -> io::Error {
    let reason = format!(
        "line {number} was not written by this version ({error}); use the version that wrote it, or repair the line: \
         without the file its inputs are stored again, beside what is stored of them"
    );
    io::Error::new(io::ErrorKind::InvalidData, reason)
}

/// Commits a file's progress to its checkpoint.
pub(super) struct CheckpointCommitter {
    pub(super) checkpoints: Checkpoints,
    /// The ends of unfinished chunks. Lanes cut batches at the ends of chunks.
    pub(super) chunk_ends: ChunkEnds,
}

/// Ends of chunks, in order.
pub(super) type ChunkEnds = Arc<Mutex<VecDeque<ChunkEnd>>>;

/// Where a chunk ends.
pub(super) struct ChunkEnd {
    /// Number of its last line or event.
    pub(super) last: i64,
    /// The mark of the last complete unit read by then.
    pub(super) mark: Option<Mark>,
    /// The mark of the last unit of the chunk, if it is unfinished.
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
            // Only the last end before the offset is still needed.
            while chunk_ends.get(1).is_some_and(|end| end.last < next_offset) {
                chunk_ends.pop_front();
            }
            let is_reached = |end: &&ChunkEnd| end.last < next_offset || Some(end.last) == declared_end;
            for end in chunk_ends.iter().filter(is_reached) {
                commit.marks.extend(end.mark.clone());
                commit.unfinished = end.unfinished.clone().or(commit.unfinished);
            }
        }
        self.advance(partition, commit).await.map_err(|error| {
            let reason = format!("checkpoint not written: {error}");
            match remedy_of(&error) {
                DeliveryRemedy::Wait => CommitError::Unavailable(reason),
                DeliveryRemedy::Repair(repair) => CommitError::Refused { reason, repair },
            }
        })
    }
}

impl CheckpointCommitter {
    async fn advance(&self, partition: &TopicPartition, commit: Commit) -> io::Result<()> {
        // A write of one line to the page cache does not justify another thread.
        if !self.checkpoints.journal().is_synced {
            return self.checkpoints.advance(&partition.topic, commit);
        }
        let (checkpoints, topic) = (self.checkpoints.clone(), partition.topic.clone());
        tokio::task::spawn_blocking(move || checkpoints.advance(&topic, commit))
            .await
            .map_err(io::Error::other)
            .flatten()
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
