//! Cuts a text into words in one pass, without allocating.
//!
//! Blocks of 64 bytes are classified by arithmetic on eight bytes at a time ([`block`]); the classes of a block are bit masks, in
//! which words are runs of ones. A plain word (ASCII, at most 16 bytes, no letter three times in a row) becomes its [`Key`] without a
//! loop over its letters. Other words take the slower way through [`irregular`], character by character.

mod block;
mod fold;
mod irregular;
mod key;

use block::{BLOCK, Block};
pub(crate) use fold::{Folded, fold};
pub(crate) use irregular::key_of;
pub(crate) use key::Key;

/// Where something stands in the text: the offsets of its first byte and of the byte after its last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) start: usize,
    pub(crate) end: usize,
}

/// What [`scan`] finds in a text, in the text's order.
pub(crate) trait Visitor {
    /// A word. Words that cannot be in any lexicon, such as very long ones, have keys as well.
    fn word(&mut self, key: Key, span: Span);

    /// A word with letters drawn out ("soooo"), shortened to twice the letter ("soo") and to once ("so").
    fn elongated(&mut self, twice: Key, once: Key, span: Span);

    /// The bytes between two words, before the first and after the last, unless they are a single space. Pure ASCII.
    fn gap(&mut self, span: Span);

    /// A character that is no ASCII and belongs to no word: an emoji, a typographic dash.
    fn symbol(&mut self, symbol: char, span: Span);

    /// How much the characters of the word that follows speak for Portuguese and against both languages.
    fn accents(&mut self, portuguese: u32, other: u32);
}

/// Shows all words of a part of `text` to `visitor`, and what is between them. The part does not begin or end within a word.
pub(crate) fn scan(text: &str, part: Span, visitor: &mut impl Visitor) {
    let end = part.end.min(text.len());
    let mut scanner = Scanner { text, bytes: text.as_bytes(), word_end: part.start, visitor };
    let mut before = block::Before::default();
    let mut open: Option<Open> = None;

    let mut base = part.start;
    while base < end {
        let mut block = block_at(scanner.bytes, base, &mut before);
        if end - base < BLOCK {
            block.word &= below((end - base) as u32);
        }
        // A word starts where the bit before is 0, and ends where it is 1.
        let shifted = (block.word << 1) | u64::from(open.is_some());
        let mut starts = block.word & !shifted;
        let mut ends = !block.word & shifted;

        if let Some(mut word) = open.take() {
            if ends == 0 {
                word.irregular |= block.irregular != 0;
                open = Some(word);
            } else {
                let end = take_lowest(&mut ends);
                let irregular = block.irregular & below(end) != 0;
                scanner.word(word.start, base + end as usize, word.irregular | irregular);
            }
        }
        while ends != 0 {
            let start = take_lowest(&mut starts);
            let end = take_lowest(&mut ends);
            let irregular = (block.irregular & below(end)) >> start != 0;
            scanner.word(base + start as usize, base + end as usize, irregular);
        }
        if starts != 0 {
            let start = starts.trailing_zeros();
            let irregular = block.irregular >> start != 0;
            open = Some(Open { start: base + start as usize, irregular });
        }
        base += BLOCK;
    }
    if let Some(word) = open {
        scanner.word(word.start, end, word.irregular);
    }
    scanner.gap(end);
}

/// A word that goes on in the next block.
struct Open {
    start: usize,
    irregular: bool,
}

/// The position of the lowest bit, which is taken away. There is one.
#[inline(always)]
fn take_lowest(mask: &mut u64) -> u32 {
    let at = mask.trailing_zeros();
    *mask &= mask.wrapping_sub(1);
    at
}

/// The bits below `end`, which is below 64.
#[inline(always)]
fn below(end: u32) -> u64 {
    (1_u64 << (end & 63)) - 1
}

fn block_at(bytes: &[u8], base: usize, before: &mut block::Before) -> Block {
    let rest = bytes.get(base..).unwrap_or_default();
    let following = rest.get(BLOCK).copied().unwrap_or(b' ');
    match rest.first_chunk::<BLOCK>() {
        Some(whole) => Block::classify(whole, following, before),
        None => {
            let mut padded = [b' '; BLOCK];
            if let Some(part) = padded.get_mut(..rest.len()) {
                part.copy_from_slice(rest);
            }
            Block::classify(&padded, following, before)
        }
    }
}

struct Scanner<'a, V> {
    text: &'a str,
    bytes: &'a [u8],
    /// Where the last word ended.
    word_end: usize,
    visitor: &'a mut V,
}

