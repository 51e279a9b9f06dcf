//! Splits a text into words in one pass, without allocating.
//!
//! Blocks of 64 bytes are classified many bytes at a time ([`block`]); the classes of a block are bit masks, in which
//! words are runs of ones. A plain word (ASCII, at most 16 bytes, no letter three times in a row) becomes its [`Key`]
//! without a loop over its letters. Other words take the slower path through [`irregular`], character by character.

mod batch;
mod block;
mod escapes;
mod fold;
mod irregular;
mod key;
mod output;
mod pieces;
mod span;
mod visitor;

pub(crate) use batch::{Batch, FULL, Word, each_bit};
use block::{BEFORE, BLOCK, Block, Window};
pub(crate) use fold::{FoldedChar, fold};
pub(crate) use irregular::key_of;
pub(crate) use key::Key;
use output::Output;
use pieces::{Kind, Piece};
pub(crate) use span::Span;
pub(crate) use visitor::Visitor;

/// Passes all words of a part of `text`, and the gaps between them, to `visitor`. The part does not begin or end
/// within a word. The batch is empty before and after.
///
/// An address is one word, a handle a name, and markup no word at all.
#[inline(always)]
pub(crate) fn scan(text: &str, part: Span, batch: &mut Batch, visitor: &mut impl Visitor) {
    match pieces::next(text, part.start, part.end.min(text.len())) {
        None => scan_prose(text, part, batch, visitor),
        Some(first) => scan_pieces(text, part, first, batch, visitor),
    }
}

/// The same for a part with something besides prose.
#[inline(never)]
fn scan_pieces(text: &str, part: Span, first: Piece, batch: &mut Batch, visitor: &mut impl Visitor) {
    let end = part.end.min(text.len());
    let mut from = part.start;
    let mut next = Some(first);
    while let Some(Piece { kind, span }) = next {
        if from < span.start {
            scan_prose(text, Span { start: from, end: span.start }, batch, visitor);
        }
        let mut output = Output { batch, visitor };
        match kind {
            Kind::Address => output.word(Key::ADDRESS, span),
            Kind::Handle => output.word(Key::NAME, span),
            Kind::Tag => {}
            Kind::Break => output.symbol('\n', span),
            Kind::Escaped => {
                irregular::scan_escaped(text.get(span.start..span.end).unwrap_or_default(), span.start, &mut output);
            }
        }
        output.show();
        from = span.end;
        next = pieces::next(text, from, end);
    }
    scan_prose(text, Span { start: from, end }, batch, visitor);
}

/// The same for a part that is prose only.
#[inline(never)]
fn scan_prose(text: &str, part: Span, batch: &mut Batch, visitor: &mut impl Visitor) {
    let end = part.end.min(text.len());
    let mut scanner = Scanner { text, word_end: part.start, output: Output { batch, visitor } };
    let mut before = PreviousBlock::default();
    let mut open: Option<Open> = None;

    let mut base = part.start;
    while base < end {
        let padded;
        let window = match whole_window(text.as_bytes(), base) {
            Some(window) => window,
            None => {
                padded = padded_window(text.as_bytes(), base);
                &padded
            }
        };
        let mut block = Block::classify(window);
        if end - base < BLOCK {
            block.word &= below((end - base) as u32);
        }
        // A word starts where the bit before is 0, and ends where it is 1.
        let shifted = (block.word << 1) | before.last_is_word;
        let mut cuts = Cuts {
            base,
            open: open.take(),
            starts: block.word & !shifted,
            ends: !block.word & shifted,
            // Most words follow a word and a space.
            after_gap: !(((block.space << 1) | before.last_is_space) & ((block.word << 2) | before.last_two_are_words)),
            irregular: block.irregular,
        };
        if cuts.ends == 0 {
            // No word ends here.
            open = cuts.opened();
        } else {
            open = cuts.take_last_start();
            if block.irregular == 0 && cuts.open.as_ref().is_none_or(|word| !word.is_irregular) {
                scanner.plain_words(window, &cuts);
            } else {
                scanner.any_words(window, &cuts);
            }
        }
        before = PreviousBlock {
            last_is_word: block.word >> 63,
            last_two_are_words: block.word >> 62,
            last_is_space: block.space >> 63,
        };
        base += BLOCK;
    }
    if open.is_some() {
        let cuts = Cuts { base, open, starts: 0, ends: 1, after_gap: 0, irregular: 0 };
        scanner.any_words(&padded_window(text.as_bytes(), base), &cuts);
    }
    scanner.gap(end);
    scanner.output.show();
}

