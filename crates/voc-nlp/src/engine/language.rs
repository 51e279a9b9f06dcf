//! The language of a text, by the evidence for English, for Portuguese, and against both.

use crate::annotation::Language;
use crate::words::{FoldedChar, fold};

/// The least evidence of a language: one frequent word.
const ENOUGH: u32 = 2;
/// A text in a language has evidence of it at least this often: once in so many words, on average. English and
/// Portuguese have it in every second word; a language without lists here has it by chance.
const SPARSE: u32 = 6;
/// With more evidence than this the words decide.
const PLENTY: u32 = 40;
/// Number of characters whose words' endings are looked at.
const LOOKED_AT: usize = 500;
/// Shorter words have no endings.
const SHORTEST: u32 = 5;

/// How strongly words and characters indicate the languages.
#[derive(Clone, Copy)]
pub(super) struct LanguageEvidence {
    pub(super) english: u32,
    pub(super) portuguese: u32,
    /// Of languages that are neither.
    pub(super) other: u32,
    /// The number of words.
    pub(super) words: u32,
}

impl LanguageEvidence {
    /// The same with the endings of the words of `text`, if they may decide whether it is Portuguese.
    pub(super) fn with_endings_of(self, text: &str) -> Self {
        let Self { english, portuguese, other, words } = self;
        let prevails = |this: u32, that: u32| this > 2 * that + ENOUGH;
        let is_sure = words == 0
            || portuguese + other > PLENTY
            || prevails(portuguese, other)
            || prevails(other, portuguese)
            || (english > portuguese && self.language() == Language::En);
        if is_sure {
            return self;
        }
        let [of_portuguese, of_others] = by_endings(text);
        Self { portuguese: portuguese + of_portuguese, other: other + of_others, ..self }
    }

    /// The language with clearly more evidence than the others.
    pub(super) fn language(&self) -> Language {
        let Self { english, portuguese, other, words } = *self;
        let is_clear = |this: u32, that: u32| {
            this >= ENOUGH && this > that + that / 4 && this > other + other / 4 && SPARSE * this >= words
        };
        if is_clear(english, portuguese) {
            Language::En
        } else if is_clear(portuguese, english) {
            Language::Pt
        } else {
            Language::Unknown
        }
    }

    /// How far the words cannot be understood, because they are of another language: 0 if little says so, 1 if half of
    /// the evidence does. Words that Portuguese and Spanish share say nothing.
    pub(super) fn foreignness(&self) -> f32 {
        if self.language() != Language::Unknown {
            return 0.0;
        }
        let foreign = self.other.saturating_sub(self.portuguese);
        let share = foreign as f32 / (self.english + foreign).max(1) as f32;
        (4.0 * share - 1.0).clamp(0.0, 1.0)
    }
}

/// Endings, without accents, of words that are certainly not English, by how strongly they indicate Portuguese and
/// other languages.
const ENDINGS: &[(&str, [u32; 2])] = &[
    ("cao", [2, 0]),
    ("coes", [2, 0]),
    ("dade", [2, 0]),
    ("dades", [2, 0]),
    ("agem", [2, 0]),
    ("agens", [2, 0]),
    ("aram", [2, 0]),
    ("eram", [2, 0]),
    ("iram", [1, 0]),
    ("inho", [2, 0]),
    ("inha", [1, 0]),
    ("ivel", [2, 0]),
    ("veis", [2, 0]),
    ("eiro", [1, 0]),
    ("eira", [1, 0]),
    // Spanish.
    ("cion", [0, 2]),
    ("ciones", [0, 2]),
    ("idad", [0, 2]),
    ("aron", [0, 2]),
    ("eron", [0, 2]),
    ("iendo", [0, 2]),
    ("aje", [0, 2]),
    ("ajes", [0, 2]),
    ("illo", [0, 1]),
    ("illa", [0, 1]),
    // French, Italian, German, Dutch.
    ("eux", [0, 2]),
    ("aient", [0, 2]),
    ("zione", [0, 2]),
    ("zioni", [0, 2]),
    ("keit", [0, 2]),
    ("heit", [0, 2]),
    ("lich", [0, 2]),
    ("isch", [0, 2]),
    ("heid", [0, 2]),
    ("lijk", [0, 2]),
];

/// An ending as the last letters of a word are collected: one letter a byte, the last one lowest.
const fn packed(ending: &str) -> u64 {
    let bytes = ending.as_bytes();
    let mut letters = 0;
    let mut i = 0;
    while i < bytes.len() {
        letters = letters << 8 | bytes[i] as u64;
        i += 1;
    }
    letters
}

/// How strongly the endings of words indicate Portuguese and other languages.
fn by_endings(text: &str) -> [u32; 2] {
    let mut sums = [0, 0];
    let (mut letters, mut len) = (0_u64, 0_u32);
    for c in text.chars().take(LOOKED_AT).chain([' ']) {
        match fold(c) {
            FoldedChar::Ascii(letter) => {
                letters = letters << 8 | u64::from(letter);
                len += 1;
            }
            FoldedChar::Nothing => {}
            FoldedChar::Foreign | FoldedChar::Symbol => {
                if len >= SHORTEST {
                    for (ending, indicated) in ENDINGS {
                        let mask = (1 << (8 * ending.len())) - 1;
                        if letters & mask == packed(ending) {
                            sums = std::array::from_fn(|i| sums[i] + indicated[i]);
                        }
                    }
                }
                (letters, len) = (0, 0);
            }
        }
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endings() {
        for (text, expected) in [
            ("", [0, 0]),
            ("a situação", [2, 0]),
            ("SITUACAO", [2, 0]),
            ("la situación, dijeron", [0, 4]),
            ("cao dad", [0, 0]),
            ("the internal situation", [0, 0]),
        ] {
            assert_eq!(by_endings(text), expected, "{text}");
        }
        let behind = format!("{} situação", "x ".repeat(LOOKED_AT));
        assert_eq!(by_endings(&behind), [0, 0]);
    }

    #[test]
    fn foreignness_grows_with_evidence() {
        let of = |english, other| LanguageEvidence { english, portuguese: 0, other, words: 5 }.foreignness();
        assert_eq!([of(0, 0), of(1, 0), of(9, 1), of(0, 2), of(5, 5)], [0.0, 0.0, 0.0, 1.0, 1.0]);
        assert!(of(6, 5) > 0.5 && of(6, 5) < 1.0);
        let shared = LanguageEvidence { english: 0, portuguese: 4, other: 4, words: 5 };
        assert_eq!(shared.foreignness(), 0.0);
    }
}
