//! Compiles the lists into a [`Lexicon`].

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::names::Names;
use super::phrases::{PhraseEntry, Phrases};
use super::table::Table;
use super::topics::{NO_TOPIC_PHRASES, TOPIC_WORDS, TopicWords};
use super::{
    Cue, Effect, Lexicon, ListedWord, ListedWordBits, MAX_PHRASE, NO_TOPIC, Phrase, Role, Sense, TRACKS, WordCounts,
    WordInfo, Words,
};
use super::{english, other_languages, portuguese};
use crate::call_phrases::cues;
use crate::words::{Key, key_of};

/// How strongly a word that only one language lists indicates that language.
const LISTED: u32 = 2;
/// How strongly a word that only a public lexicon lists indicates its language.
const IN_LEXICON: u32 = 1;
/// How strongly a word that Spanish shares with Portuguese speaks against both.
const SHARED: u32 = 1;

impl Lexicon {
    /// The lists of this crate, followed by additional words.
    pub(crate) fn of(words: &[ListedWord<'_>]) -> Self {
        let mut draft = Draft::default();
        for (track, words) in [&english::WORDS, &portuguese::WORDS].into_iter().enumerate() {
            draft.add_words(track, words);
        }
        for (list, topic) in TOPIC_WORDS.into_iter().enumerate() {
            draft.add_topic(list, topic);
        }
        for phrase in phrases(NO_TOPIC_PHRASES) {
            draft.phrase(phrase).topic = Some((NO_TOPIC, 0));
        }
        for (weight, list) in other_languages::MARKERS {
            for word in list.split_whitespace() {
                draft.with(word, |entry| entry.other = *weight);
            }
        }
        for word in forms(other_languages::SHARED_WITH_PORTUGUESE) {
            draft.with(&word, |entry| entry.other = entry.other.max(SHARED));
        }
        for word in words {
            draft.add_listed(word);
        }
        for cue in cues() {
            draft.with(cue, |entry| entry.is_cue = true);
        }
        let (names, triggers) = Names::built_in();
        for word in triggers {
            draft.with(word, |entry| entry.may_name = true);
        }
        draft.finish(names)
    }
}

#[derive(Default)]
struct Draft {
    /// By word: its number, from 1.
    ids: HashMap<Key, u16>,
    /// By number, minus 1.
    entries: Vec<Entry>,
    /// By name: the number of a set, which no word has.
    sets: HashMap<&'static str, u16>,
    /// By the number of a set: those of its words.
    words_of_sets: HashMap<u16, Vec<u16>>,
    phrases: Vec<DraftPhrase>,
    /// By their words: where phrases are.
    phrase_places: HashMap<Vec<u16>, usize>,
}

/// The entries of the lists for a word.
#[derive(Default)]
struct Entry {
    /// By language.
    tracks: [Track; TRACKS],
    other: u32,
    topic: Option<(usize, u32)>,
    topic_when_negated: bool,
    cue: Option<Cue>,
    /// Whether it is the cue of a phrase of [`CallPhrases`](crate::call_phrases::CallPhrases).
    is_cue: bool,
    /// Whether it may begin or announce a name.
    may_name: bool,
}

/// The entries of one language's lists for a word.
#[derive(Clone, Copy, Default)]
struct Track {
    /// Whether any of the lists has it.
    is_listed: bool,
    marker: Option<u32>,
    /// Its weight as a word that tells the language.
    telling: Option<u32>,
    valence: f32,
    negated: Option<f32>,
    role: Option<Role>,
    /// The entry of a public lexicon; it counts if none of the lists has the word.
    in_lexicon: f32,
}

/// A phrase takes from its last word what its own lists do not define.
#[derive(Default)]
struct DraftPhrase {
    words: Vec<u16>,
    sense: Option<Sense>,
    /// How many of its last words its sense covers, if it has one.
    scored_len: u32,
    cue: Option<Cue>,
    topic: Option<(usize, u32)>,
}

impl Draft {
    fn add_words(&mut self, track: usize, words: &Words) {
        for (weight, list) in words.markers {
            self.each(track, list, |of| of.marker = Some(*weight));
        }
        for (weight, list) in words.telling {
            for word in forms(list) {
                self.with(&word, |entry| entry.track(track).telling = Some(*weight));
            }
        }
        for (valence, list) in words.valences {
            self.each(track, list, |of| of.valence = *valence);
        }
        for (negated, list) in words.when_negated {
            self.each(track, list, |of| of.negated = Some(*negated));
        }
        self.each(track, words.negators, |of| of.role = Some(Role::Negator));
        for (boost, list) in words.boosters {
            self.each(track, list, |of| of.role = Some(Role::Booster(*boost)));
        }
        self.each(track, words.contrasts, |of| of.role = Some(Role::Contrast));
        for (name, list) in words.sets {
            self.add_set(name, list);
        }

        let sense = |valence, role| Sense { valence, negated: valence * Sense::NEGATED, role };
        for (valence, list) in words.phrases {
            self.add_phrases(list, sense(*valence, Role::None));
        }
        for (cue, valence, list) in words.cues {
            for words in phrases(list) {
                if words.contains(' ') {
                    let phrase = self.phrase(words);
                    // "Not heard for three weeks" is no better than "for three weeks".
                    let negated = if matches!(cue, Cue::Courtesy) { *valence * Sense::NEGATED } else { *valence };
                    let sense = Sense { valence: *valence, negated, role: Role::None };
                    (phrase.sense, phrase.cue) = (Some(sense), Some(*cue));
                    phrase.scored_len = phrase.words.len() as u32;
                } else {
                    self.each(track, words, |of| of.valence = if *valence == 0.0 { of.valence } else { *valence });
                    self.with(words, |entry| entry.cue = Some(*cue));
                }
            }
        }
        self.add_phrases(words.negator_phrases, sense(0.0, Role::Negator));
        self.add_phrases(words.far_negators, sense(0.0, Role::FarNegator));
        for (boost, list) in words.booster_phrases {
            self.add_phrases(list, sense(0.0, Role::Booster(*boost)));
        }
        self.add_phrases(words.sham_negations, sense(0.0, Role::ShamNegation));
    }

