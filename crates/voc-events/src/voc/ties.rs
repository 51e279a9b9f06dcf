//! What ties an event to a call, an agent and a customer, if its own fields do not say it.

use std::borrow::Cow;

use super::event::VocEvent;
use crate::{Family, RowWriter, Value, fields::each_member, json::unescaped};

/// The members of metadata, named like their columns.
const NAMES: [&str; 3] = ["call_id", "agent_id", "customer_id"];

/// Fills those of the columns that the event's fields leave empty: from a member of the event that is no field of its
/// type, else from its metadata.
pub(super) fn put<F: Family, W: RowWriter + ?Sized>(event: &VocEvent<'_>, row: &mut W) {
    let places = const { [F::TABLE.place_of(NAMES[0]), F::TABLE.place_of(NAMES[1]), F::TABLE.place_of(NAMES[2])] };
    let mut is_filled = match event {
        VocEvent::Call(call) => [true, call.agent_id.is_some(), call.customer_id.is_some()],
        VocEvent::AgentAction(_) => [false, true, false],
        _ => [false; NAMES.len()],
    };
    let base = event.base();
    for ((is_filled, name), place) in is_filled.iter_mut().zip(NAMES).zip(places) {
        // The fields of its type are not among these members.
        let member = base.extra.iter().find(|(member, _)| member == name);
        if let Some(text) = member.and_then(|(_, value)| identifier(value.as_str())) {
            row.put(place, Value::Str(&text));
            *is_filled = true;
        }
    }
    let Some(metadata) = base.metadata.as_ref().filter(|_| is_filled.contains(&false)) else { return };
    let mut found = [const { None }; NAMES.len()];
    each_member(metadata.as_str(), |member, value| {
        if let Some(found) = NAMES.iter().position(|name| member == *name).and_then(|place| found.get_mut(place)) {
            *found = identifier(value.get());
        }
    });
    for ((is_filled, text), place) in is_filled.into_iter().zip(found).zip(places) {
        if let Some(text) = text.filter(|_| !is_filled) {
            row.put_free_text(place, &text);
        }
    }
}

/// A text without surrounding white space, or a number as it is written; `None` for anything else, and if it is empty.
fn identifier(json: &str) -> Option<Cow<'_, str>> {
    let text = match json.as_bytes().first()? {
        b'"' => unescaped(json).ok()?,
        b'0'..=b'9' | b'-' => Cow::Borrowed(json),
        _ => return None,
    };
    match text.trim().len() {
        0 => None,
        len if len == text.len() => Some(text),
        _ => Some(Cow::Owned(text.trim().to_owned())),
    }
}
