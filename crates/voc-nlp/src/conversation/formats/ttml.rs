//! Timed Text Markup Language: paragraphs with times and speakers.

use super::decoded::{Decoded, Piece, TranscriptFormat};
use super::entities::push_decoded;
use super::lines::Lines;
use super::markup::{Token, attribute, tokens};
use super::roles::role_of;
use super::times::{Time, Unit, resolve};

/// A paragraph, with the identifier of who speaks.
#[derive(Default)]
struct Paragraph {
    agent: Option<String>,
    start: Time,
    end: Time,
    text: String,
}

/// The turns of a document whose paragraphs have speakers, or its text; `None` if it says nothing.
pub(super) fn decode(text: &str) -> Option<Decoded> {
    let mut names: Vec<(String, String)> = Vec::new();
    let mut paragraphs: Vec<Paragraph> = Vec::new();
    let mut agent: Option<String> = None;
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
                        agent: agent.map(str::to_owned),
                        start: time("begin").unwrap_or_default(),
                        end: time("end").unwrap_or_default(),
                        text: String::new(),
                    });
                }
                "br" => paragraphs.iter_mut().next_back().into_iter().for_each(|last| last.text.push(' ')),
                "agent" => agent = attribute(attributes, "xml:id").map(str::to_owned),
                "name" => is_in_name = true,
                _ => {}
            },
            Token::End { name } => match local(name) {
                "p" => is_in_paragraph = false,
                "name" => is_in_name = false,
                _ => {}
            },
            Token::Text(text) if is_in_paragraph => {
                paragraphs.iter_mut().next_back().into_iter().for_each(|last| push_decoded(&mut last.text, text));
            }
            Token::Text(text) if is_in_name => {
                let mut name = String::new();
                push_decoded(&mut name, text.trim());
                names.extend(agent.clone().map(|agent| (agent, name)));
            }
            Token::Text(_) => {}
        }
    }
    let said = |paragraph: &Paragraph| paragraph.text.split_whitespace().collect::<Vec<_>>().join(" ");
    if paragraphs.iter().all(|paragraph| paragraph.agent.is_none()) {
        let mut lines = Lines::default();
        paragraphs.iter().for_each(|paragraph| lines.push(&said(paragraph)));
        return lines.finish().map(|text| Decoded::Text(TranscriptFormat::Ttml, text));
    }
    let times: Vec<_> = paragraphs.iter().map(|paragraph| (paragraph.start, paragraph.end)).collect();
    let mut turns: Vec<Piece> = Vec::new();
    for (paragraph, (start_ms, end_ms)) in paragraphs.iter().zip(resolve(&times)) {
        let name = names.iter().find(|(id, _)| Some(id) == paragraph.agent.as_ref()).map(|(_, name)| name);
        let speaker = name.or(paragraph.agent.as_ref()).cloned();
        let role = speaker.as_deref().and_then(role_of).or_else(|| paragraph.agent.as_deref().and_then(role_of));
        let piece = Piece { role, speaker, text: said(paragraph), start_ms, end_ms };
        turns.extend((!piece.text.is_empty()).then_some(piece));
    }
    (!turns.is_empty()).then_some(Decoded::Turns(TranscriptFormat::Ttml, turns))
}

/// A name without its namespace.
fn local(name: &str) -> &str {
    name.rsplit(':').next().unwrap_or(name)
}
