//! Transcripts as dialogues: who says what.

mod boundary;
mod call;
mod cuts;
mod facts;
mod label;
mod scored_speakers;
mod speaker;
mod stamp;
mod topics;
mod turn;
mod turn_annotation;
mod weight;

use crate::annotation::truncate;
pub use call::{CallAnnotation, CallStage, SpeakerScore};
use cuts::Cuts;
pub use topics::{TopicMention, TopicSentiment};
pub use turn::{Role, Turn};
pub use turn_annotation::TurnAnnotation;

/// A transcript split into turns.
///
/// A turn begins with the name of its speaker and a colon, on its own line or within a line, in English or Portuguese
/// (`Agent:`, `Cliente:`, `Operador(a):`, `Bot:`, `Speaker 1:`, `Maria (Agent):`, …), in any case, with Markdown's
/// markup, after a time (`[00:12] Agent:`) or before a dash (`00:12:03 Customer - …`). Other names (`John:`) count if
/// they begin lines and alternate with others; if an agent is known and one other person speaks, that is the customer.
/// Names of fields (`Note:`), addresses and times are not speakers. A text without names is one turn of
/// [`Role::Other`].
///
/// Reads at most [`MAX_CHARS`](crate::MAX_CHARS) and reports whether there was more. Turns without text are dropped.
///
/// ```
/// use voc_nlp::{Conversation, Role};
///
/// let call = Conversation::parse("[00:01] Atendente: Bom dia!\n[00:04] Cliente: Quero cancelar.");
/// let turns: Vec<_> = call.turns().iter().map(|turn| (turn.role, turn.text)).collect();
/// assert_eq!(turns, [(Role::Agent, "Bom dia!"), (Role::Customer, "Quero cancelar.")]);
///
/// let call = Conversation::parse("Agent: hi. Customer: it still fails. Agent: sorry.");
/// assert_eq!(call.turns().len(), 3);
///
/// let remark = Conversation::parse("Note: the parcel came at 10:30.");
/// assert!(!remark.has_speakers());
/// assert_eq!(remark.turns()[0].text, "Note: the parcel came at 10:30.");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conversation<'a> {
    turns: Vec<Turn<'a>>,
    has_speakers: bool,
    truncated: bool,
}

impl<'a> Conversation<'a> {
    /// Splits a transcript.
    pub fn parse(transcript: &'a str) -> Self {
        let (text, truncated) = truncate(transcript);
        let cuts = Cuts::of(text);
        Self { turns: cuts.turns(text).collect(), has_speakers: cuts.has_speakers(), truncated }
    }

    /// The turns, in the order of the transcript; none if it is blank.
    pub fn turns(&self) -> &[Turn<'a>] {
        &self.turns
    }

    /// Whether the text names any speakers.
    pub fn has_speakers(&self) -> bool {
        self.has_speakers
    }

    /// Whether the transcript was longer than [`MAX_CHARS`](crate::MAX_CHARS), so that its end was not read.
    pub fn truncated(&self) -> bool {
        self.truncated
    }
}
