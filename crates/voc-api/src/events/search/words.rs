//! The words of a text without case and accents, and where they are.

use unicode_normalization::{UnicodeNormalization as _, char::is_combining_mark};

/// A word of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word {
    /// Without case and accents.
    pub(super) folded: String,
    /// Where it begins, in bytes.
    pub(super) start: usize,
    /// The byte after its last.
    pub(super) end: usize,
}

/// The words of a text, in order. Letters and digits form words; everything else separates them.
pub(super) fn words(text: &str) -> Vec<Word> {
    let mut words: Vec<Word> = Vec::new();
    let mut is_inside = false;
    for (start, character) in text.char_indices() {
        let belongs = character.is_alphanumeric() || (is_inside && is_combining_mark(character));
        if belongs {
            let end = start + character.len_utf8();
            match words.last_mut().filter(|_| is_inside) {
                Some(word) => {
                    word.folded.extend(folded(character));
                    word.end = end;
                }
                None => words.push(Word { folded: folded(character).collect(), start, end }),
            }
        }
        is_inside = belongs;
    }
    words
}

/// A character without case and accents.
pub(super) fn folded(character: char) -> impl Iterator<Item = char> {
    character.nfkd().filter(|part| !is_combining_mark(*part)).flat_map(char::to_lowercase)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_have_neither_case_nor_accents() {
        let text = "Não é, cobranc\u{327}a! ÉTÉ 2x can't ﬁm";
        let found: Vec<_> = words(text).into_iter().map(|word| (word.folded, &text[word.start..word.end])).collect();
        let expected = [
            ("nao", "Não"),
            ("e", "é"),
            ("cobranca", "cobranc\u{327}a"),
            ("ete", "ÉTÉ"),
            ("2x", "2x"),
            ("can", "can"),
            ("t", "t"),
            ("fim", "ﬁm"),
        ];
        assert_eq!(found, expected.map(|(folded, text)| (folded.to_owned(), text)));
    }
}
