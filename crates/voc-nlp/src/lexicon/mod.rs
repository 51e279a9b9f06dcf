//! The meaning of single words and phrases: valence, negation, emphasis, language, topic.
//!
//! The lists are hand-made for customer service and are in separate files, one per language ([`english`],
//! [`portuguese`]) and one for topics ([`topics`]). They are written with accents and looked up without, so that
//! "péssimo" and "pessimo" are one word. [`Lexicon::of`] compiles them, with the words of public lexicons, into a
//! table that finds a word with a single probe.

mod compile;
mod effect;
mod english;
mod extra;
mod found;
mod names;
mod other_languages;
mod phrases;
mod portuguese;
mod symbols;
mod table;
mod topics;

pub(crate) use effect::{Cue, Effect, MAX_PHRASE, Role, Sense, TRACKS};
pub use extra::ExtraWordError;
pub(crate) use extra::ExtraWords;
pub(crate) use found::{Acting, Counts, ListedWordBits, WordCounts, WordInfo};
pub(crate) use names::{Brand, Brands, NameHints, Names};
use phrases::Phrases;
pub(crate) use phrases::{LANES, Phrase, PhrasesOfWord};
pub(crate) use symbols::{emoticon_valence, symbol_valence};
use table::{Table, TableView};
pub(crate) use topics::{GENERAL, NO_TOPIC, TOPIC_WORDS, TOPICS};

/// The lists of one language. Words of a `&str` are separated by white space. In Portuguese lists a word that ends in
/// `@` stands for its four forms in -o, -a, -os and -as.
struct Words {
    /// Frequent words without a meaning of their own that identify the language, by how clearly they distinguish it
    /// from others, 0 to [`found::MAX_WEIGHT`].
    markers: &'static [(u32, &'static str)],
    /// Other words that identify the language, likewise; they mean what other lists and lexicons say.
    telling: &'static [(u32, &'static str)],
    /// Words by valence, from -4 to 4. The list for 0 contains words that have a meaning only in the other language.
    valences: &'static [(f32, &'static str)],
    /// Words by their valence when negated, if that is not the usual fraction of the opposite ([`Sense::NEGATED`]).
    when_negated: &'static [(f32, &'static str)],
    /// Words that negate what follows.
    negators: &'static str,
    /// Words that strengthen (above 0) or weaken (below 0) what follows.
    boosters: &'static [(f32, &'static str)],
    /// Words after which a statement weighs more than what was said before.
    contrasts: &'static str,
    /// Sets of words that phrases call by a name, so that one phrase stands for many: `#` for numbers, `<time>` for
    /// spans of time. No word is in two sets.
    sets: &'static [(&'static str, &'static str)],
    /// Phrases of two to [`MAX_PHRASE`] words, separated by `|`, by their valence; within them their words have none.
    phrases: &'static [(f32, &'static str)],
    /// Words and phrases, separated by `|`, that tell what the customer is after, by their valence.
    cues: &'static [(Cue, f32, &'static str)],
    /// Phrases that act as a negator.
    negator_phrases: &'static str,
    /// Phrases that negate what is said of something they introduce, up to twice as far away: "I don't think that".
    far_negators: &'static str,
    /// Phrases that act as a booster.
    booster_phrases: &'static [(f32, &'static str)],
    /// Phrases that look like a negation but are none.
    sham_negations: &'static str,
}

/// A word from a list outside this crate. The crate's own lists take precedence.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct ListedWord<'a> {
    pub(crate) word: &'a str,
    /// From -4 to 4, by language: English, Portuguese. 0 in a language that does not have the word.
    pub(crate) valences: [f32; TRACKS],
}

/// Words and phrases, ready to be looked up.
pub(crate) struct Lexicon {
    table: Table,
    /// By word number: the number of its effect.
    effect_of: Vec<u16>,
    /// All distinct ones: they are few, and therefore in the cache.
    effects: Vec<Effect>,
    /// By word number: the number of its set, or else its own.
    set_of: Vec<u16>,
    phrases: Phrases,
    names: Names,
}

impl Lexicon {
    /// The entry of the word whose key has this hash.
    #[inline(always)]
    pub(crate) fn find(&self, hash: u64) -> WordInfo {
        self.table.find(hash)
    }

