//! What rules know of a text's sentiment, whatever was learned from labelled texts.
//!
//! Tweets and reviews teach little about the polite complaints of customer service, and nothing about most idioms, so
//! their cues add fixed numbers to the logits, in training as well as at run time: what is trained explains the rest.

use crate::lexicon::Cue;
use crate::linear::head::SENTIMENTS;

use super::track::{Sum, Tally};

/// What cues add to the logit of negative, and take from that of positive. Hints and negators count only in texts
/// about a service.
const UNRESOLVED: f32 = 1.1;
const HINT: f32 = 0.25;
const NEGATOR: f32 = 0.15;
/// The most negators that count.
const MAX_NEGATORS: u32 = 2;
/// The share of the above in texts about anything else.
const ELSEWHERE: f32 = 0.25;
/// What a valence of 1 of a phrase adds to positive, and takes from negative.
const PHRASES: f32 = 0.18;
/// The most that cues and phrases add.
const MOST: f32 = 2.0;
/// What irony adds to negative, and takes from positive.
const IRONY: [f32; 2] = [1.0, 1.6];
/// The same for praise in quotation marks.
const QUOTED: [f32; 2] = [0.6, 1.0];
/// What a request without other valences adds to neutral, and takes from positive.
const REQUEST: [f32; 2] = [0.55, 0.35];
/// The same in addition if it has thanks, which are a formula then.
const THANKS: [f32; 2] = [0.3, 0.6];
/// Up to these sums evidence and valences do not make a request something else.
const SLIGHT_EVIDENCE: f32 = 0.5;
const SLIGHT_VALENCE: f32 = 1.0;
/// An exclamation of praise beside a negative valence like that of "problem" is irony.
const COMPLAINT: f32 = -1.2;
/// Praise up to this sum, beside that of an exclamation, does not make it sincere.
const SINCERE: f32 = 1.5;

/// What is known about a text.
#[derive(Clone, Copy)]
pub(super) struct TextKind {
    pub(super) is_question: bool,
    /// It is what a speaker says in a call.
    pub(super) is_of_call: bool,
    /// It has words of a service's topics.
    pub(super) is_of_service: bool,
}

/// The logits of negative, neutral and positive, given the sum of valences without formulas of courtesy.
pub(super) fn logits(tally: &Tally, sum: Sum, kind: TextKind) -> [f32; SENTIMENTS] {
    let TextKind { is_question, is_of_call, is_of_service } = kind;
    let has = |cue| tally.cues.count(cue) > 0;
    let count = |cue| tally.cues.count(cue) as f32;
    let unresolved = UNRESOLVED * count(Cue::Unresolved);
    let unresolved = if is_of_service {
        unresolved + HINT * count(Cue::Hint) + NEGATOR * tally.negators.min(MAX_NEGATORS) as f32
    } else {
        ELSEWHERE * unresolved
    };
    let evidence = PHRASES * (tally.praise + tally.blame) - unresolved;
    // A smooth limit, near 0 without effect.
    let evidence = evidence / (1.0 + (evidence / MOST).abs());
    let mut logits = [-evidence, 0.0, evidence];
    let [negative, neutral, positive] = &mut logits;

    let is_complaint = sum.negative <= COMPLAINT || has(Cue::Unresolved);
    let is_ironic = tally.exclaimed > 0.0 && is_complaint && sum.positive - tally.exclaimed <= SINCERE && !is_of_call;
    let [add, take] = if is_ironic || has(Cue::Sarcasm) {
        IRONY
    } else if tally.quoted > 0.0 && (is_complaint || is_of_service) {
        QUOTED
    } else {
        [0.0; 2]
    };
    *negative += add;
    *positive -= take;

    let is_request = (has(Cue::Request) || is_question && is_of_service) && !is_of_call;
    if is_request && evidence.abs() < SLIGHT_EVIDENCE && sum.positive - sum.negative <= SLIGHT_VALENCE {
        for [add, take] in [REQUEST, THANKS].into_iter().take(if tally.courtesy > 0.0 { 2 } else { 1 }) {
            *neutral += add;
            *positive -= take;
        }
    }
    logits
}
