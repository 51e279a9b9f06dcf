//! The findings of the pass over a text, and the results derived from them.

use crate::annotation::{Annotation, DecidedBy, Language, Probabilities, TopTopics};
use crate::calibration::{Calibration, OwnSum};
use crate::lexicon::{GENERAL, NO_TOPIC, TOPIC_WORDS, TOPICS, TRACKS};
use crate::linear::Model;
use crate::linear::head::{
    ROW_TOPIC_FEATURES, SENTIMENT_FEATURES, SENTIMENTS, TOPIC_CLASSES, TOPIC_FEATURES, TOPICS_IN_ROWS, damping,
    softmax, softmax_or_none,
};
use crate::linear::rows::{COLUMNS, ROWS_PER_WORD, RowSum};

use super::language::LanguageEvidence;
use super::prior::{self, TextKind};
use super::track::{Sum, Tally, Tracks};

/// What an exclamation mark adds, and the maximum number counted.
const EXCLAMATION: f32 = 0.292;
const MAX_EXCLAMATIONS: u32 = 4;
/// What a question mark adds if there are two or three, and what more of them add in total.
const QUESTION: f32 = 0.18;
const MANY_QUESTIONS: f32 = 0.96;
/// Topics below this score are dropped.
const LEAST_SCORE: f32 = 0.05;
/// The share of the lists of topics' words in the longest texts, because the table's rows were trained on short ones.
const OF_LISTS_IF_LONG: f32 = 0.9;
/// The share if the lists are certain and the rows are completely uncertain.
const OF_LISTS_IF_SURER: f32 = 0.6;
/// The share of the lists in the choice among all topics if there are words of theirs.
const OF_LISTS: f32 = 0.3;
/// What the rows say counts for this much if there are none.
const OF_ROWS_IF_ALONE: f32 = 0.6;
/// A text of this many rows is halfway between short and long.
const HALF_LONG: f32 = 150.0;
/// With this weight of topics' words a text is of a customer rather than of anyone.
const OF_SERVICE: u32 = 2;
/// The normalisation of VADER's compound score.
const ALPHA: f32 = 15.0;

/// The highest probability of a sentiment if the language is unknown. It is below the threshold of confidence below
/// which a model is asked.
const MOST_IF_UNKNOWN: f32 = 0.59;
/// From this foreignness on, the turns of a call have no score.
const MOST_UNDERSTOOD: f32 = 0.5;
/// The probability that a text in another language without emoji is neutral.
const NEUTRAL_IF_FOREIGN: f32 = 0.42;

/// The findings of the pass.
#[derive(Default)]
pub(super) struct Reading {
    pub(super) tracks: Tracks,
    /// The language track that counts: 0 for English, 1 for Portuguese.
    pub(super) track: usize,
    pub(super) language: Language,
    /// How far the words cannot be understood, because they are of another language, from 0 to 1.
    pub(super) foreignness: f32,
    /// How strongly words indicate English, Portuguese and other languages.
    pub(super) languages: [u32; 3],
    /// How strongly characters indicate Portuguese, and speak against both languages.
    pub(super) accents: [u32; 2],
    /// The weights of the topics' words, by list.
    pub(super) topics: [u32; NO_TOPIC + 1],
    pub(super) exclamations: u32,
    pub(super) questions: u32,
    pub(super) words: u32,
    /// How many of them were said so often before that they do not count.
    pub(super) excess: u32,
    /// Emoji and emoticons with a valence.
    pub(super) symbols: u32,
    /// The valences of the happy ones and, as positive numbers, of the unhappy ones.
    pub(super) symbol_valences: [f32; 2],
    /// Words with drawn-out letters.
    pub(super) elongations: u32,
    /// The sum of the linear model's rows.
    pub(super) rows: RowSum,
    /// Whether words in capitals stand out.
    pub(super) capitals_count: bool,
    /// Whether there is a cue of a phrase.
    pub(super) has_cue: bool,
    /// Whether the lexicon has any of the words.
    pub(super) knows_words: bool,
    /// Whether it is what a speaker says in a call, in which requests are usual.
    pub(super) is_of_call: bool,
    /// The sum of the tenant's own words.
    pub(super) own_words: OwnSum,
}

impl Reading {
    pub(super) fn annotation(&self, model: &Model, calibration: Option<&Calibration>) -> Annotation {
        let rows = Rows::of(&self.rows);
        let probabilities = self.probabilities_with(model, calibration, &rows);
        self.annotation_with(probabilities, self.topics(model, &rows), model, calibration)
    }