    /// The entries of many words.
    #[inline(always)]
    pub(crate) fn table(&self) -> TableView<'_> {
        self.table.view()
    }

    /// The effect of a found word on its own.
    #[inline]
    pub(crate) fn effect(&self, id: u16) -> Option<&Effect> {
        self.effects.get(usize::from(*self.effect_of.get(usize::from(id))?))
    }

    /// The effect of a phrase.
    #[inline]
    pub(crate) fn effect_of_phrase(&self, phrase: Phrase) -> &Effect {
        self.effects.get(usize::from(phrase.effect)).unwrap_or(&Effect::NOTHING)
    }

    pub(crate) fn names(&self) -> &Names {
        &self.names
    }

    /// How many numbers words have, including 0.
    pub(crate) fn word_count(&self) -> usize {
        self.effect_of.len()
    }

    /// Which phrases may end with these words.
    #[inline(always)]
    pub(crate) fn phrases_ending_with(&self, [third, previous, last]: [ListedWordBits; 3]) -> PhrasesOfWord {
        self.phrases.ending_with([self.set_of(third.id()), self.set_of(previous.id()), self.set_of(last.id())])
    }

    /// The longest of these phrases that the last words form, of which at most `count` count.
    #[inline(never)]
    pub(crate) fn phrase(
        &self,
        phrases: PhrasesOfWord,
        words: &[ListedWordBits; LANES],
        count: usize,
    ) -> Option<Phrase> {
        self.phrases.find(phrases, words, count, |id| self.set_of(id))
    }

    /// The number of a word's set, or else its own.
    #[inline(always)]
    fn set_of(&self, id: u16) -> u16 {
        self.set_of.get(usize::from(id)).copied().unwrap_or(id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::{Key, key_of};

    fn effect_of(lexicon: &Lexicon, word: &str) -> Option<Effect> {
        let key = key_of(word).unwrap();
        let found = lexicon.find(key.hash());
        let effect = lexicon.effect(found.word.id()).cloned();
        effect.filter(|_| found.word.id() != 0)
    }

    #[test]
    fn accents_do_not_matter() {
        for (accented, plain) in
            [("péssimo", "pessimo"), ("ótimas", "OTIMAS"), ("não", "nao"), ("cobrança", "cobranca")]
        {
            let lexicon = Lexicon::of(&[]);
            let (accented, plain) = (effect_of(&lexicon, accented).unwrap(), effect_of(&lexicon, plain).unwrap());
            assert_eq!(accented.senses, plain.senses);
        }
    }

    #[test]
    fn a_word_may_differ_by_language() {
        let [english, portuguese] = effect_of(&Lexicon::of(&[]), "legal").unwrap().senses;
        assert_eq!(english.valence, 0.0);
        assert!(portuguese.valence > 1.0);
        let [english, portuguese] = effect_of(&Lexicon::of(&[]), "no").unwrap().senses;
        assert_eq!(english.role, Role::Negator);
        assert_eq!(portuguese.role, Role::None);
    }

    #[test]
    fn a_word_of_one_language_counts_in_the_other() {
        let [english, portuguese] = effect_of(&Lexicon::of(&[]), "péssimo").unwrap().senses;
        assert_eq!(english, portuguese);
    }

    #[test]
    fn unlisted_words_are_not_found() {
        for word in ["ability", "border", "zzz", "?", "x"] {
            let key = Key::of(word.as_bytes());
            assert_eq!(Lexicon::of(&[]).find(key.hash()).word.id(), 0, "{word}");
        }
    }

    #[test]
    fn more_words_stand_behind_the_crates_own() {
        let listed = |word, english, portuguese| ListedWord { word, valences: [english, portuguese] };
        let lexicon = Lexicon::of(&[
            listed("blorb", 2.0, 0.0),
            listed("terrible", 3.0, 0.0),
            listed("blorbo", 0.0, -1.0),
            listed("the", 3.0, 0.0),
        ]);
        let valences = |word| effect_of(&lexicon, word).unwrap().senses.map(|sense| sense.valence);
        assert_eq!(valences("blorb"), [2.0, 0.0]);
        assert_eq!(valences("blorbo"), [0.0, -1.0]);
        assert!(valences("terrible")[0] < -2.0);
        assert_eq!(valences("the"), [0.0, 0.0]);
    }
}
