//! Reads one input: turns units into chunks of records.

use std::{io, sync::PoisonError};

use tokio::{runtime::Handle, sync::mpsc};
use voc_events::Timestamp;

use super::{
    archive::Damage,
    checkpoints::{ChunkEnd, ChunkEnds},
    foreign::ForeignFormat,
    marks::Mark,
    opened::{Content, Unreadable},
    progress::Progress,
    settings::UnfinishedTail,
    units::{Framing, Units},
};
use crate::{MemoryBudget, RecordChunk, clock::now_utc};

/// Size at which a chunk is handed on.
const CHUNK_BYTES: usize = 256 * 1024;

/// Reads one input.
pub(super) struct Reader {
    /// Number of units to skip at the start.
    pub(super) skip: i64,
    pub(super) name: String,
    pub(super) unfinished: UnfinishedTail,
    pub(super) records: mpsc::Sender<RecordChunk>,
    pub(super) budget: MemoryBudget,
    pub(super) chunk_records: usize,
    pub(super) progress: Progress,
    pub(super) runtime: Handle,
}

/// How reading ended normally.
pub(super) enum End {
    /// At the input's end.
    Whole,
    /// The receiver of the records is gone.
    ReceiverClosed,
}

/// Why reading failed. Everything before the failure was handed on.
pub(super) enum ReadError {
    Io(io::Error),
    Foreign(ForeignFormat),
    Damaged(Damage),
    /// The input ends within an array or a value.
    Incomplete {
        events: i64,
    },
}

impl From<io::Error> for ReadError {
    fn from(error: io::Error) -> Self {
        error.downcast::<Damage>().map_or_else(Self::Io, Self::Damaged)
    }
}

impl From<Unreadable> for ReadError {
    fn from(error: Unreadable) -> Self {
        match error {
            Unreadable::Io(error) => error.into(),
            Unreadable::Foreign(format) => Self::Foreign(format),
        }
    }
}

impl Reader {
    /// Reads an input to its end.
    pub(super) fn run(self, content: Content) -> Result<End, ReadError> {
        let (may_grow, chunk_ends) = match &content {
            Content::File { may_grow, chunk_ends, .. } => (*may_grow, Some(ChunkEnds::clone(chunk_ends))),
            Content::Stream(_) => (false, None),
        };
        let (units, framing) = content.units()?;
        let leaves_unfinished = may_grow && self.unfinished == UnfinishedTail::Leave;
        let chunk = RecordChunk::default();
        let active_read = ActiveRead {
            reader: self,
            units,
            framing,
            chunk_ends,
            leaves_unfinished,
            chunk,
            read_at: None,
            part: None,
        };
        active_read.run()
    }
}

/// A read in progress.
struct ActiveRead {
    reader: Reader,
    units: Units<'static>,
    framing: Framing,
    /// Ends of chunks, for inputs that can be read again.
    chunk_ends: Option<ChunkEnds>,
    leaves_unfinished: bool,
    chunk: RecordChunk,
    read_at: Option<Timestamp>,
    /// A mark of the unfinished unit at the end of the chunk.
    part: Option<Mark>,
}

/// The outcome of reading a unit.
enum UnitOutcome {
    /// A unit was taken, or a blank one skipped.
    Unit,
    /// The input has ended.
    End,
    /// The input has ended; its unfinished unit is left for the next import.
    Left,
}

impl ActiveRead {
    fn run(mut self) -> Result<End, ReadError> {
        self.units.skip(self.reader.skip)?;
        let outcome = loop {
            if self.is_due() && !self.hand_on() {
                return Ok(End::ReceiverClosed);
            }
            match self.take() {
                Ok(UnitOutcome::Unit) => {}
                Ok(end) => break Ok(end),
                Err(error) => break Err(error),
            }
        };
        // Also before an error: the records before it are valid.
        if !self.chunk.is_empty() && !self.hand_on() {
            return Ok(End::ReceiverClosed);
        }
        let is_incomplete = matches!(outcome?, UnitOutcome::End) && self.units.is_open();
        if is_incomplete && !self.leaves_unfinished {
            return Err(ReadError::Incomplete { events: self.units.count() });
        }
        if is_incomplete {
            self.warn_of_rest("the input ends within an array of events, which the next import resumes");
        }
        Ok(End::Whole)
    }

    /// Whether to hand on the chunk before reading further, because it is full or because the next read may block. A
    /// pipe cannot be read again, so its complete lines must not wait for the rest of another.
    fn is_due(&mut self) -> bool {
        if self.chunk.is_empty() {
            return false;
        }
        let is_full = self.chunk.len() >= self.reader.chunk_records || self.chunk.bytes() >= CHUNK_BYTES;
        is_full || (self.chunk_ends.is_none() && !self.units.is_ready())
    }

    fn take(&mut self) -> io::Result<UnitOutcome> {
        let Some(unit) = self.units.next_unit()? else { return Ok(UnitOutcome::End) };
        if unit.is_blank() {
            return Ok(UnitOutcome::Unit);
        }
        let (number, is_whole) = (unit.number, unit.is_whole);
        if !is_whole && self.leaves_unfinished {
            self.warn_of_rest(match self.framing {
                Framing::Lines => {
                    "the last line has no line feed, so it may be incomplete; it is left until it has one"
                }
                Framing::Documents => "the input ends within an event; it is left until it is complete",
            });
            return Ok(UnitOutcome::Left);
        }
        if self.chunk.is_empty() {
            // One timestamp per chunk.
            self.read_at = Some(now_utc());
        }
        self.chunk.push_cut(number, self.read_at, unit.bytes, unit.length);
        if !is_whole {
            self.part = Some(self.units.mark_of_content());
        }
        Ok(UnitOutcome::Unit)
    }

    fn warn_of_rest(&self, message: &'static str) {
        let number = self.units.count();
        tracing::warn!(
            input = self.reader.name,
            unit = self.framing.unit(),
            number,
            "{message}, or until --once takes it"
        );
    }

    /// Sends the chunk to the lane, waiting for memory and for room; `false` if the lane is gone.
    fn hand_on(&mut self) -> bool {
        let mut chunk = std::mem::take(&mut self.chunk);
        self.reader.progress.advance(self.units.count());
        chunk.charge(self.reader.runtime.block_on(self.reader.budget.acquire(chunk.bytes())));
        if let (Some(chunk_ends), Some(last)) = (&self.chunk_ends, chunk.last_offset()) {
            let end = ChunkEnd { last, mark: self.units.mark(), unfinished: self.part.take() };
            chunk_ends.lock().unwrap_or_else(PoisonError::into_inner).push_back(end);
        }
        self.reader.records.blocking_send(chunk).is_ok()
    }
}
