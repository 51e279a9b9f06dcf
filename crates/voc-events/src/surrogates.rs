//! Escapes of half a surrogate pair, which represent no character.
//!
//! JSON's grammar allows them (RFC 8259, section 8.2), and producers that cut a text within an emoji write them;
//! ClickHouse cannot read a single byte of a payload that contains one.

use std::{borrow::Cow, sync::LazyLock};

use memchr::{memchr, memmem::Finder};

/// The beginnings of escapes of surrogates.
static BEGINNINGS: LazyLock<[Finder<'static>; 2]> = LazyLock::new(|| [Finder::new(r"\ud"), Finder::new(r"\uD")]);

/// `\ufffd` is the replacement character's escape. It is as long as the escape it replaces, so that every position in
/// the text stays the same.
const REPLACEMENT: &str = "\\ufffd";

/// The JSON text with U+FFFD in place of every escape of half a surrogate pair; the original text if it has none.
#[inline]
pub(crate) fn replace_lone(json: &str) -> Cow<'_, str> {
    match memchr(b'\\', json.as_bytes()) {
        Some(first) if has_surrogates(&json.as_bytes()[first..]) => replace_from(json, first),
        _ => Cow::Borrowed(json),
    }
}

/// Whether there may be escapes of surrogates; most escapes are of other characters.
fn has_surrogates(bytes: &[u8]) -> bool {
    BEGINNINGS.iter().any(|beginning| beginning.find(bytes).is_some())
}

/// Like [`replace_lone`], if the first escape of any kind is known.
fn replace_from(json: &str, first: usize) -> Cow<'_, str> {
    let bytes = json.as_bytes();
    let (mut replaced, mut copied, mut at) = (String::new(), 0, first);
    while let Some(found) = bytes.get(at..).and_then(|rest| memchr(b'\\', rest)) {
        let escape = at + found;
        let Some(unit) = code_unit(bytes, escape) else {
            at = escape + 2;
            continue;
        };
        at = escape + REPLACEMENT.len();
        match unit {
            0xd800..=0xdbff if matches!(code_unit(bytes, at), Some(0xdc00..=0xdfff)) => at += REPLACEMENT.len(),
            0xd800..=0xdfff => {
                replaced.push_str(&json[copied..escape]);
                replaced.push_str(REPLACEMENT);
                copied = at;
            }
            _ => {}
        }
    }
    if replaced.is_empty() {
        return Cow::Borrowed(json);
    }
    replaced.push_str(&json[copied..]);
    Cow::Owned(replaced)
}

/// The UTF-16 code unit of an escape `\uXXXX`; `None` if there is another escape or none.
fn code_unit(bytes: &[u8], escape: usize) -> Option<u16> {
    let [b'\\', b'u', digits @ ..] = bytes.get(escape..escape + REPLACEMENT.len())? else { return None };
    digits.iter().try_fold(0, |unit, digit| Some(unit << 4 | u16::try_from(char::from(*digit).to_digit(16)?).ok()?))
}
