//! The file of weights: the words of public lexicons and the linear model.
//!
//! All numbers are little-endian. The file is:
//!
//! - [`MAGIC`] and the [`VERSION`] of this format, a `u32`;
//! - the name of the weights: its length, a `u32`, at most [`MAX_NAME`], followed by that many visible ASCII
//!   characters other than `+`;
//! - the number of words, a `u32`, and for each in byte order: a byte with the number of first bytes shared with the
//!   previous word, a byte with the number of further ones, these bytes, and a signed byte for each language, its
//!   valence in [`VALENCE_STEPS`] of 1;
//! - the number of rows in the table, a `u32`, at most [`MAX_ROWS`], and the rows, eight signed bytes each;
//! - the model: `f32`s with an absolute value of at most [`MAX_WEIGHT`], in the order of [`Model::floats`];
//! - the SHA-256 of everything before it.

use std::io;

use sha2::{Digest, Sha256};

use crate::bytes::{Bytes, EndsEarly};
use crate::lexicon::TRACKS;
use crate::linear::Model;
use crate::linear::rows::{COLUMNS, MAX_ROWS, Row};
use crate::words::Key;

const MAGIC: &[u8; 8] = b"VOCNLPWT";
const VERSION: u32 = 3;
/// A valence of 1 in the file.
const VALENCE_STEPS: f32 = 30.0;
const CHECKSUM: usize = 32;
/// Maximum length of the name, in bytes: it becomes part of what is stored with every annotation.
const MAX_NAME: usize = 64;
/// Far beyond any useful weight, and small enough that no sum of a text's weights overflows.
const MAX_WEIGHT: f32 = 1e6;
/// Far below any useful temperature, and large enough that dividing by it does not overflow.
const LEAST_TEMPERATURE: f32 = 1e-3;

/// The content of a file of weights.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Weights {
    pub(crate) name: String,
    /// Words with their valences by language, in byte order.
    pub(crate) words: Vec<(String, [f32; TRACKS])>,
    pub(crate) rows: Vec<Row>,
    pub(crate) model: Model,
}

/// Reasons why weights cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WeightsError {
    /// They cannot be read.
    #[error("the weights cannot be read")]
    Io(#[from] io::Error),
    /// It is not a file of weights.
    #[error("this is not a file of weights")]
    NotWeights,
    /// The file has another format than this version of the library reads.
    #[error("the weights have format {found}; this library reads format {expected}")]
    Version {
        /// The file's format.
        found: u32,
        /// The supported format.
        expected: u32,
    },
    /// The checksum does not match: the file was damaged or truncated.
    #[error("the weights are damaged: their checksum does not match")]
    Checksum,
    /// The file is intact but has content that weights cannot have.
    #[error("the weights are invalid: {0}")]
    Invalid(&'static str),
}

impl Weights {
    /// The weights included in this crate. A test ensures that they can be read.
    pub(crate) fn built_in() -> Self {
        Self::read(include_bytes!("../../weights/built-in.weights")).unwrap_or_default()
    }

    pub(crate) fn read(file: &[u8]) -> Result<Self, WeightsError> {
        let (content, checksum) =
            file.split_last_chunk::<CHECKSUM>().filter(|_| file.starts_with(MAGIC)).ok_or(WeightsError::NotWeights)?;
        let mut rest = Bytes(content);
        rest.take(MAGIC.len())?;
        let version = rest.u32()?;
        if version != VERSION {
            return Err(WeightsError::Version { found: version, expected: VERSION });
        }
        if Sha256::digest(content).as_slice() != checksum {
            return Err(WeightsError::Checksum);
        }

        let name_len = read_len(&mut rest)?;
        let name = rest.take(name_len)?;
        // A `+` separates a version from additions to it.
        if name.len() > MAX_NAME || !name.iter().all(|byte| byte.is_ascii_graphic() && *byte != b'+') {
            return Err(WeightsError::Invalid("the name is too long or has characters names cannot have"));
        }
        let name = name.iter().copied().map(char::from).collect();
        let words = read_words(&mut rest)?;
        let row_count = read_len(&mut rest)?;
        if row_count > MAX_ROWS {
            return Err(WeightsError::Invalid("too many rows"));
        }
        let (rows, _) = rest.take(row_count * COLUMNS)?.as_chunks::<COLUMNS>();
        let rows = rows.iter().map(|row| row.map(|byte| byte as i8)).collect();
        let mut model = Model::default();
        for number in model.floats() {
            *number = f32::from_le_bytes(rest.array()?);
            // Written so that NaN is rejected, too.
            if !(-MAX_WEIGHT..=MAX_WEIGHT).contains(number) {
                return Err(WeightsError::Invalid("a weight is not a number or too large"));
            }
        }
        if !rest.0.is_empty() {
            return Err(WeightsError::Invalid("there is data after the weights"));
        }
        if model.sentiment_temperature.min(model.topic_temperature) < LEAST_TEMPERATURE {
            return Err(WeightsError::Invalid("a temperature is too low"));
        }
        Ok(Self { name, words, rows, model })
    }

    /// The file.
    #[cfg(any(test, feature = "train"))]
    pub(crate) fn write(&self) -> Vec<u8> {
        let mut file = Vec::from(MAGIC.as_slice());
        let number = |file: &mut Vec<u8>, number: usize| file.extend((number as u32).to_le_bytes());
        file.extend(VERSION.to_le_bytes());
        number(&mut file, self.name.len());
        file.extend(self.name.as_bytes());

        number(&mut file, self.words.len());
        let mut before = "";
        for (word, valences) in &self.words {
            let shared = word.bytes().zip(before.bytes()).take_while(|(a, b)| a == b).count();
            let (_, suffix) = word.split_at(shared);
            file.extend([shared as u8, suffix.len() as u8]);
            file.extend(suffix.as_bytes());
            file.extend(valences.map(|valence| (valence * VALENCE_STEPS).round() as i8 as u8));
            before = word;
        }
        number(&mut file, self.rows.len());
        file.extend(self.rows.iter().flatten().map(|weight| *weight as u8));
        for number in self.model.clone().floats() {
            file.extend(number.to_le_bytes());
        }
        let checksum = Sha256::digest(&file);
        file.extend(checksum.as_slice());
        file
    }
}

fn read_words(rest: &mut Bytes<'_>) -> Result<Vec<(String, [f32; TRACKS])>, WeightsError> {
    let count = read_len(rest)?;
    let mut words: Vec<(String, [f32; TRACKS])> = Vec::new();
    for _ in 0..count {
        let [shared, more] = rest.array::<2>()?.map(usize::from);
        let before = words.last().map_or("", |(word, _)| word.as_str());
        let mut word = before.get(..shared).ok_or(WeightsError::Invalid("a word continues a missing one"))?.to_owned();
        let suffix = rest.take(more)?;
        if shared + more > Key::MAX || !suffix.iter().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'\'')) {
            return Err(WeightsError::Invalid("a word is too long or has characters words cannot have"));
        }
        word.extend(suffix.iter().copied().map(char::from));
        let valences = rest.array::<TRACKS>()?.map(|byte| f32::from(byte as i8) / VALENCE_STEPS);
        words.push((word, valences));
    }
    Ok(words)
}

