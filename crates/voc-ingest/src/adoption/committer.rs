//! Commits of an adoption.

use async_trait::async_trait;
use voc_store::{
    Remedy, SqlBackend,
    adoption::{AdoptionClaim, AdoptionError, PredecessorTable},
};

use crate::{CommitError, Committer, TopicPartition};

/// Commits to the table of adoptions, as long as no other process has claimed this one.
pub(super) struct AdoptionCommitter<B> {
    pub(super) table: PredecessorTable<B>,
    pub(super) claim: AdoptionClaim,
}

#[async_trait]
impl<B: SqlBackend> Committer for AdoptionCommitter<B> {
    async fn commit(&self, _: &TopicPartition, next_offset: i64, metadata: Option<&str>) -> Result<(), CommitError> {
        self.table.commit(&self.claim, next_offset, metadata).await.map_err(|error| match error {
            AdoptionError::Store(error) if error.remedy() == Remedy::Wait => {
                CommitError::Unavailable(error.to_string())
            }
            AdoptionError::Store(error) => CommitError::Refused {
                reason: error.to_string(),
                repair: "put the table adoptions or the user's rights in order",
            },
            other => CommitError::Fenced(other.to_string()),
        })
    }
}
