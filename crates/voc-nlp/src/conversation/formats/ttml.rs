//! Timed Text Markup Language: paragraphs with times and speakers.

use std::collections::HashMap;

use super::decoded::{Decoded, Piece, TranscriptFormat, short};
use super::entities::push_decoded;
use super::lines::Lines;
use super::markup::{Token, attribute, tokens};
use super::roles::role_of;
use super::times::{Time, Unit, resolve};

const NOTHING: Decoded = Decoded::Nothing(TranscriptFormat::Ttml);

/// A paragraph, with the identifier of who speaks.
#[derive(Default)]
struct Paragraph<'t> {
    agent: Option<&'t str>,
    start: Time,
    end: Time,
    text: String,
}

/// The turns of a document whose paragraphs have speakers, or its text.
pub(super) fn decode(text: &str) -> Decoded {
    // By the identifiers of the agents.
    let mut names: HashMap<&str, String> = HashMap::new();
    let mut paragraphs: Vec<Paragraph<'_>> = Vec::new();
    let mut agent: Option<&str> = None;
    let mut is_in_paragraph = false;
    let mut is_in_name = false;
    for token in tokens(text) {
        match token {
            Token::Start { name, attributes } => match local(name) {
                "p" => {
                    is_in_paragraph = true;
                    let time = |name| attribute(attributes, name).map(|time| Time::of_text(time, Unit::Unknown));
                    let agent = attribute(attributes, "ttm:agent").or_else(|| attribute(attributes, "ttm:role"));
                    paragraphs.push(Paragraph {
                        agent,
                        start: time("begin").unwrap_or_default(),
                        end: time("end").unwrap_or_default(),
                        text: String::new(),
                    });
                }
                "br" => paragraphs.last_mut().into_iter().for_each(|last| last.text.push(' ')),
                "agent" => agent = attribute(attributes, "xml:id"),
                "name" => is_in_name = true,
                _ => {}
            },
            Token::End { name } => match local(name) {
                "p" => is_in_paragraph = false,
                "name" => is_in_name = false,
                _ => {}
            },
            Token::Text(text) if is_in_paragraph => {
                paragraphs.last_mut().into_iter().for_each(|last| push_decoded(&mut last.text, text));
            }
            Token::Text(text) if is_in_name => {
                if let Some(agent) = agent {
                    let name = names.entry(agent).or_default();
                    if name.is_empty() {
                        push_decoded(name, short(text.trim()));
                    }
                }
            }
            Token::Text(_) => {}
        }
    }
    let said = |paragraph: &Paragraph<'_>| paragraph.text.split_whitespace().collect::<Vec<_>>().join(" ");
    if paragraphs.iter().all(|paragraph| paragraph.agent.is_none()) {
        let mut lines = Lines::default();
        paragraphs.iter().for_each(|paragraph| lines.push(&said(paragraph)));
        return lines.finish().map_or(NOTHING, |text| Decoded::Text(TranscriptFormat::Ttml, text));
    }
    let times: Vec<_> = paragraphs.iter().map(|paragraph| (paragraph.start, paragraph.end)).collect();
    let mut turns: Vec<Piece> = Vec::new();
    for (paragraph, (start_ms, end_ms)) in paragraphs.iter().zip(resolve(&times)) {
        let name = paragraph.agent.and_then(|agent| names.get(agent)).map(String::as_str);
        let speaker = name.filter(|name| !name.is_empty()).or(paragraph.agent);
        let role = speaker.and_then(role_of).or_else(|| paragraph.agent.and_then(role_of));
        let speaker = speaker.map(|name| short(name).to_owned());
        let piece = Piece { role, speaker, text: said(paragraph), start_ms, end_ms };
        turns.extend((!piece.text.is_empty()).then_some(piece));
    }
    if turns.is_empty() { NOTHING } else { Decoded::Turns(TranscriptFormat::Ttml, turns) }
}

/// A name without its namespace.
fn local(name: &str) -> &str {
    name.rsplit(':').next().unwrap_or(name)
}
