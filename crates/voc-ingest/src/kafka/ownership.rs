//! State of a partition that its lane, its in-flight commits and the polling thread share: whether it may still be
//! committed, and the progress of its log and its commits.

use std::{
    ops::Range,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering},
    },
};

/// State of a partition that its lane, its in-flight commits and the polling thread share. Anything that may still
/// commit holds a reference.
#[derive(Debug)]
pub(super) struct Ownership {
    fenced: AtomicBool,
    commits_under_way: AtomicUsize,
    topic_is_gone: AtomicBool,
    done_before: AtomicI64,
    /// The log's oldest offset, as far as known.
    oldest: AtomicI64,
    /// The first gap in the offsets that was not examined yet.
    gap: Mutex<Option<Range<i64>>>,
}

const UNKNOWN: i64 = -1;

fn known(offset: i64) -> Option<i64> {
    Some(offset).filter(|offset| *offset != UNKNOWN)
}

impl Ownership {
    pub(super) fn new(committed: Option<i64>) -> Arc<Self> {
        Arc::new(Self {
            fenced: AtomicBool::new(false),
            commits_under_way: AtomicUsize::new(0),
            topic_is_gone: AtomicBool::new(false),
            oldest: AtomicI64::new(UNKNOWN),
            gap: Mutex::default(),
            done_before: AtomicI64::new(committed.unwrap_or(UNKNOWN)),
        })
    }

    /// Refuses every commit from now on.
    pub(super) fn fence(&self) {
        self.fenced.store(true, Ordering::SeqCst);
    }

    pub(super) fn is_fenced(&self) -> bool {
        self.fenced.load(Ordering::SeqCst)
    }

    /// Whether a commit was handed to the client and is unanswered. After [`fence`](Self::fence), none can follow.
    pub(super) fn has_commits_under_way(&self) -> bool {
        self.commits_under_way.load(Ordering::SeqCst) > 0
    }

    /// Whether the last commit was refused because the topic does not exist.
    pub(super) fn is_topic_gone(&self) -> bool {
        self.topic_is_gone.load(Ordering::Relaxed)
    }

    pub(super) fn set_topic_gone(&self, is_gone: bool) {
        self.topic_is_gone.store(is_gone, Ordering::Relaxed);
    }

    /// Records that the source skipped offsets.
    pub(super) fn jumped(&self, gap: Range<i64>) {
        self.gap.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(gap);
    }

    /// Records where the log begins.
    pub(super) fn log_begins_at(&self, oldest: i64) {
        self.oldest.store(oldest, Ordering::Relaxed);
    }

    /// Where the log begins, as far as known. By now it may begin later.
    pub(super) fn oldest(&self) -> Option<i64> {
        known(self.oldest.load(Ordering::Relaxed))
    }

    /// Takes the gap that was not examined yet.
    pub(super) fn take_gap(&self) -> Option<Range<i64>> {
        self.gap.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// The offset below which all records are done, once known.
    pub(super) fn done_before(&self) -> Option<i64> {
        known(self.done_before.load(Ordering::Relaxed))
    }

    /// Records that everything below an offset was committed.
    pub(super) fn set_done_before(&self, offset: i64) {
        self.done_before.store(offset, Ordering::Relaxed);
    }

    /// Records where the lane began, if nothing was committed before.
    pub(super) fn began_at(&self, offset: i64) {
        // An earlier commit takes precedence.
        let _known = self.done_before.compare_exchange(UNKNOWN, offset, Ordering::Relaxed, Ordering::Relaxed);
    }
}

/// Marks a commit as in flight while it lives.
pub(super) struct CommitUnderWay<'o>(&'o Ownership);

impl<'o> CommitUnderWay<'o> {
    pub(super) fn begin(ownership: &'o Ownership) -> Self {
        ownership.commits_under_way.fetch_add(1, Ordering::SeqCst);
        Self(ownership)
    }
}

impl Drop for CommitUnderWay<'_> {
    fn drop(&mut self) {
        self.0.commits_under_way.fetch_sub(1, Ordering::SeqCst);
    }
}
