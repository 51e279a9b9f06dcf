//! Who speaks in a JSON object.

use super::value::Value;
use crate::conversation::Role;
use crate::conversation::formats::decoded::short;
use crate::conversation::formats::fields::{Field, field, is_any};
use crate::conversation::formats::roles::role_of;

/// How deep a speaker may be nested: `{"from": {"user": {"name": …}}}`.
const MAX_DEPTH: usize = 3;

/// What an object tells about its speaker.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Who {
    /// As a field of its own states it.
    pub(super) role: Option<Role>,
    /// As a field states it that may have another meaning.
    pub(super) kind: Option<Role>,
    pub(super) name: Option<String>,
    /// What a list of participants may explain.
    pub(super) id: Option<String>,
    /// Takes the place of a name.
    pub(super) label: Option<String>,
    pub(super) channel: Option<String>,
    /// Whether it is an instruction to a language model, or what a tool answers.
    pub(super) is_notice: bool,
}

impl Who {
    pub(super) fn of(fields: &[(String, Value)]) -> Self {
        let mut who = Self::default();
        who.read(fields, 0);
        who
    }

    pub(super) fn is_somebody(&self) -> bool {
        self.role.is_some() || self.kind.is_some() || self.name.is_some() || self.id.is_some() || self.label.is_some()
    }

    fn read(&mut self, fields: &[(String, Value)], depth: usize) {
        let mut best = u8::MAX;
        for (key, value) in fields {
            let value = first(value);
            match (field(key), value) {
                (Some(Field::Role), Value::Text(role)) => {
                    self.role = self.role.or_else(|| role_of(role));
                    self.label.get_or_insert_with(|| short(role).to_owned());
                    self.is_notice |= is_notice(role) && is_any(key, &["role"]);
                }
                (Some(Field::Kind), Value::Text(kind)) => {
                    self.kind = self.kind.or_else(|| role_of(kind));
                    self.is_notice |= is_notice(kind) && is_any(key, &["type"]);
                }
                (Some(Field::Speaker(rank)), Value::Text(name)) if rank < best && !name.trim().is_empty() => {
                    best = rank;
                    self.name = Some(short(name.trim()).to_owned());
                }
                (Some(Field::Speaker(_) | Field::SpeakerId), Value::Number(number)) => self.number(*number, false),
                (Some(Field::Channel), Value::Number(number)) => self.number(*number, true),
                (Some(Field::SpeakerId), Value::Text(id)) => self.identify(id),
                // A channel may be that of the message: "whatsapp".
                (Some(Field::Channel), Value::Text(id)) => {
                    if let Ok(number) = id.parse() {
                        self.number(number, true);
                    } else if role_of(id).is_some() || id.ends_with(|c: char| c.is_ascii_digit()) {
                        self.identify(id);
                    }
                }
                (Some(Field::Speaker(_)), Value::Object(inner)) if depth < MAX_DEPTH => {
                    if let Some((_, id)) = inner.iter().find(|(key, _)| is_any(key, &["id"])) {
                        self.id = self.id.take().or_else(|| text_of(id));
                    }
                    self.read(inner, depth + 1);
                }
                _ => {}
            }
        }
    }

    fn number(&mut self, number: f64, is_channel: bool) {
        let number = short(&format!("{number}")).to_owned();
        if is_channel {
            self.channel = Some(number.clone());
        }
        // A speaker is more exact than a channel.
        if self.id.is_none() || !is_channel {
            self.id = Some(number.clone());
            self.label = Some(number);
        }
    }

    fn identify(&mut self, id: &str) {
        let id = short(id);
        self.id = Some(id.to_owned());
        self.label.get_or_insert_with(|| id.to_owned());
    }
}

/// A string or a number as an identifier.
pub(super) fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::Text(text) => Some(short(text).to_owned()),
        Value::Number(number) => Some(short(&format!("{number}")).to_owned()),
        _ => None,
    }
}

/// Of several speakers, the first.
fn first(value: &Value) -> &Value {
    match value {
        Value::List(values) => values.first().unwrap_or(value),
        value => value,
    }
}

fn is_notice(role: &str) -> bool {
    ["system", "developer", "tool", "function"].iter().any(|notice| role.eq_ignore_ascii_case(notice))
}
