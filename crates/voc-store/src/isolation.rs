//! Isolates the rows that a store refuses: a refused batch is halved until only single rows are refused.
//!
//! Every piece is stored as by a re-insert, under its own token, which depends only on the batch and the piece's
//! position in it. A row that the store refuses makes it refuse every piece that contains the row. So an accepted row
//! lands in exactly one piece, the largest one without a refused row, no matter which process halves the batch, or how
//! often. This holds as long as the store refuses the same rows every time; if that changes while two processes work
//! on the same batch, a row may be stored twice until a merge.

use std::{collections::BinaryHeap, ops::Range, sync::Arc};

use voc_events::Column;

use crate::{InsertBatch, ReinsertOutcome, StoreError, TablePart};

/// This many refused rows, without a single accepted piece, show that the rows are not the cause.
///
/// Refused pieces of several rows show nothing: in a batch of thousands, a bad row in every hundred makes the store
/// refuse every large piece.
const MAX_REFUSED_ROWS: usize = 50;

/// The outcome for a batch that the store refused as a whole.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct IsolationOutcome {
    /// The stored rows.
    pub stored: ReinsertOutcome,
    /// The refused rows, in the order of their offsets.
    pub refused: Vec<RefusedRow>,
}

impl From<ReinsertOutcome> for IsolationOutcome {
    /// The outcome for a batch that was not refused.
    fn from(stored: ReinsertOutcome) -> Self {
        Self { stored, refused: Vec::new() }
    }
}

/// A row that the store refuses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedRow {
    /// Its offset.
    pub offset: i64,
    /// Its event's tenant; empty if the table has no tenants.
    pub tenant_id: String,
    /// Its event as received; `None` if the table does not store it.
    pub payload: Option<String>,
    /// The store's error.
    pub error: String,
}

/// The halving of a batch, without I/O: it names the next piece to re-insert, and receives the outcome.
///
/// Of a refused piece one half comes next, down to a single row; then comes the largest piece that is waiting. So
/// single rows are tried soon, and all over the batch: if the store accepts anything at all, that shows after a few
/// attempts, and if it does not, after at most `MAX_REFUSED_ROWS` times the halvings of a batch.
pub(crate) struct Isolation {
    batch: Arc<InsertBatch>,
    next: Option<Piece>,
    waiting: BinaryHeap<Piece>,
    refusals: usize,
    isolated: IsolationOutcome,
}

/// Neighbouring rows of a part. The largest piece has the highest order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Piece {
    size: usize,
    part: usize,
    start: usize,
}

impl Piece {
    fn rows(self) -> Range<usize> {
        self.start..self.start + self.size
    }

    fn halves(self) -> [Self; 2] {
        let size = self.size / 2;
        [Self { size, ..self }, Self { size: self.size - size, start: self.start + size, ..self }]
    }
}

impl Isolation {
    pub(crate) fn new(batch: Arc<InsertBatch>) -> Self {
        let parts = batch.parts.iter().enumerate();
        let pieces = parts.map(|(part, TablePart { rows, .. })| Piece { size: rows.rows(), part, start: 0 });
        let mut waiting: BinaryHeap<Piece> = pieces.collect();
        Self { batch, next: waiting.pop(), waiting, refusals: 0, isolated: IsolationOutcome::default() }
    }

    /// The next piece to re-insert, as a batch of one part, and its token; `None` when everything is done.
    pub(crate) fn piece(&self) -> Option<(Arc<InsertBatch>, String)> {
        let piece = self.next?;
        let (part, rows) = (piece.part, piece.rows());
        let whole = &self.batch.parts[part];
        let token = self.batch.token(whole);
        if rows == (0..whole.rows.rows()) {
            return Some((Arc::new(self.batch.only_part(part, whole.rows.clone())), token));
        }
        let offsets = &whole.rows.offsets()[rows.clone()];
        let token = format!("{token}/{}-{}", offsets.first()?, offsets.last()?);
        Some((Arc::new(self.batch.only_part(part, whole.rows.slice(rows))), token))
    }

    /// The piece is stored.
    pub(crate) fn stored(&mut self, reinserted: ReinsertOutcome) {
        self.next = self.waiting.pop();
        self.isolated.stored += reinserted;
    }

    /// The piece was refused: it is halved, or its row is found.
    ///
    /// # Errors
    /// [`StoreError::RefusesAll`] after enough attempts.
    pub(crate) fn refused(&mut self, error: &StoreError) -> Result<(), StoreError> {
        let Some(piece) = self.next.take() else { return Ok(()) };
        self.refusals += 1;
        if piece.size > 1 {
            self.halve(piece);
            return Ok(());
        }
        self.next = self.waiting.pop();
        let Piece { part, start, .. } = piece;
        let all = &self.batch.parts[part].rows;
        let text = |role: Option<Column>| all.texts(role?.name).nth(start).map(str::to_owned);
        let (tenant_id, payload) = (text(all.table().tenant).unwrap_or_default(), text(all.table().payload));
        let offset = all.offsets().get(start).copied();
        let refused = offset.map(|offset| RefusedRow { offset, tenant_id, payload, error: error.to_string() });
        self.isolated.refused.extend(refused);
        if self.isolated.refused.len() >= MAX_REFUSED_ROWS && self.isolated.stored == ReinsertOutcome::default() {
            return Err(StoreError::RefusesAll { attempts: self.refusals, message: error.to_string() });
        }
        Ok(())
    }

    /// One half of a piece comes next, the other waits.
    fn halve(&mut self, piece: Piece) {
        let [mut next, mut other] = piece.halves();
        if self.refusals.is_multiple_of(2) {
            // Both sides in turn: bad rows may well be the first of every piece.
            std::mem::swap(&mut next, &mut other);
        }
        self.next = Some(next);
        self.waiting.push(other);
    }

    pub(crate) fn outcome(mut self) -> IsolationOutcome {
        self.isolated.refused.sort_unstable_by_key(|row| row.offset);
        self.isolated
    }
}
