//! What a lane inherits from earlier owners of the partition.

use std::fmt;

use super::{CommitMetadata, Intent};
use crate::CommittedOffset;

/// Where a lane resumes: its epoch, and the batch that an earlier owner declared, if any.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Inheritance {
    /// The lane's epoch.
    pub epoch: i64,
    /// The inherited batch, which must be stored first.
    pub inherited_batch: Option<Intent>,
    /// Why the epoch is new, if it is.
    pub new_epoch: Option<NewEpoch>,
}

/// Why an epoch begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NewEpoch {
    /// Nothing was committed.
    NothingCommitted,
    /// The commit has no metadata.
    NoMetadata,
    /// The metadata of the commit was not written by this program.
    ForeignMetadata,
    /// The metadata declares a batch that does not begin at the committed offset: a tool that preserves metadata has
    /// reset the offset.
    OtherOffset,
}

impl fmt::Display for NewEpoch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NothingCommitted => "nothing was committed",
            Self::NoMetadata => "the commit has no metadata",
            Self::ForeignMetadata => "the metadata of the commit is not ours",
            Self::OtherOffset => "the metadata declares a batch that does not begin at the committed offset",
        })
    }
}

/// Commit metadata of ours that this version cannot read. The batch it declares may be in the store.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "the metadata {metadata:?} of the last commit was written by another version, which may have stored a part of the \
     batch it declares; let that version finish, or reset the offset of the group"
)]
pub struct UnknownCommitMetadata {
    /// The metadata.
    pub metadata: String,
}

impl Inheritance {
    /// What the last commit leaves to its next owner. Begins `new_epoch` if the commit carries no epoch.
    ///
    /// # Errors
    /// [`UnknownCommitMetadata`] if the metadata was written by another version.
    pub fn of(committed: Option<&CommittedOffset>, new_epoch: i64) -> Result<Self, UnknownCommitMetadata> {
        let begin = |reason| Ok(Self { epoch: new_epoch, inherited_batch: None, new_epoch: Some(reason) });
        let Some(committed) = committed else { return begin(NewEpoch::NothingCommitted) };
        let Some(text) = committed.metadata.as_deref().filter(|metadata| !metadata.is_empty()) else {
            return begin(NewEpoch::NoMetadata);
        };
        match text.parse::<CommitMetadata>() {
            Ok(CommitMetadata { intent: Some(intent), .. }) if intent.first != committed.next_offset => {
                begin(NewEpoch::OtherOffset)
            }
            Ok(CommitMetadata { epoch, intent }) => Ok(Self { epoch, inherited_batch: intent, new_epoch: None }),
            Err(_) if CommitMetadata::is_ours(text) => Err(UnknownCommitMetadata { metadata: text.to_owned() }),
            Err(_) => begin(NewEpoch::ForeignMetadata),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(next_offset: i64, metadata: Option<&str>) -> Result<Inheritance, UnknownCommitMetadata> {
        Inheritance::of(Some(&CommittedOffset { next_offset, metadata: metadata.map(str::to_owned) }), 99)
    }

    #[test]
    fn epoch_and_batch_are_inherited() {
        for (metadata, epoch, inherited_batch) in [
            ("voc/1 epoch 7", 7, None),
            ("voc/1 epoch 7 intent 5-9", 7, Some(Intent { first: 5, last: 9 })),
            ("voc/1 intent 5-9", 0, Some(Intent { first: 5, last: 9 })),
        ] {
            assert_eq!(of(5, Some(metadata)), Ok(Inheritance { epoch, inherited_batch, new_epoch: None }));
        }
    }

    #[test]
    fn an_epoch_begins_without_metadata_that_fits_the_offset() {
        let begun = |reason| Ok(Inheritance { epoch: 99, inherited_batch: None, new_epoch: Some(reason) });
        assert_eq!(Inheritance::of(None, 99), begun(NewEpoch::NothingCommitted));
        for (metadata, reason) in [
            (None, NewEpoch::NoMetadata),
            (Some(""), NewEpoch::NoMetadata),
            (Some("up to 5"), NewEpoch::ForeignMetadata),
            (Some("voc/1 epoch 7 intent 6-9"), NewEpoch::OtherOffset),
            (Some("voc/1 intent 4-9"), NewEpoch::OtherOffset),
        ] {
            assert_eq!(of(5, metadata), begun(reason));
        }
    }

    #[test]
    fn metadata_of_another_version_is_an_error() {
        assert!(of(5, Some("voc/2 epoch 7")).unwrap_err().to_string().contains("voc/2 epoch 7"));
    }
}
