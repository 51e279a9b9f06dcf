//! How much of an archive may be used: found out before anything of it is.

use std::io::{self, BufRead, Read};

use super::archive::{Codec, Damage, Decompressor, Defect};

/// Bytes at an archive's end that may tell the length of what is in it.
pub(super) const TAIL_BYTES: usize = 4;

/// How far what was unpacked of a damaged archive may differ from that length.
const LENGTH_TOLERANCE: u32 = 64 * 1024;

const ZSTD_BLOCK_BYTES: u64 = 128 * 1024;

const SCRATCH_BYTES: usize = 64 * 1024;

/// How much of an archive's content can be relied on.
#[derive(Debug)]
pub(super) struct Trust {
    /// Bytes of the content.
    pub(super) length: u64,
    /// Why it is not all of it.
    pub(super) damage: Option<Damage>,
}

/// Unpacks an archive to its end, to see how much of it may be used.
///
/// Of a damaged member nothing may: hardly ever is it noticed before the checksum at its end, and then what was
/// unpacked of it may be wrong anywhere. Of one that is cut off all may that is there, but for what may also be due to
/// damage. `tail` are the archive's last bytes.
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
                    Defect::Truncated { at } if codec == Codec::Gzip && has_passed_its_end(&decompressor, tail) => {
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

/// How much of what was unpacked last may be due to damage that looks like a cut. Where the length of one of
/// Zstandard's blocks is damaged, that block and what seems to follow it are wrong.
fn doubtful_bytes(codec: Codec) -> u64 {
    match codec {
        Codec::Gzip => 0,
        Codec::Zstd => 2 * ZSTD_BLOCK_BYTES,
    }
}

/// Whether the member was unpacked past its end, which damage has hidden, so that it only seems to be cut off: the
/// last bytes of a whole one tell its length. Those of one that is cut off are anything, and hardly ever that.
fn has_passed_its_end<R: BufRead>(decompressor: &Decompressor<R>, tail: [u8; TAIL_BYTES]) -> bool {
    #[expect(clippy::cast_possible_truncation, reason = "the length is told modulo 2³²")]
    let difference = ((decompressor.produced - decompressor.complete) as u32).wrapping_sub(u32::from_le_bytes(tail));
    difference.min(difference.wrapping_neg()) <= LENGTH_TOLERANCE
}

/// Ends with an error.
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
    fn of_a_damaged_member_nothing_is_relied_on() {
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
    fn whichever_bit_is_flipped_what_is_relied_on_is_right() {
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
