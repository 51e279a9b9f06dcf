//! The fast stage: lexicon and rules.

use crate::annotation::{Annotation, DecidedBy, Language, truncate};
use crate::lexicon::{
    Effect, Found, History, LANES, Lexicon, NO_TOPIC, Role, Sense, TOPICS, emoticon_valence, split_languages,
    symbol_valence,
};
use crate::words::{Key, Visitor, scan};

/// The cheap stage, which reads every text.
pub trait FastStage: Send + Sync {
    /// What distinguishes this stage's answers from other stages' and from those of its other states.
    fn version(&self) -> &str;

    /// What the text means. Reads no more than [`MAX_CHARS`](crate::MAX_CHARS) and says when there was more.
    fn annotate(&self, text: &str) -> Annotation;
}

/// A hand-made lexicon of customer service in English and Brazilian Portuguese, with rules.
///
/// Words are compared without case and accents, and whole: "bill" does not occur in "ability". The sum of the words' valences follows
/// VADER (C. Hutto & E. Gilbert, *VADER: A Parsimonious Rule-based Model for Sentiment Analysis of Social Media Text*, ICWSM 2014):
///
/// - a negator within the three words before turns a valence round and weakens it (× -0.74): "not good", "não gostei", "never happy";
/// - intensifiers and diminishers add or take 0.29: "very good", "meio ruim", and so do drawn-out letters, "soooo";
/// - after "but" and its like a valence counts 1.5 times, before it half;
/// - exclamation marks, up to four, add 0.29 each in the direction of the sum;
/// - the sum x becomes a score of x / √(x² + 15).
///
/// Punctuation ends the reach of negators. Some words have a valence only when negated ("not working"), some phrases one of their
/// own ("waste of time", "deixa a desejar"). A word of one language also counts in a text of the other unless it means something else
/// there ("no", "legal").
///
/// The confidence is |x| / (Σ|valence| + 2): near 1 for many words that agree, near 0 for few or contradictory ones.
///
/// The language is that of the frequent words and accents. The topic is the one with the most words and phrases, weighted.
///
/// Annotating allocates nothing and takes time proportional to the part of the text that is read, whatever it holds.
#[derive(Clone, Copy)]
pub struct RuleStage {
    lexicon: &'static Lexicon,
}

impl RuleStage {
    /// The stage with the built-in lexicon, which is compiled on the first call, in a few milliseconds.
    pub fn new() -> Self {
        Self { lexicon: Lexicon::built_in() }
    }
}

impl Default for RuleStage {
    fn default() -> Self {
        Self::new()
    }
}

impl std::fmt::Debug for RuleStage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RuleStage").finish_non_exhaustive()
    }
}

impl FastStage for RuleStage {
    fn version(&self) -> &str {
        concat!("rules-", env!("CARGO_PKG_VERSION"))
    }

    fn annotate(&self, text: &str) -> Annotation {
        let (text, truncated) = truncate(text);
        let mut reader = Reader::new(self.lexicon);
        scan(text, &mut reader);
        Annotation { truncated, ..reader.conclude() }
    }
}

/// A negator reaches this many words.
const NEGATION_REACH: u32 = 3;
/// A booster reaches this many words.
const BOOSTER_REACH: u32 = 2;
/// A contrast reaches this many words, so that text without punctuation does not turn on one "but".
const CONTRAST_REACH: u32 = 15;
/// What drawn-out letters add to a valence.
const ELONGATION: f32 = 0.29;
/// What an exclamation mark adds, and how many do.
const EXCLAMATION: f32 = 0.29;
const MAX_EXCLAMATIONS: u32 = 4;
/// The normalisation of VADER's compound score.
const ALPHA: f32 = 15.0;
/// The weight of valence at which agreement gives a confidence of one half.
const HALF_CONFIDENCE: f32 = 2.0;

/// What was read so far.
struct Reader<'a> {
    lexicon: &'a Lexicon,
    /// The number of the current word, counted from far enough above 0 that position 0 is out of everything's reach.
    position: u32,
    /// The last words; none after the end of a clause.
    history: History,
    /// [`Found::languages`], summed.
    languages: u64,
    accents: [u32; 2],
    topics: [u32; TOPICS.len() + 1],
    lanes: [Lane; LANES],
    exclamations: u32,
    has_content: bool,
}

/// The score in one language.
#[derive(Clone, Copy, Default)]
struct Lane {
    /// The position of the last negator in this clause, 0 if none.
    negator: u32,
    /// The position of the last booster in this clause, 0 if none, and its strength.
    booster: u32,
    boost: f32,
    /// Up to this position valences weigh more, for a contrast came before.
    contrast_until: u32,
    /// Since the last contrast or the start of the sentence.
    open: Sum,
    closed: Sum,
}