    /// The annotation with the choice of topics restricted to those that have columns in the table.
    #[cfg(feature = "train")]
    pub(super) fn annotation_in_rows(&self, model: &Model) -> Annotation {
        let rows = Rows::of(&self.rows);
        let by_lists = softmax_or_none(model.topic_head_alone.logits(&self.topic_features()));
        let mut scores = [0.0; TOPIC_CLASSES];
        let of_rows = model.topics_in_rows(self, &rows, &by_lists);
        scores.iter_mut().zip(of_rows).for_each(|(to, from)| *to = from);
        let topics = TopTopics::of(&TOPICS, scores, LEAST_SCORE);
        self.annotation_with(self.probabilities_with(model, None, &rows), topics, model, None)
    }

    /// The annotation of a text whose sentiment follows from something else besides.
    pub(super) fn annotation_with_sentiment(
        &self,
        probabilities: Probabilities,
        model: &Model,
        calibration: Option<&Calibration>,
    ) -> Annotation {
        self.annotation_with(probabilities, self.topics(model, &Rows::of(&self.rows)), model, calibration)
    }

    /// How probable the sentiments are; `None` if nothing was read.
    pub(super) fn probabilities(&self, model: &Model, calibration: Option<&Calibration>) -> Option<Probabilities> {
        (!self.is_empty()).then(|| self.probabilities_with(model, calibration, &Rows::of(&self.rows)))
    }

    fn is_empty(&self) -> bool {
        self.words == 0 && self.symbols == 0
    }

    fn topics(&self, model: &Model, rows: &Rows) -> TopTopics {
        TopTopics::of(&TOPICS, model.topics(self, rows), LEAST_SCORE)
    }

    fn probabilities_with(&self, model: &Model, calibration: Option<&Calibration>, rows: &Rows) -> Probabilities {
        let [negative, neutral, positive] = self.as_far_as_understood(model.sentiments(self, rows, calibration));
        Probabilities { negative, neutral, positive }
    }

    fn annotation_with(
        &self,
        probabilities: Probabilities,
        topics: TopTopics,
        model: &Model,
        calibration: Option<&Calibration>,
    ) -> Annotation {
        if self.is_empty() {
            return Annotation::default();
        }
        let Probabilities { negative, neutral, positive } = probabilities;
        Annotation {
            sentiment: Some((positive - negative).clamp(-1.0, 1.0)),
            probabilities,
            confidence: negative.max(neutral).max(positive),
            language: self.language,
            topic: topics.first().filter(|best| best.score >= model.least_topic_score).map(|best| best.topic.clone()),
            topics,
            decided_by: DecidedBy::Fast,
            calibration: calibration.map(Calibration::version),
            truncated: false,
        }
    }

    /// The logits of the sentiments, with the features they were computed from.
    #[cfg(feature = "train")]
    pub(super) fn sentiment_logits(&self, model: &Model) -> ([f32; SENTIMENTS], [f32; SENTIMENT_FEATURES]) {
        let features = self.sentiment_features();
        (model.sentiment_logits(self, &Rows::of(&self.rows), &features), features)
    }

    /// The probabilities of the sentiments if these are those that the words and symbols yield. With words of an
    /// unknown language none is high; if they are of another language, only symbols count.
    fn as_far_as_understood(&self, probabilities: [f32; SENTIMENTS]) -> [f32; SENTIMENTS] {
        if self.language != Language::Unknown || self.words == 0 {
            return probabilities;
        }
        let [happy, unhappy] = self.symbol_valences;
        let tilt = score_of(happy - unhappy);
        let others = (1.0 - NEUTRAL_IF_FOREIGN) / 2.0;
        let by_symbols = [others * (1.0 - tilt), NEUTRAL_IF_FOREIGN, others * (1.0 + tilt)];
        let of_words = 1.0 - self.foreignness;
        let mixed: [f32; SENTIMENTS] =
            std::array::from_fn(|i| of_words * probabilities[i] + self.foreignness * by_symbols[i]);
        let highest = mixed.iter().copied().fold(0.0, f32::max);
        // Towards equal probabilities, so that their order stays.
        let equal = 1.0 / SENTIMENTS as f32;
        let factor = ((MOST_IF_UNKNOWN - equal) / (highest - equal)).min(1.0);
        if factor.is_finite() { mixed.map(|probability| equal + factor * (probability - equal)) } else { mixed }
    }

