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
    /// Its last eight bytes.
    last_lane: u64,
}

impl Block {
    /// Classifies a block that is followed by the byte `following`.
    #[inline(always)]
    pub(super) fn classify(bytes: &[u8; BLOCK], following: u8, before: &mut Before) -> Self {
        // Written so that compilers turn it into operations on many bytes.
        let mut alphanumeric = [0; BLOCK];
        let mut unusual = 0;
        for (class, byte) in alphanumeric.iter_mut().zip(bytes) {
            let is_letter = (byte | 0x20).wrapping_sub(b'a') < 26;
            let is_digit = byte.wrapping_sub(b'0') < 10;
            *class = if is_letter | is_digit { 0x80 } else { 0 };
            unusual |= (byte & 0x80) | if *byte == b'\'' { 0x80 } else { 0 };
        }
        let mut unusual = u64::from(unusual);
        let mut last = before.last_lane;
        let mut alphanumerics = 0;
        let (lanes, _) = bytes.as_chunks::<8>();
        let (classes, _) = alphanumeric.as_chunks::<8>();
        for (i, (lane, class)) in lanes.iter().zip(classes).enumerate() {
            alphanumerics |= gather(u64::from_le_bytes(*class)) << (8 * i);
            unusual |= Lane::new(*lane, &mut last).thirds();
        }
        let mut block = Self { word: alphanumerics, irregular: 0 };
        if unusual != 0 {
            block.add_unusual(bytes, following, before);
        }
        before.last_lane = last;
        block
    }

    /// Adds what most blocks do not have.
    #[inline(never)]
    fn add_unusual(&mut self, bytes: &[u8; BLOCK], following: u8, before: &Before) {
        let mut letters = 0;
        let mut apostrophes = 0;
        let mut beyond_ascii = 0;
        let mut thirds = 0;
        let mut last = before.last_lane;

        let (lanes, _) = bytes.as_chunks::<8>();
        for (i, lane) in lanes.iter().enumerate() {
            let lane = Lane::new(*lane, &mut last);
            let at = 8 * i;
            letters |= gather(lane.letters()) << at;
            apostrophes |= gather(lane.apostrophes()) << at;
            beyond_ascii |= gather(lane.beyond_ascii()) << at;
            thirds |= gather(lane.thirds()) << at;
        }
        let last_before = (before.last_lane >> 56) as u8;
        let after_letter = (letters << 1) | u64::from(last_before.is_ascii_alphabetic());
        let before_letter = (letters >> 1) | (u64::from(following.is_ascii_alphabetic()) << (BLOCK - 1));
        self.word |= beyond_ascii | (apostrophes & after_letter & before_letter);
        self.irregular = beyond_ascii | thirds;
    }
}

/// Eight bytes; their classes are the top bits of the bytes.
struct Lane {
    bytes: u64,
    /// The bytes in lower case if they are letters.
    lower: u64,
    /// The same of the eight bytes before.
    lower_before: u64,
}

impl Lane {
    /// `last` are the eight bytes before, and become these.
    #[inline(always)]
    fn new(bytes: [u8; 8], last: &mut u64) -> Self {
        let bytes = u64::from_le_bytes(bytes);
        let lower_before = std::mem::replace(last, bytes) | LOWER;
        Self { bytes, lower: bytes | LOWER, lower_before }
    }

    #[inline(always)]
    fn letters(&self) -> u64 {
        let low = self.lower & LOW_BITS;
        from(low, b'a') & !from(low, b'z' + 1) & !self.bytes & TOP_BITS
    }

    #[inline(always)]
    fn apostrophes(&self) -> u64 {
        zeros(self.bytes ^ APOSTROPHES)
    }

    #[inline(always)]
    fn beyond_ascii(&self) -> u64 {
        self.bytes & TOP_BITS
    }

    /// Letters that are, but for case, the same as the two before.
    #[inline(always)]
    fn thirds(&self) -> u64 {
        let second = (self.lower << 8) | (self.lower_before >> 56);
        let first = (self.lower << 16) | (self.lower_before >> 48);
        zeros((self.lower ^ second) | (self.lower ^ first)) & self.letters()
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
