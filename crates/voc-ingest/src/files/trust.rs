//! Determines how much of an archive is usable, before any of it is used.

use std::io::{self, BufRead, Read};

use super::archive::{Codec, Damage, Decompressor, Defect};

/// Number of bytes at the end of an archive that may encode the length of its content.
pub(super) const TAIL_BYTES: usize = 4;

/// Maximum difference between that length and the decompressed length of a damaged archive.
const LENGTH_TOLERANCE: u32 = 64 * 1024;

const ZSTD_BLOCK_BYTES: u64 = 128 * 1024;

const SCRATCH_BYTES: usize = 64 * 1024;

/// How much of the content of an archive is reliable.
#[derive(Debug)]
pub(super) struct Trust {
    /// Number of reliable bytes.
    pub(super) length: u64,
    /// Why it is not the whole content.
    pub(super) damage: Option<Damage>,
}

/// Decompresses an archive to its end to determine how much of it is usable.
///
/// Nothing of a damaged member is usable: damage is rarely detected before the checksum at its end, so any
/// decompressed byte may be wrong. All of a truncated member is usable, except what may be due to damage. `tail` are
/// the last bytes of the archive.
pub(super) fn examine(codec: Codec, archive: impl BufRead, tail: [u8; TAIL_BYTES]) -> io::Result<Trust> {
    let mut decompressor = Decompressor::new(codec, archive);
    let mut scratch = vec![0; SCRATCH_BYTES];
    loop {
        match decompressor.read(&mut scratch) {
            Ok(0) => return Ok(Trust { length: decompressor.produced, damage: None }),
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => {
                let mut damage = error.downcast::<Damage>()?;
                match damage.defect {
                    Defect::Truncated { at } if codec == Codec::Gzip && ran_past_end(&decompressor, tail) => {
                        damage.defect = Defect::Corrupt { from: decompressor.member_at, to: at };
                    }
                    Defect::Truncated { .. } => {
                        let relied_on = decompressor.produced.saturating_sub(doubtful_bytes(codec));
                        return Ok(Trust { length: relied_on.max(decompressor.complete), damage: Some(damage) });
                    }
                    _ => {}
                }
                return Ok(Trust { length: decompressor.complete, damage: Some(damage) });
            }
        }
    }
}

/// How much of the end may be due to damage that looks like truncation. If the length field of a Zstandard block is
/// damaged, that block and its apparent successor are wrong.
fn doubtful_bytes(codec: Codec) -> u64 {
    match codec {
        Codec::Gzip => 0,
        Codec::Zstd => 2 * ZSTD_BLOCK_BYTES,
    }
}

/// Whether the decoder ran past the end of the member, which damage has hidden, so that it only seems truncated: the
/// last bytes of a complete member encode its length. In a truncated one they are arbitrary and rarely match.
fn ran_past_end<R: BufRead>(decompressor: &Decompressor<R>, tail: [u8; TAIL_BYTES]) -> bool {
    #[expect(clippy::cast_possible_truncation, reason = "the length is encoded modulo 2³²")]
    let difference = ((decompressor.produced - decompressor.complete) as u32).wrapping_sub(u32::from_le_bytes(tail));
    difference.min(difference.wrapping_neg()) <= LENGTH_TOLERANCE
}

/// Returns an error at the end.
pub(super) struct FinalError(pub(super) Option<Damage>);

impl Read for FinalError {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        match self.0.take() {
            Some(damage) => Err(io::Error::new(io::ErrorKind::InvalidData, damage)),
            None => Ok(0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::archive::tests::{content, gzip, zstd};

    #[test]
    fn nothing_of_a_damaged_member_is_usable() {
        for pack in [gzip, zstd] {
            let (one, archive) = (content(3), pack(&content(3)));
            let first = archive.len();
            for place in [first / 4, first / 2, first - 3] {
                let mut damaged = [&archive[..], &archive[..], &archive[..]].concat();
                damaged[first + place] ^= 1;
                let trust = examine(Codec::of(&damaged).unwrap(), damaged.as_slice(), [0; 4]).unwrap();
                assert_eq!(trust.length, one.len() as u64);
                let Some(Damage { defect: Defect::Corrupt { from, to }, .. }) = trust.damage else {
                    panic!("not damaged: {:?}", trust.damage);
                };
                assert!(from == first as u64 && to > from && to <= 2 * first as u64, "{from} {to}");
            }
        }
    }

    #[test]
    fn the_usable_part_is_correct_whichever_bit_is_flipped() {
        for pack in [gzip, zstd] {
            let text: String =
                (0..300).map(|number| format!("{{\"event\":{number},\"n\":{}}}\n", number * 7)).collect();
            let archive = [pack(b"first"), pack(text.as_bytes())].concat();
            let whole = [b"first", text.as_bytes()].concat();
            let mut relied_on = [0; 2];
            for bit in 0..archive.len() * 8 {
                let mut damaged = archive.clone();
                damaged[bit / 8] ^= 1 << (bit % 8);
                let Some(codec) = Codec::of(&damaged) else { continue };
                let tail = *damaged.last_chunk().unwrap();
                let trust = examine(codec, damaged.as_slice(), tail).unwrap();
                let mut content = Vec::new();
                Decompressor::new(codec, damaged.as_slice()).take(trust.length).read_to_end(&mut content).unwrap();
                assert!(whole.starts_with(&content), "bit {bit} of {codec}: {:?}", trust.damage);
                relied_on[usize::from(content == whole)] += 1;
            }
            assert!(relied_on[0] > 20 * relied_on[1], "{relied_on:?}");
        }
    }
}