    /// The language track in which what was said counts; none of [`TRACKS`] if hardly anything can be understood.
    pub(super) fn understood_track(&self) -> usize {
        if self.foreignness < MOST_UNDERSTOOD { self.track } else { TRACKS }
    }

    /// Whether anything says what the text is about: a word that the lexicon has, except laughter and the like
    /// ("kkkk").
    fn may_have_topic(&self) -> bool {
        self.knows_words && self.words > self.elongations
    }

    /// The sum in the language that counts.
    pub(super) fn sum(&self) -> Sum {
        self.tracks.closed().of(self.track)
    }

    /// VADER's compound score.
    pub(super) fn lexicon_score(&self) -> f32 {
        score_of(self.sum().valence(self.capitals_count, self.exclamations, self.questions))
    }

    /// Adds the findings of another part of the same text; [`settle`](Self::settle) must follow.
    pub(super) fn merge(&mut self, part: &Self) {
        // All fields, so that none is forgotten: a part's language counts only as evidence of the whole's.
        let Self {
            tracks,
            track: _,
            language: _,
            foreignness: _,
            languages,
            accents,
            topics,
            exclamations,
            questions,
            words,
            excess,
            symbols,
            symbol_valences,
            elongations,
            rows,
            capitals_count,
            has_cue,
            knows_words,
            is_of_call,
            own_words: _,
        } = part;
        self.tracks.merge(tracks);
        for (accents, of_part) in self.accents.iter_mut().zip(accents) {
            *accents = accents.saturating_add(*of_part);
        }
        for (weight, of_part) in self.topics.iter_mut().zip(topics) {
            *weight += of_part;
        }
        for (weight, of_part) in self.languages.iter_mut().zip(languages) {
            *weight += of_part;
        }
        self.exclamations += exclamations;
        self.questions += questions;
        self.words += words;
        self.excess += excess;
        self.symbols += symbols;
        for (valence, of_part) in self.symbol_valences.iter_mut().zip(symbol_valences) {
            *valence += of_part;
        }
        self.elongations += elongations;
        self.rows.merge(rows);
        self.capitals_count |= capitals_count;
        self.has_cue |= has_cue;
        self.knows_words |= knows_words;
        self.is_of_call |= is_of_call;
    }

    /// Decides the language of `text` from all findings.
    pub(super) fn settle(&mut self, text: &str) {
        let [accents_portuguese, accents_other] = self.accents;
        let [english, portuguese, other] = self.languages;
        let (portuguese, other) = (portuguese + accents_portuguese, other + accents_other);
        let evidence =
            LanguageEvidence { english, portuguese, other, words: self.words - self.excess }.with_endings_of(text);
        self.language = evidence.language();
        self.foreignness = evidence.foreignness();
        self.track = usize::from(evidence.portuguese > english);
    }

    /// What the rules add to the logits of the sentiments.
    pub(super) fn sentiment_prior(&self) -> [f32; SENTIMENTS] {
        let tally = self.tracks.tally(self.track);
        let topics: u32 = self.topics.iter().take(TOPICS.len()).sum();
        let is_of_service = topics >= OF_SERVICE;
        let kind = TextKind { is_question: self.questions > 0, is_of_call: self.is_of_call, is_of_service };
        prior::logits(&tally, self.polite_sum(&tally), kind)
    }

    /// The sum without the thanks that are a mere formula. In a call they are not, because every call has requests.
    fn polite_sum(&self, tally: &Tally) -> Sum {
        let mut sum = self.sum();
        if !self.is_of_call && (self.questions > 0 || tally.cues.wants_something()) {
            sum.positive -= tally.courtesy.min(sum.positive);
        }
        sum
    }

