//! Transcripts as dialogues: who says what.

mod boundary;
mod call;
mod clean;
mod cuts;
mod facts;
mod formats;
mod label;
mod roles;
mod scored_speakers;
mod speaker;
mod speakers;
mod stamp;
mod timing;
mod topics;
mod turn;
mod turn_annotation;
mod weight;

use std::borrow::Cow;

use crate::annotation::{MAX_CHARS, truncate};
pub use call::{CallAnnotation, CallStage, SpeakerScore};
use clean::clean;
use cuts::Cuts;
pub use formats::TranscriptFormat;
use formats::{Decoded, Piece, decode};
pub use topics::{TopicMention, TopicSentiment};
pub use turn::{GivenTurn, Role, Turn};
pub use turn_annotation::TurnAnnotation;

/// A transcript split into turns.
///
/// A turn begins with the name of its speaker and a colon, on its own line or within a line, in English or Portuguese
/// (`Agent:`, `Cliente:`, `Operador(a):`, `Bot:`, `Speaker 1:`, `Maria (Agent):`, …), in any case, with Markdown's
/// markup, with a time (`[00:12] Agent:`, `Agent  0:12` above what is said, `[10:15:02] Maria:`) or before a dash
/// (`00:12:03 Customer - …`). Other names (`John:`) count if they begin lines and alternate with others. Names of
/// fields (`Note:`), addresses and times are not speakers. A text without names is one turn of [`Role::Other`].
///
/// Structured transcripts are read, too: JSON of language models, contact centres, speech services and vCon; `WebVTT`,
/// `SubRip` and TTML captions; HTML; tables. Their markup, times and numbers are not part of what is said.
///
/// Roles that names do not state (`SPEAKER_00`, `Channel 1`, `Me`, `John`) are inferred from what is said, if that is
/// clear: who offers help and asks for data is the agent, who has the problem is the customer. If an agent is known
/// and one other person speaks, that is the customer.
///
/// Reads at most [`MAX_CHARS`] and reports whether there was more. Turns without text are dropped.
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
/// let call = Conversation::parse("SPEAKER_00: How can I help you?\nSPEAKER_01: I was charged twice.");
/// assert_eq!(call.turns()[1].role, Role::Customer);
///
/// let remark = Conversation::parse("Note: the parcel came at 10:30.");
/// assert!(!remark.has_speakers());
/// assert_eq!(remark.turns()[0].text, "Note: the parcel came at 10:30.");
/// ```
#[derive(Clone, Debug)]
pub struct Conversation<'a> {
    text: Cow<'a, str>,
    cuts: Cuts,
    format: TranscriptFormat,
    truncated: bool,
}

/// How much is read of a structured transcript, in bytes: several times what is said.
const MAX_STRUCTURED: usize = 4 * MAX_CHARS;

impl<'a> Conversation<'a> {
    /// Splits a transcript in any of the [formats](TranscriptFormat).
    pub fn parse(transcript: &'a str) -> Self {
        let structured = transcript.get(..boundary::floor(transcript, MAX_STRUCTURED)).unwrap_or(transcript);
        let is_cut = structured.len() < transcript.len();
        match decode(structured) {
            Some(Decoded::Turns(format, pieces)) => {
                let conversation = Self::of_turns(pieces.iter().map(Piece::given));
                Self { format, truncated: is_cut || conversation.truncated, ..conversation }
            }
            Some(Decoded::Nothing(format)) => Self { format, truncated: is_cut, ..Self::of_turns([]) },
            Some(Decoded::Text(format, plain)) => {
                let (text, truncated) = truncate(&plain);
                let text = clean(text).unwrap_or_else(|| text.to_owned());
                let cuts = Cuts::of(&text);
                Self { text: Cow::Owned(text), cuts, format, truncated: is_cut || truncated }
            }
            None => {
                let (text, truncated) = truncate(transcript);
                let text = clean(text).map_or(Cow::Borrowed(text), Cow::Owned);
                let cuts = Cuts::of(&text);
                Self { text, cuts, format: TranscriptFormat::Plain, truncated }
            }
        }
    }

    /// A conversation whose turns are known. Turns without text are dropped.
    pub fn of_turns<'t>(turns: impl IntoIterator<Item = GivenTurn<'t>>) -> Self {
        let (cuts, text, is_whole) = Cuts::between(turns, MAX_CHARS);
        Self { text: Cow::Owned(text), cuts, format: TranscriptFormat::default(), truncated: !is_whole }
    }

    /// The format of the transcript.
    pub fn format(&self) -> TranscriptFormat {
        self.format
    }

    /// What is read: the transcript without what its format adds, such as time codes and markup. The positions of
    /// turns and evidence refer to it.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The turns, in the order of the transcript; none if it is blank.
    pub fn turns(&self) -> Vec<Turn<'_>> {
        self.cuts.turns(&self.text).collect()
    }

    /// Whether any speakers are known.
    pub fn has_speakers(&self) -> bool {
        self.cuts.has_speakers()
    }

    /// Whether the role of any speaker was inferred from what is said.
    pub fn are_roles_inferred(&self) -> bool {
        self.cuts.are_roles_inferred()
    }

    /// Whether the transcript was longer than [`MAX_CHARS`], so that its end was not read.
    pub fn truncated(&self) -> bool {
        self.truncated
    }
}
