//! Transcripts in many formats: their turns and roles.

use serde::Deserialize;
use voc_nlp::Conversation;

use crate::score::Score;
use crate::{HALVES, read};

#[derive(Deserialize)]
struct Set {
    transcript: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    format: String,
    text: String,
    /// Roles, speakers ("" if there is no name) and what they say.
    turns: Vec<(String, String, String)>,
    reason: String,
}

type Turn = (String, String, String);

/// The turns with white space collapsed; consecutive turns of a speaker are one.
fn joined(turns: impl IntoIterator<Item = Turn>) -> Vec<Turn> {
    let mut joined: Vec<Turn> = Vec::new();
    for (role, speaker, text) in turns {
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        match joined.last_mut() {
            Some((last_role, last_speaker, said)) if *last_role == role && *last_speaker == speaker => {
                said.push(' ');
                said.push_str(&text);
            }
            _ => joined.push((role, speaker, text)),
        }
    }
    joined
}

#[test]
fn formats() {
    let scores = HALVES.map(|half| {
        let mut score = Score::default();
        for Case { format, text, turns, reason } in read::<Set>("transcripts", half).transcript {
            let conversation = Conversation::parse(&text);
            let found = joined(conversation.turns().iter().map(|turn| {
                (turn.role.to_string(), turn.speaker.unwrap_or_default().to_owned(), turn.text.to_owned())
            }));
            let expected = joined(turns);
            score.count(&format, found == expected);
            if half == "tuning" && found != expected {
                println!("{format} ({reason}):\n{text}");
                for place in 0..found.len().max(expected.len()) {
                    let (found, expected) = (found.get(place), expected.get(place));
                    if found != expected {
                        println!("    expected {expected:?}\n    found    {found:?}");
                    }
                }
            }
        }
        score.print(&format!("transcripts, {half}"));
        score
    });
    scores.iter().for_each(|score| score.check(0.85, 0.0));
}