    /// The input of the sentiment head.
    pub(super) fn sentiment_features(&self) -> [f32; SENTIMENT_FEATURES] {
        let tally = self.tracks.tally(self.track);
        let sum = self.polite_sum(&tally);
        let score = score_of(sum.valence(self.capitals_count, self.exclamations, self.questions));
        let Sum { positive, negative, by_capitals } = sum;
        let negative = -negative;
        let [happy, unhappy] = self.symbol_valences;
        let words = (self.words - self.excess) as f32;
        let by_length = 1.0 / (words + 3.0).sqrt();
        let is = |condition: bool| f32::from(u8::from(condition));
        let few = |count: u32, most: u32| count.min(most) as f32 / most as f32;
        let (english, portuguese) = (is(self.language == Language::En), is(self.language == Language::Pt));
        let (ln_positive, ln_negative) = (ln_1p(positive), ln_1p(negative));
        [
            1.0,
            score,
            score.abs(),
            score * score.abs(),
            ln_positive,
            ln_negative,
            positive * by_length,
            negative * by_length,
            tally.highest / 4.0,
            -tally.lowest / 4.0,
            (positive - negative) / (positive + negative + 1.0),
            few(tally.negated, 3),
            few(self.exclamations, MAX_EXCLAMATIONS),
            few(self.questions, 2),
            is(positive + negative == 0.0),
            ln_1p(happy),
            ln_1p(unhappy),
            is(self.capitals_count && by_capitals > 0.0),
            is(self.capitals_count && by_capitals < 0.0),
            few(self.elongations, 3),
            words.ln_1p() / 4.0,
            is(tally.contrasts > 0),
            tally.last_sentence / (tally.last_sentence.abs() + 2.0),
            tally.negators as f32 * by_length,
            english,
            portuguese,
            portuguese * score,
            portuguese * score.abs(),
            portuguese * ln_positive,
            portuguese * ln_negative,
        ]
    }

    /// Whether there is a word of any topic.
    fn has_topic_words(&self) -> bool {
        self.topics.iter().take(NO_TOPIC).any(|weight| *weight > 0)
    }

    /// The input of the head of all topics.
    pub(super) fn topic_features(&self) -> [f32; TOPIC_FEATURES] {
        let mut weights = [0; TOPIC_CLASSES];
        for (weight, words) in self.topics.iter().zip(TOPIC_WORDS) {
            weights[words.topic] += weight;
        }
        features_of(weights)
    }

    /// The input of the head of the topics in the rows.
    pub(super) fn row_topic_features(&self) -> [f32; ROW_TOPIC_FEATURES] {
        let mut weights = [0; TOPICS_IN_ROWS];
        for (weight, words) in self.topics.iter().zip(TOPIC_WORDS) {
            if let Some(sum) = words.in_rows.and_then(|in_rows| weights.get_mut(in_rows)) {
                *sum += weight;
            }
        }
        features_of(weights)
    }
}

/// For each topic, what its words weigh, and their share; the constant 1; and whether there are no words.
fn features_of<const TOPICS: usize, const FEATURES: usize>(weights: [u32; TOPICS]) -> [f32; FEATURES] {
    const { assert!(FEATURES == 2 * TOPICS + 2) }
    let weights = weights.map(|weight| weight as f32);
    let total: f32 = weights.iter().sum();
    std::array::from_fn(|i| match weights.get(i % TOPICS) {
        _ if i == 2 * TOPICS => 1.0,
        _ if i > 2 * TOPICS => f32::from(u8::from(total == 0.0)),
        Some(weight) if i < TOPICS => ln_1p(*weight),
        Some(weight) => weight / (total + 1.0),
        None => 0.0,
    })
}

/// The result of the rows.
struct Rows {
    sums: [i32; COLUMNS],
    count: u32,
    damping: f32,
}

impl Rows {
    fn of(sum: &RowSum) -> Self {
        let (sums, count) = sum.finish();
        Self { sums, count, damping: damping(count) }
    }
}

impl Model {
    /// The probabilities of the sentiments, in their order.
    fn sentiments(&self, reading: &Reading, rows: &Rows, calibration: Option<&Calibration>) -> [f32; SENTIMENTS] {
        let features = reading.sentiment_features();
        let logits = self.sentiment_logits(reading, rows, &features);
        softmax(match calibration {
            None => logits,
            Some(calibration) => calibration.logits(logits, &features, &reading.own_words),
        })
    }

    fn sentiment_logits(
        &self,
        reading: &Reading,
        rows: &Rows,
        features: &[f32; SENTIMENT_FEATURES],
    ) -> [f32; SENTIMENTS] {
        let mut logits = self.sentiment_head.logits(features);
        for (((logit, prior), sum), scale) in
            logits.iter_mut().zip(reading.sentiment_prior()).zip(&rows.sums).zip(&self.scales)
        {
            *logit += prior + *sum as f32 * scale * rows.damping;
        }
        logits.map(|logit| logit / self.sentiment_temperature)
    }

