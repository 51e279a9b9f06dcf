//! Compressed frames: a checksum, a header, and one block.

use std::io::{self, Read};

use super::{MAX_LENGTH, invalid, values::bytes};

const CHECKSUM: usize = 16;
const HEADER: usize = 9;
const METHOD_LZ4: u8 = 0x82;
const METHOD_NONE: u8 = 0x02;

/// Reads one frame, and returns its decompressed bytes.
pub(super) fn read(from: &mut impl Read) -> io::Result<Vec<u8>> {
    let expected = bytes(from, CHECKSUM)?;
    let mut frame = bytes(from, HEADER)?;
    let compressed = length(&frame[1..5])?;
    let decompressed = length(&frame[5..9])?;
    let body = compressed.checked_sub(HEADER).ok_or_else(|| invalid("a compressed frame shorter than its header"))?;
    frame.extend(bytes(from, body)?);
    if checksum(&frame)[..] != expected[..] {
        return Err(invalid("a compressed frame with a wrong checksum"));
    }
    match frame[0] {
        METHOD_LZ4 => lz4_flex::block::decompress(&frame[HEADER..], decompressed)
            .map_err(|error| invalid(format!("a compressed frame that does not decompress: {error}"))),
        METHOD_NONE => Ok(frame.split_off(HEADER)),
        method => Err(invalid(format!("compression method {method:#x} is not supported, only LZ4"))),
    }
}

/// Appends bytes as one frame.
pub(super) fn write(to: &mut Vec<u8>, raw: &[u8]) -> io::Result<()> {
    let body = lz4_flex::block::compress(raw);
    let mut frame = Vec::with_capacity(HEADER + body.len());
    frame.push(METHOD_LZ4);
    for length in [HEADER + body.len(), raw.len()] {
        let length = u32::try_from(length).map_err(|_| invalid("a block beyond 4 GiB"))?;
        frame.extend_from_slice(&length.to_le_bytes());
    }
    frame.extend(body);
    to.extend_from_slice(&checksum(&frame));
    to.extend(frame);
    Ok(())
}

fn length(bytes: &[u8]) -> io::Result<usize> {
    let mut wide = [0; 4];
    wide.copy_from_slice(bytes);
    usize::try_from(u32::from_le_bytes(wide))
        .ok()
        .filter(|length| *length <= MAX_LENGTH)
        .ok_or_else(|| invalid("a compressed frame beyond 1 GiB"))
}

/// The checksum, with its halves in the order ClickHouse sends them.
fn checksum(frame: &[u8]) -> [u8; CHECKSUM] {
    cityhash_rs::cityhash_102_128(frame).rotate_left(64).to_le_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_survive_a_round_trip() {
        for raw in [b"".to_vec(), b"block".to_vec(), vec![7; 100_000]] {
            let mut wire = Vec::new();
            write(&mut wire, &raw).unwrap();
            let mut rest = wire.as_slice();
            assert_eq!(read(&mut rest).unwrap(), raw);
            assert!(rest.is_empty());
        }
    }

    #[test]
    fn any_damage_is_detected() {
        let mut wire = Vec::new();
        write(&mut wire, b"twelve rows of something").unwrap();
        for place in 0..wire.len() {
            let mut damaged = wire.clone();
            damaged[place] ^= 1;
            assert!(read(&mut damaged.as_slice()).is_err(), "damage at byte {place} went unnoticed");
        }
    }
}
