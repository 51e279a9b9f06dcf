//! What the pass over a text found, and what follows from it.

use crate::annotation::{Annotation, DecidedBy, Language, Probabilities, TopTopics, Topic};
use crate::lexicon::{LANES, NO_TOPIC, TOPICS};

use super::lane::{Lane, Sum};

/// What an exclamation mark adds, and how many do.
const EXCLAMATION: f32 = 0.292;
const MAX_EXCLAMATIONS: u32 = 4;
/// What a question mark adds if there are two or three, and what more of them add together.
const QUESTION: f32 = 0.18;
const MANY_QUESTIONS: f32 = 0.96;
/// The normalisation of VADER's compound score.
const ALPHA: f32 = 15.0;
/// The weight of valence at which agreement gives a confidence of one half.
const HALF_CONFIDENCE: f32 = 2.0;

/// What the pass found.
#[derive(Default)]
pub(super) struct Reading {
    pub(super) lanes: [Lane; LANES],
    /// Whose lane counts: 0 for English, 1 for Portuguese.
    pub(super) lane: usize,
    pub(super) language: Language,
    /// How much characters speak for Portuguese and against both languages.
    pub(super) accents: [u32; 2],
    /// The weights of the topics' words, by topic.
    pub(super) topics: [u32; TOPICS.len() + 1],
    pub(super) exclamations: u32,
    pub(super) questions: u32,
    pub(super) words: u32,
    /// Emoji and emoticons with a valence.
    pub(super) symbols: u32,
    /// Whether words in capitals stand out.
    pub(super) capitals_count: bool,
}

impl Reading {
    pub(super) fn annotation(&self) -> Annotation {
        if self.words == 0 && self.symbols == 0 {
            return Annotation::default();
        }
        let score = self.lexicon_score();
        let Sum { positive, negative, .. } = self.sum();
        let evidence = positive - negative;
        let confidence = ((positive + negative).abs() / (evidence + HALF_CONFIDENCE)).clamp(0.0, 1.0);
        let topics = self.top_topics();
        Annotation {
            sentiment: Some(score),
            probabilities: probabilities(score, confidence),
            confidence,
            language: self.language,
            topic: topics.first().map(|best| best.topic.clone()),
            topics,
            decided_by: DecidedBy::Fast,
            truncated: false,
        }
    }

    /// The sum in the language that counts.
    pub(super) fn sum(&self) -> Sum {
        self.lanes.get(self.lane).map(|lane| lane.closed).unwrap_or_default()
    }

    /// VADER's compound score.
    pub(super) fn lexicon_score(&self) -> f32 {
        let Sum { positive, negative, by_capitals } = self.sum();
        let valence = positive + negative + if self.capitals_count { by_capitals } else { 0.0 };
        if valence == 0.0 {
            return 0.0;
        }
        let exclamations = EXCLAMATION * self.exclamations.min(MAX_EXCLAMATIONS) as f32;
        let questions = match self.questions {
            0 | 1 => 0.0,
            few @ 2..=3 => QUESTION * few as f32,
            _ => MANY_QUESTIONS,
        };
        let sum = valence + (exclamations + questions).copysign(valence);
        (sum / (sum * sum + ALPHA).sqrt()).clamp(-1.0, 1.0)
    }

    fn top_topics(&self) -> TopTopics {
        let total: u32 = self.topics.iter().take(NO_TOPIC).sum();
        let mut top = TopTopics::default();
        for (topic, &weight) in TOPICS.iter().zip(&self.topics) {
            if weight > 0 {
                top.insert(Topic::clone(topic), weight as f32 / (total + 1) as f32);
            }
        }
        top
    }
}

/// Of the score's side as much as the confidence says, the rest neutral.
fn probabilities(score: f32, confidence: f32) -> Probabilities {
    let rest = (1.0 - confidence) / 3.0;
    let mut probabilities = Probabilities { negative: rest, neutral: rest, positive: rest };
    if score > 0.05 {
        probabilities.positive += confidence;
    } else if score < -0.05 {
        probabilities.negative += confidence;
    } else {
        probabilities.neutral += confidence;
    }
    probabilities
}