/// A number of things that follow.
fn read_len(rest: &mut Bytes<'_>) -> Result<usize, WeightsError> {
    usize::try_from(rest.u32()?).map_err(|_| WeightsError::Invalid("a number is too large"))
}

impl From<EndsEarly> for WeightsError {
    fn from(_: EndsEarly) -> Self {
        Self::Invalid("they end too early")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn some() -> Weights {
        let mut model = Model::default();
        for (i, number) in model.floats().enumerate() {
            *number = i as f32 + 0.5;
        }
        Weights {
            name: "test".into(),
            words: [("a", [0.1, 0.0]), ("able", [2.0, -4.0]), ("about", [0.0, 4.0])]
                .map(|(word, valences)| (word.to_owned(), valences))
                .into(),
            rows: vec![[1, -2, 3, -4, 5, -128, 127, 0], [0; COLUMNS]],
            model,
        }
    }

    #[test]
    fn weights_survive_a_round_trip() {
        let file = some().write();
        assert_eq!(file, some().write());
        assert_eq!(Weights::read(&file).unwrap(), some());
    }

    #[test]
    fn damage_is_noticed() {
        let file = some().write();
        for at in 0..file.len() {
            let mut damaged = file.clone();
            damaged[at] ^= 1;
            assert!(Weights::read(&damaged).is_err(), "{at}");
            assert!(Weights::read(&file[..at]).is_err(), "{at}");
        }
        let mut newer = file.clone();
        newer[8] = 9;
        assert!(matches!(Weights::read(&newer), Err(WeightsError::Version { found: 9, expected: 3 })));
        assert!(matches!(Weights::read(b"<html>"), Err(WeightsError::NotWeights)));
    }

    #[test]
    fn invalid_content_is_rejected() {
        for (change, expected) in [
            ((|weights| weights.model.scales[0] = f32::NAN) as fn(&mut Weights), "not a number"),
            (|weights| weights.model.scales[0] = -1e7, "too large"),
            (|weights| weights.model.sentiment_temperature = 0.0, "temperature"),
            (|weights| weights.model.topic_temperature = f32::MIN_POSITIVE, "temperature"),
            (|weights| weights.name = "a+b".into(), "name"),
            (|weights| weights.name = "é".into(), "name"),
            (|weights| weights.name = "a".repeat(65), "name"),
            (|weights| weights.words[1].0 = "a b".into(), "word"),
            (|weights| weights.words[1].0 = "a".repeat(17), "word"),
            (|weights| weights.rows = vec![[0; COLUMNS]; MAX_ROWS + 1], "rows"),
        ] {
            let mut weights = some();
            change(&mut weights);
            let error = Weights::read(&weights.write()).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
    }

    #[test]
    fn the_built_in_weights_can_be_read() {
        let weights = Weights::read(include_bytes!("../../weights/built-in.weights")).unwrap();
        assert!(weights.words.len() > 5_000 && weights.rows.len() > 10_000);
        assert!(include_bytes!("../../weights/built-in.weights").len() <= 600_000);
    }

    proptest! {
        /// Any content after the head, with a valid checksum.
        #[test]
        fn no_content_is_trusted(mut content in prop::collection::vec(any::<u8>(), 0..200), known in any::<bool>()) {
            if known {
                content.splice(..0, MAGIC.iter().copied().chain(VERSION.to_le_bytes()).chain([0; 4]));
            }
            let checksum = Sha256::digest(&content);
            content.extend(checksum.as_slice());
            prop_assert!(Weights::read(&content).is_err());
        }
    }
}
