//! Sequences of a few bytes that occur in numbers and addresses as they are spoken.

use std::sync::LazyLock;

/// Length of the sequences in bytes.
pub(super) const LEN: usize = 5;
/// Log2 of the number of words of the table, in which each sequence has two bits: few other sequences have both.
const WORD_BITS: u32 = 12;
const WORDS: usize = 1 << WORD_BITS;

/// A set of sequences as a table of bits by hash. Case is ignored.
pub(super) struct Grams(Box<[u64; WORDS]>);

impl Grams {
    /// Those of spoken numbers and addresses. Built on the first call.
    ///
    /// Any three digits in a row, and any address, contain one at every offset within some eight bytes, or nearly so.
    pub(super) fn spoken() -> &'static Self {
        static SPOKEN: LazyLock<Grams> = LazyLock::new(Grams::new);
        &SPOKEN
    }

    fn new() -> Self {
        let mut grams = Self(Box::new([0; WORDS]));
        for digits in DIGITS {
            for first in *digits {
                for second in *digits {
                    for gap in [" ", ", ", "-"] {
                        grams.add(&format!(" {first}{gap}{second} "));
                    }
                }
                for end in [",", "."] {
                    grams.add(&format!(" {first}{end}"));
                }
            }
        }
        for (teens, tens, units, gap) in TENS {
            let all = || teens.iter().chain(*tens);
            let pairs = all().flat_map(|first| all().map(move |second| (first, " ", second)));
            for (first, gap, second) in
                pairs.chain(tens.iter().flat_map(|ten| units.iter().map(move |unit| (ten, *gap, unit))))
            {
                grams.add(&format!(" {first}{gap}{second} "));
            }
        }
        for phrase in PHRASES {
            grams.add(phrase);
        }
        for name in super::spoken_address::PROVIDERS {
            for phrase in
                [format!(" at {name}"), format!("arroba {name}"), format!("{name} dot com"), format!("{name}.com")]
            {
                grams.add(&phrase);
            }
        }
        for letter in "abcdefghijklmnopqrstuvwxyz0123456789".chars() {
            for phrase in [
                format!("{letter} arroba {letter}"),
                format!("{letter} dot com {letter}"),
                format!("{letter} ponto com {letter}"),
            ] {
                grams.add(&phrase);
            }
            for before in 'a'..='z' {
                grams.add(&format!("{before}{letter} do"));
            }
        }
        grams
    }

    fn add(&mut self, phrase: &str) {
        for window in phrase.as_bytes().windows(LEN) {
            let mut bytes = [0; 8];
            for (place, byte) in bytes.iter_mut().zip(window) {
                *place = *byte;
            }
            let Place { word, bits } = Place::of(bytes);
            if let Some(word) = self.0.get_mut(word) {
                *word |= 1 << bits[0] | 1 << bits[1];
            }
        }
    }

    /// Whether the first bytes may be such a sequence: 1 or 0.
    #[inline(always)]
    pub(super) fn contains(&self, bytes: [u8; 8]) -> u32 {
        let Place { word, bits } = Place::of(bytes);
        self.0.get(word).map_or(0, |word| ((word >> bits[0]) & (word >> bits[1]) & 1) as u32)
    }
}

/// The bits of a sequence in the table.
struct Place {
    word: usize,
    bits: [u32; 2],
}

impl Place {
    #[inline(always)]
    fn of(bytes: [u8; 8]) -> Self {
        const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;
        const LOWER_CASE: u64 = 0x2020_2020_2020_2020;
        let gram = (u64::from_le_bytes(bytes) | LOWER_CASE) << (64 - 8 * LEN);
        let hash = gram.wrapping_mul(FACTOR);
        let word = (hash >> (64 - WORD_BITS)) as usize;
        let bits = [hash >> (64 - WORD_BITS - 6), hash >> (64 - WORD_BITS - 12)].map(|bits| (bits & 63) as u32);
        Self { word, bits }
    }
}

const ENGLISH: &[&str] =
    &["zero", "oh", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "double", "triple"];
const PORTUGUESE: &[&str] =
    &["zero", "um", "uma", "dois", "duas", "três", "tres", "quatro", "cinco", "seis", "meia", "sete", "oito", "nove"];
const DIGITS: &[&[&str]] = &[ENGLISH, PORTUGUESE];
/// Numbers from 10 to 19, tens, digits, and what joins tens and digits.
type Tens = (&'static [&'static str], &'static [&'static str], &'static [&'static str], &'static str);

const TENS: &[Tens] = &[
    (
        &["ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"],
        &["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"],
        ENGLISH,
        " ",
    ),
    (
        &["dez", "onze", "doze", "treze", "quatorze", "quinze", "dezesseis", "dezessete", "dezoito", "dezenove"],
        &["vinte", "trinta", "quarenta", "cinquenta", "sessenta", "setenta", "oitenta", "noventa"],
        PORTUGUESE,
        " e ",
    ),
];

/// Other phrases, or their parts.
const PHRASES: &[&str] = &[
    " de mil novecentos e ",
    " de dois mil e ",
    " de dois mil ",
    " two thousand ",
    "ponto com ponto br",
    "dot co dot uk",
    " dot org",
    " dot net",
    " ponto net ",
    " ponto org ",
    "ponto com.",
    "ponto com,",
    "dot com.",
    "dot com,",
    "dot com",
    " underscore ",
    " underline ",
    " hyphen ",
    "my email is ",
    "my e-mail is ",
    " email address is ",
    "e-mail address is ",
];