#[derive(Clone, Copy, Default)]
struct Sum {
    valence: f32,
    /// The sum of the valences' sizes.
    evidence: f32,
}

impl<'a> Reader<'a> {
    fn new(lexicon: &'a Lexicon) -> Self {
        Self {
            lexicon,
            position: 16,
            history: 0,
            languages: 0,
            accents: [0; 2],
            topics: [0; TOPICS.len() + 1],
            lanes: [Lane::default(); LANES],
            exclamations: 0,
            has_content: false,
        }
    }

    #[inline(always)]
    fn take(&mut self, found: Found) {
        self.position += 1;
        self.history = (self.history << 16) | u64::from(found.id());
        self.languages += found.languages();
        if self.lexicon.may_act(found, self.history) {
            self.act(found.id());
        }
    }

    /// Lets the word `id`, the last of the history, or the phrase that ends in it take effect.
    #[inline(never)]
    fn act(&mut self, id: u16) {
        let lexicon = self.lexicon;
        if lexicon.may_end_phrase(self.history)
            && let Some(phrase) = lexicon.phrase(self.history)
        {
            self.apply(&phrase.effect, phrase.scored_len);
        } else if let Some(effect) = lexicon.effect(id) {
            self.apply(effect, 1);
        }
    }

    fn apply(&mut self, effect: &Effect, len: u32) {
        let first = self.position + 1 - len;
        let is_negated = self.lanes.iter().any(|lane| lane.is_negated(first));
        if let Some(weight) = self.topics.get_mut(effect.topic)
            && (is_negated || !effect.topic_when_negated)
        {
            *weight += effect.topic_weight;
        }
        if effect.has_sense {
            for (lane, sense) in self.lanes.iter_mut().zip(&effect.senses) {
                lane.apply(sense, first, self.position);
            }
        }
    }

    fn feel(&mut self, valence: f32) {
        self.has_content = true;
        for lane in &mut self.lanes {
            lane.open.add(valence);
        }
    }

    /// Takes in the exclamation marks and emoticons of a gap.
    fn take_emphasis(&mut self, gap: &[u8], after: &[u8]) {
        for (i, byte) in gap.iter().enumerate() {
            match MARKS[usize::from(*byte)] {
                EYES => {
                    let valence = emoticon(gap, i, after);
                    if valence != 0.0 {
                        self.feel(valence);
                    }
                }
                marks if marks & EXCLAMATION_MARK != 0 => self.exclamations = self.exclamations.saturating_add(1),
                _ => {}
            }
        }
    }

    fn end_clause(&mut self) {
        self.history = 0;
        for lane in &mut self.lanes {
            lane.negator = 0;
            lane.booster = 0;
        }
    }

    fn end_sentence(&mut self) {
        self.end_clause();
        for lane in &mut self.lanes {
            lane.close(1.0);
            lane.contrast_until = 0;
        }
    }

    fn conclude(mut self) -> Annotation {
        self.end_sentence();
        if self.position == Self::new(self.lexicon).position && !self.has_content {
            return Annotation::default();
        }
        let [accents_portuguese, accents_other] = self.accents;
        let [english, portuguese, other] = split_languages(self.languages);
        let portuguese = portuguese + accents_portuguese;
        let other = other + accents_other;

        let [in_english, in_portuguese] = self.lanes;
        let Sum { valence, evidence } = if portuguese > english { in_portuguese } else { in_english }.closed;
        Annotation {
            sentiment: Some(self.score(valence)),
            confidence: (valence.abs() / (evidence + HALF_CONFIDENCE)).clamp(0.0, 1.0),
            language: language(english, portuguese, other),
            topic: self.topic(),
            decided_by: DecidedBy::Rules,
            truncated: false,
        }
    }

    fn score(&self, valence: f32) -> f32 {
        if valence == 0.0 {
            return 0.0;
        }
        let emphasis = EXCLAMATION * self.exclamations.min(MAX_EXCLAMATIONS) as f32;
        let sum = valence + emphasis.copysign(valence);
        (sum / (sum * sum + ALPHA).sqrt()).clamp(-1.0, 1.0)
    }

    fn topic(&self) -> Option<crate::Topic> {
        let mut best = (0, NO_TOPIC);
        for (topic, &weight) in self.topics.iter().enumerate().take(NO_TOPIC) {
            if weight > best.0 {
                best = (weight, topic);
            }
        }
        TOPICS.get(best.1).cloned()
    }
}

impl Lane {
    fn is_negated(&self, first: u32) -> bool {
        self.negator < first && first - self.negator <= NEGATION_REACH
    }

