//! Classifies 64 bytes as bit masks, sixteen bytes at a time.

use wide::u8x16;

/// Bytes in a block: one bit each in a `u64`.
pub(super) const BLOCK: usize = 64;
/// Bytes before a block: its classes depend on some of them, and a word that ends in the block may begin in them.
pub(super) const BEFORE: usize = 16;
/// Bytes after a block, so that sixteen bytes can be read from the start of each of its words.
const BEHIND: usize = 16;

/// The bit that distinguishes upper and lower case letters.
const CASE: u8 = 0x20;

/// A block with its surroundings.
pub(super) type Window = [u8; BEFORE + BLOCK + BEHIND];

/// The classes that separate the words of a block; bit i is byte i.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Block {
    /// ASCII letters and digits, apostrophes between letters, and every byte of other characters.
    pub(super) word: u64,
    /// Bytes that prevent a word from being looked up directly: not ASCII, or the third equal letter in a row.
    pub(super) irregular: u64,
    pub(super) space: u64,
}

/// The class of each byte of a block on its own or with the two before it; bit i is byte i.
#[derive(Default)]
struct Classes {
    letters: u64,
    /// ASCII letters and digits.
    alphanumerics: u64,
    apostrophes: u64,
    spaces: u64,
    beyond_ascii: u64,
    /// Bytes that equal the previous one, ignoring case for letters.
    like_last: u64,
}

impl Block {
    #[inline(always)]
    pub(super) fn classify(window: &Window) -> Self {
        let Classes { letters, alphanumerics, apostrophes, spaces, beyond_ascii, like_last } = Classes::of(window);
        let [.., second, first] = window.first_chunk::<BEFORE>().copied().unwrap_or_default();
        let are_alike = (first ^ second) & !CASE == 0;
        let thirds = letters & like_last & ((like_last << 1) | u64::from(are_alike));
        let is_letter = |at: usize| u64::from(window.get(at).is_some_and(|byte| (byte | CASE).wrapping_sub(b'a') < 26));
        let after_letter = (letters << 1) | is_letter(BEFORE - 1);
        let before_letter = (letters >> 1) | (is_letter(BEFORE + BLOCK) << (BLOCK - 1));
        Self {
            word: alphanumerics | beyond_ascii | (apostrophes & after_letter & before_letter),
            irregular: beyond_ascii | thirds,
            space: spaces,
        }
    }
}

impl Classes {
    #[inline(always)]
    fn of(window: &Window) -> Self {
        let mut classes = Self::default();
        for at in (0..BLOCK).step_by(16) {
            let bytes = load(window, BEFORE + at);
            let letters = is_within(bytes | u8x16::splat(CASE), b'a', b'z');
            let digits = is_within(bytes, b'0', b'9');
            let like_last = (bytes ^ load(window, BEFORE + at - 1)) & u8x16::splat(!CASE);

            let mask = |bytes: u8x16| u64::from(bytes.to_bitmask()) << at;
            classes.letters |= mask(letters);
            classes.alphanumerics |= mask(letters | digits);
            classes.apostrophes |= mask(bytes.simd_eq(u8x16::splat(b'\'')));
            classes.spaces |= mask(bytes.simd_eq(u8x16::splat(b' ')));
            classes.beyond_ascii |= mask(bytes);
            classes.like_last |= mask(like_last.simd_eq(u8x16::ZERO));
        }
        classes
    }
}

/// The sixteen bytes from `at`, which are in the window.
#[inline(always)]
fn load(window: &Window, at: usize) -> u8x16 {
    let bytes = window.get(at..).and_then(<[u8]>::first_chunk::<16>);
    u8x16::new(bytes.copied().unwrap_or_default())
}

/// All bits of the bytes from `first` to `last`.
#[inline(always)]
fn is_within(bytes: u8x16, first: u8, last: u8) -> u8x16 {
    let above = bytes - u8x16::splat(first);
    above.min(u8x16::splat(last - first)).simd_eq(above)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The same classes, computed byte by byte.
    fn classify_slowly(window: &Window) -> Block {
        let mut block = Block { word: 0, irregular: 0, space: 0 };
        for bit in 0..BLOCK {
            let [first, second, this, next] = [0, 1, 2, 3].map(|offset| window[BEFORE - 2 + bit + offset]);
            let joins = this == b'\'' && second.is_ascii_alphabetic() && next.is_ascii_alphabetic();
            let is_word = this.is_ascii_alphanumeric() || !this.is_ascii() || joins;
            let is_third = this.is_ascii_alphabetic() && [first, second].iter().all(|b| b.eq_ignore_ascii_case(&this));
            block.word |= u64::from(is_word) << bit;
            block.irregular |= u64::from(!this.is_ascii() || is_third) << bit;
            block.space |= u64::from(this == b' ') << bit;
        }
        block
    }

    proptest! {
        #[test]
        fn as_byte_by_byte(bytes in prop::collection::vec(prop_oneof![any::<u8>(), Just(b'\''), Just(b'o'), Just(b'O'), Just(b' ')], size_of::<Window>())) {
            let window: &Window = bytes.first_chunk().unwrap();
            prop_assert_eq!(Block::classify(window), classify_slowly(window));
        }
    }

    #[test]
    fn every_byte_everywhere_has_its_class() {
        for byte in 0..=u8::MAX {
            let window = [byte; size_of::<Window>()];
            assert_eq!(Block::classify(&window), classify_slowly(&window));
        }
    }
}