    /// The probabilities of all topics. Those without columns are as probable as the lists say; the others share the
    /// rest. The rows know only English words: in other languages the lists decide.
    fn topics(&self, reading: &Reading, rows: &Rows) -> [f32; TOPIC_CLASSES] {
        let is_english = reading.language == Language::En;
        if !reading.may_have_topic() || (!is_english && !reading.has_topic_words()) {
            return [0.0; TOPIC_CLASSES];
        }
        let mut topics = softmax_or_none(self.topic_head_alone.logits(&reading.topic_features()));
        if self.knows_topics_of(reading) {
            let in_rows = self.topics_in_rows(reading, rows, &topics);
            let others: f32 = topics.iter().skip(TOPICS_IN_ROWS).sum();
            let [of_lists, of_rows] =
                if reading.has_topic_words() { [OF_LISTS, 1.0 - OF_LISTS] } else { [0.0, OF_ROWS_IF_ALONE] };
            for (topic, in_rows) in topics.iter_mut().zip(in_rows) {
                *topic = of_lists * *topic + of_rows * (1.0 - others) * in_rows;
            }
        }
        // What is said in no particular words is no enquiry.
        if reading.topics.get(GENERAL).is_none_or(|weight| *weight == 0)
            && let Some(general) = topics.get_mut(GENERAL)
        {
            *general = 0.0;
        }
        let understood = 1.0 - reading.foreignness;
        topics.map(|score| understood * score)
    }

    /// Whether the table knows topics of words in what is probably the text's language.
    fn knows_topics_of(&self, reading: &Reading) -> bool {
        reading.track == 0 || self.topics_in_portuguese != 0.0
    }

    /// The probabilities of the topics that have columns, if it is none of the others. A mean of the result of the
    /// lists alone and that of the lists with the table's rows. The lists alone count more the longer a text is, and
    /// the more certain they are compared with the rows.
    fn topics_in_rows(&self, reading: &Reading, rows: &Rows, by_lists: &[f32; TOPIC_CLASSES]) -> [f32; TOPICS_IN_ROWS] {
        let others: f32 = by_lists.iter().skip(TOPICS_IN_ROWS).sum();
        // Not 0, however sure the lists are of the others.
        let rest = (1.0 - others).max(f32::EPSILON);
        let mut by_lists: [f32; TOPICS_IN_ROWS] = std::array::from_fn(|topic| (by_lists[topic] / rest).min(1.0));
        if !self.knows_topics_of(reading) {
            return by_lists;
        }
        let mut logits = self.topic_head.logits(&reading.row_topic_features());
        let sums = rows.sums.iter().zip(&self.scales).skip(SENTIMENTS);
        for (logit, (sum, scale)) in logits.iter_mut().zip(sums) {
            *logit += *sum as f32 * scale * rows.damping;
        }
        let with_rows = softmax_or_none(logits.map(|logit| logit / self.topic_temperature));
        let surest = |of: &[f32]| of.iter().copied().fold(1.0 - of.iter().sum::<f32>(), f32::max);
        // What is repeated makes a text longer, although it does not count.
        let length = ((rows.count + ROWS_PER_WORD * reading.excess) as f32 / HALF_LONG).powi(2);
        let by_length = OF_LISTS_IF_LONG * length / (length + 1.0);
        let of_lists = by_length.max(OF_LISTS_IF_SURER * (surest(&by_lists) - surest(&with_rows)));
        for (by_lists, with_rows) in by_lists.iter_mut().zip(with_rows) {
            *by_lists = of_lists * *by_lists + (1.0 - of_lists) * with_rows;
        }
        by_lists
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

/// The logarithm of 1 + `x`; with a shortcut for 0, the most frequent case.
fn ln_1p(x: f32) -> f32 {
    if x == 0.0 { 0.0 } else { x.ln_1p() }
}

/// VADER's compound score of a sum of valences.
pub(crate) fn score_of(valence: f32) -> f32 {
    (valence / (valence * valence + ALPHA).sqrt()).clamp(-1.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::linear::head::LANGUAGE_FEATURES;

    #[test]
    fn features_that_depend_on_the_language() {
        let of = |language| Reading { language, ..Reading::default() }.sentiment_features();
        let unknown = of(Language::Unknown);
        for (language, feature) in [(Language::En, 0), (Language::Pt, 1)] {
            let differing: Vec<usize> = (0..SENTIMENT_FEATURES).filter(|i| of(language)[*i] != unknown[*i]).collect();
            assert_eq!(differing, [LANGUAGE_FEATURES.start + feature]);
        }
        const { assert!(LANGUAGE_FEATURES.end <= SENTIMENT_FEATURES) }
    }
}
