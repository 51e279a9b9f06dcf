//! Parts of a text around what was found in it.

use serde::Serialize;
use voc_nlp::Turn;

/// Characters before the first and after the last occurrence in a snippet, about.
const AROUND: usize = 60;
/// Maximum number of snippets of an event.
const MAX_SNIPPETS: usize = 3;

/// A part of what is said in a turn.
#[derive(Debug, PartialEq, Serialize)]
pub(super) struct Snippet {
    /// The place of the turn in the conversation.
    turn: usize,
    role: &'static str,
    speaker: Option<String>,
    /// The part, with `…` where something is left out.
    text: String,
    /// The first character of each occurrence in the part, and the one after its last, in Unicode code points.
    highlights: Vec<(usize, usize)>,
}

/// Snippets of the first turns in which something was found.
pub(super) fn snippets(turns: &[(usize, Turn<'_>)], found: &[Vec<(usize, usize)>]) -> Vec<Snippet> {
    let with_places = turns.iter().zip(found).filter(|(_, places)| !places.is_empty());
    with_places.take(MAX_SNIPPETS).map(|((number, turn), places)| Snippet::of(*number, turn, places)).collect()
}

impl Snippet {
    fn of(number: usize, turn: &Turn<'_>, places: &[(usize, usize)]) -> Self {
        let text = turn.text;
        let (first, first_end) = places.first().copied().unwrap_or_default();
        let begin = start_of(text, first);
        let end = end_of(text, first_end);
        let (before, after) = (if begin > 0 { "…" } else { "" }, if end < text.len() { "…" } else { "" });
        let characters =
            |upto: usize| text.get(begin..upto).map_or(0, |part| part.chars().count()) + before.chars().count();
        let inside = places.iter().filter(|(start, stop)| begin <= *start && *stop <= end);
        Self {
            turn: number,
            role: turn.role.as_str(),
            speaker: turn.speaker.map(str::to_owned),
            text: format!("{before}{}{after}", text.get(begin..end).unwrap_or(text)),
            highlights: inside.map(|(start, stop)| (characters(*start), characters(*stop))).collect(),
        }
    }
}

/// Where a snippet begins: at a word, some characters before an occurrence.
fn start_of(text: &str, place: usize) -> usize {
    let before = text.get(..place).unwrap_or("");
    let Some((at, _)) = before.char_indices().rev().nth(AROUND - 1) else { return 0 };
    let space = before.get(at..).and_then(|part| part.find(char::is_whitespace));
    space.map_or(at, |space| at + space + 1)
}

/// Where it ends: after a word, some characters after an occurrence.
fn end_of(text: &str, place: usize) -> usize {
    let after = text.get(place..).unwrap_or("");
    let Some((at, _)) = after.char_indices().nth(AROUND) else { return text.len() };
    let space = after.get(..at).and_then(|part| part.rfind(char::is_whitespace));
    place + space.unwrap_or(at)
}

#[cfg(test)]
mod tests {
    use voc_nlp::Conversation;

    use super::*;

    #[test]
    fn highlights_are_what_was_found() {
        let said = format!("{} não funciona {}", "à palavra ".repeat(20), "é depois ".repeat(20));
        for (text, found) in [(said.as_str(), "funciona"), ("funciona", "funciona"), ("não funciona não", "funciona")]
        {
            let conversation = Conversation::parse(text);
            let turn = conversation.turns()[0];
            let start = turn.text.find(found).unwrap();
            let snippet = Snippet::of(0, &turn, &[(start, start + found.len())]);
            assert!(snippet.text.chars().count() <= 2 * AROUND + found.len() + 2, "{}", snippet.text);
            let (from, to) = snippet.highlights[0];
            assert_eq!(snippet.text.chars().skip(from).take(to - from).collect::<String>(), found);
        }
    }
}
