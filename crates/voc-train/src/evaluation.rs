//! Measures an engine on labelled texts, compared with the keyword rules that it replaces.

use std::fmt;

use serde::Serialize;
use voc_nlp::train::{TOPIC_CLASSES, annotate_in_rows, topic_names};
use voc_nlp::{Annotation, Engine, FastStage, Sentiment};

use crate::corpus::{Gold, LabelledText};
use crate::toy;
use voc_nlp::train::metrics::{JudgedText, accuracy, calibration_error, macro_f1, pearson};

/// The results for some texts.
#[derive(Serialize)]
pub(crate) struct Measured {
    pub(crate) texts: usize,
    pub(crate) macro_f1: f64,
    pub(crate) accuracy: f64,
    /// The share of negative and positive texts that are put on the right side of 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) binary_accuracy: Option<f64>,
    /// The correlation of the scores with readers' ratings.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) pearson: Option<f64>,
    /// The same for the lexicon's score alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) lexicon_pearson: Option<f64>,
    /// The share of texts, not neutral or with a topic, that got a score other than 0 or a topic.
    pub(crate) coverage: f64,
    /// The expected calibration error.
    pub(crate) ece: f64,
}

/// A measurement of the engine and one of the keyword rules.
#[derive(Serialize)]
pub(crate) struct Comparison {
    pub(crate) engine: Measured,
    pub(crate) keywords: Measured,
    /// The engine's choice among all topics, where `engine` is restricted to those in the rows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) all_topics: Option<Measured>,
}

/// An annotator's result for a text.
struct Answer {
    class: Option<usize>,
    score: f32,
    confidence: f32,
    lexicon_score: Option<f32>,
}

pub(crate) fn compare(engine: &Engine, texts: &[&LabelledText]) -> Comparison {
    Comparison {
        engine: measure(texts, |text| answer_of_engine(engine, text)),
        keywords: measure(texts, answer_of_keywords),
        all_topics: measure_all_topics(engine, texts),
    }
}

pub(crate) fn measure_engine(engine: &Engine, texts: &[&LabelledText]) -> Measured {
    measure(texts, |text| answer_of_engine(engine, text))
}

/// For all topics and none, which counts as a class, too. Texts with sentiments have no result.
pub(crate) fn measure_all_topics(engine: &Engine, texts: &[&LabelledText]) -> Option<Measured> {
    Measured::of_all_topics(&[(engine.clone(), texts.to_vec())])
}

fn answer_of_engine(engine: &Engine, text: &LabelledText) -> Answer {
    let annotation = engine.annotate(&text.text);
    match text.gold {
        Gold::Sentiment { .. } => Answer {
            class: Some(annotation.label() as usize),
            score: annotation.sentiment.unwrap_or_default(),
            confidence: annotation.confidence,
            lexicon_score: Some(engine.lexicon_score(&text.text)),
        },
        Gold::Topic { .. } => answer_of_topics(&annotate_in_rows(engine, &text.text)),
    }
}

fn answer_of_topics(annotation: &Annotation) -> Answer {
    let names = topic_names();
    let class = annotation.topic.as_ref().and_then(|topic| names.iter().position(|name| **name == **topic));
    let confidence = annotation.topics.first().map_or(0.0, |best| best.score);
    Answer { class, score: 0.0, confidence, lexicon_score: None }
}

fn answer_of_keywords(text: &LabelledText) -> Answer {
    match text.gold {
        Gold::Sentiment { .. } => {
            let (score, confidence) = toy::sentiment(&text.text);
            Answer { class: Some(sign(score) as usize), score, confidence, lexicon_score: None }
        }
        Gold::Topic { .. } => {
            let class = toy::topic(&text.text);
            Answer { class, score: 0.0, confidence: f32::from(u8::from(class.is_some())), lexicon_score: None }
        }
    }
}

fn sign(score: f32) -> Sentiment {
    if score > 0.0 {
        Sentiment::Positive
    } else if score < 0.0 {
        Sentiment::Negative
    } else {
        Sentiment::Neutral
    }
}

fn measure(texts: &[&LabelledText], annotate: impl Fn(&LabelledText) -> Answer) -> Measured {
    let answers: Vec<Answer> = texts.iter().map(|text| annotate(text)).collect();
    measure_answers(texts, &answers, LabelledText::class)
}

