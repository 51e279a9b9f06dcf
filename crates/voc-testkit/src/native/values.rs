//! Reads the elements of packets: numbers, texts, bytes.

use std::io::{self, Read};

use super::{MAX_LENGTH, invalid};

pub(super) fn varint(from: &mut impl Read) -> io::Result<u64> {
    let mut value = 0;
    for shift in (0..63).step_by(7) {
        let byte = byte(from)?;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Ok(value);
        }
    }
    Err(invalid("a number of more than nine bytes"))
}

pub(super) fn text(from: &mut impl Read) -> io::Result<String> {
    let length = usize::try_from(varint(from)?).ok().filter(|length| *length <= MAX_LENGTH);
    let bytes = bytes(from, length.ok_or_else(|| invalid("a text beyond 1 GiB"))?)?;
    String::from_utf8(bytes).map_err(|_| invalid("a text that is not UTF-8"))
}

pub(super) fn byte(from: &mut impl Read) -> io::Result<u8> {
    let mut byte = [0];
    from.read_exact(&mut byte)?;
    Ok(byte[0])
}

/// Reads exactly this many bytes, allocating memory only for what arrives.
pub(super) fn bytes(from: &mut impl Read, length: usize) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.take(length as u64).read_to_end(&mut bytes)?;
    if bytes.len() < length {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(bytes)
}

pub(super) fn skip_varints(from: &mut impl Read, count: usize) -> io::Result<()> {
    (0..count).try_for_each(|_| varint(from).map(drop))
}

pub(super) fn skip_texts(from: &mut impl Read, count: usize) -> io::Result<()> {
    (0..count).try_for_each(|_| text(from).map(drop))
}