/// What the next block needs to know about this one: its last byte and its last two, in the lowest bits.
#[derive(Default)]
struct PreviousBlock {
    last_is_word: u64,
    last_two_are_words: u64,
    last_is_space: u64,
}

/// A word that continues in the next block.
#[derive(Clone, Copy)]
struct Open {
    start: usize,
    is_after_gap: bool,
    is_irregular: bool,
}

/// Where a block's words start and end; bit i is byte i.
struct Cuts {
    /// The offset of the block.
    base: usize,
    /// The word that began in an earlier block and ends here or later.
    open: Option<Open>,
    starts: u64,
    ends: u64,
    /// Where a word, if one starts there, is preceded by something that has to be processed.
    after_gap: u64,
    irregular: u64,
}

impl Cuts {
    /// The word that began in this block or before, and does not end in this block, in which no word ends.
    fn opened(&mut self) -> Option<Open> {
        match self.open {
            Some(word) => Some(Open { is_irregular: word.is_irregular | (self.irregular != 0), ..word }),
            None => self.take_last_start(),
        }
    }

    /// The word that does not end in this block; its start is removed.
    fn take_last_start(&mut self) -> Option<Open> {
        // There is one more start than there are ends, except for that of the open word.
        let last = 63_u32.checked_sub(self.starts.leading_zeros())?;
        if self.ends >> last != 0 {
            return None;
        }
        self.starts ^= 1 << last;
        Some(Open {
            start: self.base + last as usize,
            is_after_gap: self.after_gap >> last & 1 != 0,
            is_irregular: self.irregular >> last != 0,
        })
    }
}

/// The position of the lowest bit, which is removed. There must be one.
#[inline(always)]
fn take_lowest(mask: &mut u64) -> usize {
    let at = mask.trailing_zeros();
    *mask &= mask.wrapping_sub(1);
    at as usize
}

/// The bits below `end`, which is below 64.
#[inline(always)]
fn below(end: u32) -> u64 {
    (1_u64 << (end & 63)) - 1
}

fn bytes_of(text: &str, span: Span) -> &[u8] {
    text.as_bytes().get(span.start..span.end).unwrap_or_default()
}

/// The block at `base` with its surroundings, if the text contains all of that.
#[inline(always)]
fn whole_window(bytes: &[u8], base: usize) -> Option<&Window> {
    bytes.get(base.checked_sub(BEFORE)?..)?.first_chunk()
}

/// The same with spaces for what the text does not contain.
#[inline(never)]
fn padded_window(bytes: &[u8], base: usize) -> Window {
    let mut window = [b' '; size_of::<Window>()];
    let missing = BEFORE.saturating_sub(base);
    let there = bytes.get(base.saturating_sub(BEFORE)..).unwrap_or_default();
    for (to, from) in window.iter_mut().skip(missing).zip(there) {
        *to = *from;
    }
    window
}

struct Scanner<'a, V> {
    text: &'a str,
    /// Where the last word ended.
    word_end: usize,
    output: Output<'a, V>,
}

