//! What a text means: the result of every stage.

use std::borrow::Borrow;
use std::fmt;
use std::iter::Flatten;
use std::ops::Deref;
use std::slice;
use std::sync::Arc;

use serde::{Serialize, Serializer};

/// Maximum number of characters read of a text; the rest is ignored, and [`Annotation::truncated`] is set.
pub const MAX_CHARS: usize = 20_000;

/// What a text means.
///
/// [`Annotation::default`] is that of an empty text; a custom [`FastStage`](crate::FastStage) starts from it and sets
/// fields.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Annotation {
    /// From -1 (very negative) through 0 (neutral, or nothing found) to 1 (very positive). `None` if the text has no
    /// words at all: no letter, digit or known symbol.
    pub sentiment: Option<f32>,
    /// How probable each [`Sentiment`] is.
    pub probabilities: Probabilities,
    /// How reliable the sentiment is: the probability that [`label`](Self::label) is right, 0 if there are no words.
    /// With words in an [unknown language](Language::Unknown) that of the built-in stage is below 0.6.
    pub confidence: f32,
    /// The language of the text.
    pub language: Language,
    /// What the text is mostly about: the first of `topics` if its score suffices; `None` if the text has no topic.
    pub topic: Option<Topic>,
    /// The topics that the text may be about, the most probable first.
    pub topics: TopTopics,
    /// The stage that decided the sentiment.
    pub decided_by: DecidedBy,
    /// The tenant's own [`Calibration`](crate::Calibration) in the probabilities; `None` if it has none, or if a model
    /// decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub calibration: Option<CalibrationVersion>,
    /// Whether the text was longer than [`MAX_CHARS`], so that its end was not read.
    pub truncated: bool,
}

impl Annotation {
    /// The most probable sentiment; neutral if the text has no words.
    pub fn label(&self) -> Sentiment {
        self.probabilities.most_probable()
    }
}

/// A class of sentiment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Sentiment {
    /// The writer is unhappy, or reports something bad.
    Negative,
    /// Neither, or both equally.
    #[default]
    Neutral,
    /// The writer is happy, or reports something good.
    Positive,
}

impl Sentiment {
    /// `"negative"`, `"neutral"` or `"positive"`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Negative => "negative",
            Self::Neutral => "neutral",
            Self::Positive => "positive",
        }
    }
}

impl fmt::Display for Sentiment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How probable each [`Sentiment`] of a text is. The sum is 1.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Probabilities {
    /// Of [`Sentiment::Negative`].
    pub negative: f32,
    /// Of [`Sentiment::Neutral`].
    pub neutral: f32,
    /// Of [`Sentiment::Positive`].
    pub positive: f32,
}

impl Probabilities {
    /// The most probable sentiment; neutral wins ties.
    pub fn most_probable(&self) -> Sentiment {
        if self.positive > self.neutral && self.positive > self.negative {
            Sentiment::Positive
        } else if self.negative > self.neutral && self.negative > self.positive {
            Sentiment::Negative
        } else {
            Sentiment::Neutral
        }
    }
}

impl Default for Probabilities {
    /// Certainly neutral, like a text without words.
    fn default() -> Self {
        Self { negative: 0.0, neutral: 1.0, positive: 0.0 }
    }
}

/// The language of a text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Language {
    /// English.
    En,
    /// Portuguese.
    Pt,
    /// Another language, or too little text to decide. The built-in stage finds no sentiment in words of another
    /// language, only in emoji and emoticons.
    #[default]
    Unknown,
}

impl Language {
    /// The ISO 639-1 code in lower case, or `"unknown"`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Pt => "pt",
            Self::Unknown => "unknown",
        }
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The stage that decided the sentiment of an [`Annotation`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum DecidedBy {
    /// The fast stage.
    #[default]
    Fast,
    /// The model, called for this text.
    Model,
    /// A cached answer of the model for the same text.
    Cache,
    /// The fast stage, uncertain, because the model did not give a usable answer.
    Fallback,
}

impl DecidedBy {
    /// `"fast"`, `"model"`, `"cache"` or `"fallback"`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Fast => "fast",
            Self::Model => "model",
            Self::Cache => "cache",
            Self::Fallback => "fallback",
        }
    }
}

impl fmt::Display for DecidedBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Distinguishes a [`Calibration`](crate::Calibration) from others. Prints and serialises as `calibrated-` and eight
/// hexadecimal digits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct CalibrationVersion([u8; 4]);

impl CalibrationVersion {
    pub(crate) fn of(checksum: &[u8; 32]) -> Self {
        let [a, b, c, d, ..] = *checksum;
        Self([a, b, c, d])
    }
}

impl fmt::Display for CalibrationVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "calibrated-{:08x}", u32::from_be_bytes(self.0))
    }
}

