//! What is on the dead-letter topics: finding letters, and sending their records again.
//!
//! A dead-letter topic holds letters, maybe more than one copy of each, and marks: a mark is a record without value that says that a
//! letter's record was sent again. The topics are read from end to end, as nothing else says where a letter is.

mod letter;
mod redrive;

use std::collections::{HashMap, HashSet};

use letter::DeadLetterRecord;
pub use letter::{Letter, LetterAddress, Omitted, ParseLetterAddressError, Redrive};
pub use redrive::{RedriveError, Redriver};
use voc_events::Timestamp;

use super::{AddressedReader, dead_letter_topics::SUFFIX, settings::KafkaSettings};
use crate::{SourceError, TopicPartition};

/// Which letters are wanted: all that agree with everything that is given.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LetterFilter {
    /// Source topic; else all topics of the settings.
    pub topic: Option<String>,
    /// Source partition.
    pub partition: Option<i32>,
    /// Class of the error, such as `invalid_json`.
    pub error_type: Option<String>,
    /// Refused at this time or later.
    pub since: Option<Timestamp>,
    /// Refused before this time.
    pub until: Option<Timestamp>,
    /// The event's tenant.
    pub tenant_id: Option<String>,
    /// Only letters whose record was not sent again yet.
    pub waiting_only: bool,
    /// Most letters to find.
    pub limit: usize,
}

/// Letters that were found, in the order of their places; of several copies the first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FoundLetters {
    /// The letters.
    pub letters: Vec<Letter>,
    /// Whether there are more than the limit.
    pub is_cut: bool,
}

/// Reads the dead-letter topics.
pub struct LetterBox {
    reader: AddressedReader,
    topics: Vec<String>,
}

impl LetterBox {
    /// Reads the dead-letter topics of the topics that the settings name.
    ///
    /// # Errors
    /// [`SourceError::Misconfigured`] if no client can be made of the settings.
    pub fn new(settings: &KafkaSettings) -> Result<Self, SourceError> {
        Ok(Self { reader: AddressedReader::new(settings)?, topics: settings.topics.clone() })
    }

    /// The letters that are wanted.
    ///
    /// # Errors
    /// [`SourceError`] if the topics cannot be read. A topic without a dead-letter topic has no letters.
    pub async fn find(&self, filter: &LetterFilter) -> Result<FoundLetters, SourceError> {
        let topics = filter.topic.as_ref().map_or(self.topics.as_slice(), std::slice::from_ref);
        self.find_where(topics, filter.limit, |letter| filter.wants(letter)).await
    }

    /// The letters that are wanted, at most so many.
    async fn find_where(
        &self,
        topics: &[String],
        limit: usize,
        is_wanted: impl Fn(&Letter) -> bool,
    ) -> Result<FoundLetters, SourceError> {
        let mut found = FoundLetters::default();
        for topic in topics {
            let partitions = self.reader.partitions(&format!("{topic}{SUFFIX}")).await?;
            let mut ranges = Vec::with_capacity(partitions.len());
            for partition in partitions {
                let offsets = self.reader.offsets(&partition).await?;
                ranges.push((partition, offsets));
            }
            let redrives = self.redrives(&ranges).await?;
            let mut known = HashSet::new();
            for (partition, offsets) in &ranges {
                let mut records = self.reader.read(partition, offsets.clone());
                while let Some(records) = records.next().await? {
                    for record in records {
                        let DeadLetterRecord::Letter(letter) = DeadLetterRecord::read(partition, record) else {
                            continue;
                        };
                        if !known.insert(letter.id.clone()) {
                            continue;
                        }
                        let redrives = redrives.get(&letter.id).cloned().unwrap_or_default();
                        let letter = Letter { redrives, ..*letter };
                        if !is_wanted(&letter) {
                            continue;
                        }
                        if found.letters.len() == limit {
                            found.is_cut = true;
                            return Ok(found);
                        }
                        found.letters.push(letter);
                    }
                }
            }
        }
        Ok(found)
    }

    /// The letter at an address: its source's, or its own on a dead-letter topic.
    ///
    /// # Errors
    /// [`SourceError`] if the topic cannot be read.
    pub async fn at(&self, address: &LetterAddress) -> Result<Option<Letter>, SourceError> {
        let topic = address.topic.strip_suffix(SUFFIX).unwrap_or(&address.topic).to_owned();
        let found = self.find_where(&[topic], usize::MAX, |letter| letter.is_at(address)).await?;
        // Of letters of one offset in several logs, the newest log's.
        Ok(found.letters.into_iter().max_by_key(|letter| letter.epoch))
    }

    /// When each letter's record was sent again, by the letter's id.
    async fn redrives(
        &self,
        ranges: &[(TopicPartition, std::ops::Range<i64>)],
    ) -> Result<HashMap<String, Vec<Redrive>>, SourceError> {
        let mut redrives: HashMap<String, Vec<Redrive>> = HashMap::new();
        for (partition, offsets) in ranges {
            let mut records = self.reader.read(partition, offsets.clone());
            while let Some(records) = records.next().await? {
                for record in records {
                    if let DeadLetterRecord::Mark { letter_id, redrive } = DeadLetterRecord::read(partition, record) {
                        redrives.entry(letter_id).or_default().push(redrive);
                    }
                }
            }
        }
        Ok(redrives)
    }
}

impl LetterFilter {
    fn wants(&self, letter: &Letter) -> bool {
        let agrees = |wanted: &Option<String>, found: &str| wanted.as_ref().is_none_or(|wanted| wanted == found);
        self.partition.is_none_or(|partition| partition == letter.partition)
            && agrees(&self.error_type, &letter.error_type)
            && agrees(&self.tenant_id, &letter.tenant_id)
            && self.since.is_none_or(|since| letter.failed_at >= since)
            && self.until.is_none_or(|until| letter.failed_at < until)
            && !(self.waiting_only && letter.is_redriven())
    }
}