fn measure_answers(texts: &[&LabelledText], answers: &[Answer], class: impl Fn(&LabelledText) -> usize) -> Measured {
    let both = || texts.iter().zip(answers);
    let judged: Vec<JudgedText> = both()
        .map(|(text, answer)| JudgedText { gold: class(text), found: answer.class, confidence: answer.confidence })
        .collect();

    let opinionated: Vec<(Sentiment, &Answer)> = both()
        .filter_map(|(text, answer)| match text.gold {
            Gold::Sentiment { label, .. } if label != Sentiment::Neutral => Some((label, answer)),
            _ => None,
        })
        .collect();
    let share = |right: usize, of: usize| right as f64 / of.max(1) as f64;
    let is_sentiment = matches!(texts.first().map(|text| text.gold), Some(Gold::Sentiment { .. }));
    let coverage = if is_sentiment {
        share(opinionated.iter().filter(|(_, answer)| answer.score != 0.0).count(), opinionated.len())
    } else {
        share(answers.iter().filter(|answer| answer.class.is_some()).count(), answers.len())
    };
    let binary = opinionated.iter().filter(|(label, answer)| sign(answer.score) == *label).count();

    let rated = |score: &dyn Fn(&Answer) -> Option<f32>| {
        let pairs: Vec<(f64, f64)> = both()
            .filter_map(|(text, answer)| match text.gold {
                Gold::Sentiment { rating: Some(rating), .. } => Some((f64::from(score(answer)?), f64::from(rating))),
                _ => None,
            })
            .collect();
        (!pairs.is_empty()).then(|| pearson(&pairs))
    };
    Measured {
        texts: texts.len(),
        macro_f1: macro_f1(&judged),
        accuracy: accuracy(&judged),
        binary_accuracy: is_sentiment.then(|| share(binary, opinionated.len())),
        pearson: rated(&|answer| Some(answer.score)),
        lexicon_pearson: rated(&|answer| answer.lexicon_score),
        coverage,
        ece: calibration_error(&judged),
    }
}

impl Measured {
    /// For all texts together, each annotated by the engine of its fold.
    pub(crate) fn of_folds(folds: &[(Engine, Vec<&LabelledText>)]) -> Self {
        let (texts, answers): (Vec<_>, Vec<_>) = folds
            .iter()
            .flat_map(|(engine, texts)| texts.iter().map(|text| (*text, answer_of_engine(engine, text))))
            .unzip();
        measure_answers(&texts, &answers, LabelledText::class)
    }

    /// As [`measure_all_topics`], for all texts together.
    pub(crate) fn of_all_topics(folds: &[(Engine, Vec<&LabelledText>)]) -> Option<Self> {
        const NONE: usize = TOPIC_CLASSES;
        let (texts, answers): (Vec<&LabelledText>, Vec<Answer>) = folds
            .iter()
            .flat_map(|(engine, texts)| texts.iter().map(|text| (*text, engine.annotate(&text.text))))
            .map(|(text, annotation)| {
                let answer = answer_of_topics(&annotation);
                let class = answer.class.or(Some(NONE));
                let confidence = if answer.class.is_none() { 1.0 - answer.confidence } else { answer.confidence };
                (text, Answer { class, confidence, ..answer })
            })
            .unzip();
        let is_topics = matches!(texts.first()?.gold, Gold::Topic { .. });
        is_topics.then(|| measure_answers(&texts, &answers, |text| text.topic().unwrap_or(NONE)))
    }

    pub(crate) fn heading() -> String {
        format!(
            "{:<34} {:>6} {:>8} {:>8} {:>8} {:>8} {:>8} {:>8} {:>6}",
            "", "texts", "macro-F1", "accuracy", "binary", "Pearson", "lexicon", "coverage", "ECE"
        )
    }
}

impl fmt::Display for Measured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let optional = |value: Option<f64>| value.map_or_else(|| "-".to_owned(), |value| format!("{value:.3}"));
        write!(
            f,
            "{:>6} {:>8.3} {:>8.3} {:>8} {:>8} {:>8} {:>8.3} {:>6.3}",
            self.texts,
            self.macro_f1,
            self.accuracy,
            optional(self.binary_accuracy),
            optional(self.pearson),
            optional(self.lexicon_pearson),
            self.coverage,
            self.ece
        )
    }
}
