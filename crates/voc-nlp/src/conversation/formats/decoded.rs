//! What is read from a structured transcript.

use std::fmt;

use serde::Serialize;

use crate::conversation::{GivenTurn, Role, boundary};

/// The format of a transcript.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum TranscriptFormat {
    /// Text, with or without the names of speakers.
    #[default]
    Plain,
    /// One JSON value.
    Json,
    /// Several JSON values, usually one a line.
    JsonLines,
    /// Web Video Text Tracks.
    WebVtt,
    /// `SubRip` subtitles.
    SubRip,
    /// A page or a fragment of HTML.
    Html,
    /// Timed Text Markup Language.
    Ttml,
    /// Rows separated by commas, semicolons, tabs or vertical bars.
    Csv,
}

impl TranscriptFormat {
    /// `"plain"`, `"json"`, `"jsonlines"`, `"webvtt"`, `"subrip"`, `"html"`, `"ttml"` or `"csv"`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Json => "json",
            Self::JsonLines => "jsonlines",
            Self::WebVtt => "webvtt",
            Self::SubRip => "subrip",
            Self::Html => "html",
            Self::Ttml => "ttml",
            Self::Csv => "csv",
        }
    }
}

impl fmt::Display for TranscriptFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The longest name of a speaker, in bytes. Each turn has a copy of it.
const LONGEST_NAME: usize = 200;

/// The beginning of a name that is longer than names are.
pub(super) fn short(name: &str) -> &str {
    name.get(..boundary::floor(name, LONGEST_NAME)).unwrap_or(name)
}

/// What one speaker says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::conversation) struct Piece {
    /// The role, if the transcript states it.
    pub(in crate::conversation) role: Option<Role>,
    /// The name, the label or the role as the transcript spells it.
    pub(in crate::conversation) speaker: Option<String>,
    /// Never blank, without markup.
    pub(in crate::conversation) text: String,
    /// Since the beginning of the conversation.
    pub(in crate::conversation) start_ms: Option<u64>,
    pub(in crate::conversation) end_ms: Option<u64>,
}

impl Piece {
    /// The same as the turn of a conversation.
    pub(in crate::conversation) fn given(&self) -> GivenTurn<'_> {
        let Self { role, speaker, text, start_ms, end_ms } = self;
        let (role, start_ms, end_ms) = (*role, *start_ms, *end_ms);
        GivenTurn { role, speaker: speaker.as_deref(), text, start_ms, end_ms }
    }

    fn same_speaker(&self, other: &Self) -> bool {
        self.role == other.role && self.speaker == other.speaker
    }

    /// Appends what the same speaker says next: speech, which has ends, goes on, and messages begin lines.
    fn join(&mut self, next: &Self) {
        self.text.push(if next.end_ms.is_some() { ' ' } else { '\n' });
        self.text.push_str(&next.text);
        self.end_ms = next.end_ms.or(self.end_ms);
    }
}

/// What each speaker says before another one does.
pub(super) fn joined(pieces: Vec<Piece>) -> Vec<Piece> {
    let mut turns: Vec<Piece> = Vec::new();
    for piece in pieces {
        match turns.last_mut() {
            Some(last) if last.same_speaker(&piece) => last.join(&piece),
            _ => turns.push(piece),
        }
    }
    turns
}

/// A structured transcript without its structure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::conversation) enum Decoded {
    /// The format states who says what.
    Turns(TranscriptFormat, Vec<Piece>),
    /// Text without markup, not blank. If it has speakers, labels in the text name them.
    Text(TranscriptFormat, String),
    /// It is certainly this format, and nothing is said: its markup and times are no words.
    Nothing(TranscriptFormat),
}
