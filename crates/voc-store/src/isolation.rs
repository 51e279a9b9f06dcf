//! Finding the rows a store refuses among those it takes: a refused batch is halved until what is refused are single rows.
//!
//! Every piece is stored like a replay, and has a token of its own that depends only on the batch and the piece's place in it. A row
//! the store refuses makes every piece refused that holds it, so a row it takes lands in one piece only, whoever halves the batch and
//! however often: the largest that holds no refused row. That is as true as the store's refusing the same rows every time; if
//! what it takes changes while two processes are at the same batch, a row may be there twice until a merge.

use std::{collections::VecDeque, ops::Range, sync::Arc};

use voc_events::Column;

use crate::{InsertBatch, Replayed, StoreError, TablePart};

/// So many pieces refused, and none taken, show that it is not the rows.
const MOST_REFUSALS: usize = 100;

/// What has become of a batch that the store refused as a whole.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Isolated {
    /// The rows that are stored.
    pub stored: Replayed,
    /// The rows that are not, in the order of their offsets.
    pub refused: Vec<RefusedRow>,
}

impl From<Replayed> for Isolated {
    /// Of a batch that was not refused.
    fn from(stored: Replayed) -> Self {
        Self { stored, refused: Vec::new() }
    }
}

/// A row the store does not take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedRow {
    /// Its offset.
    pub offset: i64,
    /// Its event's tenant; empty if the table has no tenants.
    pub tenant_id: String,
    /// Its event as received; `None` if the table does not keep it.
    pub payload: Option<String>,
    /// The store's words.
    pub error: String,
}

/// A batch being halved, without I/O: it says which piece is to be replayed next, and is told the outcome.
///
/// All pieces of one size come before the next smaller ones: if the store takes anything at all, that shows soon.
pub(crate) struct Isolation {
    batch: Arc<InsertBatch>,
    waiting: VecDeque<Piece>,
    refusals: usize,
    isolated: Isolated,
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
        Self { batch, waiting, refusals: 0, isolated: Isolated::default() }
    }

    /// The piece to replay now, as a batch of one part, and its token; none when all is done.
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
    pub(crate) fn stored(&mut self, replayed: Replayed) {
        self.waiting.pop_front();
        self.isolated.stored += replayed;
    }

    /// The piece was refused: it is halved, or its row is found.
    ///
    /// # Errors
    /// [`StoreError::RefusesAll`] if enough was tried.
    pub(crate) fn refused(&mut self, error: &StoreError) -> Result<(), StoreError> {
        let Some(Piece { part, rows }) = self.waiting.pop_front() else { return Ok(()) };
        self.refusals += 1;
        if self.refusals >= MOST_REFUSALS && self.isolated.stored == Replayed::default() {
            return Err(StoreError::RefusesAll { tries: self.refusals, message: error.to_string() });
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

    pub(crate) fn outcome(mut self) -> Isolated {
        self.isolated.refused.sort_unstable_by_key(|row| row.offset);
        self.isolated
    }
}
