//! The topics, and the form of the lists of their words.

use crate::annotation::Topic;

/// Topics in the order in which they win ties. The first ones also have columns in the linear model's table; the
/// others are found by their words alone.
pub(crate) const TOPICS: [Topic; 10] = [
    Topic::BILLING,
    Topic::TECHNICAL,
    Topic::ACCOUNT,
    Topic::SALES,
    Topic::GENERAL,
    Topic::DELIVERY,
    Topic::CANCELLATION,
    Topic::STAFF,
    Topic::QUALITY,
    Topic::SCHEDULING,
];

// Their indices. `general` is only given to texts with words of its list.
pub(super) const BILLING: usize = 0;
pub(super) const TECHNICAL: usize = 1;
pub(super) const ACCOUNT: usize = 2;
pub(super) const SALES: usize = 3;
pub(crate) const GENERAL: usize = 4;
pub(super) const DELIVERY: usize = 5;
pub(super) const CANCELLATION: usize = 6;
pub(super) const STAFF: usize = 7;
pub(super) const QUALITY: usize = 8;
pub(super) const SCHEDULING: usize = 9;

/// The words of one topic, or some of them.
pub(crate) struct TopicWords {
    /// Its index.
    pub(crate) topic: usize,
    /// The index of the topic with a column for which the words count together with the table: the rows learned from
    /// texts with five topics, which put them there. `None` if they were in several.
    pub(crate) in_rows: Option<usize>,
    pub(in crate::lexicon) english: TopicLists,
    pub(in crate::lexicon) portuguese: TopicLists,
}

/// One language's words for a topic.
#[derive(Clone, Copy)]
pub(in crate::lexicon) struct TopicLists {
    pub(in crate::lexicon) words: &'static [(u32, &'static str)],
    /// Words that indicate the topic only when negated ("not working"), with their weight.
    pub(in crate::lexicon) when_negated: (u32, &'static str),
    /// Phrases, separated by `|`. A phrase's weight replaces that of its last word.
    pub(in crate::lexicon) phrases: &'static [(u32, &'static str)],
}
