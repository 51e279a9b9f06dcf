//! The pass over a text.

use crate::lexicon::{
    Acting, Brands, Counts, Cue, Effect, ExtraWords, LANES, ListedWordBits, NO_TOPIC, Phrase, PhrasesOfWord,
    TOPIC_WORDS, TOPICS, TRACKS, emoticon_valence, symbol_valence,
};
use crate::linear::rows::{self, Place, ROWS_PER_WORD, RowSum, pair_hash};
use crate::words::{Batch, FULL, Key, Span, Visitor, Word, each_bit, scan};

use super::marks::{CLAUSE, DASH, EXCLAMATION_MARK, EYES, MARKS, QUESTION_MARK, SENTENCE};
use super::names::Surroundings;
use super::reading::Reading;
use super::runs::{HISTORY, Run, Symbols};
use super::tables::Tables;
use super::track::{Mark, START, Weighed};

/// What was read in a part of a text.
#[derive(Clone, Copy)]
pub(crate) struct PartReading {
    /// The valences by language.
    pub(crate) valences: [f32; TRACKS],
    /// Number of words.
    pub(crate) words: u32,
    /// The topics of which it has words: a bit for each of [`TOPICS`].
    pub(crate) topics: u16,
    /// Whether it has the cue of a phrase of [`CallPhrases`](crate::call_phrases::CallPhrases).
    pub(crate) has_cue: bool,
}

/// The topics whose weights have grown since they were `before`: a bit for each.
pub(super) fn topics_in(weights: &[u32; NO_TOPIC + 1], before: &[u32; NO_TOPIC + 1]) -> u16 {
    const { assert!(TOPICS.len() <= u16::BITS as usize) }
    let grown = weights.iter().zip(before).map(|(weight, before)| u16::from(weight > before));
    grown.zip(TOPIC_WORDS).fold(0, |topics, (grown, words)| topics | grown << words.topic)
}

/// Receives the evidence of the sentiment during the pass.
pub(super) trait Sink {
    /// Whether it wants to receive words.
    const WANTS_WORDS: bool;

    /// A word begins at the offset `start`; its position is given.
    fn word(&mut self, position: u32, start: usize);

    /// The valences, by language, from the word at position `first` to the offset `end`.
    fn words_evidence(&mut self, first: u32, end: usize, weighed: Weighed);

    /// The words from position `first` on are parts of a phrase and have no meaning on their own.
    fn take_back(&mut self, first: u32);

    /// Whether it wants to receive rows.
    const WANTS_ROWS: bool;

    /// The rows at these slots of the linear model's table are added.
    fn rows(&mut self, places: &[Place]);

    /// The valence of an emoji or emoticon.
    fn symbol_evidence(&mut self, span: Span, valence: f32);
}

/// Ignores everything.
impl Sink for () {
    const WANTS_WORDS: bool = false;
    const WANTS_ROWS: bool = false;

