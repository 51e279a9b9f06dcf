//! Decimal digits of any script, the separators between them, and what may stand next to them.

use super::written::{char_at, visible};

/// The value of the decimal digit at `at`, and its length in bytes.
#[inline]
pub(super) fn digit_at(text: &str, at: usize) -> Option<(u8, usize)> {
    let byte = *text.as_bytes().get(at)?;
    if byte.is_ascii() {
        return byte.is_ascii_digit().then(|| (byte - b'0', 1));
    }
    let c = char_at(text, at)?;
    Some((value(c)?, c.len_utf8()))
}

/// Whether a word or number before `at` continues there; text before `from` is ignored.
pub(super) fn is_within_word(text: &str, from: usize, at: usize) -> bool {
    text.get(from..at).is_some_and(|before| before.ends_with(is_word))
}

/// Whether the character continues a word or number.
pub(super) fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The value of a decimal digit beyond ASCII, in the scripts that occur in texts of call centres.
fn value(c: char) -> Option<u8> {
    // Fullwidth, Arabic-Indic, its eastern form, Devanagari.
    [0xff10, 0x660, 0x6f0, 0x966].into_iter().find_map(|zero| {
        let value = u32::from(c).checked_sub(zero)?;
        u8::try_from(value).ok().filter(|value| *value < 10)
    })
}

/// What stands between two groups of digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Separator {
    Space,
    Dash,
    Dot,
    Slash,
    /// An opening bracket, optionally after a space.
    Open,
    /// A closing bracket, optionally followed by a space or a dash.
    Close,
}

/// The separator at `at`, and its end, if a digit follows.
pub(super) fn separator_at(text: &str, at: usize) -> Option<(Separator, usize)> {
    const LONGEST: usize = 3;
    let mut found: Option<Separator> = None;
    for written in visible(text, at).take(LONGEST + 1) {
        if digit_at(text, written.start).is_some() {
            return found.map(|separator| (separator, written.start));
        }
        found = Some(joined(found, separator(written.c)?)?);
    }
    None
}

/// The meaning of a character between digits.
pub(super) fn separator(c: char) -> Option<Separator> {
    match c {
        ' ' | '\t' | '\u{a0}' | '\u{2000}'..='\u{200a}' | '\u{202f}' => Some(Separator::Space),
        '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' => Some(Separator::Dash),
        '.' => Some(Separator::Dot),
        '/' => Some(Separator::Slash),
        '(' => Some(Separator::Open),
        ')' => Some(Separator::Close),
        _ => None,
    }
}

/// One separator from two consecutive characters, if that combination is in use.
fn joined(first: Option<Separator>, second: Separator) -> Option<Separator> {
    use Separator::{Close, Dash, Open, Space};
    match (first, second) {
        (None, second) => Some(second),
        (Some(Space), Open) => Some(Open),
        (Some(Space), Space) => Some(Space),
        (Some(Close), Space | Dash) => Some(Close),
        (Some(Space), Dash) | (Some(Dash), Space) => Some(Dash),
        _ => None,
    }
}