impl Serialize for CalibrationVersion {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// The name of a topic. Cheap to clone; compares, hashes, prints and serialises as its name.
///
/// ```
/// use voc_nlp::Topic;
///
/// assert_eq!(Topic::BILLING.as_str(), "billing");
/// assert_eq!(Topic::from("returns"), Topic::from(String::from("returns")));
/// ```
#[derive(Clone)]
pub struct Topic(Name);

/// Built-in names are not reference-counted, so that threads do not contend for a counter.
#[derive(Clone)]
enum Name {
    BuiltIn(&'static str),
    Shared(Arc<str>),
}

impl Topic {
    /// Charges, refunds, invoices and payment.
    pub const BILLING: Self = Self(Name::BuiltIn("billing"));
    /// Faults, outages, and errors of apps and connections.
    pub const TECHNICAL: Self = Self(Name::BuiltIn("technical"));
    /// Login, passwords, access and personal data.
    pub const ACCOUNT: Self = Self(Name::BuiltIn("account"));
    /// Buying, plans, offers and questions about prices.
    pub const SALES: Self = Self(Name::BuiltIn("sales"));
    /// Opening hours, ways to contact, and enquiries without a more specific topic.
    pub const GENERAL: Self = Self(Name::BuiltIn("general"));
    /// Shipping, parcels and tracking; late, lost and wrong deliveries; baggage.
    pub const DELIVERY: Self = Self(Name::BuiltIn("delivery"));
    /// Ending a contract, a subscription or an order.
    pub const CANCELLATION: Self = Self(Name::BuiltIn("cancellation"));
    /// How employees treat customers.
    pub const STAFF: Self = Self(Name::BuiltIn("staff"));
    /// Goods that are defective, badly made, or good.
    pub const QUALITY: Self = Self(Name::BuiltIn("quality"));
    /// Appointments, visits of technicians, bookings with their dates, times and delays of flights.
    pub const SCHEDULING: Self = Self(Name::BuiltIn("scheduling"));

    /// The topic's name.
    pub fn as_str(&self) -> &str {
        match &self.0 {
            Name::BuiltIn(name) => name,
            Name::Shared(name) => name,
        }
    }
}

impl From<&str> for Topic {
    fn from(name: &str) -> Self {
        Self(Name::Shared(name.into()))
    }
}

impl From<String> for Topic {
    fn from(name: String) -> Self {
        Self(Name::Shared(name.into()))
    }
}

impl Deref for Topic {
    type Target = str;

    fn deref(&self) -> &str {
        self.as_str()
    }
}

impl Borrow<str> for Topic {
    fn borrow(&self) -> &str {
        self.as_str()
    }
}

impl PartialEq for Topic {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Topic {}

impl std::hash::Hash for Topic {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

impl fmt::Debug for Topic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

impl fmt::Display for Topic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Topic {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// A topic with its score.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TopicScore {
    /// The topic.
    pub topic: Topic,
    /// The probability that the text is about it, from 0 to 1.
    pub score: f32,
}

/// The best topics of a text, the one with the highest score first. Stored inline, without allocation.
///
/// ```
/// use voc_nlp::{TopTopics, Topic};
///
/// let mut topics = TopTopics::default();
/// topics.insert(Topic::BILLING, 0.3);
/// topics.insert(Topic::SALES, 0.6);
/// topics.insert(Topic::BILLING, 0.2);
/// let names: Vec<_> = topics.iter().map(|best| (best.topic.as_str(), best.score)).collect();
/// assert_eq!(names, [("sales", 0.6), ("billing", 0.3)]);
///
/// for best in &topics {
///     println!("{} {}", best.topic, best.score);
/// }
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TopTopics {
    /// The first ones are set.
    best: [Option<TopicScore>; Self::MAX],
}

impl TopTopics {
    /// Maximum number of topics kept.
    pub const MAX: usize = 4;

    /// The best of some distinct topics, by their scores from 0 to 1, in any order; among equal scores the earlier one
    /// comes first. Topics below `least` are dropped.
    pub(crate) fn of<const N: usize>(topics: &[Topic; N], scores: [f32; N], least: f32) -> Self {
        // The indices of the best, in their order.
        let mut best = [N; Self::MAX];
        let score_of = |i: usize| scores.get(i).copied().unwrap_or(f32::NEG_INFINITY);
        for (i, score) in scores.into_iter().enumerate().filter(|(_, score)| *score >= least) {
            let mut next = i;
            for place in best.iter_mut().skip_while(|place| score_of(**place) >= score) {
                std::mem::swap(place, &mut next);
            }
        }
        let scored = |i: usize| topics.get(i).map(|topic| TopicScore { topic: topic.clone(), score: score_of(i) });
        Self { best: best.map(scored) }
    }

    /// Inserts a topic at the position of its score. A topic that is already present keeps the higher of its scores;
    /// among equal scores the earlier one stays first; a topic beyond [`MAX`](Self::MAX) others is dropped. A NaN
    /// score counts as 0, others are clamped to 0 to 1.
    pub fn insert(&mut self, topic: Topic, score: f32) {
        let score = if score.is_nan() { 0.0 } else { score.clamp(0.0, 1.0) };
        if let Some(known) = self.best.iter().position(|best| best.as_ref().is_some_and(|best| best.topic == topic)) {
            if self.best.get(known).and_then(Option::as_ref).is_some_and(|best| best.score >= score) {
                return;
            }
            // Empty slots stay at the end.
            if let Some(rest) = self.best.get_mut(known..) {
                rest.rotate_left(1);
            }
            if let Some(last) = self.best.last_mut() {
                *last = None;
            }
        }
        // From its position on, each topic moves back by one.
        let mut next = Some(TopicScore { topic, score });
        let mut is_placed = false;
        for place in &mut self.best {
            is_placed |= place.as_ref().is_none_or(|best| best.score < score);
            if is_placed {
                std::mem::swap(place, &mut next);
            }
        }
    }

