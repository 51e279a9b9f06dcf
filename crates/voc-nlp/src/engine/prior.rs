//! What rules know of a text's sentiment, whatever was learned from labelled texts.
//!
//! Tweets and reviews teach little about the polite complaints of customer service, and nothing about most idioms, so
//! their cues add fixed numbers to the logits, in training as well as at run time: what is trained explains the rest.

use crate::lexicon::Cue;
use crate::linear::head::SENTIMENTS;

use super::track::{Sum, Tally};

pub(super) static E: std::sync::LazyLock<[f32; 8]> = std::sync::LazyLock::new(|| {
    let e = |n: &str, d: f32| std::env::var(n).ok().and_then(|v| v.parse().ok()).unwrap_or(d);
    [e("P", 0.2), e("H", 0.2), e("U", 0.8), e("M", 2.0), e("S", 1.0), e("R", 1.0), e("N", 0.15), e("G", 0.3)]
});
/// What sarcasm adds to negative, and takes from positive.
const SARCASM: [f32; 2] = [1.2, 2.0];
/// What a request without other valences adds to neutral, and takes from positive.
const REQUEST: [f32; 2] = [0.9, 0.6];
/// The same for praise in quotation marks.
const QUOTED: [f32; 2] = [0.6, 1.0];
/// Valences up to this sum do not make a request something else.
const SLIGHT: f32 = 1.0;
/// An exclamation of praise beside a negative valence like that of "problem" is irony.
const COMPLAINT: f32 = -1.2;
/// Praise up to this sum, beside that of an exclamation, does not make it sincere.
const SINCERE: f32 = 1.5;

/// What is known about a text.
pub(super) struct TextKind {
    pub(super) is_question: bool,
    /// It is what a speaker says in a call.
    pub(super) is_of_call: bool,
    /// It has words of a service's topics.
    pub(super) is_of_service: bool,
}

/// The logits of negative, neutral and positive, given the sum of valences without formulas of courtesy.
pub(super) fn logits(tally: &Tally, sum: Sum, kind: TextKind) -> [f32; SENTIMENTS] {
    let cues = &tally.cues;
    let count = |cue| cues.count(cue) as f32;
    let [p, h, u, most, sa, re, ne, gate] = *E;
    let unresolved = u * count(Cue::Unresolved)
        + if kind.is_of_service { h * count(Cue::Hint) + ne * tally.negators.min(2) as f32 } else { 0.0 };
    let unresolved = if kind.is_of_service { unresolved } else { gate * unresolved };
    let evidence = p * (tally.praise + tally.blame) - unresolved;
    let evidence = most * (evidence / most).tanh();
    let mut logits = [-evidence, 0.0, evidence];
    let [negative, neutral, positive] = &mut logits;
    let is_complaint = sum.negative <= COMPLAINT || cues.count(Cue::Unresolved) > 0;
    let is_ironic =
        tally.exclaimed > 0.0 && is_complaint && !kind.is_of_call && sum.positive - tally.exclaimed <= SINCERE;
    if is_ironic || cues.count(Cue::Sarcasm) > 0 {
        *negative += sa * SARCASM[0];
        *positive -= sa * SARCASM[1];
    } else if tally.quoted > 0.0 {
        *negative += QUOTED[0];
        *positive -= QUOTED[1];
    }
    let is_request = !kind.is_of_call && (cues.count(Cue::Request) > 0 || kind.is_question);
    if is_request && evidence.abs() < 0.5 && sum.positive - sum.negative <= SLIGHT {
        *neutral += re * REQUEST[0];
        *positive -= re * REQUEST[1];
    }
    logits
}
