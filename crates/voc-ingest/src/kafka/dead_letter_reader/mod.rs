//! Finding dead letters in their topics, and redriving their records.
//!
//! A dead-letter topic holds dead letters, possibly several copies of each, and redrive markers: a marker is a record
//! without a value which says that the record of a dead letter was redriven. The topics are read from end to end,
//! because there is no index of dead letters.

mod dead_letter;
mod redrive;

use std::collections::{HashMap, HashSet};

use dead_letter::DeadLetterRecord;
pub use dead_letter::{DeadLetterAddress, Omitted, ParseDeadLetterAddressError, PublishedDeadLetter, Redrive};
pub use redrive::{RedriveError, Redriver};
use voc_events::Timestamp;

use super::{AddressedReader, dead_letter_topics::DEAD_LETTER_TOPIC_SUFFIX, settings::KafkaSettings};
use crate::{SourceError, TopicPartition};

/// Selects dead letters that match all given criteria.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeadLetterFilter {
    /// Source topic; `None` for all topics of the settings.
    pub topic: Option<String>,
    /// Source partition.
    pub partition: Option<i32>,
    /// Class of the error, such as `invalid_json`.
    pub error_type: Option<String>,
    /// Refused at or after this time.
    pub since: Option<Timestamp>,
    /// Refused before this time.
    pub until: Option<Timestamp>,
    /// Tenant of the event.
    pub tenant_id: Option<String>,
    /// Only dead letters whose record was not redriven yet.
    pub waiting_only: bool,
    /// Maximum number of dead letters.
    pub limit: usize,
}

/// Dead letters found, in the order of their offsets; only the first of several copies.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FoundDeadLetters {
    /// The dead letters.
    pub dead_letters: Vec<PublishedDeadLetter>,
    /// Whether the limit cut off further matches.
    pub is_truncated: bool,
    /// Dead-letter topics that do not exist.
    pub missing_topics: Vec<String>,
}

/// Reads the dead-letter topics.
pub struct DeadLetterReader {
    reader: AddressedReader,
    topics: Vec<String>,
    /// Whose dead letters to find; empty for all.
    families: Vec<String>,
}

/// The family and the ID of a dead letter. A record may have one dead letter for each family that has read its topic;
/// these share the ID, which names the record.
type Identity = (String, String);

impl DeadLetterReader {
    /// Creates a reader for the dead-letter topics of the topics in `settings`.
    ///
    /// # Errors
    /// [`SourceError::Misconfigured`] if no client can be created from the settings.
    pub fn new(settings: &KafkaSettings) -> Result<Self, SourceError> {
        Ok(Self { reader: AddressedReader::new(settings)?, topics: settings.topics.clone(), families: Vec::new() })
    }

    /// Restricts the reader to the dead letters of these families, and those of older versions, which name none. A
    /// topic has dead letters of another family if a processor has read it as that family.
    #[must_use]
    pub fn of_families<'f>(mut self, families: impl IntoIterator<Item = &'f str>) -> Self {
        self.families = families.into_iter().map(str::to_owned).collect();
        self
    }

    fn is_of_families(&self, dead_letter: &PublishedDeadLetter) -> bool {
        let family = &dead_letter.family;
        self.families.is_empty() || family.is_empty() || self.families.contains(family)
    }

    /// Finds the dead letters that match `filter`.
    ///
    /// # Errors
    /// [`SourceError`] if the topics cannot be read. A missing dead-letter topic counts as empty.
    pub async fn find(&self, filter: &DeadLetterFilter) -> Result<FoundDeadLetters, SourceError> {
        let topics = filter.topic.as_ref().map_or(self.topics.as_slice(), std::slice::from_ref);
        self.find_where(topics, filter.limit, |dead_letter| filter.wants(dead_letter)).await
    }

    /// Finds the first `limit` dead letters that match.
    async fn find_where(
        &self,
        topics: &[String],
        limit: usize,
        is_wanted: impl Fn(&PublishedDeadLetter) -> bool,
    ) -> Result<FoundDeadLetters, SourceError> {
        let mut found = FoundDeadLetters::default();
        for topic in topics {
            let dead_letter_topic = format!("{topic}{DEAD_LETTER_TOPIC_SUFFIX}");
            let partitions = self.reader.partitions(&dead_letter_topic).await?;
            if partitions.is_empty() {
                found.missing_topics.push(dead_letter_topic);
                continue;
            }
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
                        let DeadLetterRecord::DeadLetter(dead_letter) = DeadLetterRecord::read(partition, record)
                        else {
                            continue;
                        };
                        let identity = (dead_letter.family.clone(), dead_letter.id.clone());
                        if !self.is_of_families(&dead_letter) || !known.insert(identity.clone()) {
                            continue;
                        }
                        let redrives = redrives.get(&identity).cloned().unwrap_or_default();
                        let dead_letter = PublishedDeadLetter { redrives, ..*dead_letter };
                        if !is_wanted(&dead_letter) {
                            continue;
                        }
                        if found.dead_letters.len() == limit {
                            found.is_truncated = true;
                            return Ok(found);
                        }
                        found.dead_letters.push(dead_letter);
                    }
                }
            }
        }
        Ok(found)
    }

    /// The dead letter at an address, either that of its source or its own.
    ///
    /// # Errors
    /// [`SourceError`] if the topic cannot be read.
    pub async fn at(&self, address: &DeadLetterAddress) -> Result<Option<PublishedDeadLetter>, SourceError> {
        let topic = address.topic.strip_suffix(DEAD_LETTER_TOPIC_SUFFIX).unwrap_or(&address.topic).to_owned();
        let found = self.find_where(&[topic], usize::MAX, |dead_letter| dead_letter.is_at(address)).await?;
        // Of dead letters at the same offset in several logs, takes that of the newest log.
        Ok(found.dead_letters.into_iter().max_by_key(|dead_letter| dead_letter.epoch))
    }

    /// Redrives by dead letter.
    async fn redrives(
        &self,
        ranges: &[(TopicPartition, std::ops::Range<i64>)],
    ) -> Result<HashMap<Identity, Vec<Redrive>>, SourceError> {
        let mut redrives: HashMap<Identity, Vec<Redrive>> = HashMap::new();
        for (partition, offsets) in ranges {
            let mut records = self.reader.read(partition, offsets.clone());
            while let Some(records) = records.next().await? {
                for record in records {
                    if let DeadLetterRecord::Marker { family, dead_letter_id, redrive } =
                        DeadLetterRecord::read(partition, record)
                    {
                        redrives.entry((family, dead_letter_id)).or_default().push(redrive);
                    }
                }
            }
        }
        Ok(redrives)
    }
}

impl DeadLetterFilter {
    fn wants(&self, dead_letter: &PublishedDeadLetter) -> bool {
        let agrees = |wanted: &Option<String>, found: &str| wanted.as_ref().is_none_or(|wanted| wanted == found);
        self.partition.is_none_or(|partition| partition == dead_letter.partition)
            && agrees(&self.error_type, &dead_letter.error_type)
            && agrees(&self.tenant_id, &dead_letter.tenant_id)
            && self.since.is_none_or(|since| dead_letter.failed_at >= since)
            && self.until.is_none_or(|until| dead_letter.failed_at < until)
            && !(self.waiting_only && dead_letter.is_redriven())
    }
}
