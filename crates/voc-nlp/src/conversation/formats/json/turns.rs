//! Turns in JSON objects.

use super::people::People;
use super::said::{envelopes, said_by};
use super::value::Value;
use super::who::Who;
use crate::conversation::Role;
use crate::conversation::formats::decoded::short;
use crate::conversation::formats::fields::{Field, field};
use crate::conversation::formats::markup;
use crate::conversation::formats::roles::role_of;
use crate::conversation::formats::times::{Time, Unit};

/// A turn, with its times as the document has them.
#[derive(Clone, Debug, Default)]
pub(super) struct RawTurn {
    pub(super) role: Option<Role>,
    pub(super) speaker: Option<String>,
    pub(super) channel: Option<String>,
    pub(super) text: String,
    pub(super) start: Time,
    pub(super) end: Time,
    /// Whether it is an instruction to a language model, or what a tool answers.
    pub(super) is_notice: bool,
}

impl RawTurn {
    pub(super) fn has_speaker(&self) -> bool {
        self.role.is_some() || self.speaker.is_some()
    }

    pub(super) fn same_speaker(&self, other: &Self) -> bool {
        self.role == other.role && self.speaker == other.speaker
    }
}

/// The turns in an object; none if nothing is said in it.
pub(super) fn turns_in(fields: &[(String, Value)], people: &People) -> Vec<RawTurn> {
    let turn = turn_in(fields, people);
    if turn.text.is_empty() { exchange(fields) } else { vec![turn] }
}

/// Who an object is of, and when, even if nothing is said in it.
pub(super) fn turn_in(fields: &[(String, Value)], people: &People) -> RawTurn {
    let mut who = Who::of(fields);
    let (mut start, mut end) = times(fields);
    for inner in envelopes(fields) {
        let deeper = Who::of(inner);
        if !who.is_somebody() || (who.kind.is_none() && who.name.is_none() && who.role.is_none()) {
            who = if deeper.is_somebody() { deeper } else { who };
        }
        let (inner_start, inner_end) = times(inner);
        start = if start == Time::Unknown { inner_start } else { start };
        end = if end == Time::Unknown { inner_end } else { end };
    }
    let (role, speaker) = people.known(&who);
    let text = markup::plain(said_by(fields).trim());
    RawTurn { role, speaker, channel: who.channel, text, start, end, is_notice: who.is_notice }
}

/// `{"user": "Hello", "assistant": "Hi!"}`: the keys are the speakers.
fn exchange(fields: &[(String, Value)]) -> Vec<RawTurn> {
    let turn = |(key, value): &(String, Value)| match (role_of(key), value) {
        (Some(role), Value::Text(text)) if !text.trim().is_empty() => Some(RawTurn {
            role: Some(role),
            speaker: Some(short(key).to_owned()),
            text: markup::plain(text.trim()),
            is_notice: key.eq_ignore_ascii_case("system"),
            ..RawTurn::default()
        }),
        _ => None,
    };
    if fields.len() > 3 {
        return Vec::new();
    }
    fields.iter().map(turn).collect::<Option<Vec<_>>>().unwrap_or_default()
}

/// When an object's turn begins and ends.
fn times(fields: &[(String, Value)]) -> (Time, Time) {
    let (mut start, mut end, mut duration) = (Time::Unknown, Time::Unknown, Time::Unknown);
    let mut best = u8::MAX;
    for (key, value) in fields {
        match field(key) {
            Some(Field::Start(rank, unit)) if rank < best => {
                let time = time(value, unit);
                if time != Time::Unknown {
                    (best, start) = (rank, time);
                }
            }
            Some(Field::End(unit)) => end = time(value, unit),
            Some(Field::Duration(unit)) => duration = time(value, unit),
            _ => {}
        }
    }
    (start, if end == Time::Unknown { start.plus(duration) } else { end })
}

fn time(value: &Value, unit: Unit) -> Time {
    match value {
        Value::Number(number) => Time::of_number(*number, unit),
        Value::Text(text) => Time::of_text(text, unit),
        // {"seconds": 1, "nanos": 500000000}, {"milliseconds": 1500}
        Value::Object(parts) => {
            let millis = parts.iter().filter_map(|(key, value)| {
                let (Value::Number(_) | Value::Text(_)) = value else { return None };
                let unit = match key.to_ascii_lowercase().as_str() {
                    "seconds" => Unit::Seconds,
                    "nanos" | "nanoseconds" => Unit::Nanos,
                    "milliseconds" | "millis" | "ms" => Unit::Millis,
                    _ => return None,
                };
                match time(value, unit) {
                    Time::Millis(millis) => Some(millis),
                    _ => None,
                }
            });
            millis.reduce(|sum, millis| sum + millis).map_or(Time::Unknown, Time::Millis)
        }
        _ => Time::Unknown,
    }
}
