//! Transcripts as dialogues: who says what.

mod call;
mod cuts;
mod label;
mod speaker;
mod stamp;
mod topics;
mod weight;

use std::fmt;

use serde::Serialize;

use crate::annotation::truncate;
pub use call::{CallAnnotation, CallStage, SpeakerScore, TurnAnnotation};
use cuts::Cuts;
pub use topics::{TopicMention, TopicSentiment};

/// What a speaker is in a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Role {
    /// Who calls.
    Customer,
    /// Who answers for the company.
    Agent,
    /// A program that answers, or a system's message.
    Bot,
    /// Somebody whose part is not known.
    Other,
}

impl Role {
    /// `"customer"`, `"agent"`, `"bot"` or `"other"`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::Agent => "agent",
            Self::Bot => "bot",
            Self::Other => "other",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What one speaker says before another does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Turn<'a> {
    /// What the speaker is.
    pub role: Role,
    /// The speaker as named in the transcript, without brackets, marks and time; `None` for text that no name stands before.
    pub speaker: Option<&'a str>,
    /// What is said, without the name.
    pub text: &'a str,
    /// Where it begins in the transcript, in bytes.
    pub start: usize,
    /// The byte after its last.
    pub end: usize,
}

/// A transcript cut into turns.
///
/// A turn begins with the name of its speaker and a colon, on a line of its own or within one line, in English or Portuguese
/// (`Agent:`, `Cliente:`, `Operador(a):`, `Bot:`, `Speaker 1:`, `Maria (Agent):`, …), in any case, with Markdown's marks, after a time
/// (`[00:12] Agent:`) or before a dash (`00:12:03 Customer - …`). Other names (`John:`) count when they begin lines and take turns with
/// others; when an agent is known and one other person speaks, that is the customer. Names of fields (`Note:`), addresses and times
/// are no speakers. A text without names is one turn of [`Role::Other`].
///
/// Reads no more than [`MAX_CHARS`](crate::MAX_CHARS) and says when there was more. Turns without text are left out.
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
    /// Cuts a transcript.
    pub fn parse(transcript: &'a str) -> Self {
        let (text, truncated) = truncate(transcript);
        let cuts = Cuts::of(text);
        Self { turns: cuts.turns(text).collect(), has_speakers: cuts.has_speakers(), truncated }
    }

    /// The turns, in the transcript's order; none if it is blank.
    pub fn turns(&self) -> &[Turn<'a>] {
        &self.turns
    }

    /// Whether anything names a speaker.
    pub fn has_speakers(&self) -> bool {
        self.has_speakers
    }

    /// Whether the transcript was longer than [`MAX_CHARS`](crate::MAX_CHARS), so that its end was not read.
    pub fn truncated(&self) -> bool {
        self.truncated
    }
}
