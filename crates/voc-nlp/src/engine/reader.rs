//! The pass over a text.

use crate::lexicon::{Effect, ExtraWords, Found, History, LANES, NO_TOPIC, emoticon_valence, symbol_valence};
use crate::linear::rows::pair_hash;
use crate::words::{Key, Span, Visitor, scan};

use super::Tables;
use super::lane::{START, Weighed};
use super::marks::{CLAUSE, DASH, EXCLAMATION_MARK, EYES, MARKS, QUESTION_MARK, SENTENCE};
use super::reading::Reading;

/// Is told, during the pass, of what speaks for the sentiment.
pub(super) trait Sink {
    /// A word begins at the offset `start`; it is the one of this position.
    fn word(&mut self, position: u32, start: usize);

    /// What stands from the word at position `first` to the offset `end` says this, by language.
    fn words_evidence(&mut self, first: u32, end: usize, weighed: [Weighed; LANES]);

    /// These rows of the linear model's table are added.
    fn rows(&mut self, indices: &[usize]);

    /// An emoji or emoticon says this.
    fn symbol_evidence(&mut self, span: Span, valence: f32);
}

/// Nobody wants to know.
impl Sink for () {
    #[inline(always)]
    fn word(&mut self, _position: u32, _start: usize) {}
    #[inline(always)]
    fn words_evidence(&mut self, _first: u32, _end: usize, _weighed: [Weighed; LANES]) {}
    #[inline(always)]
    fn rows(&mut self, _indices: &[usize]) {}
    #[inline(always)]
    fn symbol_evidence(&mut self, _span: Span, _valence: f32) {}
}

/// What letters drawn out add to a valence.
const ELONGATION: f32 = 0.293;
/// Symbols from here on are pictures rather than punctuation, and hashed like words.
const FIRST_PICTURE: char = '\u{2190}';
/// After the end of a clause no word is in reach of those before.
const OUT_OF_REACH: u32 = 8;

/// Reads a text. With `EXTRA` it looks words up among the extra words first.
pub(super) struct Reader<'a, S, const EXTRA: bool> {
    tables: &'a Tables,
    extra: Option<&'a ExtraWords>,
    sink: &'a mut S,
    text: &'a str,
    /// Where the part that is read ends.
    end: usize,
    /// The number of the current word.
    position: u32,
    /// How many of the positions no word has.
    unused_positions: u32,
    /// The last words; none after the end of a clause.
    history: History,
    /// The hash of the word before, in the same clause or not.
    previous: u64,
    read: Reading,
}

impl<'a, S: Sink, const EXTRA: bool> Reader<'a, S, EXTRA> {
    pub(super) fn new(text: &'a str, tables: &'a Tables, extra: Option<&'a ExtraWords>, sink: &'a mut S) -> Self {
        Self {
            tables,
            extra,
            sink,
            text,
            end: 0,
            position: START,
            unused_positions: 0,
            history: 0,
            previous: 0,
            read: Reading::default(),
        }
    }

    /// Reads all of the text.
    pub(super) fn read(mut self) -> Reading {
        self.gather(Span { start: 0, end: self.text.len() });
        self.conclude()
    }

    /// Reads a part of the text as sentences of their own, and gives their valences by language. `capitals_count` says whether
    /// words in capitals stand out.
    pub(super) fn read_part(&mut self, part: Span, capitals_count: bool) -> [f32; LANES] {
        let closed = self.read.lanes.each_ref().map(|lane| lane.closed);
        let (exclamations, questions) = (self.read.exclamations, self.read.questions);
        self.gather(part);
        let exclamations = self.read.exclamations - exclamations;
        let questions = self.read.questions - questions;
        let mut valences = [0.0; LANES];
        for ((valence, lane), before) in valences.iter_mut().zip(&self.read.lanes).zip(closed) {
            *valence = lane.closed.since(before).valence(capitals_count, exclamations, questions);
        }
        valences
    }

