//! The built-in topics, and the words that indicate them: a file for each topic, two for scheduling. A list's number is the weight of one
//! occurrence: 3 for a word that is hardly used otherwise, 1 for one that only tips the scales. Words that name speakers
//! in transcripts ("agent") are no words of a topic on their own.

mod account;
mod billing;
mod bookings;
mod cancellation;
mod delivery;
mod general;
mod quality;
mod sales;
mod scheduling;
mod staff;
mod technical;

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
const BILLING: usize = 0;
const TECHNICAL: usize = 1;
const ACCOUNT: usize = 2;
const SALES: usize = 3;
pub(crate) const GENERAL: usize = 4;
const DELIVERY: usize = 5;
const CANCELLATION: usize = 6;
const STAFF: usize = 7;
const QUALITY: usize = 8;
const SCHEDULING: usize = 9;

/// The index of the list of what indicates no topic.
pub(crate) const NO_TOPIC: usize = TOPIC_WORDS.len();

/// The words of one topic, or some of them.
pub(crate) struct TopicWords {
    /// Its index.
    pub(crate) topic: usize,
    /// The index of the topic with a column for which the words count together with the table: the rows learned from
    /// texts with five topics, which put them there. `None` if they were in several.
    pub(crate) in_rows: Option<usize>,
    pub(super) english: TopicLists,
    pub(super) portuguese: TopicLists,
}

/// One language's words for a topic.
#[derive(Clone, Copy)]
pub(super) struct TopicLists {
    pub(super) words: &'static [(u32, &'static str)],
    /// Words that indicate the topic only when negated ("not working"), with their weight.
    pub(super) when_negated: (u32, &'static str),
    /// Phrases, separated by `|`. A phrase's weight replaces that of its last word.
    pub(super) phrases: &'static [(u32, &'static str)],
}

/// All lists; those of the topics with columns come first.
pub(crate) static TOPIC_WORDS: [&TopicWords; 11] = [
    &billing::WORDS,
    &technical::WORDS,
    &account::WORDS,
    &sales::WORDS,
    &general::WORDS,
    &delivery::WORDS,
    &cancellation::WORDS,
    &staff::WORDS,
    &quality::WORDS,
    &scheduling::WORDS,
    &bookings::WORDS,
];

/// Phrases whose last word is in a list but indicates no topic in them.
pub(super) const NO_TOPIC_PHRASES: &str = "in order|a great deal|good deal of|big deal|no big deal|deal with|dealing with|dealt with|kind of
    |in any case|on the one hand|in the book|read the book|the book was|my two cents|no charge|in charge|at no charge|pay attention
    |paid attention|up to date|to date|in return|many returns|at the end|at my end|in the end|on my end|no doubt
    |da hora|na hora|toda hora|o cara|a cara|cara de pau|de cara|em conta|por conta|faz de conta|dar conta|dá conta|de nada
    |com certeza|meu caro|no valor|em ordem|de ordem|na caixa|a marca|o pedido de desculpas|sem graça";
