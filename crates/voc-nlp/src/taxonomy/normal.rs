//! The normal form of texts, in which phrases are searched: folded words separated by single spaces.

use crate::words::{FoldedChar, fold};

/// A text in normal form. It begins and ends with a space; the end of a sentence is a separate word, which no phrase
/// contains.
#[derive(Default)]
pub(crate) struct Normal {
    pub(super) bytes: Vec<u8>,
    words: Vec<Word>,
}

#[derive(Clone, Copy)]
struct Word {
    /// Its first byte in the normal form.
    at: u32,
    /// Its position in the text.
    start: u32,
    end: u32,
}

/// The replacement of an ASCII byte: a lower-case letter, or one of these.
const SPACE: u8 = b' ';
const APOSTROPHE: u8 = b'\'';
const SENTENCE_END: u8 = b'.';

static CLASSES: [u8; 128] = {
    let mut classes = [SPACE; 128];
    let mut byte = 0;
    while byte < 128 {
        let this = byte as u8;
        classes[byte] = match this {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => this.to_ascii_lowercase(),
            b'\'' => APOSTROPHE,
            b'.' | b'!' | b'?' | b'\n' | b'\r' | b';' => SENTENCE_END,
            _ => SPACE,
        };
        byte += 1;
    }
    classes
};

impl Normal {
    /// Replaces the content by a text of at most [`MAX_CHARS`](crate::MAX_CHARS) characters.
    pub(crate) fn set(&mut self, text: &str) {
        self.bytes.clear();
        self.words.clear();
        self.bytes.reserve(text.len() + 2);
        self.bytes.push(SPACE);
        let bytes = text.as_bytes();
        let mut at = 0;
        while let Some(&byte) = bytes.get(at) {
            if let Some(&class) = CLASSES.get(usize::from(byte)) {
                match class {
                    SPACE => self.end_word(at),
                    APOSTROPHE => {}
                    SENTENCE_END => self.end_sentence(at, bytes.get(at..).unwrap_or_default()),
                    letter => self.push(&[letter], at),
                }
                at += 1;
                continue;
            }
            let Some(c) = text.get(at..).and_then(|rest| rest.chars().next()) else { break };
            match fold(c) {
                FoldedChar::Ascii(APOSTROPHE) | FoldedChar::Nothing => {}
                FoldedChar::Ascii(letter) => self.push(&[letter], at),
                FoldedChar::Foreign => {
                    for lower in c.to_lowercase() {
                        self.push(lower.encode_utf8(&mut [0; 4]).as_bytes(), at);
                    }
                }
                FoldedChar::Symbol => self.end_word(at),
            }
            at += c.len_utf8();
        }
        self.end_word(at);
    }

    /// A phrase in normal form; `None` if it has no words.
    pub(crate) fn phrase(phrase: &str) -> Option<Vec<u8>> {
        let mut normal = Self::default();
        let plain = phrase.replace(['.', '!', '?', ';', '\n', '\r'], " ");
        normal.set(&plain);
        (!normal.words.is_empty()).then_some(normal.bytes)
    }

    /// A text of at most [`MAX_CHARS`](crate::MAX_CHARS) characters in normal form.
    pub(crate) fn of(text: &str) -> Self {
        let mut normal = Self::default();
        normal.set(text);
        normal
    }

    /// The words, each followed by a space, after a space.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The position in the text of the words from `start` to `end` of the normal form. Both include the surrounding
    /// spaces.
    pub(crate) fn place(&self, start: usize, end: usize) -> Option<(usize, usize)> {
        let word_at = |at: usize| self.words.partition_point(|word| word.at as usize <= at).checked_sub(1);
        let first = self.words.get(word_at(start + 1)?)?;
        let last = self.words.get(word_at(end.checked_sub(2)?)?)?;
        Some((first.start as usize, last.end as usize))
    }

    fn push(&mut self, letter: &[u8], at: usize) {
        if self.bytes.last() == Some(&SPACE) {
            self.words.push(Word { at: self.bytes.len() as u32, start: at as u32, end: 0 });
        }
        self.bytes.extend_from_slice(letter);
    }

    fn end_word(&mut self, at: usize) {
        if self.bytes.last() != Some(&SPACE) {
            self.bytes.push(SPACE);
            if let Some(word) = self.words.last_mut() {
                word.end = at as u32;
            }
        }
    }

    fn end_sentence(&mut self, at: usize, rest: &[u8]) {
        self.end_word(at);
        // As in "3.5" or "example.com".
        let is_within = matches!(rest, [b'.', following, ..] if following.is_ascii_alphanumeric());
        if !is_within && !self.bytes.ends_with(b". ") {
            self.bytes.extend_from_slice(b". ");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn normal(text: &str) -> String {
        let mut normal = Normal::default();
        normal.set(text);
        String::from_utf8(normal.bytes).unwrap()
    }

    #[test]
    fn words_are_folded() {
        assert_eq!(normal("  Não é À-toa, DON'T!"), " nao e a toa dont . ");
        assert_eq!(normal("one.two... three\nfour 3.5"), " one two . three . four 3 5 ");
        assert_eq!(normal(""), " ");
        assert_eq!(normal("Привет 漢字"), " привет 漢字 ");
        assert_eq!(normal("g\u{200b}ood e\u{301}"), " good e ");
    }

    #[test]
    fn places_are_those_of_words() {
        let text = "Ação  é, sim!";
        let mut normal = Normal::default();
        normal.set(text);
        assert_eq!(normal.bytes, b" acao e sim . ");
        let place = |start, end| normal.place(start, end).map(|(start, end)| &text[start..end]);
        assert_eq!(place(0, 6), Some("Ação"));
        assert_eq!(place(0, 8), Some("Ação  é"));
        assert_eq!(place(5, 12), Some("é, sim"));
    }

    #[test]
    fn phrases_have_words() {
        assert_eq!(Normal::phrase(" Never.arrived! ").as_deref(), Some(b" never arrived ".as_slice()));
        assert_eq!(Normal::phrase(" -!"), None);
    }
}
