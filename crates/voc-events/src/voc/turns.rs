//! The turns of a call, with their speakers and times.

use std::borrow::Cow;

use serde::{Serialize, Serializer};
use serde_json::value::{RawValue, to_raw_value};

use crate::{
    Json, RowWriter, Value, fields,
    fields::{FieldKind, FieldType, Place, Reader},
};

fields! {
    /// What one speaker says in a call before another one does.
    ///
    /// ```
    /// use voc_events::voc::TranscriptTurn;
    ///
    /// let mut turn = TranscriptTurn::new("I was charged twice.");
    /// (turn.role, turn.start_ms, turn.end_ms) = (Some("customer".into()), Some(1200), Some(3400));
    /// let json = r#"{"text":"I was charged twice.","role":"customer","start_ms":1200,"end_ms":3400}"#;
    /// assert_eq!(serde_json::to_string(&turn)?, json);
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub struct TranscriptTurn<'a> {
        required {
            /// What is said; it may be empty.
            text: Cow<'a, str> as Said,
        }
        optional {
            /// The speaker's role: `customer`, `agent` or `bot`, or a word that means one of them, in any case.
            role: Cow<'a, str>,
            /// The speaker's name or number.
            speaker: Cow<'a, str>,
            /// The channel of the recording. It stands for the speaker if there is neither `role` nor `speaker`.
            channel: Cow<'a, str>,
            /// When it begins, in milliseconds from the start of the call; unknown if it is negative.
            start_ms: i64,
            /// When it ends, likewise.
            end_ms: i64,
        }
        rest extra
    }
}

/// What is said: a text, which is empty where a program has recognised nothing.
#[derive(Debug)]
struct Said;

impl<'a> FieldKind<'a> for Said {
    type Value = Cow<'a, str>;
    type Owned = Cow<'static, str>;
    const REQUIRED: &'static str = "a string";
    const TYPE: FieldType = FieldType::Text;

    fn read(value: &'a RawValue, place: &Place<'_>, reader: &mut Reader<'a, '_>) -> Option<Cow<'a, str>> {
        <Cow<'a, str> as FieldKind<'a>>::read(value, place, reader)
    }

    fn put<W: RowWriter + ?Sized>(value: &Cow<'a, str>, place: usize, row: &mut W) {
        row.put(place, Value::Str(value));
    }

    fn into_owned(value: Cow<'a, str>) -> Cow<'static, str> {
        Cow::Owned(value.into_owned())
    }
}

/// The turns of a call: their JSON as it was sent, and as text.
///
/// ```
/// use voc_events::{FamilyEvent, voc::{TranscriptTurn, TranscriptTurns, VocEvent}};
///
/// let record = br#"{"event_id":"6f9619ff-8b86-4d01-b42d-00cf4fc964ff","tenant_id":"acme","timestamp":1770033600,
///     "event_type":"call","call_id":"c-1","transcript":"Thank you!",
///     "transcript_turns":[{"channel":1,"text":"Thank you!","start_ms":"950","words":7}]}"#;
/// let event = VocEvent::try_from(&record[..])?;
/// // Turns are preferred to a transcript.
/// assert_eq!(event.text(), Some(r#"[{"text":"Thank you!","speaker":"1","start_ms":950}]"#));
///
/// let turns = TranscriptTurns::new(&[TranscriptTurn::new("Thank you!")]);
/// assert_eq!(turns.text(), Some(r#"[{"text":"Thank you!"}]"#));
/// # Ok::<(), voc_events::Invalid>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TranscriptTurns<'a> {
    json: Json<'a>,
    text: String,
}

impl TranscriptTurns<'static> {
    /// The turns of an event to be produced.
    #[must_use]
    pub fn new(turns: &[TranscriptTurn<'_>]) -> Self {
        // Texts and numbers can always be written.
        let json = to_raw_value(turns).unwrap_or_else(|_| RawValue::NULL.to_owned());
        let turns = turns.iter().cloned().map(TranscriptTurn::into_owned).collect();
        Self { json: Json::from_raw(&json).into_owned(), text: text(turns) }
    }
}

impl TranscriptTurns<'_> {
    /// A JSON array of the turns in which something is said, with the members that are known, in the expected form;
    /// `None` if there are no such turns.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        Some(self.text.as_str()).filter(|text| !text.is_empty())
    }

    /// A JSON array of all turns as they were sent.
    #[must_use]
    pub fn json(&self) -> &Json<'_> {
        &self.json
    }
}

/// The text of turns; empty if nothing is said.
fn text(mut turns: Vec<TranscriptTurn<'_>>) -> String {
    turns.retain(|turn| !turn.text.trim().is_empty());
    for turn in &mut turns {
        let is_somebody = |name: &Option<Cow<'_, str>>| name.as_ref().is_some_and(|name| !name.trim().is_empty());
        let channel = turn.channel.take();
        if !is_somebody(&turn.role) && !is_somebody(&turn.speaker) {
            turn.speaker = channel;
        }
        turn.start_ms = turn.start_ms.filter(|start| *start >= 0);
        turn.end_ms = turn.end_ms.filter(|end| *end >= 0);
        turn.extra.clear();
    }
    if turns.is_empty() { String::new() } else { crate::__private::to_json(&turns) }
}

impl<'a> FieldKind<'a> for TranscriptTurns<'a> {
    type Value = Self;
    type Owned = TranscriptTurns<'static>;
    const REQUIRED: &'static str = "a list";
    const TYPE: FieldType = <Vec<TranscriptTurn<'a>> as FieldKind<'a>>::TYPE;

    fn read(value: &'a RawValue, place: &Place<'_>, reader: &mut Reader<'a, '_>) -> Option<Self> {
        let turns = Vec::<TranscriptTurn<'a>>::read(value, place, reader)?;
        Some(Self { json: Json::from_raw(value), text: text(turns) })
    }

    fn put<W: RowWriter + ?Sized>(value: &Self, place: usize, row: &mut W) {
        row.put(place, Value::Str(value.json.as_str()));
    }

    fn into_owned(value: Self) -> TranscriptTurns<'static> {
        TranscriptTurns { json: value.json.into_owned(), text: value.text }
    }
}

impl Serialize for TranscriptTurns<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.json.serialize(serializer)
    }
}