    fn add_phrases(&mut self, list: &str, sense: Sense) {
        for phrase in phrases(list) {
            let phrase = self.phrase(phrase);
            (phrase.sense, phrase.cue) = (Some(sense), None);
            phrase.scored_len = phrase.words.len() as u32;
        }
    }

    fn add_set(&mut self, name: &'static str, list: &str) {
        let words: Vec<u16> = forms(list).map(|word| self.id(&word)).collect();
        let next = self.entries.len() as u16 + 1;
        let id = *self.sets.entry(name).or_insert(next);
        if id == next {
            self.entries.push(Entry::default());
        }
        self.words_of_sets.entry(id).or_default().extend(words);
    }

    fn add_topic(&mut self, index: usize, topic: &TopicWords) {
        for (track, lists) in [topic.english, topic.portuguese].into_iter().enumerate() {
            for (weight, list) in lists.words {
                for word in forms(list) {
                    self.with(&word, |entry| {
                        entry.topic = Some((index, *weight));
                        entry.track(track).is_listed = true;
                    });
                }
            }
            let (weight, list) = lists.when_negated;
            for word in forms(list) {
                self.with(&word, |entry| {
                    entry.topic = Some((index, weight));
                    entry.topic_when_negated = true;
                    entry.track(track).is_listed = true;
                });
            }
            for (weight, list) in lists.phrases {
                for phrase in phrases(list) {
                    self.phrase(phrase).topic = Some((index, *weight));
                }
            }
        }
    }

    fn add_listed(&mut self, listed: &ListedWord<'_>) {
        // As many as words can be numbered.
        if self.entries.len() >= usize::from(u16::MAX) - 1 || key_of(listed.word).is_none() {
            return;
        }
        self.with(listed.word, |entry| {
            for (track, valence) in entry.tracks.iter_mut().zip(listed.valences) {
                track.in_lexicon = valence;
            }
        });
    }

    fn each(&mut self, track: usize, list: &str, change: impl Fn(&mut Track)) {
        for word in forms(list) {
            self.with(&word, |entry| {
                let of = entry.track(track);
                of.is_listed = true;
                change(of);
            });
        }
    }

    fn with(&mut self, word: &str, change: impl FnOnce(&mut Entry)) {
        let id = self.id(word);
        if let Some(entry) = self.entries.get_mut(usize::from(id).wrapping_sub(1)) {
            change(entry);
        }
    }

    /// The number of a word; 0, the number of no word, if it cannot be looked up.
    fn id(&mut self, word: &str) -> u16 {
        let key = key_of(word);
        debug_assert!(key.is_some(), "{word:?} is too long for the lexicon or no word");
        let Some(key) = key else { return 0 };
        let next = self.entries.len() as u16 + 1;
        let id = *self.ids.entry(key).or_insert(next);
        if id == next {
            self.entries.push(Entry::default());
        }
        id
    }

