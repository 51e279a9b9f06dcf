//! Transcripts as pages of HTML.

mod classes;
mod page;

use super::decoded::{Decoded, Piece, TranscriptFormat};
use super::roles::role_of;
use page::{Line, Page};

const NOTHING: Decoded = Decoded::Nothing(TranscriptFormat::Html);

/// The longest name of a speaker, in bytes.
const LONGEST_NAME: usize = 48;

/// The turns of a page that marks speakers by its structure, or its text.
pub(super) fn decode(text: &str) -> Decoded {
    let lines = Page::read(text);
    let speakers = Speakers::of(&lines);
    if speakers.are_marked || speakers.are_names {
        let pieces = pieces(&lines, speakers);
        return if pieces.is_empty() { NOTHING } else { Decoded::Turns(TranscriptFormat::Html, pieces) };
    }
    let lines: Vec<_> = lines.iter().map(Line::whole).filter(|line| !line.is_empty()).collect();
    if lines.is_empty() { NOTHING } else { Decoded::Text(TranscriptFormat::Html, lines.join("\n")) }
}

/// What tells the speakers of a page apart.
#[derive(Clone, Copy)]
struct Speakers {
    /// Attributes: `<div class="agent">`.
    are_marked: bool,
    /// The emphasised beginnings of lines: `<b>Agent</b> Hello`.
    are_names: bool,
}

impl Speakers {
    fn of(lines: &[Line]) -> Self {
        let mut marks: Vec<_> = lines.iter().filter_map(|line| line.speaker.as_ref()).collect();
        marks.sort_unstable();
        marks.dedup();
        let mut names: Vec<_> = lines.iter().map(Line::name).filter(|name| !name.is_empty()).collect();
        let count = names.len();
        let are_short = names.iter().all(|name| name.len() <= LONGEST_NAME);
        let are_named = lines.iter().all(|line| line.head.is_empty() || line.is_named);
        let are_roles = names.iter().all(|name| role_of(name).is_some());
        names.sort_unstable();
        names.dedup();
        let distinct = names.len();
        let come_again = count > distinct && distinct <= count / 2 + 1;
        Self {
            are_marked: marks.len() >= 2,
            are_names: are_short && distinct >= 2 && (are_roles || are_named || come_again),
        }
    }
}

fn pieces(lines: &[Line], speakers: Speakers) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    let mut last_scope = None;
    for line in lines {
        let name = if speakers.are_names || line.is_named { line.name() } else { "" };
        let mark = line.speaker.as_deref().filter(|_| speakers.are_marked);
        let is_next_scope = speakers.are_marked && last_scope.is_some_and(|scope| scope != line.scope);
        // The name may stand within what is marked, after its beginning or on a line of its own.
        let begins = pieces.is_empty() || !name.is_empty() || is_next_scope;
        if begins {
            let speaker = if name.is_empty() { mark } else { Some(name) };
            if speaker.is_none() && line.is_heading {
                continue;
            }
            let role = mark.and_then(role_of).or_else(|| speaker.and_then(role_of));
            let (start_ms, end_ms) = (line.start_ms, None);
            pieces.push(Piece { role, speaker: speaker.map(str::to_owned), text: String::new(), start_ms, end_ms });
            last_scope = Some(line.scope);
        }
        let text = if name.is_empty() { line.whole() } else { line.text.clone() };
        if let Some(piece) = pieces.last_mut() {
            if !piece.text.is_empty() && !text.is_empty() {
                piece.text.push('\n');
            }
            piece.text.push_str(&text);
        }
    }
    pieces.retain(|piece| !piece.text.is_empty());
    pieces
}
