//! Irregular words: accents, other scripts, emoji, drawn-out letters, escaped characters.

use super::escapes::unescaped;
use super::fold::{FoldedChar, LATIN, LATIN_LEAD, Latin, MAX_ACCENTS, accent, fold};
use super::key::{Key, Opaque};
use super::output::Output;
use super::span::Span;
use super::visitor::Visitor;

/// Passes the words and symbols of `text`, a run without ASCII punctuation or white space that begins at the offset
/// `start`, to `output`.
pub(super) fn scan<V: Visitor>(text: &str, start: usize, output: &mut Output<'_, V>) {
    if let Some((key, [portuguese, other])) = accented(text.as_bytes()) {
        if portuguese | other != 0 {
            output.visitor.accents(portuguese.min(MAX_ACCENTS), other.min(MAX_ACCENTS));
        }
        output.word(key, Span { start, end: start + text.len() });
    } else {
        scan_slowly(text, start, output);
    }
}

/// The key of a word that consists only of ASCII and letters with the usual accents, none drawn out, and how strongly
/// these indicate Portuguese and speak against both languages.
fn accented(word: &[u8]) -> Option<(Key, [u32; 2])> {
    let mut letters = [0; Key::MAX];
    let mut places = letters.iter_mut();
    let mut accents = [0; 2];
    let (mut first, mut second) = (0, 0);
    let mut bytes = word.iter();
    while let Some(byte) = bytes.next() {
        let letter = if byte.is_ascii() {
            byte | 0x20
        } else {
            let &behind = bytes.next().filter(|_| *byte == LATIN_LEAD)?;
            let Latin { letter, accent: [portuguese, other] } = LATIN.get(usize::from(behind & 0x3f))?;
            accents = [accents[0] + portuguese, accents[1] + other];
            *letter
        };
        if letter == 0 || (letter == first && letter == second) {
            return None;
        }
        (first, second) = (second, letter);
        *places.next()? = letter;
    }
    let room = places.len();
    Some((Key::of(letters.get(..Key::MAX - room)?), accents))
}

/// The same, character by character.
pub(super) fn scan_slowly<V: Visitor>(text: &str, start: usize, output: &mut Output<'_, V>) {
    scan_chars(text.char_indices().map(|(at, c)| (at, at + c.len_utf8(), c)), start, text.len(), output);
}

/// The same for a text with escaped characters.
pub(super) fn scan_escaped<V: Visitor>(text: &str, start: usize, output: &mut Output<'_, V>) {
    scan_chars(unescaped(text), start, text.len(), output);
}

/// Passes the words and symbols of a run of `len` bytes that begins at the offset `start` to `output`; its characters
/// are given with where in it they begin and end.
fn scan_chars<V: Visitor>(
    chars: impl Iterator<Item = (usize, usize, char)>,
    start: usize,
    len: usize,
    output: &mut Output<'_, V>,
) {
    let mut word = Word::at(start);
    for (at, end, c) in chars {
        let end = start + end;
        match fold(c) {
            // A quotation mark.
            FoldedChar::Ascii(b'\'') if word.is_empty => {
                word = Word::at(end);
                output.symbol(c, Span { start: start + at, end });
            }
            FoldedChar::Ascii(letter) => {
                let [portuguese, other] = accent(c);
                word.portuguese = word.portuguese.saturating_add(portuguese);
                word.other = word.other.saturating_add(other);
                word.push(letter, c, start + at);
            }
            FoldedChar::Nothing => {}
            FoldedChar::Foreign => {
                word.other = word.other.saturating_add(accent(c)[1]);
                word.append_foreign(c);
            }
            FoldedChar::Symbol => {
                word.finish(start + at, output);
                word = Word::at(end);
                output.symbol(c, Span { start: start + at, end });
            }
        }
    }
    word.finish(start + len, output);
}

/// A word as far as it has been read.
struct Word {
    /// The offset of its first byte.
    start: usize,
    /// Its letters, drawn-out ones twice.
    twice: Letters,
    /// Its letters, drawn-out ones once.
    once: Letters,
    last: u8,
    /// How many times in a row the last letter has occurred.
    run: usize,
    is_elongated: bool,
    is_empty: bool,
    /// The offset of an apostrophe that may still turn out to be a quotation mark.
    apostrophe: Option<(char, usize)>,
    portuguese: u32,
    other: u32,
}

impl Word {
    fn at(start: usize) -> Self {
        Self {
            start,
            twice: Letters::default(),
            once: Letters::default(),
            last: 0,
            run: 0,
            is_elongated: false,
            is_empty: true,
            apostrophe: None,
            portuguese: 0,
            other: 0,
        }
    }

    fn push(&mut self, letter: u8, c: char, at: usize) {
        if letter == b'\'' {
            self.apostrophe = Some((c, at));
            return;
        }
        if self.apostrophe.take().is_some() {
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

    fn append_foreign(&mut self, letter: char) {
        // It is inside the word after all.
        self.apostrophe = None;
        self.is_empty = false;
        self.last = 0;
        self.twice.rest(letter);
        self.once.rest(letter);
    }

    fn finish<V: Visitor>(&self, end: usize, output: &mut Output<'_, V>) {
        let span = Span { start: self.start, end: self.apostrophe.map_or(end, |(_, at)| at) };
        if !self.is_empty {
            if self.portuguese | self.other != 0 {
                output.visitor.accents(self.portuguese.min(MAX_ACCENTS), self.other.min(MAX_ACCENTS));
            }
            if self.is_elongated {
                output.elongated(self.twice.key(), self.once.key(), span);
            } else {
                output.word(self.twice.key(), span);
            }
        }
        if let Some((quote, start)) = self.apostrophe {
            output.symbol(quote, Span { start, end: start + quote.len_utf8() });
        }
    }
}

/// A word's letters.
#[derive(Default)]
struct Letters {
    bytes: [u8; Key::MAX],
    /// May exceed the capacity: then the word is too long.
    len: usize,
    /// The excess, and letters of other scripts.
    rest: Option<Opaque>,
}

impl Letters {
    fn push(&mut self, letter: u8) {
        match self.bytes.get_mut(self.len) {
            Some(place) => *place = letter,
            None => self.rest(char::from(letter)),
        }
        self.len += 1;
    }

    fn rest(&mut self, letter: char) {
        self.rest.get_or_insert_default().add(u32::from(letter));
    }

    fn pop(&mut self) {
        self.len = self.len.saturating_sub(1);
    }

    fn key(&self) -> Key {
        let plain = Key::of(self.bytes.get(..self.len).unwrap_or(&self.bytes));
        self.rest.map_or(plain, |rest| rest.after(plain))
    }
}

/// The key of a lexicon's word, or `None` if it is too long or has characters that such words cannot have.
pub(crate) fn key_of(word: &str) -> Option<Key> {
    let mut letters = Letters::default();
    for c in word.chars() {
        match fold(c) {
            FoldedChar::Ascii(letter) => letters.push(letter),
            FoldedChar::Nothing => {}
            FoldedChar::Foreign | FoldedChar::Symbol => return None,
        }
    }
    Some(letters.key()).filter(|key| key.is_plain())
}