    fn phrase(&mut self, phrase: &str) -> &mut DraftPhrase {
        let words: Vec<u16> = phrase.split_whitespace().map(|word| self.word_or_set(word)).collect();
        debug_assert!((2..=MAX_PHRASE).contains(&words.len()), "{phrase:?} has too few or too many words");
        let next = self.phrases.len();
        let at = *self.phrase_places.entry(words.clone()).or_insert(next);
        if at == next {
            self.phrases.push(DraftPhrase { words, ..DraftPhrase::default() });
        }
        &mut self.phrases[at]
    }

    fn word_or_set(&mut self, word: &str) -> u16 {
        self.sets.get(word).copied().unwrap_or_else(|| self.id(word))
    }

    /// The numbers of the words that the number of a word or set stands for.
    fn words_of<'a>(&'a self, id: &'a u16) -> &'a [u16] {
        self.words_of_sets.get(id).map_or(std::slice::from_ref(id), Vec::as_slice)
    }

    /// Completes phrases that end with another phrase: the longest one is found, and has the sense or the topic of the
    /// longest of the others unless it has its own.
    fn complete_phrases(&mut self) {
        let mut order: Vec<usize> = (0..self.phrases.len()).collect();
        // A shorter one is complete before it completes others.
        order.sort_by_key(|at| self.phrases[*at].words.len());
        for at in order {
            let words = &self.phrases[at].words;
            let shorter = (1..words.len()).find_map(|first| self.phrase_places.get(&words[first..]).copied());
            if let Some(shorter) = shorter {
                let DraftPhrase { sense, cue, scored_len, topic, .. } = self.phrases[shorter];
                let phrase = &mut self.phrases[at];
                if phrase.sense.is_none() {
                    (phrase.sense, phrase.cue, phrase.scored_len) = (sense, cue, scored_len);
                }
                phrase.topic = phrase.topic.or(topic);
            }
        }
    }

    fn finish(mut self, names: Names) -> Lexicon {
        self.complete_phrases();
        let mut effects = vec![Effect::NOTHING];
        effects.extend(self.entries.iter().map(Entry::effect));

        let with_sense = self.phrases.iter().filter(|phrase| phrase.sense.is_some());
        let go_on: HashSet<u16> = with_sense
            .flat_map(|phrase| phrase.words.iter().rev().skip(1))
            .flat_map(|id| self.words_of(id))
            .copied()
            .collect();
        for id in &go_on {
            if let Some(effect) = effects.get_mut(usize::from(*id)) {
                effect.may_be_taken_back = effect.leaves_traces();
            }
        }

        let mut phrases = Vec::new();
        // By the last word of phrases: the last words but one.
        let mut ends: BTreeMap<u16, BTreeSet<u16>> = BTreeMap::new();
        for draft in &self.phrases {
            let [.., previous, last] = draft.words.as_slice() else { continue };
            let lasts = self.words_of(last);
            for id in lasts {
                ends.entry(*id).or_default().extend(self.words_of(previous));
            }
            // What only a part of a set's words has is no part of the phrase's effect.
            let of_last = effects.get(usize::from(*last)).unwrap_or(&Effect::NOTHING);
            let goes_on = lasts.iter().any(|id| go_on.contains(id));
            phrases.push((draft, Self::effect_of_phrase(draft, of_last, goes_on)));
        }
        let is_frequent = |id: u16| self.entries.get(usize::from(id).wrapping_sub(1)).is_some_and(Entry::is_frequent);
        let parts = classes_of_phrases(&ends, is_frequent);

        let mut set_of: Vec<u16> = (0..=self.entries.len() as u16).collect();
        for (set, words) in &self.words_of_sets {
            for word in words {
                if let Some(of) = set_of.get_mut(usize::from(*word)) {
                    *of = *set;
                }
            }
        }
        let mut distinct = DistinctEffects::default();
        let entries = phrases.into_iter().map(|(draft, effect)| {
            let ends_in_set = draft.words.last().is_some_and(|id| self.words_of_sets.contains_key(id));
            let keeps_topic = draft.topic.is_none() && ends_in_set;
            let scored_len = if draft.sense.is_some() { draft.scored_len } else { 1 };
            PhraseEntry::new(&draft.words, Phrase::new(distinct.number(effect), scored_len, keeps_topic))
        });
        let phrases = Phrases::new(entries, |id| set_of.get(usize::from(id)).copied().unwrap_or(id));

        let found = |id: u16| {
            let at = usize::from(id);
            let languages = self.entries.get(at - 1).map_or([0; 3], Entry::languages);
            let effect = effects.get(at).unwrap_or(&Effect::NOTHING);
            let mut word = ListedWordBits::new(id);
            if self.entries.get(at - 1).is_some_and(|entry| entry.is_cue) {
                word = word.as_cue();
            }
            if self.entries.get(at - 1).is_some_and(|entry| entry.may_name) {
                word = word.as_name();
            }
            if effect.acts() {
                word = word.with_effect();
            }
            word.join(parts.get(&id).copied().unwrap_or_default());
            WordInfo { word, counts: WordCounts::new(languages, effect.counted_topic()) }
        };
        let mut words: Vec<(Key, WordInfo)> = self.ids.iter().map(|(key, id)| (*key, found(*id))).collect();
        words.sort_by_key(|(_, found)| found.word.id());
        let effect_of = effects.into_iter().map(|effect| distinct.number(effect)).collect();
        Lexicon { table: Table::build(&words), effect_of, effects: distinct.0, set_of, phrases, names }
    }

