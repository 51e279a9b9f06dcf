//! Why something is not delivered.

use voc_store::StoreError;

use crate::{CommitError, DeadLetterError, DeliveryRemedy, ProtocolError};

/// Why a batch will not be delivered by this lane.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DeliveryError {
    /// The partition has another owner, who will deliver these records.
    #[error("fenced: {0}")]
    Fenced(String),
    /// Something of the batch is refused for what somebody must repair.
    #[error(
        "{what} cannot be delivered, after {attempts} attempts: {failure}. Nothing of it is committed or lost: {repair}, and start \
         again"
    )]
    Refused {
        /// What could not be delivered, such as `the batch 0-9`.
        what: String,
        /// Attempts made.
        attempts: u32,
        /// Why the last one failed.
        #[source]
        failure: Box<Failure>,
        /// What to do.
        repair: &'static str,
    },
    /// A defect in the lane.
    #[error(transparent)]
    Protocol(#[from] ProtocolError),
}

/// What could not be delivered.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Failure {
    /// Rows, and leaving some out does not help.
    #[error("its rows are not stored: {0}")]
    Rows(StoreError),
    /// So many dead letters.
    #[error("{0} {1}")]
    DeadLetters(usize, DeadLetterError),
    /// What the ledger is to say of it.
    #[error("its entry in the ledger is not stored: {0}")]
    Entry(StoreError),
    /// How far the partition is done, or a declaration.
    #[error(transparent)]
    Commit(CommitError),
}

impl Failure {
    /// What helps.
    pub(super) fn remedy(&self) -> DeliveryRemedy {
        match self {
            Self::Rows(error) | Self::Entry(error) => error.into(),
            Self::DeadLetters(_, error) => error.remedy,
            Self::Commit(CommitError::Refused { repair, .. }) => DeliveryRemedy::Repair(repair),
            Self::Commit(_) => DeliveryRemedy::Wait,
        }
    }
}
