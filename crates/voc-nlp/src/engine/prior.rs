//! What rules know of a text's sentiment, whatever was learned from labelled texts.
//!
//! Tweets and reviews teach little about the polite complaints of customer service, and nothing about most idioms, so
//! their cues add fixed numbers to the logits, in training as well as at run time: what is trained explains the rest.

use crate::lexicon::Cue;
use crate::linear::head::SENTIMENTS;

use super::track::{Cues, Sum};

/// How much cues add to the logit of negative, and take from that of positive.
const HINT: f32 = 0.3;
const UNRESOLVED: f32 = 0.9;
/// The same for each unit of valence of phrases.
const PHRASES: f32 = 0.28;
/// The most that cues and phrases add.
const MOST: f32 = 2.0;
/// What sarcasm adds to negative, and takes from positive.
const SARCASM: [f32; 2] = [1.2, 2.0];
/// What a request without other valences adds to neutral, and takes from positive.
const REQUEST: [f32; 2] = [0.9, 0.6];
/// Valences up to this sum do not make a request something else.
const SLIGHT: f32 = 1.0;

/// The logits of negative, neutral and positive.
pub(super) fn logits(sum: &Sum, cues: &Cues, questions: u32) -> [f32; SENTIMENTS] {
    let count = |cue| cues.count(cue) as f32;
    let evidence =
        PHRASES * (cues.praise + cues.blame) - HINT * count(Cue::Hint) - UNRESOLVED * count(Cue::Unresolved);
    let evidence = MOST * (evidence / MOST).tanh();
    let mut logits = [-evidence, 0.0, evidence];
    let [negative, neutral, positive] = &mut logits;
    let sarcasm = count(Cue::Sarcasm).min(1.0);
    *negative += SARCASM[0] * sarcasm;
    *positive -= SARCASM[1] * sarcasm;
    let praise = sum.positive - mere_courtesy(sum, cues, questions);
    if is_request(cues) && evidence.abs() < 0.5 && praise - sum.negative <= SLIGHT {
        *neutral += REQUEST[0];
        *positive -= REQUEST[1];
    }
    logits
}

/// The valence of thanks that are a mere formula, because the text asks for something or complains.
pub(super) fn mere_courtesy(sum: &Sum, cues: &Cues, questions: u32) -> f32 {
    let wants = is_request(cues) || questions > 0 || cues.count(Cue::Unresolved) > 0 || cues.count(Cue::Hint) > 0;
    if wants { cues.courtesy.min(sum.positive) } else { 0.0 }
}

fn is_request(cues: &Cues) -> bool {
    cues.count(Cue::Request) > 0
}
