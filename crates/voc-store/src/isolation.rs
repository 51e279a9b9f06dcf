//! Isolates the rows that a store refuses: a refused batch is halved until only single rows are refused.
//!
//! Every piece is stored as by a re-insert, under its own token, which depends only on the batch and the piece's
//! position in it. A row that the store refuses makes it refuse every piece that contains the row. So an accepted row
//! lands in exactly one piece, the largest one without a refused row, no matter which process halves the batch, or how
//! often. This holds as long as the store refuses the same rows every time; if that changes while two processes work
//! on the same batch, a row may be stored twice until a merge.

use std::{collections::VecDeque, ops::Range, sync::Arc};

use voc_events::Column;

use crate::{InsertBatch, ReinsertOutcome, StoreError, TablePart};

/// This many refused pieces, without a single accepted one, show that the rows are not the cause.
const MAX_REFUSALS: usize = 100;

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
/// All pieces of one size come before the smaller ones: if the store accepts anything at all, that shows soon.
pub(crate) struct Isolation {
    batch: Arc<InsertBatch>,
    waiting: VecDeque<Piece>,
    refusals: usize,
    isolated: IsolationOutcome,
}

/// Neighbouring rows of a part.
#[derive(Debug, Clone)]
struct Piece {
    part: usize,
    rows: Range<usize>,
}

impl Isolation {
    pub(crate) fn new(batch: Arc<InsertBatch>) -> Self {
        let parts = batch.parts.iter().enumerate();
        let waiting = parts.map(|(part, TablePart { rows, .. })| Piece { part, rows: 0..rows.rows() }).collect();
        Self { batch, waiting, refusals: 0, isolated: IsolationOutcome::default() }
    }

    /// The next piece to re-insert, as a batch of one part, and its token; `None` when everything is done.
    pub(crate) fn piece(&self) -> Option<(Arc<InsertBatch>, String)> {
        let Piece { part, rows } = self.waiting.front()?;
        let whole = &self.batch.parts[*part];
        let token = self.batch.token(whole);
        if *rows == (0..whole.rows.rows()) {
            return Some((Arc::new(self.batch.only_part(*part, whole.rows.clone())), token));
        }
        let offsets = &whole.rows.offsets()[rows.clone()];
        let token = format!("{token}/{}-{}", offsets.first()?, offsets.last()?);
        Some((Arc::new(self.batch.only_part(*part, whole.rows.slice(rows.clone()))), token))
    }

    /// The piece is stored.
    pub(crate) fn stored(&mut self, reinserted: ReinsertOutcome) {
        self.waiting.pop_front();
        self.isolated.stored += reinserted;
    }

    /// The piece was refused: it is halved, or its row is found.
    ///
    /// # Errors
    /// [`StoreError::RefusesAll`] after enough attempts.
    pub(crate) fn refused(&mut self, error: &StoreError) -> Result<(), StoreError> {
        let Some(Piece { part, rows }) = self.waiting.pop_front() else { return Ok(()) };
        self.refusals += 1;
        if self.refusals >= MAX_REFUSALS && self.isolated.stored == ReinsertOutcome::default() {
            return Err(StoreError::RefusesAll { attempts: self.refusals, message: error.to_string() });
        }
        if rows.len() > 1 {
            let middle = rows.start.midpoint(rows.end);
            self.waiting.extend([Piece { part, rows: rows.start..middle }, Piece { part, rows: middle..rows.end }]);
            return Ok(());
        }
        let all = &self.batch.parts[part].rows;
        let text = |role: Option<Column>| all.texts(role?.name).nth(rows.start).map(str::to_owned);
        let (tenant_id, payload) = (text(all.table().tenant).unwrap_or_default(), text(all.table().payload));
        let offset = all.offsets().get(rows.start).copied();
        let refused = offset.map(|offset| RefusedRow { offset, tenant_id, payload, error: error.to_string() });
        self.isolated.refused.extend(refused);
        Ok(())
    }

    pub(crate) fn outcome(mut self) -> IsolationOutcome {
        self.isolated.refused.sort_unstable_by_key(|row| row.offset);
        self.isolated
    }
}
