//! The state of one lane in the protocol.

use super::Intent;

/// One lane's state in the intent protocol.
///
/// The lane reports what happened (`cut`, `declared`, `doubted`, `stored`, `completed`) and makes the commits that are
/// due.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Protocol {
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum State {
    /// The commit declares nothing: no record after it is in the store.
    Free,
    /// The commit declares a batch of an earlier owner, which may be stored in part.
    Inherited(Intent),
    /// A batch is cut, and the commit that declares it is due. The same commit completes the previous batch.
    Cut(Intent),
    /// The commit declares this batch, and its insert is in flight.
    Declared { intent: Intent, attempt: Attempt },
    /// This batch is stored; the commit still declares it.
    Stored(Intent),
}

/// How a batch must be inserted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Attempt {
    /// No part of it can be in the store: insert it under its token.
    First,
    /// An earlier attempt may have stored any part of it: re-insert it, which reads back first.
    Again,
}

/// A commit that is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct DueCommit {
    /// All records before this offset are done.
    pub next_offset: i64,
    /// The batch declared to follow.
    pub intent: Option<Intent>,
}

/// A lane's report that its state does not allow; a defect in the lane.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the intent protocol does not allow {report} now")]
pub struct ProtocolError {
    /// What was reported.
    pub report: &'static str,
}

impl Protocol {
    /// The initial state of a partition, given the intent of its last commit, if any.
    #[must_use]
    pub fn take_over(intent: Option<Intent>) -> Self {
        Self { state: intent.map_or(State::Free, State::Inherited) }
    }

    /// The inherited batch, which must be sent again, with exactly this range, before anything else.
    #[must_use]
    pub fn inherited_batch(&self) -> Option<Intent> {
        match self.state {
            State::Inherited(intent) => Some(intent),
            _ => None,
        }
    }

    /// Reports that a batch was cut. Returns the commit that must succeed before its insert; `None` if the batch is
    /// declared already.
    ///
    /// # Errors
    /// [`ProtocolError`] while another batch is in flight or an inherited batch is due.
    pub fn cut(&mut self, intent: Intent) -> Result<Option<DueCommit>, ProtocolError> {
        let declaration = DueCommit { next_offset: intent.first, intent: Some(intent) };
        match self.state {
            State::Inherited(inherited_batch) if inherited_batch == intent => {
                self.state = State::Declared { intent, attempt: Attempt::Again };
                Ok(None)
            }
            State::Free => {
                self.state = State::Cut(intent);
                Ok(Some(declaration))
            }
            State::Stored(before) if before.last < intent.first => {
                self.state = State::Cut(intent);
                Ok(Some(declaration))
            }
            _ => Err(ProtocolError { report: "a cut" }),
        }
    }

    /// Reports that the declaring commit has succeeded.
    ///
    /// # Errors
    /// [`ProtocolError`] if no such commit was due.
    pub fn declared(&mut self) -> Result<(), ProtocolError> {
        let State::Cut(intent) = self.state else { return Err(ProtocolError { report: "a declaration" }) };
        self.state = State::Declared { intent, attempt: Attempt::First };
        Ok(())
    }

    /// How the declared batch must be inserted; `None` while no batch is declared.
    #[must_use]
    pub fn attempt(&self) -> Option<Attempt> {
        match self.state {
            State::Declared { attempt, .. } => Some(attempt),
            _ => None,
        }
    }

    /// Reports that an attempt to insert has ended without revealing whether anything was stored.
    ///
    /// # Errors
    /// [`ProtocolError`] if no batch is declared.
    pub fn doubted(&mut self) -> Result<(), ProtocolError> {
        let State::Declared { attempt, .. } = &mut self.state else { return Err(ProtocolError { report: "a doubt" }) };
        *attempt = Attempt::Again;
        Ok(())
    }

    /// Reports that the whole batch is stored.
    ///
    /// # Errors
    /// [`ProtocolError`] if no batch is declared.
    pub fn stored(&mut self) -> Result<(), ProtocolError> {
        let State::Declared { intent, .. } = self.state else { return Err(ProtocolError { report: "an insert" }) };
        self.state = State::Stored(intent);
        Ok(())
    }

    /// The commit that completes the stored batch, to be made if no other batch is ready to be cut.
    #[must_use]
    pub fn completion(&self) -> Option<DueCommit> {
        match self.state {
            State::Stored(intent) => Some(DueCommit { next_offset: intent.last + 1, intent: None }),
            _ => None,
        }
    }

    /// Reports that the completing commit has succeeded.
    ///
    /// # Errors
    /// [`ProtocolError`] if no such commit was due.
    pub fn completed(&mut self) -> Result<(), ProtocolError> {
        let State::Stored(_) = self.state else { return Err(ProtocolError { report: "a completion" }) };
        self.state = State::Free;
        Ok(())
    }
}
