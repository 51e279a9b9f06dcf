//! Finds the bytes at which a finding may be recognised, sixteen at a time.

use wide::u8x16;

/// Number of bytes examined together.
const BLOCK: usize = 16;

/// The position of the first byte from `from` on that is a digit, an at sign, the mark of an escape, or the first byte
/// of a character from U+0640 on, where the digits and at signs of other scripts are.
pub(super) fn next_trigger(text: &str, from: usize) -> Option<usize> {
    let mut rest = text.as_bytes().get(from..)?;
    let mut at = from;
    while let Some((block, behind)) = rest.split_first_chunk() {
        if let Some(i) = first(*block) {
            return Some(at + i);
        }
        rest = behind;
        at += BLOCK;
    }
    let mut block = [b' '; BLOCK];
    for (place, byte) in block.iter_mut().zip(rest) {
        *place = *byte;
    }
    first(block).map(|i| at + i)
}

#[inline(always)]
fn first(block: [u8; BLOCK]) -> Option<usize> {
    let bytes = u8x16::new(block);
    let all = u8x16::splat;
    // The distance of each byte from triggers of each kind; the minimum is 0 for triggers.
    let from_digits = (bytes - all(b'0')).saturating_sub(all(9));
    let from_percent_and_ampersand = (bytes - all(b'%')).saturating_sub(all(1));
    let from_backslash = bytes ^ all(b'\\');
    let from_at_sign = bytes ^ all(b'@');
    let from_characters = all(0xd9).saturating_sub(bytes);
    let from_marks = from_percent_and_ampersand.min(from_backslash);
    let distance = from_digits.min(from_marks).min(from_at_sign).min(from_characters);
    let triggers = distance.simd_eq(u8x16::ZERO).to_bitmask();
    (triggers != 0).then_some(triggers.trailing_zeros() as usize)
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
                assert_eq!(first(block), is_trigger.then_some(at), "{byte} at {at}");
            }
        }
    }

    #[test]
    fn a_text_of_any_length_is_read_to_its_end() {
        for len in 0..3 * BLOCK {
            let text = "a".repeat(len);
            assert_eq!(next_trigger(&text, 0), None);
            assert_eq!(next_trigger(&(text.clone() + "@"), 0), Some(len));
            assert_eq!(next_trigger(&("@".to_owned() + &text + "@"), 1), Some(len + 1));
            assert_eq!(next_trigger(&text, len + 1), None);
        }
    }
}
