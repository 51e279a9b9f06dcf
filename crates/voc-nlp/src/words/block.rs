//! Classes of 64 bytes as bit masks, eight bytes at a time in plain integers, so that every machine gives the same.

/// Bytes in a block: one bit each in a `u64`.
pub(super) const BLOCK: usize = 64;

/// The classes of a block's bytes; bit i is byte i.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Block {
    /// ASCII letters and digits, apostrophes between letters, and every byte of other characters.
    pub(super) word: u64,
    /// Bytes that keep a word from being looked up as it stands: no ASCII, or the third equal letter in a row.
    pub(super) irregular: u64,
}

/// What the next block has to know of the one before.
#[derive(Default)]
pub(super) struct Before {
    last_byte: u64,
    last_is_letter: bool,
    last_is_repeat: bool,
}

impl Block {
    /// Classifies a block that is followed by the byte `following`.
    #[inline(always)]
    pub(super) fn classify(bytes: &[u8; BLOCK], following: u8, before: &mut Before) -> Self {
        let mut letters = 0;
        let mut alphanumerics = 0;
        let mut apostrophes = 0;
        let mut beyond_ascii = 0;
        let mut repeats = 0;

        let (lanes, _) = bytes.as_chunks::<8>();
        for (i, lane) in lanes.iter().enumerate() {
            let lane = u64::from_le_bytes(*lane);
            let low = lane & LOW_BITS;
            let lower = low | LOWER;
            let letter = from(lower, b'a') & !from(lower, b'z' + 1) & !lane & TOP_BITS;
            let digit = from(low, b'0') & !from(low, b'9' + 1) & !lane & TOP_BITS;
            let folded = lane | LOWER;
            let repeat = zeros(folded ^ ((folded << 8) | before.last_byte));
            before.last_byte = folded >> 56;

            let at = 8 * i;
            letters |= gather(letter) << at;
            alphanumerics |= gather(letter | digit) << at;
            apostrophes |= gather(zeros(lane ^ APOSTROPHES)) << at;
            beyond_ascii |= gather(lane & TOP_BITS) << at;
            repeats |= gather(repeat) << at;
        }

        let mut word = alphanumerics | beyond_ascii;
        if apostrophes != 0 {
            let after_letter = (letters << 1) | u64::from(before.last_is_letter);
            let before_letter = (letters >> 1) | (u64::from(following.is_ascii_alphabetic()) << (BLOCK - 1));
            word |= apostrophes & after_letter & before_letter;
        }
        let thirds = letters & repeats & ((repeats << 1) | u64::from(before.last_is_repeat));
        before.last_is_letter = letters >> (BLOCK - 1) != 0;
        before.last_is_repeat = repeats >> (BLOCK - 1) != 0;
        Self { word, irregular: beyond_ascii | thirds }
    }
}

const LOW_BITS: u64 = each(0x7f);
const TOP_BITS: u64 = each(0x80);
const LOWER: u64 = each(0x20);
const APOSTROPHES: u64 = each(b'\'');

/// `byte` in all eight bytes.
const fn each(byte: u8) -> u64 {
    u64::from_le_bytes([byte; 8])
}

/// The top bit of each byte that is at least `bound`. All bytes are below 0x80.
#[inline(always)]
const fn from(lane: u64, bound: u8) -> u64 {
    lane + each(0x80 - bound)
}

/// The top bit of each byte that is zero.
#[inline(always)]
const fn zeros(lane: u64) -> u64 {
    !(((lane & LOW_BITS) + LOW_BITS) | lane) & TOP_BITS
}

/// The top bits of the eight bytes as the lowest eight bits.
#[inline(always)]
const fn gather(tops: u64) -> u64 {
    // Bit 8i moves to 56 + i; the products do not overlap.
    (tops >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The same classes, byte by byte.
    fn classify_slowly(bytes: &[u8], at: usize) -> Block {
        let byte = |i: Option<usize>| i.and_then(|i| bytes.get(i)).copied().unwrap_or(b' ');
        let mut block = Block { word: 0, irregular: 0 };
        for bit in 0..BLOCK {
            let i = at + bit;
            let this = byte(Some(i));
            let (first, second) = (byte(i.checked_sub(2)), byte(i.checked_sub(1)));
            let joins = this == b'\'' && second.is_ascii_alphabetic() && byte(Some(i + 1)).is_ascii_alphabetic();
            let is_word = this.is_ascii_alphanumeric() || !this.is_ascii() || joins;
            let is_third = this.is_ascii_alphabetic() && [first, second].iter().all(|b| b.eq_ignore_ascii_case(&this));
            block.word |= u64::from(is_word) << bit;
            block.irregular |= u64::from(!this.is_ascii() || is_third) << bit;
        }
        block
    }

    proptest! {
        #[test]
        fn as_byte_by_byte(bytes in prop::collection::vec(prop_oneof![any::<u8>(), Just(b'\''), Just(b'o'), Just(b'O'), Just(b' ')], 192)) {
            let mut before = Before::default();
            for at in [0, 64] {
                let block: &[u8; BLOCK] = bytes[at..].first_chunk().unwrap();
                let fast = Block::classify(block, bytes[at + BLOCK], &mut before);
                prop_assert_eq!(fast, classify_slowly(&bytes, at));
            }
        }
    }
}
