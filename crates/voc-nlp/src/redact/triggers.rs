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
    /// A byte that is a digit, an at sign, the mark of an escape, or the first byte of a character from U+0640 on, where
    /// the digits and at signs of other scripts are.
    Byte(usize),
    /// Bytes that may be part of a spoken number or address.
    Words(usize),
}

/// How far the bytes that were looked up at `at` may be skipped: up to the next byte that is a trigger itself.
pub(super) fn looked_up(text: &str, at: usize) -> usize {
    let is_trigger = |byte: &u8| byte.is_ascii_digit() || matches!(byte, b'@' | b'%' | b'&' | b'\\') || *byte >= 0xd9;
    let bytes = text.as_bytes().get(at..).unwrap_or_default();
    at + bytes.iter().take(STRIDE).take_while(|byte| !is_trigger(byte)).count().max(1)
}

/// The first trigger from `from` on.
pub(super) fn next_trigger(text: &str, from: usize) -> Option<Trigger> {
    let grams = Grams::spoken();
    let bytes = text.as_bytes();
    let mut rest = bytes.get(from..)?;
    let mut at = from;
    while let Some((block, behind)) = rest.split_first_chunk() {
        if let Some(found) = first(grams, bytes, at, block) {
            return Some(found);
        }
        rest = behind;
        at += BLOCK;
    }
    if rest.is_empty() {
        return None;
    }
    let mut block = [b' '; BLOCK];
    for (place, byte) in block.iter_mut().zip(rest) {
        *place = *byte;
    }
    first(grams, bytes, at, &block)
}

/// The first trigger in a block of `bytes` that begins at `at`.
#[inline(always)]
fn first(grams: &Grams, bytes: &[u8], at: usize, block: &[u8; BLOCK]) -> Option<Trigger> {
    let (low, high) = (distance(half(block, 0)), distance(half(block, HALF)));
    // A bit for each place at which bytes are looked up.
    let spoken = grams.contains(eight(block, 0))
        | (grams.contains(eight(block, STRIDE)) << 1)
        | (grams.contains(eight(block, 2 * STRIDE)) << 2)
        | (grams.contains(eight(block, 3 * STRIDE)) << 3);
    let is_trigger = low.min(high).simd_eq(u8x16::ZERO).to_bitmask();
    if (u64::from(is_trigger) | spoken) == 0 {
        return None;
    }
    let triggers = low.simd_eq(u8x16::ZERO).to_bitmask() | (high.simd_eq(u8x16::ZERO).to_bitmask() << HALF);
    let byte = triggers.trailing_zeros() as usize;
    let is_confirmed = |i: usize| spoken & (1 << i) != 0 && is_spoken_around(grams, bytes, at + i * STRIDE);
    let words = (0..BLOCK / STRIDE).take_while(|i| i * STRIDE <= byte).find(|i| is_confirmed(*i));
    match words {
        Some(i) => Some(Trigger::Words(at + i * STRIDE)),
        None => (triggers != 0).then_some(Trigger::Byte(at + byte)),
    }
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

    #[test]
    fn every_byte_is_classified_at_every_position() {
        for byte in 0..=u8::MAX {
            let is_trigger = byte.is_ascii_digit() || b"@%&\\".contains(&byte) || byte >= 0xd9;
            for at in 0..BLOCK {
                let mut block = [b'a'; BLOCK];
                block[at] = byte;
                let found = first(Grams::spoken(), &block, 0, &block);
                assert_eq!(found, is_trigger.then_some(Trigger::Byte(at)), "{byte} at {at}");
            }
        }
    }

    #[test]
    fn a_text_of_any_length_is_read_to_its_end() {
        for len in 0..3 * BLOCK {
            let text = "a".repeat(len);
            assert_eq!(next_trigger(&text, 0), None);
            assert_eq!(next_trigger(&(text.clone() + "@"), 0), Some(Trigger::Byte(len)));
            assert_eq!(next_trigger(&("@".to_owned() + &text + "@"), 1), Some(Trigger::Byte(len + 1)));
            assert_eq!(next_trigger(&text, len + 1), None);
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
                let found = next_trigger(&text, 0);
                assert!(matches!(found, Some(Trigger::Words(at)) if at < before + 1 + spoken.len()), "{text}");
            }
        }
    }
}
