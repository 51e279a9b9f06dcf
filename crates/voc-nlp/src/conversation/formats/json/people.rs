//! The participants that a JSON document lists.

use std::collections::HashMap;

use super::value::Value;
use super::who::{Who, text_of};
use crate::conversation::Role;
use crate::conversation::formats::decoded::short;
use crate::conversation::formats::fields::is_any;
use crate::conversation::formats::roles::role_of;

/// The keys of lists of participants.
const LISTS: [&str; 14] = [
    "parties",
    "participants",
    "participantes",
    "speakers",
    "users",
    "members",
    "agents",
    "people",
    "authors",
    "attendees",
    "identifiedspeakers",
    "speakermap",
    "speakernames",
    "speakerroles",
];

/// The keys of what identifies participants.
const IDS: [&str; 10] =
    ["id", "participantid", "speakerid", "userid", "partyid", "uid", "sid", "key", "label", "channel"];

/// The participants of a conversation.
#[derive(Debug, Default)]
pub(super) struct People {
    people: Vec<Person>,
    /// The numbers of the first with each identifier, and with each name.
    by_id: HashMap<String, usize>,
    by_name: HashMap<String, usize>,
}

#[derive(Debug)]
struct Person {
    role: Option<Role>,
    name: Option<String>,
}

impl People {
    pub(super) fn of(values: &[Value]) -> Self {
        let mut people = Self::default();
        values.iter().for_each(|value| people.find(value));
        people
    }

    fn find(&mut self, value: &Value) {
        match value {
            Value::List(values) => values.iter().for_each(|value| self.find(value)),
            Value::Object(fields) => {
                for (key, value) in fields {
                    if is_any(key, &LISTS) {
                        self.add(value);
                    }
                    self.find(value);
                }
            }
            _ => {}
        }
    }

    fn add(&mut self, list: &Value) {
        match list {
            Value::List(values) => {
                for (place, value) in values.iter().enumerate() {
                    let Value::Object(fields) = value else { continue };
                    let mut ids: Vec<_> = fields
                        .iter()
                        .filter(|(key, _)| is_any(key, &IDS))
                        .filter_map(|(_, value)| text_of(value))
                        .collect();
                    if ids.is_empty() {
                        ids.push(place.to_string());
                    }
                    let person = Person::new(&ids, Who::of(fields));
                    self.push(ids, person);
                }
            }
            // {"spk_0": "Agent", "spk_1": {"role": "customer"}}
            Value::Object(fields) => {
                for (id, value) in fields {
                    let ids = vec![id.clone()];
                    let person = match value {
                        Value::Text(name) => Person { role: role_of(name), name: Some(short(name).to_owned()) },
                        Value::Object(fields) => Person::new(&ids, Who::of(fields)),
                        _ => continue,
                    };
                    self.push(ids, person);
                }
            }
            _ => {}
        }
    }

    fn push(&mut self, ids: Vec<String>, person: Person) {
        let number = self.people.len();
        for id in ids {
            self.by_id.entry(id).or_insert(number);
        }
        if let Some(name) = &person.name {
            self.by_name.entry(name.clone()).or_insert(number);
        }
        self.people.push(person);
    }

    /// The role and the name of a speaker.
    pub(super) fn known(&self, who: &Who) -> (Option<Role>, Option<String>) {
        let label = who.id.as_ref().or(who.name.as_ref());
        let person = |number: Option<&usize>| self.people.get(*number?);
        let by_id = label.and_then(|label| person(self.by_id.get(label)));
        let by_name = || who.name.as_ref().and_then(|name| person(self.by_name.get(name)));
        let person = by_id.or_else(by_name);
        let name = by_id.filter(|_| who.id.is_none()).and_then(|person| person.name.as_ref());
        let name = name.or(who.name.as_ref()).or_else(|| person?.name.as_ref()).or(who.label.as_ref()).cloned();
        let of_name = || name.as_deref().and_then(role_of).or_else(|| who.label.as_deref().and_then(role_of));
        let role = who.role.or_else(|| person?.role).or(who.kind).or_else(of_name);
        (role, name)
    }
}

impl Person {
    fn new(ids: &[String], who: Who) -> Self {
        let of_name = || who.name.as_deref().and_then(role_of);
        let of_ids = || ids.iter().find_map(|id| role_of(id));
        let role = who.role.or(who.kind).or_else(of_name).or_else(of_ids);
        Self { role, name: who.name }
    }
}
