//! The sentiment towards each topic.

use serde::Serialize;

use super::boundary;
use super::scored_speakers::ScoredSpeakers;
use super::turn_annotation::TurnAnnotation;
use crate::annotation::{Annotation, Topic, TopicScore};
use crate::engine::score_of;
use crate::taxonomy::{Mention, Taxonomy};

/// How a call speaks of one topic.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct TopicSentiment {
    /// The topic.
    pub topic: Topic,
    /// The probability that the call is about it, as in [`Annotation::topics`].
    pub score: f32,
    /// The sentiment towards it, from -1 to 1: the mean of the customer's mentions, or of all if the customer has
    /// none. `None` without mentions, as for a parent of which only its children are mentioned.
    pub sentiment: Option<f32>,
    /// Where it is mentioned.
    pub mentions: Vec<TopicMention>,
}

/// A mention of a topic, with its sentiment.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct TopicMention {
    /// The number of the turn.
    pub turn: usize,
    /// Where the sentence, or the turn about the topic as a whole, begins in the transcript, in bytes.
    pub start: usize,
    /// The byte after its last.
    pub end: usize,
    /// The score of its evidence of sentiment; the turn's score if it has none.
    pub score: f32,
}

/// The sentiments of a call's topics. A taxonomy's topics are located by sentence, the engine's by turn.
pub(super) fn sentiments(
    taxonomy: Option<&Taxonomy>,
    text: &str,
    call: &Annotation,
    turns: &[TurnAnnotation<'_>],
    heard: ScoredSpeakers,
) -> Vec<TopicSentiment> {
    let mut found: Vec<TopicSentiment> = call
        .topics
        .iter()
        .map(|best| TopicSentiment {
            topic: best.topic.clone(),
            score: best.score,
            sentiment: None,
            mentions: Vec::new(),
        })
        .collect();
    for TopicScore { topic, score } in taxonomy.map(|taxonomy| taxonomy.scores(text, call.language)).unwrap_or_default()
    {
        if !call.topics.iter().any(|best| best.topic == topic) {
            found.push(TopicSentiment { topic, score, sentiment: None, mentions: Vec::new() });
        }
    }
    for (number, turn) in turns.iter().enumerate() {
        let own = turn.annotation.topic.clone().map(|topic| {
            (topic, TopicMention { turn: number, start: turn.turn.start, end: turn.turn.end, score: turn.score })
        });
        let phrases: Vec<Mention> =
            taxonomy.map(|taxonomy| taxonomy.mentions(turn.turn.text, call.language)).unwrap_or_default();
        let phrases = phrases.into_iter().map(|phrase| {
            let (start, end) = sentence_around(text, turn, turn.turn.start + phrase.start);
            (phrase.topic, TopicMention { turn: number, start, end, score: score_between(turn, start, end) })
        });
        for (topic, mention) in own.into_iter().chain(phrases) {
            if let Some(sentiment) = found.iter_mut().find(|sentiment| sentiment.topic == topic)
                && sentiment.mentions.last() != Some(&mention)
            {
                sentiment.mentions.push(mention);
            }
        }
    }
    let is_heard = |mention: &TopicMention| turns.get(mention.turn).is_some_and(|turn| heard.hears(turn.turn.role));
    for sentiment in &mut found {
        let scores = |heard_only: bool| {
            let mentions = sentiment.mentions.iter().filter(move |mention| !heard_only || is_heard(mention));
            mean(mentions.map(|mention| mention.score))
        };
        sentiment.sentiment = scores(true).or_else(|| scores(false));
    }
    found
}

/// Sentences without an end are cut at this many bytes from the mention.
const LONGEST: usize = 400;

/// The start and end of the sentence in a turn that contains the position `at`.
fn sentence_around(text: &str, turn: &TurnAnnotation<'_>, at: usize) -> (usize, usize) {
    let from = boundary::ceil(text, turn.turn.start.max(at.saturating_sub(LONGEST)));
    let to = boundary::floor(text, turn.turn.end.min(at + LONGEST));
    let is_mark = |c: char| matches!(c, '.' | '!' | '?' | '\n' | ';');
    // A mark ends a sentence only before a space or the end, so that "3.50" is not cut.
    let ends_at = |place: usize| {
        text.get(place + 1..turn.turn.end).is_none_or(|rest| rest.is_empty() || rest.starts_with(char::is_whitespace))
    };
    let mut before = text.get(from..at).unwrap_or_default().rmatch_indices(is_mark).map(|(i, _)| from + i);
    let mut after = text.get(at..to).unwrap_or_default().match_indices(is_mark).map(|(i, _)| at + i);
    let start = before.find(|place| ends_at(*place)).map_or(from, |place| place + 1);
    let end = after.find(|place| ends_at(*place)).map_or(to, |place| place + 1);
    let sentence = text.get(start..end).unwrap_or_default();
    (end - sentence.trim_start().len(), end)
}

fn score_between(turn: &TurnAnnotation<'_>, start: usize, end: usize) -> f32 {
    let within = turn.evidence.iter().filter(|evidence| start <= evidence.start && evidence.end <= end);
    let weights = within.map(|evidence| evidence.weight);
    weights.reduce(|sum, weight| sum + weight).map_or(turn.score, score_of)
}

fn mean(scores: impl Iterator<Item = f32>) -> Option<f32> {
    let (sum, count) = scores.fold((0.0, 0_u32), |(sum, count), score| (sum + score, count + 1));
    (count > 0).then(|| sum / count as f32)
}
