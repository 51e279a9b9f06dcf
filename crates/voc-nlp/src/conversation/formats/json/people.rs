//! The participants that a JSON document lists.

use super::value::Value;
use super::who::{Who, text_of};
use crate::conversation::Role;
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
}

#[derive(Debug)]
struct Person {
    ids: Vec<String>,
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
                    self.people.push(Person::new(ids, Who::of(fields)));
                }
            }
            // {"spk_0": "Agent", "spk_1": {"role": "customer"}}
            Value::Object(fields) => self.people.extend(fields.iter().filter_map(|(id, value)| {
                let ids = vec![id.clone()];
                match value {
                    Value::Text(name) => Some(Person { ids, role: role_of(name), name: Some(name.clone()) }),
                    Value::Object(fields) => Some(Person::new(ids, Who::of(fields))),
                    _ => None,
                }
            })),
            _ => {}
        }
    }

    /// The role and the name of a speaker.
    pub(super) fn known(&self, who: &Who) -> (Option<Role>, Option<String>) {
        let label = who.id.as_ref().or(who.name.as_ref());
        let by_id = self.people.iter().find(|person| label.is_some_and(|label| person.ids.contains(label)));
        let by_name = || self.people.iter().find(|person| who.name.is_some() && person.name == who.name);
        let person = by_id.or_else(by_name);
        let name = by_id.filter(|_| who.id.is_none()).and_then(|person| person.name.as_ref());
        let name = name.or(who.name.as_ref()).or_else(|| person?.name.as_ref()).or(who.label.as_ref()).cloned();
        let of_name = || name.as_deref().and_then(role_of).or_else(|| who.label.as_deref().and_then(role_of));
        let role = who.role.or_else(|| person?.role).or(who.kind).or_else(of_name);
        (role, name)
    }
}

impl Person {
    fn new(ids: Vec<String>, who: Who) -> Self {
        let of_name = || who.name.as_deref().and_then(role_of);
        let of_ids = || ids.iter().find_map(|id| role_of(id));
        let role = who.role.or(who.kind).or_else(of_name).or_else(of_ids);
        Self { role, name: who.name, ids }
    }
}
