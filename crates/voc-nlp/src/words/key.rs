//! The key by which a word is looked up.

use std::fmt;

use super::block::Window;

/// A word as a number: up to 16 bytes of lower-case ASCII in little-endian order, padded with zeros; a hash of any
/// other word.
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

    /// The common key of all names.
    pub(crate) const NAME: Self = Self { low: Opaque::MARK | 0x4e00, high: 1 };

    /// The common key of all addresses.
    pub(crate) const ADDRESS: Self = Self { low: Opaque::MARK | 0x4100, high: 2 };

    /// The key of the `len` bytes of a window from `start`, which are ASCII letters, digits and apostrophes, in the
    /// window, and at most [`MAX`](Self::MAX).
    #[inline(always)]
    pub(super) fn within(window: &Window, start: usize, len: usize) -> Self {
        let bytes = window.get(start..).and_then(<[u8]>::first_chunk::<{ Self::MAX }>);
        // A table instead of arithmetic: a word's length is hard to predict.
        bytes.map_or(Self::NONE, |bytes| Self::masked(bytes, &MASKS[len % MASKS.len()]))
    }

    /// The key of a whole word of ASCII letters, digits and apostrophes.
    pub(crate) fn of(word: &[u8]) -> Self {
        if word.len() > Self::MAX {
            return Self::of_long(word);
        }
        let mut bytes = [0; Self::MAX];
        for (to, from) in bytes.iter_mut().zip(word) {
            *to = *from;
        }
        Self::masked(&bytes, &MASKS[word.len() % MASKS.len()])
    }

    /// The key of the bytes selected by the masks.
    #[inline(always)]
    fn masked(bytes: &[u8; Self::MAX], [of_low, of_high]: &[u64; 2]) -> Self {
        let ([low, high], []) = bytes.as_chunks::<8>() else { return Self::NONE };
        let (low, high) = (u64::from_le_bytes(*low), u64::from_le_bytes(*high));
        // In ASCII letters, digits and the apostrophe this bit changes only upper-case letters.
        const LOWER: u64 = 0x2020_2020_2020_2020;
        Self { low: (low | LOWER) & of_low, high: (high | LOWER) & of_high }
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

    /// The key of a character that is a word on its own.
    pub(crate) fn of_symbol(symbol: char) -> Self {
        let mut opaque = Opaque::default();
        opaque.add(u32::from(symbol));
        opaque.after(Self::NONE)
    }

    /// The first letter.
    pub(crate) fn first_letter(self) -> u8 {
        self.low as u8
    }

    /// Whether this is a word a lexicon can hold.
    pub(crate) fn is_plain(self) -> bool {
        self.low != 0 && self.low & Opaque::MARK == 0
    }

    /// A well-mixed hash.
    #[inline(always)]
    pub(crate) fn hash(self) -> u64 {
        mix(self.low ^ 0xa076_1d64_78bd_642f, self.high ^ 0x9e37_79b9_7f4a_7c15)
    }

    /// A hash of the word's first five bytes, which most of its inflected forms share.
    #[inline(always)]
    pub(crate) fn stem_hash(self) -> u64 {
        (self.low & 0xff_ffff_ffff).wrapping_mul(0xd6e8_feb8_6659_fd93)
    }
}

/// Masks of the first bytes of two numbers, by the number of bytes. There are more masks than possible numbers of
/// bytes, so that a remainder selects one.
static MASKS: [[u64; 2]; 32] = {
    let mut masks = [[u64::MAX; 2]; 32];
    let mut len = 0;
    while len < Key::MAX {
        let mask = (1_u128 << (8 * len)) - 1;
        masks[len] = [mask as u64, (mask >> 64) as u64];
        len += 1;
    }
    masks
};

/// A number in which each bit depends on all bits of both.
#[inline(always)]
fn mix(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    (product as u64) ^ ((product >> 64) as u64)
}

/// The part of a word that no lexicon can contain: letters of other scripts, or an excess.
#[derive(Clone, Copy, Default)]
pub(super) struct Opaque(u64);

impl Opaque {
    /// Set in the first byte of such words' keys; never set in ASCII.
    const MARK: u64 = 0x80;

    pub(super) fn add(&mut self, character: u32) {
        self.0 = mix(self.0 ^ u64::from(character) ^ 0x8ebc_6af0_9c88_c6e3, 0xe703_7ed1_a0b4_28db);
    }

    /// The key of the word that has this in addition to `plain`.
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