    /// The topics, the best first.
    pub fn iter(&self) -> impl Iterator<Item = &TopicScore> {
        self.best.iter().flatten()
    }

    /// The best topic.
    pub fn first(&self) -> Option<&TopicScore> {
        self.best.first().and_then(Option::as_ref)
    }

    /// Number of topics.
    pub fn len(&self) -> usize {
        self.iter().count()
    }

    /// Whether there are no topics.
    pub fn is_empty(&self) -> bool {
        self.first().is_none()
    }
}

impl<'a> IntoIterator for &'a TopTopics {
    type Item = &'a TopicScore;
    type IntoIter = Flatten<slice::Iter<'a, Option<TopicScore>>>;

    fn into_iter(self) -> Self::IntoIter {
        self.best.iter().flatten()
    }
}

impl Serialize for TopTopics {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

/// A part of a text that is evidence of its sentiment.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Evidence {
    /// The offset of its first byte.
    pub start: usize,
    /// The offset of the byte after its last.
    pub end: usize,
    /// What it contributes to the text's valence, positive or negative, after negation, emphasis and contrast; single
    /// words and phrases have an absolute value of up to about 4.
    pub weight: f32,
    /// Whether it is negated.
    pub negated: bool,
}

/// An annotation with the parts of the text that are evidence of its sentiment.
///
/// ```
/// use voc_nlp::Engine;
///
/// let text = "Support was great, but the app is not working.";
/// let explanation = Engine::built_in().explain(text);
/// let parts: Vec<_> = explanation.evidence.iter().map(|part| (&text[part.start..part.end], part.weight > 0.0)).collect();
/// assert_eq!(parts, [("great", true), ("not working", false)]);
/// ```
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Explanation {
    /// What the text means.
    pub annotation: Annotation,
    /// The parts, in the order of the text.
    pub evidence: Vec<Evidence>,
}

/// The part of a text that is read, and whether something was cut off. Cuts between characters.
pub(crate) fn truncate(text: &str) -> (&str, bool) {
    // A text of this many bytes cannot have more characters.
    if text.len() <= MAX_CHARS {
        return (text, false);
    }
    match text.char_indices().nth(MAX_CHARS) {
        Some((end, _)) => (text.get(..end).unwrap_or(text), true),
        None => (text, false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn truncation_keeps_whole_characters() {
        let ascii = "a".repeat(MAX_CHARS);
        assert_eq!(truncate(&ascii), (ascii.as_str(), false));
        assert_eq!(truncate(&format!("{ascii}b")), (ascii.as_str(), true));

        let accented = "ç".repeat(MAX_CHARS);
        assert_eq!(truncate(&accented), (accented.as_str(), false));
        assert_eq!(truncate(&format!("{accented}b")), (accented.as_str(), true));
    }

    #[test]
    fn serialises_as_plain_names() {
        let annotation = Annotation {
            sentiment: Some(0.5),
            probabilities: Probabilities { negative: 0.25, neutral: 0.25, positive: 0.5 },
            confidence: 1.0,
            language: Language::Pt,
            topic: Some(Topic::BILLING),
            topics: {
                let mut topics = TopTopics::default();
                topics.insert(Topic::BILLING, 0.75);
                topics
            },
            decided_by: DecidedBy::Fallback,
            calibration: None,
            truncated: false,
        };
        let json = serde_json::to_value(&annotation).unwrap();
        assert_eq!(
            json,
            serde_json::json!({
                "sentiment": 0.5, "probabilities": {"negative": 0.25, "neutral": 0.25, "positive": 0.5}, "confidence": 1.0,
                "language": "pt", "topic": "billing", "topics": [{"topic": "billing", "score": 0.75}],
                "decided_by": "fallback", "truncated": false,
            })
        );
    }

    #[test]
    fn the_best_topics_are_kept() {
        let mut topics = TopTopics::default();
        for (name, score) in [("a", 0.1), ("b", 0.5), ("c", 0.5), ("d", f32::NAN), ("e", 0.9), ("a", 0.6), ("a", 0.2)] {
            topics.insert(Topic::from(name), score);
        }
        let found: Vec<_> = topics.iter().map(|best| (best.topic.as_str(), best.score)).collect();
        assert_eq!(found, [("e", 0.9), ("a", 0.6), ("b", 0.5), ("c", 0.5)]);
        assert_eq!((topics.len(), topics.is_empty()), (4, false));
    }

    #[test]
    fn neutral_wins_ties() {
        let probabilities = Probabilities { negative: 0.4, neutral: 0.2, positive: 0.4 };
        assert_eq!(probabilities.most_probable(), Sentiment::Neutral);
        assert_eq!(Annotation::default().label(), Sentiment::Neutral);
    }
}
