//! A word in the form in which it is looked up.

use std::fmt;

/// A word as a number: of at most 16 bytes of ASCII in lower case, these bytes in little-endian order, zeros behind; of other words a
/// hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub(crate) struct Key {
    low: u64,
    high: u64,
}

impl Key {
    /// The longest word of a lexicon, in bytes.
    pub(crate) const MAX: usize = 16;

    /// No word.
    pub(crate) const NONE: Self = Self { low: 0, high: 0 };

    /// The key of the `len` bytes at `start`, which are ASCII letters, digits and apostrophes.
    #[inline(always)]
    pub(crate) fn at(bytes: &[u8], start: usize, len: usize) -> Self {
        if len > Self::MAX {
            return Self::of_long(bytes.get(start..).and_then(|word| word.get(..len)).unwrap_or_default());
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

    /// The key of a longer word.
    #[inline(never)]
    fn of_long(word: &[u8]) -> Self {
        let mut rest = Opaque::default();
        let (first, others) = word.split_at_checked(Self::MAX).unwrap_or_default();
        for byte in others {
            rest.add(u32::from(byte | 0x20));
        }
        rest.after(Self::of(first))
    }

    /// The key of a character that stands for itself.
    pub(crate) fn of_symbol(symbol: char) -> Self {
        let mut opaque = Opaque::default();
        opaque.add(u32::from(symbol));
        opaque.after(Self::NONE)
    }

    /// Whether this is a word a lexicon can hold.
    pub(crate) fn is_plain(self) -> bool {
        self.low != 0 && self.low & Opaque::MARK == 0
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

    /// A well-mixed hash.
    #[inline(always)]
    pub(crate) fn hash(self) -> u64 {
        mix(self.low ^ 0xa076_1d64_78bd_642f, self.high ^ 0x9e37_79b9_7f4a_7c15)
    }

    /// A hash of the word's first five bytes, which most forms of a word have in common.
    #[inline(always)]
    pub(crate) fn stem_hash(self) -> u64 {
        (self.low & 0xff_ffff_ffff).wrapping_mul(0xd6e8_feb8_6659_fd93)
    }
}

/// A number of which each bit depends on all bits of both.
#[inline(always)]
fn mix(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    (product as u64) ^ ((product >> 64) as u64)
}

/// What of a word no lexicon can hold: letters of other scripts, or too many.
#[derive(Clone, Copy, Default)]
pub(super) struct Opaque(u64);

impl Opaque {
    /// Set in the first byte of such words' keys, and never in ASCII.
    const MARK: u64 = 0x80;

    pub(super) fn add(&mut self, character: u32) {
        self.0 = mix(self.0 ^ u64::from(character) ^ 0x8ebc_6af0_9c88_c6e3, 0xe703_7ed1_a0b4_28db);
    }

    /// The key of the word that has this besides what is in `plain`.
    pub(super) fn after(self, plain: Key) -> Key {
        Key { low: plain.low.rotate_left(17) ^ self.0 | Self::MARK, high: plain.high ^ self.0.rotate_left(29) }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.low & Opaque::MARK != 0 {
            return f.write_str("?");
        }
        let bytes = self.low.to_le_bytes().into_iter().chain(self.high.to_le_bytes());
        bytes.take_while(|&byte| byte != 0).try_for_each(|byte| write!(f, "{}", char::from(byte)))
    }
}
