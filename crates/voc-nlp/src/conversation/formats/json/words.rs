//! Turns from single words: what speech recognition returns besides, or instead of, utterances.

use super::said::joined;
use super::turns::RawTurn;
use crate::conversation::formats::times::{Time, resolve};

/// The fewest elements that can be recognised as words by their texts alone.
const FEW: usize = 8;
/// A pause that ends an utterance if two speak at a time.
const PAUSE_MS: u64 = 800;

/// Whether the elements of a list are words.
pub(super) fn are_words(turns: &[RawTurn], is_named_so: bool) -> bool {
    let single = turns.iter().filter(|turn| !turn.text.contains(char::is_whitespace)).count();
    (is_named_so || turns.len() >= FEW) && single * 10 >= turns.len() * 9
}

/// Joins words to turns. Marks and pauses belong to the last speaker.
pub(super) fn join(words: Vec<RawTurn>) -> Vec<RawTurn> {
    let mut turns: Vec<(RawTurn, Vec<String>)> = Vec::new();
    for word in words {
        match turns.last_mut() {
            Some((turn, texts)) if !word.has_speaker() || word.same_speaker(turn) => {
                turn.end = if word.end == Time::Unknown { turn.end } else { word.end };
                texts.push(word.text);
            }
            _ => {
                let text = word.text.clone();
                turns.push((word, vec![text]));
            }
        }
    }
    let text = |texts: Vec<String>| joined(texts.into_iter()).trim().to_owned();
    turns.into_iter().map(|(turn, texts)| RawTurn { text: text(texts), ..turn }).collect()
}

/// Joins the words of a channel, in which only one person speaks, to utterances between pauses.
pub(super) fn utterances(words: Vec<RawTurn>) -> Vec<RawTurn> {
    let times: Vec<_> = words.iter().map(|word| (word.start, word.end)).collect();
    let mut utterances: Vec<Vec<RawTurn>> = Vec::new();
    let mut last_end = None;
    for (word, (start, end)) in words.into_iter().zip(resolve(&times)) {
        let is_after_pause = start.zip(last_end).is_some_and(|(start, end)| start >= end + PAUSE_MS);
        match utterances.last_mut() {
            Some(utterance) if !is_after_pause => utterance.push(word),
            _ => utterances.push(vec![word]),
        }
        last_end = end.or(last_end);
    }
    utterances.into_iter().flat_map(join).collect()
}
