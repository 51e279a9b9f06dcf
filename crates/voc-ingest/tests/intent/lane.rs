//! The actions of a process on the partition that it has, or believes to have.

use voc_ingest::{DueCommit, Intent, Protocol};

use crate::model::Rows;

/// One ownership of the partition; ends with its process or with a refused commit.
#[derive(Debug, Clone)]
pub(crate) struct Lane {
    /// Its commits are accepted while there is no later generation.
    pub(crate) generation: u32,
    pub(crate) protocol: Protocol,
    /// The first offset that is in no batch yet.
    pub(crate) position: i64,
    pub(crate) work: Work,
}

/// The progress of the batch in flight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Work {
    /// No batch is in flight.
    Idle,
    /// The declaration of the batch is being committed.
    Declaring { batch: Intent, commit: DueCommit },
    /// Its dead letters are being delivered.
    DeadLetters { batch: Intent },
    /// The store is being queried for stored parts, after `retry` inserts were answered.
    ReadBack { batch: Intent, retry: u8 },
    /// These rows are about to be inserted.
    Ready { batch: Intent, rows: Rows, retry: u8 },
    /// They were sent.
    Sent { batch: Intent, rows: Rows, retry: u8, attempt: u16 },
}

impl Lane {
    pub(crate) fn take_over(generation: u32, committed: DueCommit, intent: Option<Intent>) -> Self {
        Self { generation, protocol: Protocol::take_over(intent), position: committed.next_offset, work: Work::Idle }
    }

    /// The batch is stored.
    pub(crate) fn stored(&mut self) {
        self.protocol.stored().expect("the batch was declared");
        self.work = Work::Idle;
    }

    /// The commit that is due or possible.
    pub(crate) fn commit(&self) -> Option<DueCommit> {
        match self.work {
            Work::Declaring { commit, .. } => Some(commit),
            Work::Idle => self.protocol.completion(),
            _ => None,
        }
    }

    /// The declared batch that is not stored yet.
    pub(crate) fn delivering(&self) -> Option<Intent> {
        match self.work {
            Work::Idle | Work::Declaring { .. } => None,
            Work::DeadLetters { batch }
            | Work::ReadBack { batch, .. }
            | Work::Ready { batch, .. }
            | Work::Sent { batch, .. } => Some(batch),
        }
    }
}
