//! The built-in topics, and the words that indicate them: a file for each topic, two for scheduling. A list's number
//! is the weight of one occurrence: 3 for a word that is hardly used otherwise, 1 for one that only tips the scales.
//! Words that name speakers in transcripts ("agent") are no words of a topic on their own.

mod account;
mod billing;
mod bookings;
mod cancellation;
mod delivery;
mod general;
mod lists;
mod quality;
mod sales;
mod scheduling;
mod staff;
mod technical;

pub(crate) use lists::{GENERAL, TOPICS, TopicWords};

/// The index of the list of what indicates no topic.
pub(crate) const NO_TOPIC: usize = TOPIC_WORDS.len();

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
