//! What the attributes of elements reveal.

use crate::conversation::formats::markup::attribute;
use crate::conversation::formats::roles::role_of;

/// The longest name of a speaker, in bytes. Every line of an element keeps it.
const LONGEST_NAME: usize = 96;

/// What an element is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// Has the name of a speaker.
    Name,
    /// Has the time of a message, which is not said.
    Time,
    Other,
}

/// The words of an element's classes: `"chat-message from_agent"`.
fn words(attributes: &str) -> impl Iterator<Item = &str> {
    let classes = attribute(attributes, "class").unwrap_or_default();
    classes.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty())
}

pub(super) fn purpose(element: &str, attributes: &str) -> Purpose {
    let is_any =
        |names: &[&str]| words(attributes).any(|word| names.iter().any(|name| word.eq_ignore_ascii_case(name)));
    if element.eq_ignore_ascii_case("time")
        || is_any(&["time", "timestamp", "date", "datetime", "hora", "horario", "clock"])
    {
        Purpose::Time
    } else if is_any(&["name", "author", "sender", "speaker", "nick", "nickname", "username", "nome", "autor"]) {
        Purpose::Name
    } else {
        Purpose::Other
    }
}

/// The speaker that an element's attributes name.
pub(super) fn speaker(attributes: &str) -> Option<&str> {
    if !attributes.contains('=') {
        return None;
    }
    let names =
        ["data-speaker", "data-author", "data-sender", "data-from", "data-role", "data-participant", "data-user"];
    let is_name = |name: &&str| !name.trim().is_empty() && name.len() <= LONGEST_NAME;
    let named = names.into_iter().find_map(|name| attribute(attributes, name)).filter(is_name);
    named.or_else(|| words(attributes).find(|word| role_of(word).is_some()))
}