    #[inline(always)]
    fn word(&mut self, _position: u32, _start: usize) {}
    #[inline(always)]
    fn words_evidence(&mut self, _first: u32, _end: usize, _weighed: Weighed) {}
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
/// How strongly an inverted question or exclamation mark speaks against English and Portuguese.
const ONLY_SPANISH: u32 = 3;
/// What opens and closes a quotation.
const QUOTATION_MARKS: [[&str; 2]; 4] = [["\"", "\""], ["'", "'"], ["\u{201c}", "\u{201d}"], ["\u{2018}", "\u{2019}"]];
/// After the end of a clause no word is within reach of earlier ones.
const OUT_OF_REACH: u32 = 8;
/// Number of words of the previous batch that may belong to a phrase.
const REMEMBERED: usize = LANES - 1;

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
    /// Their positions in the lexicon, if it has them, after those of the words before the batch.
    places: [u32; HISTORY + FULL],
    /// What is known about the batch's words, after the same for the last words of the previous batch.
    listed: [ListedWordBits; REMEMBERED + FULL],
    /// For words that may end a phrase, which ones.
    phrases: [PhrasesOfWord; FULL],
    /// The last words with which phrases may begin or continue, by the lowest bits of their positions.
    marks: [WordMark; REMEMBERED + 1],
    /// The position of the latest of them.
    marked: u32,
    /// The number of the current word.
    position: u32,
    /// Number of positions without a word.
    unused_positions: u32,
    /// Words after this position are in the current clause.
    clause_start: u32,
    /// The hash of the previous word, in the same clause or not.
    previous: u64,
    /// What the last words repeat.
    run: Run,
    symbols: Symbols,
    /// The last name that was found. It may be after the current word.
    name: Span,
    /// A bit for each word of the batch that is part of a name.
    names: u64,
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
            places: [0; HISTORY + FULL],
            run: Run::default(),
            symbols: Symbols::default(),
            name: Span::default(),
            names: 0,
            listed: [ListedWordBits::default(); REMEMBERED + FULL],
            phrases: [PhrasesOfWord::default(); FULL],
            marks: Default::default(),
            marked: 0,
            position: START,
            unused_positions: 0,
            clause_start: START,
            previous: 0,
            read: Reading::default(),
        }
    }

    /// Reads the whole text.
    pub(super) fn read(&mut self) -> Reading {
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
        // Nobody repeats what another speaker says.
        self.run = Run::default();
        if let Some(before) = self.places.first_chunk_mut::<HISTORY>() {
            *before = [0; HISTORY];
        }
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

    /// Looks words up and adds their rows, except for extra words, which the table of rows does not know. Returns
    /// what the words may do.
    #[inline(always)]
    fn look_up(&mut self, words: &[Word]) -> Acting {
        let table = self.tables.lexicon.table();
        let places = self.places.get_mut(HISTORY..).unwrap_or_default();
        for ((word, hashes), place) in words.iter().zip(&mut self.hashes).zip(&mut *places) {
            *hashes = Hashes::of(word.key);
            *place = table.place(hashes.word);
        }
        let mut counts = Counts::default();
        let mut seen = ListedWordBits::default();
        let (table_rows, mut rows) = (self.tables.rows.view(), self.read.rows);
        let mut previous_hash = self.previous;
        let listed = self.listed.get_mut(REMEMBERED..).unwrap_or_default();
        for (((hashes, place), listed), _) in self.hashes.iter().zip(&*places).zip(listed).zip(words) {
            let of_extra = if EXTRA { self.extra.and_then(|extra| extra.find(hashes.word)) } else { None };
            let found = of_extra.unwrap_or_else(|| table.found(*place, hashes.word));
            *listed = found.word;
            seen.join(found.word);
            counts.add(found.counts);
            if !EXTRA || of_extra.is_none() {
                rows.add(table_rows, hashes.rows(previous_hash));
                previous_hash = hashes.word;
            }
        }
        self.read.rows = rows;
        self.read.has_cue |= seen.has_cue();
        self.read.knows_words |= seen.id() != 0;
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
        let with_last = |last: usize| self.listed.get(REMEMBERED - last..).unwrap_or_default();
        let mut acting = ListedWordBits::acting(with_last(1), words.len());
        let listed = with_last(2);
        for i in each_bit(acting.phrases) {
            if let (Some(end), Some(phrases)) = (listed.get(i..).and_then(<[_]>::first_chunk), self.phrases.get_mut(i))
            {
                *phrases = self.tables.lexicon.phrases_ending_with(*end);
                acting.phrases ^= u64::from(phrases.is_empty()) << i;
            }
        }
        acting
    }

    /// What words count for of which some are names, which have common rows, or exceed what counts of a run, and have
    /// none: replaces what was counted for all of them when the rows and the previous word were these.
    #[inline(never)]
    fn count_again(&mut self, words: &[Word], excess: u64, (mut rows, previous): (RowSum, u64)) {
        self.previous = previous;
        let (table, table_rows) = (self.tables.lexicon.table(), self.tables.rows.view());
        let name = Hashes::of(Key::NAME);
        for ((i, hashes), place) in (0..words.len()).zip(&self.hashes).zip(self.places.iter().skip(HISTORY)) {
            let of_extra = if EXTRA { self.extra.and_then(|extra| extra.find(hashes.word)) } else { None };
            let (is_name, is_excess) = (self.names >> i & 1 != 0, excess >> i & 1 != 0);
            if is_name || is_excess {
                let mut counts = Counts::default();
                counts.add(of_extra.unwrap_or_else(|| table.found(*place, hashes.word)).counts);
                let (languages, topics) = counts.split();
                for (sum, count) in self.read.languages.iter_mut().zip(languages) {
                    *sum -= count;
                }
                for (sum, count) in self.read.topics.iter_mut().zip(topics) {
                    *sum -= count;
                }
            }
            // All words of a name are one.
            let is_named = is_name && self.previous == name.word;
            if is_excess || is_named || (of_extra.is_some() && !is_name) {
                continue;
            }
            let hashes = if is_name { name } else { *hashes };
            let places = hashes.rows(self.previous);
            rows.add(table_rows, places);
            self.sink.rows(&places);
            self.previous = hashes.word;
        }
        self.read.rows = rows;
    }

    /// Reports the rows of words that were looked up after a word with the hash `previous`.
    fn report_rows(&mut self, words: &[Word], mut previous: u64) {
        for (hashes, _) in self.hashes.iter().zip(words) {
            if !EXTRA || self.extra.is_none_or(|extra| extra.find(hashes.word).is_none()) {
                self.sink.rows(&hashes.rows(previous));
                previous = hashes.word;
            }
        }
    }

    /// Names of companies that were added to the built-in ones.
    fn own_brands(&self) -> Option<&'a Brands> {
        if EXTRA { self.extra.map(ExtraWords::brands).filter(|brands| !brands.is_empty()) } else { None }
    }

    /// Whether a word is part of a name, which is looked for from here on.
    #[inline(never)]
    fn begins_name(&mut self, words: &[Word], i: usize, word: Word, listed: ListedWordBits) -> bool {
        let has_valence = self.effect(listed).is_some_and(|effect| effect.has_valence);
        let surroundings = self.surroundings();
        let name = surroundings.name_at(word.span, word.key, has_valence, self.own_brands());
        self.take_name(words, i, name)
    }

    /// The same for a word in capital letters with a valence.
    #[inline(never)]
    fn is_capital_name(&mut self, words: &[Word], i: usize, word: Word) -> bool {
        let name = self.surroundings().capital_name(word.span, word.key);
        self.take_name(words, i, name)
    }

    /// Notes which words are part of a name. Whether this one is.
    fn take_name(&mut self, words: &[Word], i: usize, name: Option<Span>) -> bool {
        if let Some(name) = name {
            self.name = name;
            self.names |= parts_of(name, words);
        }
        self.names >> i & 1 != 0
    }

    fn surroundings(&self) -> Surroundings<'a> {
        Surroundings { text: self.text, names: self.tables.lexicon.names() }
    }

    /// The effect of a word on its own.
    #[inline(always)]
    fn effect(&self, word: ListedWordBits) -> Option<&'a Effect> {
        let of_extra = if EXTRA { self.extra.and_then(|extra| extra.effect(word.id())) } else { None };
        of_extra.or_else(|| self.tables.lexicon.effect(word.id()))
    }

    /// Lets a word that was looked up, at the current position, or the phrase that ends with it, take effect.
    #[inline(always)]
    fn act(&mut self, words: &[Word], i: usize, Word { key, span }: Word, acting: Acting) {
        let Some(word) = self.listed.get(REMEMBERED + i).copied() else { return };
        let is = |of: u64| of >> i & 1 != 0;
        if is(self.names) || (is(acting.names) && self.begins_name(words, i, Word { key, span }, word)) {
            return;
        }
        if is(acting.phrases)
            && let Some(phrase) = self.phrase_until(i)
        {
            return self.act_as_phrase(phrase, self.tables.lexicon.effect(word.id()), span);
        }
        if is(acting.effects)
            && let Some(effect) = self.effect(word)
        {
            let is_extra = EXTRA && self.extra.is_some_and(|extra| extra.effect(word.id()).is_some());
            if effect.has_valence
                && !is_extra
                && may_stand_out(self.text.as_bytes(), span.start)
                && self.is_capital_name(words, i, Word { key, span })
            {
                return;
            }
            self.apply(effect, 1, span);
        }
    }

    /// The longest phrase that ends with a word of the batch, at the current position.
    #[inline(always)]
    fn phrase_until(&self, i: usize) -> Option<Phrase> {
        let words = self.listed.get(i..).and_then(<[ListedWordBits]>::first_chunk)?;
        // Words of other clauses form no phrases with this one.
        self.tables.lexicon.phrase(*self.phrases.get(i)?, words, (self.position - self.clause_start) as usize)
    }

    /// Lets a phrase take effect that ends with the current word, which has an effect on its own, too.
    #[inline(never)]
    fn act_as_phrase(&mut self, phrase: Phrase, of_word: Option<&Effect>, span: Span) {
        let effect = self.tables.lexicon.effect_of_phrase(phrase);
        if !phrase.keeps_topic() {
            self.replace_topic(of_word, effect);
        }
        self.take_back(phrase.scored_len());
        self.apply(effect, phrase.scored_len(), span);
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
        if self.marked < first {
            return;
        }
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
            self.marked = self.position;
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
                    if valence != 0.0 && self.symbols.counts(valence.to_bits()) {
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

    pub(super) fn conclude(&mut self) -> Reading {
        let mut read = std::mem::take(&mut self.read);
        read.settle(self.text);
        read.capitals_count = read.sum().by_capitals != 0.0 && capitals_count(self.text);
        read
    }
}

/// A bit for each word that is part of a name.
fn parts_of(name: Span, words: &[Word]) -> u64 {
    let is_part = |word: &Word| name.start <= word.span.start && word.span.start < name.end;
    words.iter().enumerate().fold(0, |parts, (i, word)| parts | u64::from(is_part(word)) << i)
}

/// Whether the word at `start` may begin with a capital letter within a sentence, or after an abbreviation.
#[inline(always)]
fn may_stand_out(text: &[u8], start: usize) -> bool {
    let first = text.get(start).copied().unwrap_or_default();
    // 0xc3 begins letters with accents.
    (first.is_ascii_uppercase() || first == 0xc3) && stands_within(text, start)
}

#[inline(never)]
fn stands_within(text: &[u8], start: usize) -> bool {
    match text.get(..start) {
        Some([before @ .., b'.', b' '] | [before @ .., b'.']) => {
            let letters = before.iter().rev().take(5).take_while(|byte| byte.is_ascii_alphabetic()).count();
            // As in "Mr.", "Prof.".
            letters < 5 && before.get(before.len() - letters).is_some_and(u8::is_ascii_uppercase)
        }
        Some([.., before, b' ']) => before.is_ascii_alphanumeric() || !before.is_ascii(),
        _ => false,
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
        self.read.rows.make_room(ROWS_PER_WORD * words.len() as u32);
        let before = (self.read.rows, self.previous);
        let mut acting = self.look_up(words);
        let excess = self.run.excess(&self.places, words.len());
        if excess != 0 {
            self.read.excess += excess.count_ones();
            acting = acting.of(!excess);
            for (i, listed) in self.listed.iter_mut().skip(REMEMBERED).enumerate().take(words.len()) {
                // It forms no phrases either.
                *listed = if excess >> i & 1 != 0 { ListedWordBits::default() } else { *listed };
            }
        }
        if !words.is_empty() && !self.run.goes_on() {
            self.symbols = Symbols::default();
        }
        self.names = if words.first().is_some_and(|word| word.span.start < self.name.end) {
            parts_of(self.name, words)
        } else {
            0
        };
        if let Some(brands) = self.own_brands() {
            for (i, word) in words.iter().enumerate() {
                acting.names |= u64::from(brands.has_beginning(word.key)) << i;
            }
        }

        let all = u64::MAX.checked_shr(u64::BITS - words.len() as u32).unwrap_or_default();
        let any = acting.any();
        let reported = if S::WANTS_WORDS { all } else { any };
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
                if any >> i & 1 != 0 {
                    self.act(words, i, *word, acting);
                }
            }
        }
        self.position = start + words.len() as u32;
        if self.names | excess != 0 {
            self.count_again(words, excess, before);
        } else if S::WANTS_ROWS {
            self.report_rows(words, before.1);
        }
        let last = self.places.get(words.len()..).and_then(<[u32]>::first_chunk::<HISTORY>).copied();
        if let (Some(last), Some(remembered)) = (last, self.places.first_chunk_mut()) {
            *remembered = last;
        }
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
        if matches!(symbol, '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}') {
            return self.end_sentence();
        }
        if symbol >= FIRST_PICTURE && !self.symbols.counts(u32::from(symbol)) {
            return;
        }
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
        } else if matches!(symbol, '¿' | '¡') {
            self.accents(0, ONLY_SPANISH);
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
