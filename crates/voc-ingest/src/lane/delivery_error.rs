//! Why a delivery failed.

use voc_store::StoreError;

use crate::{CommitError, DeadLetterError, DeliveryRemedy, ProtocolError};

/// Why this lane will not deliver a batch.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DeliveryError {
    /// The partition has another owner, which will deliver these records.
    #[error("fenced: {0}")]
    Fenced(String),
    /// A part of the batch is refused until the cause is repaired.
    #[error(
        "{what} cannot be delivered after {attempts} attempts: {failure}. It is neither committed nor lost: {repair}, and \
         restart"
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
    /// Rows, and the failure is not due to individual ones.
    #[error("its rows are not stored: {0}")]
    Rows(StoreError),
    /// Dead letters; their number.
    #[error("{0} {1}")]
    DeadLetters(usize, DeadLetterError),
    /// Its ledger entry.
    #[error("its ledger entry is not stored: {0}")]
    Entry(StoreError),
    /// A commit, which completes or declares a batch.
    #[error(transparent)]
    Commit(CommitError),
}

impl Failure {
    /// The remedy for this failure.
    pub(super) fn remedy(&self) -> DeliveryRemedy {
        match self {
            Self::Rows(error) | Self::Entry(error) => error.into(),
            Self::DeadLetters(_, error) => error.remedy,
            Self::Commit(CommitError::Refused { repair, .. }) => DeliveryRemedy::Repair(repair),
            Self::Commit(_) => DeliveryRemedy::Wait,
        }
    }
}