    /// The effect of a phrase with the last word whose effect is `of_last`, and which may continue others.
    fn effect_of_phrase(draft: &DraftPhrase, of_last: &Effect, goes_on: bool) -> Effect {
        let mut effect = of_last.clone();
        if let Some(sense) = draft.sense {
            effect.set_senses([sense; TRACKS]);
            effect.cue = draft.cue;
            effect.may_be_taken_back = effect.leaves_traces() && goes_on;
        }
        if let Some((topic, weight)) = draft.topic {
            effect.topic = topic;
            effect.topic_weight = weight;
            effect.topic_when_negated = false;
        }
        effect
    }
}

/// The effects of words and phrases, each of which is there once.
#[derive(Default)]
struct DistinctEffects(Vec<Effect>);

impl DistinctEffects {
    fn number(&mut self, effect: Effect) -> u16 {
        let at = self.0.iter().position(|known| *known == effect).unwrap_or_else(|| {
            self.0.push(effect);
            self.0.len() - 1
        });
        debug_assert!(at <= usize::from(u16::MAX), "there are too many effects");
        at as u16
    }
}

/// By word: the classes of phrases whose last word it is, and whose last word but one it is. Last words share a class
/// if few pairs of words, above all of frequent words, then look like the end of a phrase and are none.
fn classes_of_phrases(
    ends: &BTreeMap<u16, BTreeSet<u16>>,
    is_frequent: impl Fn(u16) -> bool,
) -> HashMap<u16, ListedWordBits> {
    /// How often frequent words are used compared with others.
    const FREQUENT: u32 = 20;
    #[derive(Default)]
    struct Class {
        lasts: u32,
        previous: HashSet<u16>,
        weight_of_previous: u32,
    }

    let weight = |id: u16| if is_frequent(id) { FREQUENT } else { 1 };
    let mut order: Vec<_> = ends.iter().collect();
    order.sort_by_key(|(last, previous)| std::cmp::Reverse((weight(**last), previous.len())));
    let mut classes: [Class; ListedWordBits::CLASSES as usize] = Default::default();
    let mut parts: HashMap<u16, ListedWordBits> = HashMap::new();
    for (last, previous) in order {
        let all: u32 = previous.iter().map(|id| weight(*id)).sum();
        let cost = |class: &Class| {
            let common: u32 = previous.iter().filter(|id| class.previous.contains(id)).map(|id| weight(*id)).sum();
            weight(*last) * (class.weight_of_previous - common) + class.lasts * (all - common)
        };
        let cheapest = classes.iter_mut().enumerate().min_by_key(|(_, class)| cost(class));
        let Some((number, class)) = cheapest else { continue };
        class.lasts += weight(*last);
        parts.entry(*last).or_default().join(ListedWordBits::NONE.as_last(number as u32));
        for id in previous {
            if class.previous.insert(*id) {
                class.weight_of_previous += weight(*id);
            }
            parts.entry(*id).or_default().join(ListedWordBits::NONE.before(number as u32));
        }
    }
    parts
}

impl Entry {
    /// Whether it is one of the frequent words of a language.
    fn is_frequent(&self) -> bool {
        self.tracks.iter().any(|track| track.marker.is_some())
    }

    fn track(&mut self, track: usize) -> &mut Track {
        // There are as many tracks as languages with lists.
        &mut self.tracks[track]
    }

    fn effect(&self) -> Effect {
        let [english, portuguese] = &self.tracks;
        let (topic, topic_weight) = self.topic.unwrap_or((NO_TOPIC, 0));
        let mut effect = Effect { topic, topic_weight, topic_when_negated: self.topic_when_negated, ..Effect::NOTHING };
        effect.cue = self.cue;
        // A word that only the other language lists is scored as there, because people mix languages.
        effect.set_senses([english.sense_before(portuguese), portuguese.sense_before(english)]);
        effect
    }

