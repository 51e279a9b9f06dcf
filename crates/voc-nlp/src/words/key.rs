//! A word in the form in which it is looked up.

use std::fmt;

/// A word of at most 16 bytes in lower case, as a number: its bytes in little-endian order, zeros behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub(crate) struct Key {
    low: u64,
    high: u64,
}

impl Key {
    /// The longest word, in bytes.
    pub(crate) const MAX: usize = 16;

    /// A word that no lexicon can hold. Not the key of any word, since words have no spaces.
    pub(crate) const UNKNOWN: Self = Self { low: 0x20, high: 0 };

    /// No word.
    pub(crate) const NONE: Self = Self { low: 0, high: 0 };

    /// The key of the `len` bytes at `start`, which are ASCII letters, digits and apostrophes.
    #[inline(always)]
    pub(crate) fn at(bytes: &[u8], start: usize, len: usize) -> Self {
        if len > Self::MAX {
            return Self::UNKNOWN;
        }
        let (low, high) = match bytes.get(start..).and_then(<[u8]>::first_chunk::<16>) {
            Some(chunk) => Self::halves(chunk),
            None => Self::halves(&Self::last_chunk(bytes, start)),
        };
        // Of ASCII letters, digits and the apostrophe this bit changes only upper-case letters.
        const LOWER: u64 = 0x2020_2020_2020_2020;
        Self {
            low: (low | LOWER) & Self::first_bytes(len),
            high: (high | LOWER) & Self::first_bytes(len.saturating_sub(8)),
        }
    }

    /// The key of a whole word of folded ASCII.
    pub(crate) fn of(word: &[u8]) -> Self {
        Self::at(word, 0, word.len())
    }

    #[inline(always)]
    fn halves(chunk: &[u8; 16]) -> (u64, u64) {
        let (halves, _) = chunk.as_chunks::<8>();
        match halves {
            [low, high] => (u64::from_le_bytes(*low), u64::from_le_bytes(*high)),
            _ => (0, 0),
        }
    }

    /// The less than 16 bytes from `start`, zeros behind.
    #[inline(never)]
    fn last_chunk(bytes: &[u8], start: usize) -> [u8; 16] {
        let mut chunk = [0; 16];
        for (to, from) in chunk.iter_mut().zip(bytes.iter().skip(start)) {
            *to = *from;
        }
        chunk
    }

    /// A mask of the first `len` bytes, all of them from 8 on.
    #[inline(always)]
    fn first_bytes(len: usize) -> u64 {
        // A table instead of a branch: a word's length is hard to predict.
        const MASKS: [u64; 9] = {
            let mut masks = [u64::MAX; 9];
            let mut len = 0;
            while len < 8 {
                masks[len] = (1 << (8 * len)) - 1;
                len += 1;
            }
            masks
        };
        MASKS[len.min(8)]
    }

    /// Whether the words are the same. Always compares all, since where words differ is hard to predict.
    #[inline(always)]
    pub(crate) fn is(self, other: Self) -> bool {
        (self.low ^ other.low) | (self.high ^ other.high) == 0
    }

    /// A well-mixed hash, different for each `seed`.
    #[inline(always)]
    pub(crate) fn hash(self, seed: u64) -> u64 {
        let product = u128::from(self.low ^ seed) * u128::from(self.high ^ 0x9e37_79b9_7f4a_7c15);
        (product as u64) ^ ((product >> 64) as u64)
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == Self::UNKNOWN {
            return f.write_str("?");
        }
        let bytes = self.low.to_le_bytes().into_iter().chain(self.high.to_le_bytes());
        bytes.take_while(|&byte| byte != 0).try_for_each(|byte| write!(f, "{}", char::from(byte)))
    }
}