    fn gather(&mut self, part: Span) {
        let words = self.words();
        self.end = part.end;
        scan(self.text, part, self);
        self.end_sentence();
        self.read.words += self.words() - words;
    }

    pub(super) fn text(&self) -> &'a str {
        self.text
    }

    /// How many words were read.
    fn words(&self) -> u32 {
        self.position - START - self.unused_positions
    }

    /// Goes on with what was gathered elsewhere, and leaves there what was gathered here.
    pub(super) fn swap(&mut self, elsewhere: &mut Reading) {
        std::mem::swap(&mut self.read, elsewhere);
    }

    #[inline(always)]
    fn find(&self, hash: u64) -> Found {
        if EXTRA && let Some(found) = self.extra.and_then(|extra| extra.find(hash)) {
            return found;
        }
        self.tables.lexicon.find(hash)
    }

    #[inline(always)]
    fn take(&mut self, key: Key, hash: u64, found: Found, span: Span) {
        self.position += 1;
        self.sink.word(self.position, span.start);
        if !(EXTRA && self.extra_effect(found.id()).is_some()) {
            self.add_rows(hash, [hash, key.stem_hash(), pair_hash(self.previous, hash)]);
        }
        self.history = (self.history << 16) | u64::from(found.id());
        self.read.languages += found.languages();
        if self.tables.lexicon.may_act(found, self.history) {
            self.act(found.id(), span);
        }
    }

    #[inline(always)]
    fn extra_effect(&self, id: u16) -> Option<&'a Effect> {
        self.extra.filter(|_| EXTRA)?.effect(id)
    }

    #[inline(always)]
    fn add_rows<const N: usize>(&mut self, hash: u64, hashes: [u64; N]) {
        let rows = &self.tables.rows;
        let indices = hashes.map(|hash| rows.index(hash));
        self.read.rows.add(rows, indices);
        self.sink.rows(&indices);
        self.previous = hash;
    }

    /// Lets the word `id`, the last of the history, or the phrase that ends in it take effect.
    #[inline(never)]
    fn act(&mut self, id: u16, span: Span) {
        let lexicon = &self.tables.lexicon;
        if lexicon.may_end_phrase(self.history)
            && let Some(phrase) = lexicon.phrase(self.history)
        {
            self.apply(&phrase.effect, phrase.scored_len, span);
        } else if let Some(effect) = self.extra_effect(id).or_else(|| lexicon.effect(id)) {
            self.apply(effect, 1, span);
        }
    }

    fn apply(&mut self, effect: &Effect, len: u32, span: Span) {
        let first = self.position + 1 - len;
        if effect.topic != NO_TOPIC {
            let is_negated = self.read.lanes.iter().any(|lane| lane.is_negated(first));
            if let Some(weight) = self.read.topics.get_mut(effect.topic)
                && (is_negated || !effect.topic_when_negated)
            {
                *weight += effect.topic_weight;
            }
        }
        if effect.has_sense {
            let in_capitals = is_in_capitals(self.text.as_bytes().get(span.start..span.end).unwrap_or_default());
            let mut weighed = [Weighed::default(); LANES];
            for ((lane, sense), weighed) in self.read.lanes.iter_mut().zip(&effect.senses).zip(&mut weighed) {
                *weighed = lane.apply(sense, first, self.position, in_capitals);
            }
            self.sink.words_evidence(first, span.end, weighed);
        }
    }

    fn feel(&mut self, valence: f32, span: Span) {
        self.read.symbols += 1;
        let [happy, unhappy] = &mut self.read.symbol_valences;
        *happy += valence.max(0.0);
        *unhappy -= valence.min(0.0);
        for lane in &mut self.read.lanes {
            lane.add_symbol(valence);
        }
        self.sink.symbol_evidence(span, valence);
    }

    /// Takes in the marks and emoticons of a gap.
    fn take_emphasis(&mut self, gap: Span) {
        let bytes = self.text.as_bytes();
        for start in gap.start..gap.end {
            // What follows the part is somebody else's.
            let from_here = bytes.get(start..self.end).unwrap_or_default();
            let Some(byte) = from_here.first() else { return };
            match MARKS[usize::from(*byte)] {
                EYES => {
                    let (valence, len) = emoticon_valence(from_here);
                    if valence != 0.0 {
                        self.feel(valence, Span { start, end: start + len });
                    }
                }
                marks if marks & EXCLAMATION_MARK != 0 => self.read.exclamations += 1,
                marks if marks & QUESTION_MARK != 0 => self.read.questions += 1,
                _ => {}
            }
        }
    }

    fn end_clause(&mut self) {
        self.history = 0;
        self.position += OUT_OF_REACH;
        self.unused_positions += OUT_OF_REACH;
    }

    fn end_sentence(&mut self) {
        self.end_clause();
        for lane in &mut self.read.lanes {
            lane.end_sentence();
        }
    }

    pub(super) fn conclude(self) -> Reading {
        let mut read = self.read;
        read.settle();
        read.capitals_count = read.sum().by_capitals != 0.0 && capitals_count(self.text);
        read
    }
}