    fn languages(&self) -> [u32; 3] {
        let [english, portuguese] = &self.tracks;
        let weight = |this: &Track, that: &Track| {
            let by_lists = match (this.is_listed, that.is_listed) {
                (true, false) => LISTED,
                (false, false) if this.in_lexicon != 0.0 && that.in_lexicon == 0.0 => IN_LEXICON,
                _ => 0,
            };
            this.marker.or(this.telling).unwrap_or(by_lists)
        };
        [weight(english, portuguese), weight(portuguese, english), self.other]
    }
}

impl Track {
    /// The sense of the word in this language if `other` is its sense in the other one. A word that only the other
    /// language's lists have is scored as there, because people mix languages.
    fn sense_before(&self, other: &Self) -> Sense {
        if self.is_listed {
            self.sense()
        } else if self.in_lexicon != 0.0 {
            Sense { valence: self.in_lexicon, negated: self.in_lexicon * Sense::NEGATED, role: Role::None }
        } else {
            other.sense()
        }
    }

    fn sense(&self) -> Sense {
        Sense {
            valence: self.valence,
            negated: self.negated.unwrap_or(self.valence * Sense::NEGATED),
            role: self.role.unwrap_or(Role::None),
        }
    }
}

/// The words of a list, with `@` replaced by the four endings.
fn forms(list: &str) -> impl Iterator<Item = String> {
    list.split_whitespace().flat_map(|word| match word.strip_suffix('@') {
        Some(stem) => ["o", "a", "os", "as"].iter().map(|ending| format!("{stem}{ending}")).collect(),
        None => vec![word.to_owned()],
    })
}

fn phrases(list: &str) -> impl Iterator<Item = &str> {
    list.split('|').map(str::trim).filter(|phrase| !phrase.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lexicon::found::MAX_WEIGHT;

    #[test]
    fn no_word_has_two_valences_in_a_language() {
        for words in [&english::WORDS, &portuguese::WORDS] {
            let mut seen = HashSet::new();
            for word in words.valences.iter().flat_map(|(_, list)| forms(list)) {
                assert!(seen.insert(key_of(&word).unwrap()), "{word} is listed twice");
            }
            let mut seen = HashSet::new();
            let with_cues = words.cues.iter().flat_map(|(_, _, list)| phrases(list));
            for phrase in words.phrases.iter().flat_map(|(_, list)| phrases(list)).chain(with_cues) {
                let phrase = phrase.split_whitespace().collect::<Vec<_>>().join(" ");
                assert!(!seen.contains(&phrase), "{phrase} is listed twice");
                seen.insert(phrase);
            }
        }
    }

    #[test]
    fn no_word_has_two_topics() {
        let mut seen: HashMap<Key, usize> = HashMap::new();
        for (number, topic) in TOPIC_WORDS.into_iter().enumerate() {
            for lists in [topic.english, topic.portuguese] {
                let words = lists.words.iter().map(|(_, list)| *list).chain([lists.when_negated.1]);
                for word in words.flat_map(forms) {
                    let list = seen.entry(key_of(&word).unwrap()).or_insert(number);
                    assert_eq!(*list, number, "{word} has two topics");
                }
            }
        }
    }

    #[test]
    fn no_word_is_in_two_sets() {
        let mut seen = HashSet::new();
        for (name, list) in [&english::WORDS, &portuguese::WORDS].iter().flat_map(|words| words.sets) {
            for word in forms(list) {
                assert!(seen.insert(key_of(&word).unwrap()), "{word} is in {name} and another set");
            }
        }
    }

    #[test]
    fn weights_are_in_range() {
        for words in [&english::WORDS, &portuguese::WORDS] {
            assert!(words.markers.iter().chain(words.telling).all(|(weight, _)| *weight <= MAX_WEIGHT));
        }
        assert!(other_languages::MARKERS.iter().all(|(weight, _)| (1..=MAX_WEIGHT).contains(weight)));
        for lists in TOPIC_WORDS.iter().flat_map(|topic| [topic.english, topic.portuguese]) {
            assert!(lists.words.iter().all(|(weight, _)| (1..=MAX_WEIGHT).contains(weight)));
        }
    }

    #[test]
    fn valences_are_in_range() {
        for words in [&english::WORDS, &portuguese::WORDS] {
            for (valence, list) in words.valences.iter().chain(words.when_negated).chain(words.phrases) {
                assert!(valence.abs() <= 4.0, "{list}");
            }
            assert!(words.cues.iter().all(|(_, valence, _)| valence.abs() <= 4.0));
        }
    }
}
