//! Searches for all phrases of a taxonomy at once.

use std::cell::RefCell;
use std::collections::HashMap;

use aho_corasick::AhoCorasick;

use super::error::TaxonomyError;
use super::file::TaxonomyFile;
use super::normal::Normal;
use crate::annotation::{Language, truncate};

/// Finds phrases.
pub(super) struct Phrases {
    automaton: AhoCorasick,
    /// The topics that each phrase indicates.
    meanings: Vec<Vec<Meaning>>,
}

struct Meaning {
    topic: usize,
    language: Language,
    weight: f32,
}

/// A phrase in a text.
pub(super) struct PhraseMatch {
    /// The topic's number.
    pub(super) topic: usize,
    pub(super) weight: f32,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// A phrase in a text's normal form.
#[derive(Clone, Copy)]
struct Occurrence {
    start: usize,
    end: usize,
    phrase: usize,
}

/// Buffers for a search.
#[derive(Default)]
struct Work {
    normal: Normal,
    found: Vec<Occurrence>,
}

/// A text full of nested phrases does not keep more memory than this.
const MAX_KEPT: usize = 4096;

thread_local! {
    /// Kept for the next text.
    static WORK: RefCell<Work> = RefCell::default();
}

impl Phrases {
    pub(super) fn new(file: &TaxonomyFile) -> Result<Self, TaxonomyError> {
        let mut numbers: HashMap<Vec<u8>, usize> = HashMap::new();
        let mut patterns = Vec::new();
        let mut meanings: Vec<Vec<Meaning>> = Vec::new();
        for (topic, entry) in file.topics.iter().enumerate() {
            let language = entry.known_language()?;
            for given in &entry.phrases {
                let no_phrase =
                    || TaxonomyError::InvalidPhrase { topic: entry.name.clone(), phrase: given.phrase.clone() };
                let fits = given.phrase.len() <= TaxonomyFile::MAX_PHRASE_BYTES;
                let pattern = Normal::phrase(&given.phrase).filter(|_| fits).ok_or_else(no_phrase)?;
                let number = *numbers.entry(pattern).or_insert_with_key(|pattern| {
                    patterns.push(pattern.clone());
                    meanings.push(Vec::new());
                    meanings.len() - 1
                });
                if let Some(meanings) = meanings.get_mut(number) {
                    meanings.push(Meaning { topic, language, weight: given.weight });
                }
            }
        }
        // Bounded by the checks of the file, so this does not fail.
        let automaton = AhoCorasick::new(&patterns).map_err(|error| TaxonomyError::Format(error.to_string()))?;
        Ok(Self { automaton, meanings })
    }

    /// Reports the phrases of a text, in order.
    pub(super) fn find(&self, text: &str, language: Language, mut report: impl FnMut(PhraseMatch)) {
        WORK.with_borrow_mut(|Work { normal, found }| {
            normal.set(truncate(text).0);
            found.clear();
            let matches = self.automaton.find_overlapping_iter(&normal.bytes);
            let speaks = |phrase: usize| self.meanings_in(phrase, language).next().is_some();
            found.extend(
                matches
                    .map(|found| Occurrence {
                        start: found.start(),
                        end: found.end(),
                        phrase: found.pattern().as_usize(),
                    })
                    .filter(|found| speaks(found.phrase)),
            );
            found.sort_unstable_by_key(|Occurrence { start, end, .. }| (*start, usize::MAX - end));
            let mut free_from = 0;
            for &Occurrence { start, end, phrase } in found.iter() {
                if start < free_from {
                    continue;
                }
                // The trailing space is also the one before the next word.
                free_from = end - 1;
                let Some((start, end)) = normal.place(start, end) else { continue };
                for Meaning { topic, weight, .. } in self.meanings_in(phrase, language) {
                    report(PhraseMatch { topic: *topic, weight: *weight, start, end });
                }
            }
            found.shrink_to(MAX_KEPT);
        });
    }

    fn meanings_in(&self, phrase: usize, language: Language) -> impl Iterator<Item = &Meaning> {
        let meanings = self.meanings.get(phrase).map(Vec::as_slice).unwrap_or_default();
        meanings.iter().filter(move |meaning| {
            meaning.language == language || meaning.language == Language::Unknown || language == Language::Unknown
        })
    }
}
