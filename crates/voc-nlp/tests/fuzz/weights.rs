//! Damaged weights with a valid checksum.

use std::path::Path;

use proptest::prelude::*;
use sha2::{Digest, Sha256};
use voc_nlp::Engine;

use super::bodies;

/// A file of weights without its head and checksum: the name, the words, the rows and the model, the first three with
/// their counts.
struct Parts([Vec<u8>; 4]);

impl Parts {
    fn built_in() -> Self {
        let file = std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("weights/built-in.weights"))
            .expect("the built-in weights");
        let data = file.strip_prefix(bodies::WEIGHTS_HEAD).expect("the head");
        Self::of(&data[..data.len() - 32], usize::MAX)
    }

    /// With only the first of the built-in words and rows, for speed.
    fn small() -> Self {
        Self::of(&Self::built_in().0.concat(), 30)
    }

    fn of(data: &[u8], most: usize) -> Self {
        let number = |at: usize| u32::from_le_bytes(data[at..at + 4].try_into().expect("four bytes")) as usize;
        let counted = |count: usize, rest: &[u8]| [&(count as u32).to_le_bytes(), rest].concat();
        let words_at = 4 + number(0);
        let word_ends = std::iter::successors(Some(words_at + 4), |at| Some(at + 4 + usize::from(data[at + 1])));
        let word_ends: Vec<usize> = word_ends.take(number(words_at) + 1).collect();
        let rows_at = *word_ends.last().expect("at least the first word's beginning");
        let (words, rows) = (number(words_at).min(most), number(rows_at).min(most));
        Self([
            data[..words_at].to_vec(),
            counted(words, &data[words_at + 4..word_ends[words]]),
            counted(rows, &data[rows_at + 4..][..8 * rows]),
            data[rows_at + 4 + 8 * number(rows_at)..].to_vec(),
        ])
    }
}

#[test]
fn intact_ones_are_loaded() {
    for Parts(parts) in [Parts::built_in(), Parts::small()] {
        let mut file = [bodies::WEIGHTS_HEAD, &parts.concat()].concat();
        file.extend(Sha256::digest(&file).as_slice());
        assert!(Engine::load(&file).is_ok());
        bodies::weights(&parts.concat());
    }
}

#[test]
fn extreme_numbers() {
    for numbers in [[f32::MAX; 2], [f32::MAX, f32::MIN], [1e6; 2], [-1e6; 2], [1e6, -1e6], [f32::MIN_POSITIVE; 2]] {
        for temperature in [f32::MIN_POSITIVE, 1e-3, 1e6] {
            let Parts(mut parts) = Parts::small();
            let [.., model] = &mut parts;
            let floats = model.len() / 4;
            // The first two of the last four numbers are temperatures.
            let numbers =
                (0..floats).map(|at| if at + 4 < floats || at + 2 >= floats { numbers[at % 2] } else { temperature });
            *model = numbers.flat_map(f32::to_le_bytes).collect();
            bodies::weights(&parts.concat());
        }
    }
}

/// Replaces some bytes of a file of weights.
#[derive(Clone, Debug)]
struct Damage {
    part: usize,
    place: prop::sample::Index,
    bytes: Vec<u8>,
    /// Whether the bytes are inserted between the existing ones.
    longer: bool,
}

impl Damage {
    fn any() -> impl Strategy<Value = Self> {
        let numbers = [f32::MAX, f32::MIN, f32::MIN_POSITIVE, f32::NAN, f32::INFINITY, 0.0, -1.0, 1e20, -1e20];
        let numbers = numbers.map(f32::to_le_bytes).into_iter().chain([u32::MAX.to_le_bytes(), 1_u32.to_le_bytes()]);
        let bytes = prop_oneof![
            prop::sample::select(numbers.map(Vec::from).collect::<Vec<_>>()),
            prop::collection::vec(any::<u8>(), 1..5),
        ];
        (0..4_usize, any::<prop::sample::Index>(), bytes, prop::bool::weighted(0.1))
            .prop_map(|(part, place, bytes, longer)| Self { part, place, bytes, longer })
    }

    fn apply(&self, weights: &mut Parts) {
        let part = &mut weights.0[self.part];
        // Numbers are four bytes long, including the name's length and the counts.
        let start = self.place.index(part.len()) / 4 * 4;
        let end = if self.longer { start } else { part.len().min(start + self.bytes.len()) };
        part.splice(start..end, self.bytes.iter().copied());
    }
}

proptest! {
    // What can be loaded takes longer than a text.
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn damaged_ones(damages in prop::collection::vec(Damage::any(), 1..4), whole in prop::bool::weighted(0.1)) {
        let mut weights = if whole { Parts::built_in() } else { Parts::small() };
        damages.iter().for_each(|damage| damage.apply(&mut weights));
        bodies::weights(&weights.0.concat());
    }
}
