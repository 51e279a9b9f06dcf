//! Transcripts in JSON, in the shapes of chats, contact centres and speech recognition.

mod candidates;
mod people;
mod said;
mod texts;
mod turns;
mod value;
mod who;
mod words;

use super::decoded::{Decoded, Piece, TranscriptFormat};
use super::lines::Lines;
use super::times::resolve;
use crate::conversation::cuts::Cuts;
use candidates::{Candidate, Candidates, Level};
use people::People;
use turns::RawTurn;
use value::{Document, Value};

/// How often JSON may be in a string of JSON.
const MAX_NESTED: usize = 3;

/// The turns or the text of one or more JSON values; `None` if the text is not JSON.
pub(super) fn decode(text: &str) -> Option<Decoded> {
    let Document { mut values, is_cut } = Document::read(text)?;
    let format = if values.len() > 1 { TranscriptFormat::JsonLines } else { TranscriptFormat::Json };
    values.iter_mut().for_each(|value| expand(value, MAX_NESTED));
    let best = Candidates::of(&values, &People::of(&values)).best();
    let longest = texts::longest(&values);
    let found = best.filter(|best| best.level != Level::Words || longest.is_empty());
    match found {
        Some(best) if best.level >= Level::WordsOfSpeakers => {
            // Notes with authors beside the transcript.
            let is_beside = longest.len() > 2 * best.len() && Cuts::of(longest).has_speakers();
            if is_beside {
                return Some(Decoded::Text(format, longest.to_owned()));
            }
            Some(Decoded::Turns(format, pieces(best, is_cut)))
        }
        Some(best) if best.len() * 5 >= longest.len() * 4 && best.turns.len() > 1 => {
            let mut lines = Lines::default();
            best.turns.iter().for_each(|turn| lines.push(&turn.text));
            lines.finish().map(|text| Decoded::Text(format, text))
        }
        _ => {
            let prose = texts::prose(&values);
            let text = if longest.len() * 2 >= prose.len() { longest.to_owned() } else { prose };
            Some(if text.is_empty() { Decoded::Nothing(format) } else { Decoded::Text(format, text) })
        }
    }
}

/// What a string says that is JSON itself, as texts of messages and of analyses are.
fn expand(value: &mut Value, depth: usize) {
    match value {
        Value::List(values) => values.iter_mut().for_each(|value| expand(value, depth)),
        Value::Object(fields) => fields.iter_mut().for_each(|(_, value)| expand(value, depth)),
        Value::Text(text) if depth > 0 && text.trim_start().starts_with(['{', '[']) => {
            let Some(mut document) = Document::read(text.trim()) else { return };
            let has_content = document.values.iter().any(|value| match value {
                Value::List(values) => !values.is_empty(),
                Value::Object(fields) => !fields.is_empty(),
                _ => false,
            });
            if has_content {
                document.values.iter_mut().for_each(|value| expand(value, depth - 1));
                *value =
                    if document.values.len() == 1 { document.values.remove(0) } else { Value::List(document.values) };
            }
        }
        _ => {}
    }
}

/// The turns of people, in the order of time.
fn pieces(best: Candidate, is_cut: bool) -> Vec<Piece> {
    let mut turns = best.turns;
    if turns.iter().any(|turn| !turn.is_notice) {
        turns.retain(|turn| !turn.is_notice);
    }
    // Who says the last is cut off.
    if is_cut && turns.len() > 1 && turns.last().is_some_and(|turn| !turn.has_speaker()) {
        turns.pop();
    }
    let times: Vec<_> = turns.iter().map(|turn| (turn.start, turn.end)).collect();
    let piece = |(turn, (start_ms, end_ms)): (RawTurn, _)| Piece {
        role: turn.role,
        speaker: turn.speaker,
        text: turn.text,
        start_ms,
        end_ms,
    };
    let mut pieces: Vec<_> = turns.into_iter().zip(resolve(&times)).map(piece).collect();
    let starts: Option<Vec<_>> = pieces.iter().map(|piece| piece.start_ms).collect();
    let is_backwards =
        starts.is_some_and(|starts| starts.first() > starts.last() && starts.is_sorted_by(|a, b| a >= b));
    if is_backwards {
        pieces.reverse();
    }
    pieces
}
