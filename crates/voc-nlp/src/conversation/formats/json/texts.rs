//! The text of a JSON document without turns.

use super::value::Value;
use crate::conversation::formats::fields::{Field, field};

/// The longest text in a field for what is said.
pub(super) fn longest(values: &[Value]) -> &str {
    let mut longest = "";
    each(values, &mut |key, text| {
        if matches!(field(key), Some(Field::Text(_))) && text.len() > longest.len() {
            longest = text;
        }
    });
    longest
}

/// All strings that are prose, a line each; if there is none, all strings.
pub(super) fn prose(values: &[Value]) -> String {
    let mut all = Vec::new();
    each(values, &mut |_, text| all.push(text));
    all.retain(|text| !text.is_empty());
    let prose: Vec<_> = all.iter().copied().filter(|text| text.contains(char::is_whitespace)).collect();
    if prose.is_empty() { all.join("\n") } else { prose.join("\n") }
}

/// Calls with every string and its key.
fn each<'v>(values: &'v [Value], found: &mut impl FnMut(&'v str, &'v str)) {
    fn visit<'v>(key: &'v str, value: &'v Value, found: &mut impl FnMut(&'v str, &'v str)) {
        match value {
            Value::Text(text) => found(key, text.trim()),
            Value::List(values) => values.iter().for_each(|value| visit(key, value, found)),
            Value::Object(fields) => fields.iter().for_each(|(key, value)| visit(key, value, found)),
            Value::Nothing | Value::Number(_) => {}
        }
    }
    values.iter().for_each(|value| visit("", value, found));
}
