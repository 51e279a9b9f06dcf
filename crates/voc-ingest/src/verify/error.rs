//! Why a comparison failed.

use voc_store::StoreError;

use crate::SourceError;

/// Why a comparison failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VerifyError {
    /// Kafka could not be queried.
    #[error(transparent)]
    Kafka(#[from] SourceError),
    /// The store could not be queried.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The schema registry could not be queried.
    #[error("the schema registry is unavailable: {0}")]
    Registry(String),
    /// The metadata of a commit was written by another version.
    #[error(
        "{partition}: the metadata {metadata:?} of the last commit was written by another version; verify with that version"
    )]
    CommitMetadata {
        /// The partition.
        partition: String,
        /// The metadata.
        metadata: String,
    },
}
