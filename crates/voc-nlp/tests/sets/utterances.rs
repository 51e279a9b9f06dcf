//! Sentiment, topic and language of what users write.

use serde::Deserialize;
use voc_nlp::{Annotation, Annotator};

use crate::score::Score;
use crate::{HALVES, read};

#[derive(Deserialize)]
struct Set {
    case: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    kind: String,
    text: String,
    /// What has to hold: all of it.
    expect: Vec<String>,
    /// Why that is right.
    reason: String,
}

/// Below this confidence a model would be asked.
const UNSURE: f32 = 0.6;

fn holds(expected: &str, annotation: &Annotation) -> bool {
    let label = annotation.label().as_str();
    let topic = annotation.topic.as_deref().unwrap_or("none");
    let is_sure = annotation.confidence >= UNSURE;
    match expected.split(' ').collect::<Vec<_>>().as_slice() {
        [sentiment @ ("negative" | "neutral" | "positive")] => label == *sentiment,
        ["not", sentiment @ ("negative" | "neutral" | "positive")] => label != *sentiment,
        ["not", "surely", sentiment @ ("negative" | "positive")] => label != *sentiment || !is_sure,
        ["unsure"] => !is_sure,
        ["topic", name] => topic == *name,
        ["no", "topic"] => annotation.topic.is_none(),
        ["not", "topic", name] => topic != *name,
        ["language", name] => annotation.language.as_str() == *name,
        ["not", "language", name] => annotation.language.as_str() != *name,
        _ => panic!("{expected:?} is not an expectation"),
    }
}

fn check(set: &str) {
    let annotator = Annotator::default();
    let scores = HALVES.map(|half| {
        let mut score = Score::default();
        for Case { kind, text, expect, reason } in read::<Set>(set, half).case {
            let annotation = annotator.annotate(&text);
            let missed: Vec<&str> =
                expect.iter().map(String::as_str).filter(|expected| !holds(expected, &annotation)).collect();
            score.count(&kind, missed.is_empty());
            if half == "tuning" && !missed.is_empty() {
                println!(
                    "{kind}: {text:?}\n    not {} ({reason}), but {} {:+.2} at {:.2}, topic {}, language {}",
                    missed.join(", "),
                    annotation.label(),
                    annotation.sentiment.unwrap_or_default(),
                    annotation.confidence,
                    annotation.topic.as_deref().unwrap_or("none"),
                    annotation.language,
                );
            }
        }
        score.print(&format!("{set}, {half}"));
        score
    });
    scores.iter().for_each(|score| score.check(0.85, 0.70));
}

#[test]
fn english() {
    check("utterances-en");
}

#[test]
fn portuguese() {
    check("utterances-pt");
}
