//! Words as they are compared with lists: without case, accents and apostrophes.

use super::written::char_at;
use crate::words::{FoldedChar, fold};

/// Length of the longest word that is compared, and number of characters of the longest word that is read.
const LONGEST: usize = 16;
const MAX_CHARS: usize = 32;

/// A word of a text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Word {
    pub(super) start: usize,
    pub(super) end: usize,
    letters: [u8; LONGEST],
    /// 0 for words that are too long, or in other scripts.
    len: usize,
}

impl Word {
    /// The word that begins at `start`, a character boundary.
    pub(super) fn at(text: &str, start: usize) -> Option<Self> {
        if let Some(word) = Self::plain(text, start) {
            return word;
        }
        char_at(text, start).filter(|c| c.is_alphanumeric())?;
        let rest = text.get(start..)?;
        let end = rest.char_indices().take(MAX_CHARS + 1).find(|(_, c)| !is_part(*c)).map(|(i, _)| i);
        let end = end.or_else(|| (rest.chars().take(MAX_CHARS + 1).count() <= MAX_CHARS).then_some(rest.len()))?;
        Some(Self::between(text, start, start + end))
    }

    /// The word that begins at `start`, or that there is none, if only ASCII is there.
    #[inline]
    fn plain(text: &str, start: usize) -> Option<Option<Self>> {
        let mut word = Self { start, end: start, letters: [0; LONGEST], len: 0 };
        let mut bytes = text.as_bytes().get(start..)?.iter();
        for place in &mut word.letters {
            let byte = bytes.next().copied().unwrap_or(b' ');
            if !byte.is_ascii_alphanumeric() {
                let is_plain = byte.is_ascii() && byte != b'\'';
                word.end = start + word.len;
                return is_plain.then_some((word.len > 0).then_some(word));
            }
            *place = byte.to_ascii_lowercase();
            word.len += 1;
        }
        None
    }

    /// The word that ends at `end`, a character boundary. It does not begin before `from`.
    pub(super) fn before(text: &str, from: usize, end: usize) -> Option<Self> {
        let before = text.get(from..end)?;
        if let Some(word) = Self::plain_before(text, before.as_bytes(), end) {
            return word;
        }
        let mut start = before.len();
        for (i, c) in before.char_indices().rev().take(MAX_CHARS) {
            if !is_part(c) {
                break;
            }
            start = i;
        }
        let is_whole = !before.get(..start)?.ends_with(is_part);
        let quotes = before.get(start..)?.len() - before.get(start..)?.trim_start_matches(['\'', '\u{2019}']).len();
        let start = from + start + quotes;
        (is_whole && start < end).then(|| Self::between(text, start, end))
    }

    /// The same, if only ASCII is there.
    #[inline]
    fn plain_before(text: &str, before: &[u8], end: usize) -> Option<Option<Self>> {
        let mut rest = before.iter().rev().take(LONGEST + 1);
        let len = rest.by_ref().take_while(|byte| byte.is_ascii_alphanumeric()).count();
        let stop = before.len().checked_sub(len + 1).and_then(|i| before.get(i)).copied().unwrap_or(b' ');
        if len > LONGEST || !stop.is_ascii() || stop == b'\'' {
            return None;
        }
        // What is behind the word may be anything: "CVV… 123".
        let word = Self::plain(text, end - len)?;
        Some(word.filter(|word| word.end == end))
    }

    fn between(text: &str, start: usize, end: usize) -> Self {
        let mut word = Self { start, end, letters: [0; LONGEST], len: 0 };
        for c in text.get(start..end).unwrap_or_default().chars() {
            match fold(c) {
                FoldedChar::Nothing | FoldedChar::Ascii(b'\'') => {}
                FoldedChar::Ascii(letter) => match word.letters.get_mut(word.len) {
                    Some(place) => {
                        *place = letter;
                        word.len += 1;
                    }
                    None => return Self { letters: [0; LONGEST], len: 0, ..word },
                },
                FoldedChar::Foreign | FoldedChar::Symbol => {
                    return Self { letters: [0; LONGEST], len: 0, ..word };
                }
            }
        }
        word
    }

    /// The word as a number that no other word has; 0 if it is not compared.
    pub(super) fn key(&self) -> u128 {
        u128::from_le_bytes(self.letters)
    }

    /// The [`key`](Self::key) of a word in small letters.
    pub(super) fn key_of(word: &str) -> u128 {
        let mut letters = [0; LONGEST];
        for (place, byte) in letters.iter_mut().zip(word.bytes()) {
            *place = byte;
        }
        u128::from_le_bytes(letters)
    }

    pub(super) fn as_str(&self) -> &str {
        self.letters.get(..self.len).and_then(|letters| std::str::from_utf8(letters).ok()).unwrap_or_default()
    }

    /// Whether it consists of ASCII digits.
    pub(super) fn is_number(&self) -> bool {
        !self.as_str().is_empty() && self.as_str().bytes().all(|byte| byte.is_ascii_digit())
    }
}

/// Whether the character continues a word.
fn is_part(c: char) -> bool {
    match fold(c) {
        FoldedChar::Ascii(_) | FoldedChar::Foreign => true,
        FoldedChar::Nothing => !c.is_ascii(),
        FoldedChar::Symbol => false,
    }
}
