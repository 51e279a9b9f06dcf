//! Finds the places at which a finding may be recognised, many bytes at a time.

use wide::u8x16;

use super::grams::Grams;

/// Number of bytes examined together, and of those that are classified by one operation.
const BLOCK: usize = 32;
const HALF: usize = 16;
/// A sequence of bytes is looked up at each multiple of this.
const STRIDE: usize = 8;
/// Number of bytes that are looked up.
pub(super) const LOOKED_UP: usize = super::grams::LEN;

/// A place at which a finding may be recognised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trigger {
    /// A byte that is a digit, an at sign, the mark of an escape, or the first byte of a character from U+0640 on,
    /// where the digits and at signs of other scripts are.
    Byte(usize),
    /// Bytes that may be part of a spoken number or address.
    Words(usize),
}

/// The triggers of a text, block by block.
#[derive(Clone, Debug)]
pub(super) struct Triggers<'a> {
    bytes: &'a [u8],
    /// The beginning of the last block read, and of the next one.
    block: usize,
    next: usize,
    /// The triggers of the last block that were not returned yet: bytes, and places at which words may be.
    is_byte: u32,
    is_words: u32,
}

impl<'a> Triggers<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { bytes: text.as_bytes(), block: 0, next: 0, is_byte: 0, is_words: 0 }
    }

    /// The first trigger from `from` on, which is behind the last one.
    pub(super) fn next_from(&mut self, from: usize) -> Option<Trigger> {
        if from >= self.next {
            self.next = from / BLOCK * BLOCK;
            (self.is_byte, self.is_words) = (0, 0);
        }
        self.skip_to(from);
        if let Some(trigger) = self.next_in_block() {
            return Some(trigger);
        }
        let grams = Grams::spoken();
        while self.read_blocks(grams) {
            self.skip_to(from);
            if let Some(trigger) = self.next_in_block() {
                return Some(trigger);
            }
        }
        None
    }

    fn skip_to(&mut self, from: usize) {
        let kept = u32::MAX.checked_shl(from.saturating_sub(self.block) as u32).unwrap_or_default();
        self.is_byte &= kept;
        self.is_words &= kept;
    }

    fn next_in_block(&mut self) -> Option<Trigger> {
        while self.is_words != 0 && self.is_words.trailing_zeros() <= self.is_byte.trailing_zeros() {
            let at = self.block + self.is_words.trailing_zeros() as usize;
            self.is_words &= self.is_words - 1;
            if is_spoken_around(Grams::spoken(), self.bytes, at) {
                return Some(Trigger::Words(at));
            }
        }
        let at = self.block + self.is_byte.trailing_zeros() as usize;
        (self.is_byte != 0).then(|| {
            self.is_byte &= self.is_byte - 1;
            Trigger::Byte(at)
        })
    }

    /// Reads on to the next block with triggers. `false` if there is none.
    fn read_blocks(&mut self, grams: &Grams) -> bool {
        let mut rest = self.bytes.get(self.next..).unwrap_or_default();
        while let Some((block, behind)) = rest.split_first_chunk() {
            if self.read(grams, block, self.bytes.len() - rest.len()) {
                return true;
            }
            rest = behind;
        }
        let at = self.bytes.len() - rest.len();
        self.next = self.bytes.len();
        if rest.is_empty() {
            return false;
        }
        // The last block overlaps the one before.
        match self.bytes.last_chunk() {
            Some(block) => self.read(grams, block, self.bytes.len() - BLOCK),
            None => self.read(grams, &padded_block(rest), at),
        }
    }

    /// Classifies a block that begins at `at`. Returns whether it has triggers.
    #[inline(always)]
    fn read(&mut self, grams: &Grams, block: &[u8; BLOCK], at: usize) -> bool {
        let (low, high) = (distance(half(block, 0)), distance(half(block, HALF)));
        let words = [
            grams.contains(eight(block, 0)),
            grams.contains(eight(block, STRIDE)),
            grams.contains(eight(block, 2 * STRIDE)),
            grams.contains(eight(block, 3 * STRIDE)),
        ];
        let is_any = low.min(high).simd_eq(u8x16::ZERO).to_bitmask() | words[0] | words[1] | words[2] | words[3];
        if is_any == 0 {
            return false;
        }
        self.is_byte = low.simd_eq(u8x16::ZERO).to_bitmask() | (high.simd_eq(u8x16::ZERO).to_bitmask() << HALF);
        self.is_words = words[0] | (words[1] << STRIDE) | (words[2] << (2 * STRIDE)) | (words[3] << (3 * STRIDE));
        self.block = at;
        self.next = (at + BLOCK).min(self.bytes.len());
        true
    }
}

