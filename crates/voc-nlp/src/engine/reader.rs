//! The pass over a text.

use crate::lexicon::{
    Counts, Cue, Effect, ExtraWords, ListedWordBits, MAX_PHRASE, Phrase, TOPICS, TRACKS, emoticon_valence,
    symbol_valence,
};
use crate::linear::rows::{self, Place, RowSum, pair_hash};
use crate::words::{Batch, FULL, Key, Span, Visitor, Word, each_bit, scan};

use super::marks::{CLAUSE, DASH, EXCLAMATION_MARK, EYES, MARKS, QUESTION_MARK, SENTENCE};
use super::reading::Reading;
use super::tables::Tables;
use super::track::{EffectiveValence, Mark, START};

/// What was read in a part of a text.
#[derive(Clone, Copy)]
pub(crate) struct PartReading {
    /// The valences by language.
    pub(crate) valences: [f32; TRACKS],
    /// Number of words.
    pub(crate) words: u32,
    /// The topics of which it has words: a bit for each of [`TOPICS`].
    pub(crate) topics: u8,
    /// Whether it has the cue of a phrase of [`CallPhrases`](crate::call_phrases::CallPhrases).
    pub(crate) has_cue: bool,
}

/// The topics whose weights have grown since they were `before`: a bit for each.
pub(super) fn topics_in(weights: &[u32; TOPICS.len() + 1], before: &[u32; TOPICS.len() + 1]) -> u8 {
    const { assert!(TOPICS.len() <= u8::BITS as usize) }
    let grown = weights.iter().zip(before).take(TOPICS.len()).map(|(weight, before)| u8::from(weight > before));
    grown.enumerate().fold(0, |topics, (topic, grown)| topics | grown << topic)
}

/// Receives the evidence of the sentiment during the pass.
pub(super) trait Sink {
    /// Whether it wants to receive words.
    const WANTS_WORDS: bool;

    /// A word begins at the offset `start`; its position is given.
    fn word(&mut self, position: u32, start: usize);

    /// The valences, by language, from the word at position `first` to the offset `end`.
    fn words_evidence(&mut self, first: u32, end: usize, weighed: [EffectiveValence; TRACKS]);

    /// The words from position `first` on are parts of a phrase and have no meaning on their own.
    fn take_back(&mut self, first: u32);

    /// The rows at these slots of the linear model's table are added.
    fn rows(&mut self, places: &[Place]);

    /// The valence of an emoji or emoticon.
    fn symbol_evidence(&mut self, span: Span, valence: f32);
}

/// Ignores everything.
impl Sink for () {
    const WANTS_WORDS: bool = false;

    #[inline(always)]
    fn word(&mut self, _position: u32, _start: usize) {}
    #[inline(always)]
    fn words_evidence(&mut self, _first: u32, _end: usize, _weighed: [EffectiveValence; TRACKS]) {}
    #[inline(always)]
    fn take_back(&mut self, _first: u32) {}
    #[inline(always)]
    fn rows(&mut self, _places: &[Place]) {}
    #[inline(always)]
    fn symbol_evidence(&mut self, _span: Span, _valence: f32) {}
}

/// Ends a text that means the opposite.
const SARCASM_MARK: &str = " /s";
/// What letters drawn out add to a valence.
const ELONGATION: f32 = 0.293;
/// Symbols from here on are pictures rather than punctuation, and are hashed like words.
const FIRST_PICTURE: char = '\u{2190}';
/// What opens and closes a quotation.
const QUOTATION_MARKS: [[&str; 2]; 4] = [["\"", "\""], ["'", "'"], ["\u{201c}", "\u{201d}"], ["\u{2018}", "\u{2019}"]];
/// After the end of a clause no word is within reach of earlier ones.
const OUT_OF_REACH: u32 = 8;
/// The rows of the word, its stem, and its pair with the previous word.
const ROWS_PER_WORD: u32 = 3;
/// Number of words of the previous batch that may belong to a phrase.
const REMEMBERED: usize = MAX_PHRASE - 1;

