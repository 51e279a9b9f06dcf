//! Words that are not plain: accents, other scripts, emoji, drawn-out letters.

use super::Visitor;
use super::fold::{Folded, accent, fold};
use super::key::Key;

/// Shows the words and symbols of `text`, a run without ASCII punctuation or white space, to `visitor`.
pub(super) fn scan(text: &str, visitor: &mut impl Visitor) {
    let mut word = Word::default();
    for c in text.chars() {
        match fold(c) {
            Folded::Ascii(letter) => {
                let (portuguese, other) = accent(c);
                word.portuguese = word.portuguese.saturating_add(portuguese);
                word.other = word.other.saturating_add(other);
                word.push(letter, c);
            }
            Folded::Nothing => {}
            Folded::Foreign => {
                word.other = word.other.saturating_add(accent(c).1);
                word.is_unknown = true;
                word.is_empty = false;
            }
            Folded::Symbol => {
                word.finish(visitor);
                word = Word::default();
                visitor.symbol(c);
            }
        }
    }
    word.finish(visitor);
}

/// A word as far as it was read.
struct Word {
    /// Its letters, drawn-out ones twice.
    twice: Letters,
    /// Its letters, drawn-out ones once.
    once: Letters,
    last: u8,
    /// How often the last letter came in a row.
    run: usize,
    is_elongated: bool,
    is_unknown: bool,
    is_empty: bool,
    /// An apostrophe was read, and may yet turn out to be a quotation mark.
    apostrophe: Option<char>,
    portuguese: u32,
    other: u32,
}

impl Default for Word {
    fn default() -> Self {
        Self {
            twice: Letters::default(),
            once: Letters::default(),
            last: 0,
            run: 0,
            is_elongated: false,
            is_unknown: false,
            is_empty: true,
            apostrophe: None,
            portuguese: 0,
            other: 0,
        }
    }
}

impl Word {
    fn push(&mut self, letter: u8, c: char) {
        if letter == b'\'' {
            self.apostrophe = Some(c);
            return;
        }
        if self.apostrophe.take().is_some() && !self.is_empty {
            self.append(b'\'');
        }
        self.append(letter);
    }

    fn append(&mut self, letter: u8) {
        self.is_empty = false;
        self.run = if letter == self.last { self.run + 1 } else { 1 };
        self.last = letter;
        if self.run <= 2 || !letter.is_ascii_alphabetic() {
            self.twice.push(letter);
            self.once.push(letter);
        } else if self.run == 3 {
            self.is_elongated = true;
            self.once.pop();
        }
    }

    fn finish(&self, visitor: &mut impl Visitor) {
        if !self.is_empty {
            if self.portuguese | self.other != 0 {
                visitor.accents(self.portuguese, self.other);
            }
            if self.is_unknown {
                visitor.word(Key::UNKNOWN);
            } else if self.is_elongated {
                visitor.elongated(self.twice.key(), self.once.key());
            } else {
                visitor.word(self.twice.key());
            }
        }
        if let Some(quote) = self.apostrophe {
            visitor.symbol(quote);
        }
    }
}

/// A word's letters, as far as they may be in a lexicon.
#[derive(Default)]
struct Letters {
    bytes: [u8; Key::MAX],
    /// May be more than there is room for: then the word is too long.
    len: usize,
}

impl Letters {
    fn push(&mut self, letter: u8) {
        if let Some(place) = self.bytes.get_mut(self.len) {
            *place = letter;
        }
        self.len += 1;
    }

    fn pop(&mut self) {
        self.len = self.len.saturating_sub(1);
    }

    fn key(&self) -> Key {
        self.bytes.get(..self.len).map_or(Key::UNKNOWN, Key::of)
    }
}

/// The key of a lexicon's word, or `None` if it is longer than any key or has characters no key has.
pub(crate) fn key_of(word: &str) -> Option<Key> {
    let mut letters = Letters::default();
    for c in word.chars() {
        match fold(c) {
            Folded::Ascii(letter) => letters.push(letter),
            Folded::Nothing => {}
            Folded::Foreign | Folded::Symbol => return None,
        }
    }
    let key = letters.key();
    (key != Key::UNKNOWN && key != Key::NONE).then_some(key)
}