fn padded_block(bytes: &[u8]) -> [u8; BLOCK] {
    let mut block = [b' '; BLOCK];
    for (place, byte) in block.iter_mut().zip(bytes) {
        *place = *byte;
    }
    block
}

/// Whether the bytes a little before or behind those at `at` may be part of spoken data, too. Most are not by chance.
#[cold]
fn is_spoken_around(grams: &Grams, bytes: &[u8], at: usize) -> bool {
    const STEP: usize = 3;
    let contains = |at: usize| {
        let mut gram = [b' '; 8];
        for (place, byte) in gram.iter_mut().zip(bytes.get(at..).unwrap_or_default()) {
            *place = *byte;
        }
        grams.contains(gram) == 1
    };
    contains(at + STEP) || at.checked_sub(STEP).is_some_and(contains)
}

#[inline(always)]
fn half(block: &[u8; BLOCK], from: usize) -> u8x16 {
    let mut bytes = [0; HALF];
    bytes.copy_from_slice(&block[from..from + HALF]);
    u8x16::new(bytes)
}

#[inline(always)]
fn eight(block: &[u8; BLOCK], from: usize) -> [u8; 8] {
    let mut bytes = [0; 8];
    bytes.copy_from_slice(&block[from..from + 8]);
    bytes
}

/// The distance of each byte from triggers of each kind; the minimum is 0 for triggers.
#[inline(always)]
fn distance(bytes: u8x16) -> u8x16 {
    let all = u8x16::splat;
    let from_digits = (bytes - all(b'0')).saturating_sub(all(9));
    let from_percent_and_ampersand = (bytes - all(b'%')).saturating_sub(all(1));
    let from_backslash = bytes ^ all(b'\\');
    let from_at_sign = bytes ^ all(b'@');
    let from_characters = all(0xd9).saturating_sub(bytes);
    let from_marks = from_percent_and_ampersand.min(from_backslash);
    from_digits.min(from_marks).min(from_at_sign).min(from_characters)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(text: &str) -> Option<Trigger> {
        Triggers::new(text).next_from(0)
    }

    #[test]
    fn every_byte_is_classified_at_every_position() {
        for byte in 0..0x80 {
            let c = char::from(byte);
            let is_trigger = c.is_ascii_digit() || "@%&\\".contains(c);
            for at in 0..2 * BLOCK {
                let text = format!("{}{c}{}", "a".repeat(at), "a".repeat(BLOCK));
                assert_eq!(first(&text), is_trigger.then_some(Trigger::Byte(at)), "{byte} at {at}");
            }
        }
        for c in ['\u{640}', '１', '＠', '🙂'] {
            assert_eq!(first(&format!("aaa{c}")), Some(Trigger::Byte(3)));
        }
        for c in ['é', 'ß', 'й'] {
            assert_eq!(first(&format!("aaa{c}")), None);
        }
    }

    #[test]
    fn a_text_of_any_length_is_read_to_its_end() {
        for len in 0..3 * BLOCK {
            let text = "a".repeat(len);
            assert_eq!(first(&text), None);
            assert_eq!(first(&(text.clone() + "@")), Some(Trigger::Byte(len)));
            let text = "@".to_owned() + &text + "@";
            let mut triggers = Triggers::new(&text);
            assert_eq!(triggers.next_from(0), Some(Trigger::Byte(0)));
            assert_eq!(triggers.next_from(1), Some(Trigger::Byte(len + 1)));
            assert_eq!(triggers.next_from(len + 2), None);
            assert_eq!(Triggers::new(&text).next_from(1), Some(Trigger::Byte(len + 1)));
        }
    }

    #[test]
    fn spoken_data_are_noticed_wherever_they_begin() {
        for spoken in [
            "two one six",
            "one two six",
            "dois, seis, um",
            "FOUR FIVE SIX",
            "nineteen eighty",
            "vinte e um trinta",
            "jo ponto vaz arroba uol ponto com",
            "ana at acme dot com, thanks",
            "my email is jo at acme.com",
        ] {
            for before in 0..2 * BLOCK {
                let text = "x".repeat(before) + " " + spoken + " ";
                let found = first(&text);
                assert!(matches!(found, Some(Trigger::Words(at)) if at < before + 1 + spoken.len()), "{text}");
            }
        }
    }
}