/// Reads a text. With `EXTRA` it looks words up among the extra words first.
pub(super) struct Reader<'a, S, const EXTRA: bool> {
    tables: &'a Tables,
    extra: Option<&'a ExtraWords>,
    sink: &'a mut S,
    text: &'a str,
    /// Where the part being read ends.
    end: usize,
    /// The hashes of the batch's words.
    hashes: [Hashes; FULL],
    /// Their positions in the lexicon, if it has them.
    places: [u32; FULL],
    /// What is known about the batch's words, after the same for the last words of the previous batch.
    listed: [ListedWordBits; REMEMBERED + FULL],
    /// The last words with which phrases may begin or continue, by the lowest bits of their positions.
    marks: [WordMark; REMEMBERED + 1],
    /// The number of the current word.
    position: u32,
    /// Number of positions without a word.
    unused_positions: u32,
    /// Words after this position are in the current clause.
    clause_start: u32,
    /// The hash of the previous word, in the same clause or not.
    previous: u64,
    read: Reading,
}

/// The sums of valences before a word, or the phrase that ends with it, took effect.
#[derive(Clone, Copy, Default)]
struct WordMark {
    /// The position of the word, or of the first word of the phrase.
    first: u32,
    mark: Mark,
}

/// The lookup keys of a word.
#[derive(Clone, Copy, Default)]
struct Hashes {
    word: u64,
    stem: u64,
}

impl Hashes {
    #[inline(always)]
    fn of(key: Key) -> Self {
        Self { word: key.hash(), stem: key.stem_hash() }
    }

    /// Where the rows of a word are that follows one with the hash `previous`.
    #[inline(always)]
    fn rows(self, previous: u64) -> [Place; ROWS_PER_WORD as usize] {
        [self.word, self.stem, pair_hash(previous, self.word)].map(rows::place)
    }
}

impl<'a, S: Sink, const EXTRA: bool> Reader<'a, S, EXTRA> {
    pub(super) fn new(text: &'a str, tables: &'a Tables, extra: Option<&'a ExtraWords>, sink: &'a mut S) -> Self {
        Self {
            tables,
            extra,
            sink,
            text,
            end: 0,
            hashes: [Hashes::default(); FULL],
            places: [0; FULL],
            listed: [ListedWordBits::default(); REMEMBERED + FULL],
            marks: Default::default(),
            position: START,
            unused_positions: 0,
            clause_start: START,
            previous: 0,
            read: Reading::default(),
        }
    }

    /// Reads the whole text.
    pub(super) fn read(mut self) -> Reading {
        self.gather(Span { start: 0, end: self.text.len() }, &mut Batch::default());
        if self.text.trim_ascii_end().ends_with(SARCASM_MARK) {
            self.read.tracks.add_cue(Cue::Sarcasm);
        }
        self.conclude()
    }

    /// Reads a part of the text as separate sentences. `capitals_count` says whether words in capitals stand out.
    pub(super) fn read_part(&mut self, part: Span, batch: &mut Batch, capitals_count: bool) -> PartReading {
        let before = self.read.tracks.closed();
        let (exclamations, questions) = (self.read.exclamations, self.read.questions);
        let (words, topics) = (self.read.words, self.read.topics);
        self.gather(part, batch);
        let exclamations = self.read.exclamations - exclamations;
        let questions = self.read.questions - questions;
        let mut valences = [0.0; TRACKS];
        let closed = self.read.tracks.closed();
        for (track, valence) in valences.iter_mut().enumerate() {
            *valence = closed.of(track).since(before.of(track)).valence(capitals_count, exclamations, questions);
        }
        PartReading {
            valences,
            words: self.read.words - words,
            topics: topics_in(&self.read.topics, &topics),
            has_cue: std::mem::take(&mut self.read.has_cue),
        }
    }

    fn gather(&mut self, part: Span, batch: &mut Batch) {
        let words = self.word_count();
        self.end = part.end;
        scan(self.text, part, batch, self);
        self.end_sentence();
        self.read.words += self.word_count() - words;
    }

