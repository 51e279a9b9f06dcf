//! Converts UTF-16 to UTF-8 while it is read.

use std::io::{self, ErrorKind, Read};

const RAW_BYTES: usize = 64 * 1024;

/// Which byte of a pair comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ByteOrder {
    Little,
    Big,
}

impl ByteOrder {
    /// The order according to a byte order mark at the beginning; `None` without one, or if it is that of UTF-32.
    pub(super) fn of(beginning: &[u8]) -> Option<Self> {
        match beginning {
            [0xFF, 0xFE, 0, 0, ..] => None,
            [0xFF, 0xFE, ..] => Some(Self::Little),
            [0xFE, 0xFF, ..] => Some(Self::Big),
            _ => None,
        }
    }

    /// Whether these bytes may be the beginning of a byte order mark or are ambiguous.
    pub(super) fn may_begin(beginning: &[u8]) -> bool {
        matches!(beginning, [] | [0xFF] | [0xFE] | [0xFF, 0xFE] | [0xFF, 0xFE, 0])
    }
}

/// Reads UTF-16 as UTF-8, without its byte order mark.
///
/// An unpaired surrogate has no UTF-8 form. It becomes bytes that are not valid UTF-8 either, so that the decoder
/// rejects the text and keeps them, instead of a replacement character that was never written.
pub(super) struct Utf16<R> {
    reader: R,
    order: ByteOrder,
    raw: Vec<u8>,
    /// Text that was not returned yet.
    text: Vec<u8>,
    given: usize,
    /// The first byte of a code unit whose second byte is missing yet.
    odd: Option<u8>,
    /// A high surrogate whose low surrogate is missing yet.
    high: Option<u16>,
    is_at_start: bool,
}

impl<R: Read> Utf16<R> {
    pub(super) fn new(order: ByteOrder, reader: R) -> Self {
        Self {
            reader,
            order,
            raw: vec![0; RAW_BYTES],
            text: Vec::new(),
            given: 0,
            odd: None,
            high: None,
            is_at_start: true,
        }
    }

    /// Reads more; `false` at the end.
    fn fill(&mut self) -> io::Result<bool> {
        let length = loop {
            match self.reader.read(&mut self.raw) {
                Ok(length) => break length,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        };
        self.text.clear();
        self.given = 0;
        if length == 0 {
            if let Some(high) = self.high.take() {
                push_surrogate(&mut self.text, high);
            }
            // This byte never occurs in UTF-8.
            self.text.extend(self.odd.take().map(|_| 0xFF));
            return Ok(!self.text.is_empty());
        }
        let raw = std::mem::take(&mut self.raw);
        let mut bytes = &raw[..length];
        if let (Some(first), [second, rest @ ..]) = (self.odd.take(), bytes) {
            self.push(self.unit([first, *second]));
            bytes = rest;
        }
        let (pairs, odd) = bytes.as_chunks::<2>();
        for pair in pairs {
            let unit = self.unit(*pair);
            match u8::try_from(unit) {
                // The common case.
                Ok(byte) if byte.is_ascii() && self.high.is_none() => self.text.push(byte),
                _ => self.push(unit),
            }
        }
        self.odd = odd.first().copied();
        self.raw = raw;
        Ok(true)
    }

    fn unit(&self, pair: [u8; 2]) -> u16 {
        match self.order {
            ByteOrder::Little => u16::from_le_bytes(pair),
            ByteOrder::Big => u16::from_be_bytes(pair),
        }
    }

    fn push(&mut self, unit: u16) {
        if std::mem::take(&mut self.is_at_start) && unit == 0xFEFF {
            return;
        }
        let units = [self.high.take(), Some(unit)];
        if matches!(unit, 0xD800..0xDC00) {
            if let [Some(lone), _] = units {
                push_surrogate(&mut self.text, lone);
            }
            self.high = Some(unit);
            return;
        }
        for decoded in char::decode_utf16(units.into_iter().flatten()) {
            match decoded {
                Ok(character) => self.text.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes()),
                Err(lone) => push_surrogate(&mut self.text, lone.unpaired_surrogate()),
            }
        }
    }
}

/// Encodes a surrogate in three bytes, as a code point of its value would be.
fn push_surrogate(text: &mut Vec<u8>, surrogate: u16) {
    let [high, low] = surrogate.to_be_bytes();
    text.extend([0xE0 | (high >> 4), 0x80 | ((high & 0x0F) << 2) | (low >> 6), 0x80 | (low & 0x3F)]);
}

impl<R: Read> Read for Utf16<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.given == self.text.len() {
            if buffer.is_empty() || !self.fill()? {
                return Ok(0);
            }
        }
        let rest = &self.text[self.given..];
        let length = rest.len().min(buffer.len());
        buffer[..length].copy_from_slice(&rest[..length]);
        self.given += length;
        Ok(length)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Returns a limited number of bytes per read.
    struct Slowly<'b>(&'b [u8], usize);

    impl Read for Slowly<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let length = self.1.min(buffer.len());
            self.0.read(&mut buffer[..length])
        }
    }

    fn decode(bytes: &[u8], at_a_time: usize) -> Vec<u8> {
        let order = ByteOrder::of(bytes).unwrap();
        let mut text = Vec::new();
        Utf16::new(order, Slowly(bytes, at_a_time)).read_to_end(&mut text).unwrap();
        text
    }

    fn encode(text: &str, order: ByteOrder) -> Vec<u8> {
        let units = std::iter::once(0xFEFF).chain(text.encode_utf16());
        units
            .flat_map(|unit| match order {
                ByteOrder::Little => unit.to_le_bytes(),
                ByteOrder::Big => unit.to_be_bytes(),
            })
            .collect()
    }

    proptest! {
        #[test]
        fn text_round_trips(text in "\\PC{0,40}", at_a_time in 1..9_usize) {
            for order in [ByteOrder::Little, ByteOrder::Big] {
                prop_assert_eq!(decode(&encode(&text, order), at_a_time), text.as_bytes());
            }
        }

        #[test]
        fn the_result_does_not_depend_on_read_sizes(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
            let bytes = [&[0xFF, 0xFE, b'a', 0][..], &bytes].concat();
            let whole = decode(&bytes, 1000);
            for at_a_time in 1..6 {
                prop_assert_eq!(&decode(&bytes, at_a_time), &whole);
            }
        }
    }

    #[test]
    fn unpaired_surrogates_become_invalid_utf8() {
        for broken in [&[0x3D, 0xD8][..], &[0x3D, 0xD8, b'a', 0], &[0x3D, 0xD8, 0x3D, 0xD8], &[0, 0xDE], b"a"] {
            let text = decode(&[&[0xFF, 0xFE, b'a', 0][..], broken].concat(), 3);
            assert!(text.starts_with(b"a") && std::str::from_utf8(&text).is_err(), "{text:x?}");
        }
        // A pair that arrives in pieces is complete.
        assert_eq!(decode(b"\xFE\xFF\xD8\x3D\xDE\x00", 1), "\u{1F600}".as_bytes());
    }

    #[test]
    fn byte_order_marks_are_distinguished() {
        assert_eq!(ByteOrder::of(b"\xFF\xFE{\0"), Some(ByteOrder::Little));
        assert_eq!(ByteOrder::of(b"\xFE\xFF\0{"), Some(ByteOrder::Big));
        assert_eq!(ByteOrder::of(b"\xFF\xFE\0\0"), None);
        assert_eq!(ByteOrder::of(b"{}"), None);
    }
}