impl<V: Visitor> Scanner<'_, V> {
    /// The words of a block in which all words are plain.
    #[inline(always)]
    fn plain_words(&mut self, window: &Window, cuts: &Cuts) {
        // As many as a block can have, plus an open one.
        const MOST: usize = BLOCK / 2 + 1;
        if self.output.batch.room().len() < MOST || self.output.batch.ends_in_gap() {
            self.output.show();
        }
        let mut ends = cuts.ends;
        if let Some(open) = cuts.open {
            if open.is_after_gap {
                self.gap(open.start);
            }
            let span = Span { start: open.start, end: cuts.base + take_lowest(&mut ends) };
            self.word_end = span.end;
            self.plain_word(window, cuts.base, span);
        }
        // The number of the word that starts at a byte of the block.
        let mut numbers = [0_u8; BLOCK];
        let (mut starts, mut ends) = (cuts.starts, ends);
        let mut longest = 0;
        let mut words = 0;
        for place in self.output.batch.room() {
            if starts == 0 {
                break;
            }
            let (start, end) = (take_lowest(&mut starts), take_lowest(&mut ends));
            let len = end.wrapping_sub(start);
            longest = len.max(longest);
            let span = Span { start: cuts.base + start, end: cuts.base + end };
            *place = Word { key: Key::within(window, BEFORE + start, len), span };
            numbers[start % BLOCK] = words as u8;
            words += 1;
        }
        for start in each_bit(cuts.starts & cuts.after_gap) {
            let last_end = match (cuts.ends << 2) >> start & 1 {
                // Like most gaps: a mark and a space.
                1 => cuts.base + start - 2,
                _ => (cuts.ends & below(start as u32))
                    .checked_ilog2()
                    .map_or(self.word_end, |end| cuts.base + end as usize),
            };
            let span = Span { start: last_end, end: cuts.base + start };
            if span.start < span.end {
                self.output.batch.push_gap(usize::from(numbers[start % BLOCK]), span);
            }
        }
        if let Some(end) = cuts.ends.checked_ilog2() {
            self.word_end = cuts.base + end as usize;
        }
        if longest > Key::MAX {
            self.give_long_keys(words);
        }
        self.output.batch.filled(words);
    }

    /// Sets the keys of those of the next words that are too long to have one yet.
    #[inline(never)]
    fn give_long_keys(&mut self, words: usize) {
        for Word { key, span } in self.output.batch.room().iter_mut().take(words) {
            if span.end - span.start > Key::MAX {
                *key = Key::of(bytes_of(self.text, *span));
            }
        }
    }

    /// A word that ends in the block at `base`.
    #[inline(always)]
    fn plain_word(&mut self, window: &Window, base: usize, span: Span) {
        let len = span.end - span.start;
        let key = match (BEFORE + span.start).checked_sub(base) {
            Some(start) if len <= Key::MAX => Key::within(window, start, len),
            _ => Key::of(bytes_of(self.text, span)),
        };
        self.output.word(key, span);
    }

    /// The words of any block.
    #[inline(never)]
    fn any_words(&mut self, window: &Window, cuts: &Cuts) {
        let mut starts = each_bit(cuts.starts).map(|start| Open {
            start: cuts.base + start,
            is_after_gap: cuts.after_gap >> start & 1 != 0,
            is_irregular: false,
        });
        let mut open = cuts.open;
        for end in each_bit(cuts.ends) {
            let Some(word) = open.take().or_else(|| starts.next()) else { return };
            let span = Span { start: word.start, end: cuts.base + end };
            if word.is_after_gap {
                self.gap(span.start);
            }
            self.word_end = span.end;
            let first = span.start.saturating_sub(cuts.base) as u32;
            if word.is_irregular || (cuts.irregular & below(end as u32)) >> first != 0 {
                irregular::scan(self.text.get(span.start..span.end).unwrap_or_default(), span.start, &mut self.output);
            } else {
                self.plain_word(window, cuts.base, span);
            }
        }
    }

    /// The gap before `end` and after the last word.
    fn gap(&mut self, end: usize) {
        if self.word_end < end {
            if self.output.batch.room().is_empty() || self.output.batch.ends_in_gap() {
                self.output.show();
            }
            self.output.batch.push_gap(0, Span { start: self.word_end, end });
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Records what it receives.
    struct Recorder<'a> {
        text: &'a str,
        lines: Vec<String>,
        keys: Vec<Key>,
        accents: [u32; 2],
        end: usize,
        /// The forms of the next word, if it has drawn-out letters.
        elongated: Option<String>,
    }

    impl<'a> Recorder<'a> {
        fn new(text: &'a str) -> Self {
            Self { text, lines: Vec::new(), keys: Vec::new(), accents: [0; 2], end: 0, elongated: None }
        }

        /// Of the parts of a text from one cut to the next.
        fn of(text: &'a str, cuts: &[usize]) -> Self {
            let mut notes = Self::new(text);
            let mut batch = Batch::default();
            for part in cuts.windows(2) {
                scan(text, Span { start: part[0], end: part[1] }, &mut batch, &mut notes);
                assert!(batch.is_empty());
            }
            notes
        }

        fn note(&mut self, line: String, span: Span) {
            assert!(self.end <= span.start && span.start < span.end, "{span:?}");
            self.end = span.end;
            self.lines.push(line);
        }
    }

    impl Visitor for Recorder<'_> {
        fn words(&mut self, batch: &Batch) {
            for i in 0..=batch.words().len() {
                if i < FULL && batch.gaps() >> i & 1 != 0 {
                    let span = batch.gap(i);
                    self.note(format!("[{}]", &self.text[span.start..span.end]), span);
                }
                if let Some(word) = batch.words().get(i) {
                    let elongated = self.elongated.take().filter(|_| i == 0);
                    self.note(elongated.unwrap_or_else(|| word.key.to_string()), word.span);
                    self.keys.push(word.key);
                }
            }
        }
        fn elongated(&mut self, twice: Key, once: Key) -> Key {
            self.elongated = Some(format!("{twice}~{once}"));
            twice
        }
        fn symbol(&mut self, symbol: char, span: Span) {
            assert!(self.text[span.start..span.end].starts_with(symbol));
            self.note(format!("<{symbol}>"), span);
        }
        fn accents(&mut self, portuguese: u32, other: u32) {
            self.accents = [self.accents[0] + portuguese, self.accents[1] + other];
        }
    }

    fn check(text: &str, expected: &[&str]) {
        assert_eq!(Recorder::of(text, &[0, text.len()]).lines, expected, "{text:?}");
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
    fn drawn_out_letters_are_shortened() {
        check("soooo goooood", &["soo~so", "good~god"]);
        check("SOoOo", &["soo~so"]);
        check("nãããão", &["naao~nao"]);
    }

    #[test]
    fn words_no_lexicon_can_hold_have_keys() {
        struct Keys(Vec<Key>);
        impl Visitor for Keys {
            fn words(&mut self, batch: &Batch) {
                self.0.extend(batch.words().iter().map(|word| word.key));
            }
            fn elongated(&mut self, twice: Key, _once: Key) -> Key {
                twice
            }
            fn symbol(&mut self, _symbol: char, _span: Span) {}
            fn accents(&mut self, _portuguese: u32, _other: u32) {}
        }
        let mut keys = Keys(Vec::new());
        let text = "abcdefghijklmnopq ABCDEFGHIJKLMNOPQ ábcdefghijklmnopq abcdefghijklmnopqr спасибо Привет 漢字 漢";
        scan(text, Span { start: 0, end: text.len() }, &mut Batch::default(), &mut keys);
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
    fn block_boundaries_make_no_difference() {
        for padding in 50..80 {
            let text = format!("{}don't stop, nãããão 'x'", " ".repeat(padding));
            let gap = format!("[{}]", " ".repeat(padding));
            check(&text, &[&gap, "don't", "stop", "[, ]", "naao~nao", "[ ']", "x", "[']"]);
        }
    }

    /// The same without blocks and batches: byte by byte, and each word character by character.
    fn scan_simply<'a>(text: &'a str, cuts: &[usize]) -> Recorder<'a> {
        let mut notes = Recorder::new(text);
        let bytes = text.as_bytes();
        let letter = |at: Option<usize>| at.and_then(|at| bytes.get(at)).is_some_and(u8::is_ascii_alphabetic);
        let is_word = |at: usize| match bytes[at] {
            b'\'' => letter(at.checked_sub(1)) && letter(Some(at + 1)),
            byte => byte.is_ascii_alphanumeric() || !byte.is_ascii(),
        };
        for part in cuts.windows(2) {
            let mut batch = Batch::default();
            let mut scanner =
                Scanner { text, word_end: part[0], output: Output { batch: &mut batch, visitor: &mut notes } };
            let mut at = part[0];
            while at < part[1] {
                let end = (at..part[1]).find(|&at| !is_word(at)).unwrap_or(part[1]);
                if at < end {
                    if scanner.word_end == part[0] || &text[scanner.word_end..at] != " " {
                        scanner.gap(at);
                    }
                    irregular::scan_slowly(&text[at..end], at, &mut scanner.output);
                    scanner.word_end = end;
                }
                at = end + 1;
            }
            scanner.gap(part[1]);
            scanner.output.show();
        }
        notes
    }

    proptest! {
        #[test]
        fn as_without_blocks_and_batches(
            pieces in prop::collection::vec(
                prop::sample::select(vec![
                    "a", "o", "O", "oo", "don't", "'", "\u{2019}", " ", " ", " ", " ", "  ", ", ", ". ", "-", "\n", "7", "000", "é", "ã", "õõ",
                    "Ã", "ñ", "ß", "æ", "ª", "n\u{303}", "\u{200b}", "👍", "—", "漢", "и", "÷", "Ð", "word", "cobrança", "não",
                    "abcdefghijklmno", "abcdefghijklmnopqrstuvwxyz",
                ]),
                0..160,
            ),
            parts in prop::collection::vec(any::<prop::sample::Index>(), 0..4),
        ) {
            let text = pieces.concat();
            // Parts end behind spaces.
            let spaces: Vec<usize> = text.match_indices(' ').map(|(at, _)| at + 1).collect();
            let mut cuts = vec![0, text.len()];
            if !spaces.is_empty() {
                cuts.extend(parts.iter().map(|part| *part.get(&spaces)));
            }
            cuts.sort_unstable();
            cuts.dedup();
            let (fast, simple) = (Recorder::of(&text, &cuts), scan_simply(&text, &cuts));
            prop_assert_eq!(fast.lines, simple.lines);
            prop_assert_eq!(fast.keys, simple.keys);
            prop_assert_eq!(fast.accents, simple.accents);
        }
    }
}