    pub(super) fn text(&self) -> &'a str {
        self.text
    }

    /// How many words were read.
    fn word_count(&self) -> u32 {
        self.position - START - self.unused_positions
    }

    /// Continues with what was collected elsewhere, and swaps in what was collected here.
    pub(super) fn swap(&mut self, elsewhere: &mut Reading) {
        std::mem::swap(&mut self.read, elsewhere);
    }

    /// Looks words up and adds their rows, except for extra words, which the table of rows does not know. Returns a
    /// bit for each word that may take effect.
    #[inline(always)]
    fn look_up(&mut self, words: &[Word]) -> u64 {
        let table = self.tables.lexicon.table();
        for ((word, hashes), place) in words.iter().zip(&mut self.hashes).zip(&mut self.places) {
            *hashes = Hashes::of(word.key);
            *place = table.place(hashes.word);
        }
        let mut counts = Counts::default();
        let mut seen = ListedWordBits::default();
        self.read.rows.make_room(ROWS_PER_WORD * words.len() as u32);
        let (table_rows, mut rows) = (self.tables.rows.view(), self.read.rows);
        let mut previous_hash = self.previous;
        let listed = self.listed.iter_mut().skip(REMEMBERED);
        for (((hashes, place), listed), _) in self.hashes.iter().zip(&self.places).zip(listed).zip(words) {
            let of_extra = if EXTRA { self.extra.and_then(|extra| extra.find(hashes.word)) } else { None };
            let found = of_extra.unwrap_or_else(|| table.found(*place, hashes.word));
            *listed = found.word;
            seen.join(found.word);
            counts.add(found.counts);
            if !EXTRA || of_extra.is_none() {
                let places = hashes.rows(previous_hash);
                rows.add(table_rows, places);
                self.sink.rows(&places);
                previous_hash = hashes.word;
            }
        }
        self.read.rows = rows;
        self.read.has_cue |= seen.has_cue();
        self.previous = previous_hash;
        const { assert!(FULL <= Counts::FIT && ROWS_PER_WORD as usize * FULL <= RowSum::FIT as usize) }
        let (languages, topics) = counts.split();
        for (sum, count) in self.read.languages.iter_mut().zip(languages) {
            *sum += count;
        }
        for (sum, count) in self.read.topics.iter_mut().zip(topics) {
            *sum += count;
        }
        const { assert!(FULL <= ListedWordBits::MAX_ACTING) }
        ListedWordBits::acting(self.listed.get(REMEMBERED - 1..).unwrap_or_default(), words.len())
    }

    /// Lets a word that was looked up, at the current position, or the phrase that ends with it, take effect.
    #[inline(always)]
    fn act(&mut self, word: usize, span: Span) {
        let lexicon = &self.tables.lexicon;
        let known = self.listed.get(word..).and_then(<[ListedWordBits]>::first_chunk::<{ REMEMBERED + 1 }>);
        let Some(known) = known else { return };
        let [.., previous, word] = *known;
        if word.may_end_phrase(previous) {
            // Words of other clauses form no phrases with this one.
            let count = (self.position - self.clause_start) as usize;
            if let Some(phrase) = lexicon.phrase(known, count) {
                return self.act_as_phrase(phrase, lexicon.effect(word.id()), span);
            }
        }
        if !word.has_effect() {
            return;
        }
        let of_extra = if EXTRA { self.extra.and_then(|extra| extra.effect(word.id())) } else { None };
        if let Some(effect) = of_extra.or_else(|| lexicon.effect(word.id())) {
            self.apply(effect, 1, span);
        }
    }

    /// Lets a phrase take effect that ends with the current word, which has an effect on its own, too.
    #[inline(never)]
    fn act_as_phrase(&mut self, phrase: &Phrase, of_word: Option<&Effect>, span: Span) {
        if !phrase.keeps_topic {
            self.replace_topic(of_word, &phrase.effect);
        }
        self.take_back(phrase.scored_len);
        self.apply(&phrase.effect, phrase.scored_len, span);
    }

    /// Replaces the topic of a word, which was counted, by that of the phrase that ends with it.
    fn replace_topic(&mut self, of_word: Option<&Effect>, of_phrase: &Effect) {
        if let Some((topic, weight)) = of_word.map(Effect::counted_topic)
            && let Some(sum) = self.read.topics.get_mut(topic)
        {
            *sum -= weight;
        }
        let (topic, weight) = of_phrase.counted_topic();
        if let Some(sum) = self.read.topics.get_mut(topic) {
            *sum += weight;
        }
    }

    /// Takes back the effects of the words of a phrase of the length `len`, except its last one.
    fn take_back(&mut self, len: u32) {
        let first = self.position + 1 - len;
        let of = |position: u32| self.marks.get(position as usize % (REMEMBERED + 1));
        // A phrase that began earlier is kept.
        let is_of_this = |marked: &&WordMark| first <= marked.first;
        if let Some(marked) = (first..self.position).filter_map(of).find(is_of_this) {
            self.read.tracks.take_back(&marked.mark);
            self.sink.take_back(first);
        }
    }

    #[inline(always)]
    fn apply(&mut self, effect: &Effect, len: u32, span: Span) {
        let first = self.position + 1 - len;
        if effect.topic_when_negated
            && self.read.tracks.is_negated(first)
            && let Some(weight) = self.read.topics.get_mut(effect.topic)
        {
            *weight += effect.topic_weight;
        }
        if effect.may_be_taken_back
            && let Some(place) = self.marks.get_mut(self.position as usize % (REMEMBERED + 1))
        {
            *place = WordMark { first, mark: self.read.tracks.mark() };
        }
        if effect.has_sense | effect.cue.is_some() {
            let in_capitals = is_in_capitals(self.text.as_bytes(), span);
            let weighed = self.read.tracks.apply(effect, first, self.position, in_capitals);
            if effect.has_valence && is_quoted(self.text.as_bytes(), span) {
                self.read.tracks.quote(&weighed);
            }
            self.sink.words_evidence(first, span.end, weighed);
        }
    }

    fn feel(&mut self, valence: f32, span: Span) {
        // It would be taken back with the earlier words.
        self.marks = Default::default();
        self.read.symbols += 1;
        let [happy, unhappy] = &mut self.read.symbol_valences;
        *happy += valence.max(0.0);
        *unhappy -= valence.min(0.0);
        self.read.tracks.add_symbol(valence);
        self.sink.symbol_evidence(span, valence);
    }

    /// Processes the marks and emoticons of a gap.
    fn take_emphasis(&mut self, gap: Span) {
        let bytes = self.text.as_bytes();
        for start in gap.start..gap.end {
            // What follows the part belongs to another speaker.
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

    /// Processes the text between two words.
    #[inline(always)]
    fn take_gap(&mut self, gap: Span) {
        let bytes = self.text.as_bytes();
        if gap.end - gap.start == 2
            && let Some(mark) = bytes.get(gap.start)
            && bytes.get(gap.start + 1) == Some(&b' ')
        {
            // Like most gaps; it contains no emoticon.
            let marks = MARKS[usize::from(*mark)];
            self.read.exclamations += u32::from(marks & EXCLAMATION_MARK != 0);
            self.read.questions += u32::from(marks & QUESTION_MARK != 0);
            self.end_by(marks);
        } else {
            self.take_any_gap(gap);
        }
    }

    #[inline(never)]
    fn take_any_gap(&mut self, span: Span) {
        let gap = self.text.as_bytes().get(span.start..span.end).unwrap_or_default();
        let mut marks = gap.iter().fold(0, |marks, byte| marks | MARKS[usize::from(*byte)]);
        if gap.len() == 1 {
            // As in "e-mail".
            marks &= !DASH;
        }
        if marks & (EXCLAMATION_MARK | QUESTION_MARK | EYES) != 0 {
            self.take_emphasis(span);
        }
        self.end_by(marks);
    }

    /// Ends what the marks end.
    #[inline(always)]
    fn end_by(&mut self, marks: u8) {
        if marks & SENTENCE != 0 {
            self.end_sentence();
        } else if marks & (CLAUSE | DASH | EYES) != 0 {
            self.end_clause();
        }
    }

    fn end_clause(&mut self) {
        self.read.tracks.end_clause(self.position - self.clause_start);
        self.position += OUT_OF_REACH;
        self.clause_start = self.position;
        self.unused_positions += OUT_OF_REACH;
    }

    fn end_sentence(&mut self) {
        self.end_clause();
        self.read.tracks.end_sentence();
    }

    pub(super) fn conclude(self) -> Reading {
        let mut read = self.read;
        read.settle();
        read.capitals_count = read.sum().by_capitals != 0.0 && capitals_count(self.text);
        read
    }
}

/// Whether words in capitals stand out in a text: not if it has no lower-case letters.
pub(super) fn capitals_count(text: &str) -> bool {
    text.bytes().any(|byte| byte.is_ascii_lowercase())
}

/// Whether a word is in quotation marks of its own.
#[inline(always)]
fn is_quoted(text: &[u8], word: Span) -> bool {
    // Most words follow a space.
    word.start.checked_sub(1).and_then(|before| text.get(before)).is_some_and(|byte| *byte != b' ')
        && QUOTATION_MARKS.iter().any(|[before, after]| {
            text.get(..word.start).is_some_and(|text| text.ends_with(before.as_bytes()))
                && text.get(word.end..).is_some_and(|text| text.starts_with(after.as_bytes()))
        })
}

/// Whether a word of one or more bytes has capital letters and no lower-case ones.
#[inline(always)]
fn is_in_capitals(text: &[u8], word: Span) -> bool {
    // Most words begin with a lower-case letter.
    !text.get(word.start).is_some_and(u8::is_ascii_lowercase) && has_only_capitals(text, word)
}

#[inline(never)]
fn has_only_capitals(text: &[u8], word: Span) -> bool {
    let word = text.get(word.start..word.end).unwrap_or_default();
    word.iter().any(u8::is_ascii_uppercase) && !word.iter().any(u8::is_ascii_lowercase)
}

impl<S: Sink, const EXTRA: bool> Visitor for Reader<'_, S, EXTRA> {
    fn words(&mut self, batch: &Batch) {
        let words = batch.words();
        let acting = self.look_up(words);

        let all = u64::MAX.checked_shr(u64::BITS - words.len() as u32).unwrap_or_default();
        let reported = if S::WANTS_WORDS { all } else { acting };
        // The position of the word before the batch, if there are no ends of clauses in the batch.
        let mut start = self.position;
        for i in each_bit(batch.gaps() | reported) {
            if batch.gaps() >> i & 1 != 0 {
                self.position = start + i as u32;
                self.take_gap(batch.gap(i));
                start = self.position - i as u32;
            }
            if reported >> i & 1 != 0
                && let Some(word) = words.get(i)
            {
                self.position = start + i as u32 + 1;
                self.sink.word(self.position, word.span.start);
                if acting >> i & 1 != 0 {
                    self.act(i, word.span);
                }
            }
        }
        self.position = start + words.len() as u32;
        let last = self.listed.get(words.len()..).and_then(<[ListedWordBits]>::first_chunk::<REMEMBERED>).copied();
        if let (Some(last), Some(remembered)) = (last, self.listed.first_chunk_mut()) {
            *remembered = last;
        }
    }

    fn elongated(&mut self, twice: Key, once: Key) -> Key {
        self.read.tracks.boost_next(self.position, ELONGATION);
        self.read.elongations += 1;
        let hash = twice.hash();
        let is_extra = EXTRA && self.extra.is_some_and(|extra| extra.find(hash).is_some());
        if is_extra || self.tables.lexicon.find(hash).word.id() != 0 { twice } else { once }
    }

    fn symbol(&mut self, symbol: char, span: Span) {
        if symbol >= FIRST_PICTURE {
            let hash = Key::of_symbol(symbol).hash();
            let places = [hash, pair_hash(self.previous, hash)].map(rows::place);
            self.read.rows.make_room(places.len() as u32);
            self.read.rows.add(self.tables.rows.view(), places);
            self.sink.rows(&places);
            self.previous = hash;
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
