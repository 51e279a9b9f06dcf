//! What a lane takes over from the partition's earlier owners.

use std::fmt;

use super::{Intent, Note};
use crate::Committed;

/// Where a lane goes on: in which epoch, and with which batch that an earlier owner declared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Inheritance {
    /// The lane's epoch.
    pub epoch: i64,
    /// The batch it owes.
    pub owed: Option<Intent>,
    /// Why the epoch is a new one, if it is.
    pub new_epoch: Option<NewEpoch>,
}

/// Why an epoch begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NewEpoch {
    /// Nothing was committed.
    NothingCommitted,
    /// The commit has no note.
    NoNote,
    /// The commit's note is somebody else's.
    ForeignNote,
    /// The note declares a batch that does not begin at the committed offset: the offset was reset by a tool that keeps notes.
    OtherOffset,
}

impl fmt::Display for NewEpoch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NothingCommitted => "nothing was committed",
            Self::NoNote => "the commit has no note",
            Self::ForeignNote => "the note of the commit is not ours",
            Self::OtherOffset => "the note declares a batch that does not begin at the committed offset",
        })
    }
}

/// A note of ours that this version cannot read: what it declares may be in the store.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "the last commit's note {note:?} was written by another version, which may have stored a part of the batch it declares; let \
     that version finish, or reset the group's offset"
)]
pub struct UnknownNote {
    /// The note.
    pub note: String,
}

impl Inheritance {
    /// What the last commit leaves to its next owner; `new_epoch` is begun where it says nothing of an epoch.
    ///
    /// # Errors
    /// [`UnknownNote`] if the note is of another version.
    pub fn of(committed: Option<&Committed>, new_epoch: i64) -> Result<Self, UnknownNote> {
        let begin = |reason| Ok(Self { epoch: new_epoch, owed: None, new_epoch: Some(reason) });
        let Some(committed) = committed else { return begin(NewEpoch::NothingCommitted) };
        let Some(text) = committed.note.as_deref().filter(|note| !note.is_empty()) else {
            return begin(NewEpoch::NoNote);
        };
        match text.parse::<Note>() {
            Ok(Note { intent: Some(intent), .. }) if intent.first != committed.next_offset => {
                begin(NewEpoch::OtherOffset)
            }
            Ok(Note { epoch, intent }) => Ok(Self { epoch, owed: intent, new_epoch: None }),
            Err(_) if Note::is_ours(text) => Err(UnknownNote { note: text.to_owned() }),
            Err(_) => begin(NewEpoch::ForeignNote),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(next_offset: i64, note: Option<&str>) -> Result<Inheritance, UnknownNote> {
        Inheritance::of(Some(&Committed { next_offset, note: note.map(str::to_owned) }), 99)
    }

    #[test]
    fn a_note_hands_its_epoch_and_its_batch_on() {
        for (note, epoch, owed) in [
            ("voc/1 epoch 7", 7, None),
            ("voc/1 epoch 7 intent 5-9", 7, Some(Intent { first: 5, last: 9 })),
            ("voc/1 intent 5-9", 0, Some(Intent { first: 5, last: 9 })),
        ] {
            assert_eq!(of(5, Some(note)), Ok(Inheritance { epoch, owed, new_epoch: None }));
        }
    }

    #[test]
    fn without_a_note_that_goes_with_the_offset_an_epoch_begins() {
        let begun = |reason| Ok(Inheritance { epoch: 99, owed: None, new_epoch: Some(reason) });
        assert_eq!(Inheritance::of(None, 99), begun(NewEpoch::NothingCommitted));
        for (note, reason) in [
            (None, NewEpoch::NoNote),
            (Some(""), NewEpoch::NoNote),
            (Some("up to 5"), NewEpoch::ForeignNote),
            (Some("voc/1 epoch 7 intent 6-9"), NewEpoch::OtherOffset),
            (Some("voc/1 intent 4-9"), NewEpoch::OtherOffset),
        ] {
            assert_eq!(of(5, note), begun(reason));
        }
    }

    #[test]
    fn a_note_of_another_version_is_an_error() {
        assert!(of(5, Some("voc/2 epoch 7")).unwrap_err().to_string().contains("voc/2 epoch 7"));
    }
}
