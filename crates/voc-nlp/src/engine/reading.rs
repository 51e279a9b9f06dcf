//! What the pass over a text found, and what follows from it.

use crate::annotation::{Annotation, DecidedBy, Language, Probabilities, TopTopics, Topic};
use crate::lexicon::{LANES, NO_TOPIC, TOPICS, split_languages};

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
    /// [`Found::languages`](crate::lexicon::Found::languages), summed.
    pub(super) languages: u64,
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
        score_of(self.sum().valence(self.capitals_count, self.exclamations, self.questions))
    }

    /// Adds what was found in another part of the same text; [`settle`](Self::settle) has to follow.
    pub(super) fn merge(&mut self, part: &Self) {
        // All fields, so that none is forgotten: a part's language counts only as evidence of the whole's.
        let Self {
            lanes,
            lane: _,
            language: _,
            languages,
            accents,
            topics,
            exclamations,
            questions,
            words,
            symbols,
            capitals_count,
        } = part;
        for (lane, of_part) in self.lanes.iter_mut().zip(lanes) {
            lane.merge(of_part);
        }
        for (accents, of_part) in self.accents.iter_mut().zip(accents) {
            *accents = accents.saturating_add(*of_part);
        }
        for (weight, of_part) in self.topics.iter_mut().zip(topics) {
            *weight += of_part;
        }
        self.languages += languages;
        self.exclamations += exclamations;
        self.questions += questions;
        self.words += words;
        self.symbols += symbols;
        self.capitals_count |= capitals_count;
    }

    /// Tells the language of all that was found.
    pub(super) fn settle(&mut self) {
        let [accents_portuguese, accents_other] = self.accents;
        let [english, portuguese, other] = split_languages(self.languages);
        let portuguese = portuguese + accents_portuguese;
        self.language = language(english, portuguese, other + accents_other);
        self.lane = usize::from(portuguese > english);
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

impl Sum {
    /// The sum of all valences, with what punctuation adds.
    pub(super) fn valence(&self, capitals_count: bool, exclamations: u32, questions: u32) -> f32 {
        let valence = self.positive + self.negative + if capitals_count { self.by_capitals } else { 0.0 };
        if valence == 0.0 {
            return 0.0;
        }
        let exclamations = EXCLAMATION * exclamations.min(MAX_EXCLAMATIONS) as f32;
        let questions = match questions {
            0 | 1 => 0.0,
            few @ 2..=3 => QUESTION * few as f32,
            _ => MANY_QUESTIONS,
        };
        valence + (exclamations + questions).copysign(valence)
    }
}

/// VADER's compound score of a sum of valences.
pub(crate) fn score_of(valence: f32) -> f32 {
    (valence / (valence * valence + ALPHA).sqrt()).clamp(-1.0, 1.0)
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

/// The language with clearly more evidence than the others.
fn language(english: u32, portuguese: u32, other: u32) -> Language {
    const ENOUGH: u32 = 2;
    let is_clear = |this: u32, that: u32| this >= ENOUGH && this > that + that / 4 && this > other + other / 4;
    if is_clear(english, portuguese) {
        Language::En
    } else if is_clear(portuguese, english) {
        Language::Pt
    } else {
        Language::Unknown
    }
}