/// Whether words in capitals stand out in a text: not if it has no small letters.
pub(super) fn capitals_count(text: &str) -> bool {
    text.bytes().any(|byte| byte.is_ascii_lowercase())
}

/// Whether a word of one or more bytes has capital letters and no small ones.
fn is_in_capitals(word: &[u8]) -> bool {
    // Most words begin with a small letter.
    !word.first().is_some_and(u8::is_ascii_lowercase)
        && word.iter().any(u8::is_ascii_uppercase)
        && !word.iter().any(u8::is_ascii_lowercase)
}

impl<S: Sink, const EXTRA: bool> Visitor for Reader<'_, S, EXTRA> {
    #[inline(always)]
    fn word(&mut self, key: Key, span: Span) {
        let hash = key.hash();
        self.take(key, hash, self.find(hash), span);
    }

    fn elongated(&mut self, twice: Key, once: Key, span: Span) {
        let as_twice = self.find(twice.hash());
        let (key, found) = if as_twice.id() == 0 { (once, self.find(once.hash())) } else { (twice, as_twice) };
        for lane in &mut self.read.lanes {
            lane.boost_next(self.position, ELONGATION);
        }
        self.read.elongations += 1;
        self.take(key, key.hash(), found, span);
    }

    fn gap(&mut self, span: Span) {
        let gap = self.text.as_bytes().get(span.start..span.end).unwrap_or_default();
        let mut marks = gap.iter().fold(0, |marks, byte| marks | MARKS[usize::from(*byte)]);
        if gap.len() == 1 {
            // As in "e-mail".
            marks &= !DASH;
        }
        if marks & (EXCLAMATION_MARK | QUESTION_MARK | EYES) != 0 {
            self.take_emphasis(span);
        }
        if marks & SENTENCE != 0 {
            self.end_sentence();
        } else if marks & (CLAUSE | DASH | EYES) != 0 {
            self.end_clause();
        }
    }

    fn symbol(&mut self, symbol: char, span: Span) {
        if symbol >= FIRST_PICTURE {
            let hash = Key::of_symbol(symbol).hash();
            self.add_rows(hash, [hash, pair_hash(self.previous, hash)]);
        }
        let valence = symbol_valence(symbol);
        if valence != 0.0 {
            self.feel(valence, span);
        } else if matches!(symbol, '\u{2013}' | '\u{2014}' | '\u{2026}') {
            self.end_clause();
        }
    }

    fn accents(&mut self, portuguese: u32, other: u32) {
        let [sum_portuguese, sum_other] = &mut self.read.accents;
        *sum_portuguese = sum_portuguese.saturating_add(portuguese);
        *sum_other = sum_other.saturating_add(other);
    }
}
