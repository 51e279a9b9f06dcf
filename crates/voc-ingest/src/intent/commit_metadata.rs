//! The metadata of a commit.

use std::{fmt, str::FromStr};

use super::Intent;

/// What a lane passes to the next owner of the partition along with the committed offset.
///
/// ```
/// use voc_ingest::{CommitMetadata, Intent};
/// let metadata = CommitMetadata { epoch: 1_770_000_000_000, intent: Some(Intent { first: 100, last: 599 }) };
/// assert_eq!(metadata.to_string(), "voc/1 epoch 1770000000000 intent 100-599");
/// assert_eq!(metadata.to_string().parse(), Ok(metadata));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct CommitMetadata {
    /// Which log of the partition the offsets belong to; at least 0. The form without an epoch means 0.
    pub epoch: i64,
    /// The batch declared to follow the committed offset.
    pub intent: Option<Intent>,
}

/// Prefix of metadata written by this version of the protocol.
const VERSION_PREFIX: &str = "voc/1";

/// Prefix of metadata written by any version of the protocol.
const PREFIX: &str = "voc/";

impl CommitMetadata {
    /// Whether a text is metadata of this protocol, in any version.
    #[must_use]
    pub fn is_ours(text: &str) -> bool {
        text.starts_with(PREFIX)
    }

    /// The text to commit; `None` if it would be empty.
    #[must_use]
    pub fn text(&self) -> Option<String> {
        (self.epoch != 0 || self.intent.is_some()).then(|| self.to_string())
    }
}

impl fmt::Display for CommitMetadata {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(VERSION_PREFIX)?;
        if self.epoch != 0 {
            write!(f, " epoch {}", self.epoch)?;
        }
        self.intent.map_or(Ok(()), |intent| write!(f, " intent {intent}"))
    }
}

/// A text that is not metadata of this version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not commit metadata such as {VERSION_PREFIX} epoch 1770000000000 intent 100-599")]
pub struct ParseCommitMetadataError;

impl FromStr for CommitMetadata {
    type Err = ParseCommitMetadataError;

    fn from_str(text: &str) -> Result<Self, ParseCommitMetadataError> {
        let words: Vec<&str> = text.split(' ').collect();
        match words[..] {
            [VERSION_PREFIX, "intent", range] => Ok(Self { epoch: 0, intent: Some(parse_range(range)?) }),
            [VERSION_PREFIX, "epoch", epoch] => Ok(Self { epoch: parse_number(epoch)?, intent: None }),
            [VERSION_PREFIX, "epoch", epoch, "intent", range] => {
                Ok(Self { epoch: parse_number(epoch)?, intent: Some(parse_range(range)?) })
            }
            _ => Err(ParseCommitMetadataError),
        }
    }
}

fn parse_range(text: &str) -> Result<Intent, ParseCommitMetadataError> {
    let (first, last) = text.split_once('-').ok_or(ParseCommitMetadataError)?;
    let intent = Intent { first: parse_number(first)?, last: parse_number(last)? };
    if intent.first <= intent.last { Ok(intent) } else { Err(ParseCommitMetadataError) }
}

/// A non-negative number, in digits only.
fn parse_number(text: &str) -> Result<i64, ParseCommitMetadataError> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| is_number).ok_or(ParseCommitMetadataError)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn other_texts_are_refused() {
        for text in [
            "",
            "voc/1",
            "voc/1 ",
            "voc/1 intent",
            "voc/1 intent 5-4",
            "voc/1 intent -1-4",
            "voc/1 intent +1-4",
            "voc/1 epoch",
            "voc/1 epoch -1",
            "voc/1 epoch 7 intent",
            "voc/1 epoch 7 intent 5-4",
            "voc/1 epoch 7  intent 4-5",
            "voc/1 epoch 99999999999999999999",
            "voc/1 intent 4-5 epoch 7",
            "voc/2 intent 1-4",
            "1-4",
            "voc/1 intent 1-4x",
        ] {
            assert_eq!(text.parse::<CommitMetadata>(), Err(ParseCommitMetadataError), "{text:?}");
        }
    }

    #[test]
    fn an_epoch_of_zero_is_not_written() {
        let intent = Some(Intent { first: 100, last: 599 });
        assert_eq!(CommitMetadata { epoch: 0, intent }.text().as_deref(), Some("voc/1 intent 100-599"));
        assert_eq!(CommitMetadata { epoch: 0, intent: None }.text(), None);
        assert_eq!(CommitMetadata { epoch: 7, intent: None }.text().as_deref(), Some("voc/1 epoch 7"));
    }

    proptest! {
        #[test]
        fn metadata_round_trips(epoch in 0..=i64::MAX, range in proptest::option::of((0..=i64::MAX, 0..=i64::MAX))) {
            let intent = range.map(|(one, other)| Intent { first: one.min(other), last: one.max(other) });
            let metadata = CommitMetadata { epoch, intent };
            if let Some(text) = metadata.text() {
                prop_assert!(CommitMetadata::is_ours(&text));
                prop_assert_eq!(text.parse(), Ok(metadata));
            }
        }

        #[test]
        fn parsing_adds_and_drops_nothing(text in r"voc/1( (epoch|intent|[0-9]{1,3}(-[0-9]{1,3})?)){0,5} ?") {
            if let Ok(metadata) = text.parse::<CommitMetadata>() {
                let written = metadata.text().unwrap_or_default();
                // Another form of the same metadata may differ only in leading zeros and an epoch of zero.
                let digits = |text: &str| text.split([' ', '-']).filter_map(|word| word.parse::<u64>().ok()).filter(|number| *number > 0).collect::<Vec<_>>();
                prop_assert_eq!(digits(&text), digits(&written));
            }
        }
    }
}