    /// Takes in the sense of what stands from `first` to `position`.
    fn apply(&mut self, sense: &Sense, first: u32, position: u32) {
        let mut valence = if self.is_negated(first) { sense.negated } else { sense.valence };
        if valence != 0.0 {
            if first - self.booster.min(first) <= BOOSTER_REACH {
                valence += self.boost.copysign(self.boost * valence);
            }
            if position <= self.contrast_until {
                valence *= 1.5;
            }
            self.open.add(valence);
        }
        match sense.role {
            Role::None => {}
            Role::Negator => self.negator = position,
            Role::Booster(boost) => {
                self.booster = position;
                self.boost = boost;
            }
            Role::Contrast => {
                self.close(0.5);
                self.contrast_until = position + CONTRAST_REACH;
                self.negator = 0;
            }
            Role::ShamNegation => self.negator = 0,
        }
    }

    fn close(&mut self, weight: f32) {
        self.closed.valence += weight * self.open.valence;
        self.closed.evidence += weight * self.open.evidence;
        self.open = Sum::default();
    }
}

impl Sum {
    fn add(&mut self, valence: f32) {
        self.valence += valence;
        self.evidence += valence.abs();
    }
}

/// The language with clearly more evidence than the others.
fn language(english: u32, portuguese: u32, other: u32) -> Language {
    const ENOUGH: u32 = 2;
    let is_clear = |this: u32, that: u32| this >= ENOUGH && this > that + that / 4 && this > other + other / 4;
    if is_clear(english, portuguese) {
        Language::En
    } else if is_clear(portuguese, english) {
        Language::Pt
    } else {
        Language::Unknown
    }
}

impl Visitor for Reader<'_> {
    #[inline(always)]
    fn word(&mut self, key: Key) {
        self.take(self.lexicon.find(key));
    }

    fn elongated(&mut self, twice: Key, once: Key) {
        let as_twice = self.lexicon.find(twice);
        let found = if as_twice.id() == 0 { self.lexicon.find(once) } else { as_twice };
        for lane in &mut self.lanes {
            lane.booster = self.position;
            lane.boost = ELONGATION;
        }
        self.take(found);
    }

    fn gap(&mut self, gap: &[u8], after: &[u8]) {
        let mut marks = gap.iter().fold(0, |marks, byte| marks | MARKS[usize::from(*byte)]);
        if gap.len() == 1 {
            // As in "e-mail".
            marks &= !DASH;
        }
        if marks & (EXCLAMATION_MARK | EYES) != 0 {
            self.take_emphasis(gap, after);
        }
        if marks & SENTENCE != 0 {
            self.end_sentence();
        } else if marks != 0 {
            self.end_clause();
        }
    }

    fn symbol(&mut self, symbol: char) {
        let valence = symbol_valence(symbol);
        if valence != 0.0 {
            self.feel(valence);
        } else if matches!(symbol, '\u{2013}' | '\u{2014}' | '\u{2026}') {
            self.end_clause();
        }
    }

    fn accents(&mut self, portuguese: u32, other: u32) {
        let [sum_portuguese, sum_other] = &mut self.accents;
        *sum_portuguese = sum_portuguese.saturating_add(portuguese);
        *sum_other = sum_other.saturating_add(other);
    }
}

/// Ends a clause.
const CLAUSE: u8 = 1;
/// Ends a clause if it does not join two words.
const DASH: u8 = 2;
/// Ends a sentence.
const SENTENCE: u8 = 4;
const EXCLAMATION_MARK: u8 = 8;
/// May begin an emoticon, and ends a clause.
const EYES: u8 = 16;

/// What a byte between words does.
static MARKS: [u8; 256] = {
    let mut marks = [0; 256];
    let lists: [(u8, &[u8]); 5] = [
        (CLAUSE, b",()[]|"),
        (DASH, b"-"),
        (SENTENCE, b".?\n\r"),
        (SENTENCE | EXCLAMATION_MARK, b"!"),
        (EYES, b":;=<"),
    ];
    let mut list = 0;
    while list < lists.len() {
        let (mark, bytes) = lists[list];
        let mut at = 0;
        while at < bytes.len() {
            marks[bytes[at] as usize] = mark;
            at += 1;
        }
        list += 1;
    }
    marks
};

/// The valence of the emoticon at `at` in a gap, which may end in a letter or digit after the gap.
fn emoticon(gap: &[u8], at: usize, after: &[u8]) -> f32 {
    let mut text = [0; 4];
    let following = gap.get(at..).unwrap_or_default().iter().chain(after);
    for (to, from) in text.iter_mut().zip(following) {
        *to = *from;
    }
    emoticon_valence(&text)
}
