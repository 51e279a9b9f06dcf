//! Words and names in addition to a lexicon.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;

use sha2::{Digest, Sha256};

use super::names::{Brand, Brands};
use super::table::Table;
use super::{Effect, Lexicon, Sense, TRACKS, WordInfo};
use crate::annotation::Language;
use crate::words::{Key, key_of};

/// Words with their own valences, looked up before those of the lexicon that they were made for.
pub(crate) struct ExtraWords {
    table: Table,
    /// By word number, in order.
    effects: Vec<(u16, Effect)>,
    brands: Brands,
    fingerprint: String,
}

impl ExtraWords {
    /// Words with their valences, and names of companies and products. Among equal words the last one counts.
    pub(crate) fn new<W: AsRef<str>>(
        lexicon: &Lexicon,
        words: &[(W, f32)],
        brands: &[String],
        language: Language,
    ) -> Result<Self, ExtraWordError> {
        let mut found: HashMap<Key, WordInfo> = HashMap::new();
        let mut effects: BTreeMap<u16, Effect> = BTreeMap::new();
        let mut identity = Sha256::new();
        let mut next = lexicon.word_count();
        for (word, valence) in words {
            let (word, valence) = (word.as_ref(), *valence);
            let key = key_of(word).ok_or_else(|| ExtraWordError::InvalidWord { word: word.to_owned() })?;
            if !(-4.0..=4.0).contains(&valence) {
                return Err(ExtraWordError::InvalidValence { word: word.to_owned(), valence });
            }
            identity.update(word.as_bytes());
            identity.update([0xff]);
            identity.update(valence.to_le_bytes());

            let known = *found.entry(key).or_insert_with(|| {
                let number = u16::try_from(next).unwrap_or_default();
                let WordInfo { word, counts } = lexicon.find(key.hash());
                let word = word.numbered(number).with_effect();
                next += usize::from(word.id() == number);
                WordInfo { word, counts }
            });
            if next > usize::from(u16::MAX) {
                return Err(ExtraWordError::TooMany { count: words.len() });
            }
            let mut effect = lexicon.effect(known.word.id()).cloned().unwrap_or(Effect::NOTHING);
            let mut senses = effect.senses;
            for (track, sense) in senses.iter_mut().enumerate() {
                if track_of(language).is_none_or(|only| only == track) {
                    *sense = Sense { valence, negated: valence * Sense::NEGATED, role: sense.role };
                }
            }
            effect.set_senses(senses);
            // The lexicon may have phrases with a word that has no meaning of its own there.
            effect.may_be_taken_back = true;
            effects.insert(known.word.id(), effect);
        }
        identity.update(language.as_str());
        let mut names = Brands::default();
        for brand in brands {
            names.add(brand, Brand::Own).ok_or_else(|| ExtraWordError::InvalidBrand { brand: brand.clone() })?;
            identity.update(brand.as_bytes());
            identity.update([0xff]);
        }
        let fingerprint = identity.finalize().iter().take(4).fold(String::new(), |mut hex, byte| {
            // Writing to a string cannot fail.
            let _ = write!(hex, "{byte:02x}");
            hex
        });
        let found: Vec<(Key, WordInfo)> = found.into_iter().collect();
        Ok(Self { table: Table::build(&found), effects: effects.into_iter().collect(), brands: names, fingerprint })
    }

    /// Names without a valence.
    pub(crate) fn brands(&self) -> &Brands {
        &self.brands
    }

    /// Distinguishes these words from others.
    pub(crate) fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    #[inline(always)]
    pub(crate) fn find(&self, hash: u64) -> Option<WordInfo> {
        Some(self.table.find(hash)).filter(|found| found.word.id() != 0)
    }

    pub(crate) fn effect(&self, id: u16) -> Option<&Effect> {
        let at = self.effects.binary_search_by_key(&id, |(id, _)| *id).ok()?;
        self.effects.get(at).map(|(_, effect)| effect)
    }
}

/// A word with a valence that cannot be used.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ExtraWordError {
    /// It is empty, has spaces or other characters besides letters and digits, or is longer than 16 letters.
    #[error("{word:?} is not a single word of at most 16 letters or digits")]
    InvalidWord {
        /// The given word.
        word: String,
    },
    /// Its valence is not from -4 to 4.
    #[error("the valence {valence} of {word:?} is not from -4 to 4")]
    InvalidValence {
        /// The word.
        word: String,
        /// The given valence.
        valence: f32,
    },
    /// The name of a company or product is empty, or one of its words has other characters besides letters and digits
    /// or is longer than 16 of them.
    #[error("the brand {brand:?} does not consist of words of at most 16 letters or digits")]
    InvalidBrand {
        /// The given name.
        brand: String,
    },
    /// There are more words than can be numbered.
    #[error("{count} extra words are too many")]
    TooMany {
        /// Number of words.
        count: usize,
    },
}

/// The track of a language's words; `None` for all.
fn track_of(language: Language) -> Option<usize> {
    const _: () = assert!(TRACKS == 2);
    match language {
        Language::En => Some(0),
        Language::Pt => Some(1),
        Language::Unknown => None,
    }
}
