//! Calibrations with any numbers, and a valid checksum.

use proptest::prelude::*;

use super::bodies;

/// The numbers of a calibration: a factor, one for each sentiment's own words, and a weight of each input for each
/// sentiment.
const NUMBERS: usize = 1 + 3 + 33 * 3;

/// Numbers of texts, numbers, and the number of rows of own words.
fn content(numbers: &[f32], rows: u32) -> Vec<u8> {
    let numbers = numbers.iter().flat_map(|number| number.to_le_bytes());
    [0; 12].into_iter().chain(numbers).chain(rows.to_le_bytes()).collect()
}

#[test]
fn extreme_numbers() {
    for number in [0.0, 1e4, -1e4, f32::MAX, f32::MIN, f32::MIN_POSITIVE, f32::NAN, f32::INFINITY] {
        for scale in [1e-3, 1.0, 1e4, number] {
            let mut numbers = [number; NUMBERS];
            numbers[0] = scale;
            bodies::calibration(&content(&numbers, 0));
            for row in [0, 1, 0x7f, 0x80, 0xff] {
                bodies::calibration(&[content(&numbers, 8_192), vec![row; 3 * 8_192]].concat());
            }
        }
    }
}

#[test]
fn the_seed_is_a_calibration() {
    let seed = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fuzz/corpus/calibration/offsets")).unwrap();
    let numbers: Vec<f32> = (0..NUMBERS).map(|i| if i == 0 { 1.25 } else { (i % 7) as f32 / 8.0 - 0.375 }).collect();
    assert_eq!(seed, content(&numbers, 0));
}

proptest! {
    #[test]
    fn any_numbers(
        numbers in prop::collection::vec(prop_oneof![-2_f32..2.0, -1e4_f32..1e4], NUMBERS),
        scale in 1e-3_f32..1e4,
        rest in prop::collection::vec(any::<u8>(), 0..3),
    ) {
        let mut numbers = numbers;
        numbers[0] = scale;
        bodies::calibration(&[content(&numbers, 0), rest].concat());
    }
}