impl<V: Visitor> Scanner<'_, V> {
    #[inline(always)]
    fn word(&mut self, start: usize, end: usize, is_irregular: bool) {
        if start.wrapping_sub(self.word_end) != 1 || self.bytes.get(self.word_end) != Some(&b' ') {
            self.gap(start);
        }
        self.word_end = end;
        if is_irregular {
            irregular::scan(self.text.get(start..end).unwrap_or_default(), start, self.visitor);
        } else {
            self.visitor.word(Key::at(self.bytes, start, end - start), Span { start, end });
        }
    }

    #[inline(never)]
    fn gap(&mut self, end: usize) {
        if self.word_end < end {
            self.visitor.gap(Span { start: self.word_end, end });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Writes down what it is shown.
    struct Notes<'a> {
        text: &'a str,
        lines: Vec<String>,
        end: usize,
    }

    impl Notes<'_> {
        fn note(&mut self, line: String, span: Span) {
            assert!(self.end <= span.start && span.start < span.end, "{span:?}");
            self.end = span.end;
            self.lines.push(line);
        }
    }

    impl Visitor for Notes<'_> {
        fn word(&mut self, key: Key, span: Span) {
            self.note(key.to_string(), span);
        }
        fn elongated(&mut self, twice: Key, once: Key, span: Span) {
            self.note(format!("{twice}~{once}"), span);
        }
        fn gap(&mut self, span: Span) {
            self.note(format!("[{}]", &self.text[span.start..span.end]), span);
        }
        fn symbol(&mut self, symbol: char, span: Span) {
            assert!(self.text[span.start..span.end].starts_with(symbol));
            self.note(format!("<{symbol}>"), span);
        }
        fn accents(&mut self, _portuguese: u32, _other: u32) {}
    }

    fn check(text: &str, expected: &[&str]) {
        let mut notes = Notes { text, lines: Vec::new(), end: 0 };
        scan(text, Span { start: 0, end: text.len() }, &mut notes);
        assert_eq!(notes.lines, expected, "{text:?}");
    }

    #[test]
    fn words_and_gaps() {
        check("", &[]);
        check("  ", &["[  ]"]);
        check("Great!", &["great", "[!]"]);
        check("one two, THREE", &["one", "two", "[, ]", "three"]);
        check("a 4g phone", &["a", "4g", "phone"]);
        check("under_score", &["under", "[_]", "score"]);
    }

    #[test]
    fn apostrophes_only_join_letters() {
        check("don't", &["don't"]);
        check("DON\u{2019}T", &["don't"]);
        check("'good'", &["[']", "good", "[']"]);
        check("\u{2018}good\u{2019}", &["<\u{2018}>", "good", "<\u{2019}>"]);
        check("dogs' tails", &["dogs", "[' ]", "tails"]);
    }

    #[test]
    fn accents_fold() {
        check("NÃO gostei", &["nao", "gostei"]);
        check("na\u{303}o péssimo", &["nao", "pessimo"]);
        check("g\u{200b}ood", &["good"]);
        check("ótimo👍ótimo", &["otimo", "<👍>", "otimo"]);
    }

    #[test]
    fn drawn_out_letters_shorten() {
        check("soooo goooood", &["soo~so", "good~god"]);
        check("SOoOo", &["soo~so"]);
        check("nãããão", &["naao~nao"]);
    }

    #[test]
    fn words_no_lexicon_can_hold_have_keys() {
        struct Keys(Vec<Key>);
        impl Visitor for Keys {
            fn word(&mut self, key: Key, _span: Span) {
                self.0.push(key);
            }
            fn elongated(&mut self, _twice: Key, _once: Key, _span: Span) {}
            fn gap(&mut self, _span: Span) {}
            fn symbol(&mut self, _symbol: char, _span: Span) {}
            fn accents(&mut self, _portuguese: u32, _other: u32) {}
        }
        let mut keys = Keys(Vec::new());
        let text = "abcdefghijklmnopq ABCDEFGHIJKLMNOPQ ábcdefghijklmnopq abcdefghijklmnopqr спасибо Привет 漢字 漢";
        scan(text, Span { start: 0, end: text.len() }, &mut keys);
        let [plain, capitals, accented, others @ ..] = keys.0.as_slice() else { panic!("no words") };
        assert_eq!((plain, plain), (capitals, accented));
        let distinct: std::collections::HashSet<u64> = others.iter().chain([plain]).map(|key| key.hash()).collect();
        assert_eq!(distinct.len(), 6);
        assert!(keys.0.iter().all(|key| !key.is_plain()));
    }

    #[test]
    fn long_words_are_unknown() {
        check("sixteen-letters1", &["sixteen", "[-]", "letters1"]);
        check("abcdefghijklmnop", &["abcdefghijklmnop"]);
        check("abcdefghijklmnopq", &["?"]);
        check("ábcdefghijklmnopq", &["?"]);
    }

    #[test]
    fn blocks_do_not_show() {
        for padding in 50..80 {
            let text = format!("{}don't stop, nãããão 'x'", " ".repeat(padding));
            let gap = format!("[{}]", " ".repeat(padding));
            check(&text, &[&gap, "don't", "stop", "[, ]", "naao~nao", "[ ']", "x", "[']"]);
        }
    }
}
