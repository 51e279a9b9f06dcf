//! Why a comparison could not be made.

use voc_store::StoreError;

use crate::SourceError;

/// A comparison that could not be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VerifyError {
    /// Kafka could not be asked.
    #[error(transparent)]
    Kafka(#[from] SourceError),
    /// The store could not be asked.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The schemas that records were written with cannot be asked for.
    #[error("the schema registry is unavailable: {0}")]
    Registry(String),
    /// A commit's note is of another version.
    #[error(
        "{partition}: the note {metadata:?} of the last commit was written by another version; verify with that one"
    )]
    CommitMetadata {
        /// The partition.
        partition: String,
        /// The note.
        metadata: String,
    },
}
