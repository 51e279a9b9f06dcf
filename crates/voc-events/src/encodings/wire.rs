//! Confluent's wire format, in which a record names the schema it was written with.
//!
//! A byte 0, the schema's number in the registry as four bytes in big-endian order, then the event. In Protobuf the
//! event begins with the position of its message in the schema, because a schema may declare several.
//!
//! ```
//! use voc_events::encodings::wire::{self, Header};
//!
//! assert_eq!(wire::header(b"\0\0\0\0\x07event"), Ok(Some(Header { schema_id: 7, body: b"event" })));
//! assert_eq!(wire::header(br#"{"event_id":"plain JSON"}"#), Ok(None));
//! assert!(wire::header(b"\0\0\0").is_err());
//! ```

use crate::{Invalid, InvalidKind, Violation};

/// The first byte of a record in this format. No JSON begins with it.
const MAGIC: u8 = 0;

/// Maximum nesting of message declarations; protoc's own limit is 32.
const MAX_INDEXES: usize = 32;

/// The header of an event in this format, and the event's bytes.
///
/// ```
/// use voc_events::encodings::wire::{self, Header};
///
/// let Some(Header { schema_id, body }) = wire::header(b"\0\0\0\x01\x02{}")? else { panic!("it has a header") };
/// assert_eq!((schema_id, body), (258, &b"{}"[..]));
/// # Ok::<(), voc_events::Invalid>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header<'r> {
    /// The schema's number in the registry.
    pub schema_id: u32,
    /// The rest: the event, in Protobuf preceded by its [`message_indexes`].
    pub body: &'r [u8],
}

/// Why a record in this format cannot be read.
///
/// ```
/// use voc_events::{Invalid, InvalidKind, encodings::wire::{self, WireError}};
///
/// let error = wire::header(b"\0\0\x07").unwrap_err();
/// assert_eq!(error, WireError::Header { found: 3 });
/// // As the reason for a dead letter.
/// assert_eq!(Invalid::from(error).kind, InvalidKind::Encoding);
/// assert_eq!(wire::message_indexes(b"\x02\x01"), Err(WireError::Index { found: -1 }));
/// assert_eq!(wire::message_indexes(b"\x02"), Err(WireError::Indexes));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WireError {
    /// The record ends within the schema's number.
    #[error("{found} bytes, where a schema's number ends at byte 5")]
    Header {
        /// Bytes found.
        found: usize,
    },
    /// The record ends within the position of its message.
    #[error("an end within the place of the message")]
    Indexes,
    /// An impossible number in the position of the message.
    #[error("the number {found} in the place of the message")]
    Index {
        /// The number found.
        found: i64,
    },
}

impl From<WireError> for Invalid {
    fn from(error: WireError) -> Self {
        let violation = Violation::new("$", "a record in the registry's wire format", error.to_string());
        Self::new(InvalidKind::Encoding, violation)
    }
}

/// The header of a record; `None` if it is in another format, such as JSON without a schema.
///
/// ```
/// use voc_events::encodings::wire;
///
/// // A topic may carry records with and without a schema.
/// let (with, without) = (b"\0\0\0\0\x07\x0ecall", br#"{"event_type":"call"}"#);
/// let schema_id = |record| Ok::<_, wire::WireError>(wire::header(record)?.map(|header| header.schema_id));
/// assert_eq!(schema_id(&with[..])?, Some(7));
/// assert_eq!(schema_id(&without[..])?, None);
/// # Ok::<(), wire::WireError>(())
/// ```
///
/// # Errors
/// [`WireError::Header`] if the record is too short to have one.
pub fn header(record: &[u8]) -> Result<Option<Header<'_>>, WireError> {
    match record {
        [MAGIC, a, b, c, d, body @ ..] => Ok(Some(Header { schema_id: u32::from_be_bytes([*a, *b, *c, *d]), body })),
        [MAGIC, ..] => Err(WireError::Header { found: record.len() }),
        _ => Ok(None),
    }
}

/// The position of an event's message in its Protobuf schema, and the message's bytes: the number of the message in
/// the file, then that of the message declared within it, and so on, each counted from 0.
///
/// ```
/// use voc_events::encodings::wire;
/// // The first message of the file is so common that it has a form of its own.
/// assert_eq!(wire::message_indexes(b"\0event"), Ok((vec![0], &b"event"[..])));
/// // Two numbers: 1, 0.
/// assert_eq!(wire::message_indexes(b"\x04\x02\0event"), Ok((vec![1, 0], &b"event"[..])));
/// ```
///
/// # Errors
/// [`WireError::Indexes`] or [`WireError::Index`].
pub fn message_indexes(body: &[u8]) -> Result<(Vec<usize>, &[u8]), WireError> {
    let (count, mut rest) = zigzag(body).ok_or(WireError::Indexes)?;
    if count == 0 {
        return Ok((vec![0], rest));
    }
    let length = usize::try_from(count).ok().filter(|length| *length <= MAX_INDEXES);
    let length = length.ok_or(WireError::Index { found: count })?;
    let mut indexes = Vec::with_capacity(length);
    for _ in 0..length {
        let (index, after) = zigzag(rest).ok_or(WireError::Indexes)?;
        indexes.push(usize::try_from(index).map_err(|_| WireError::Index { found: index })?);
        rest = after;
    }
    Ok((indexes, rest))
}

/// A number of at most 64 bits in zigzag variable-length form, and the rest; `None` if it does not end in time.
pub(super) fn zigzag(bytes: &[u8]) -> Option<(i64, &[u8])> {
    let (number, rest) = varint(bytes)?;
    Some(((number >> 1).cast_signed() ^ -(number & 1).cast_signed(), rest))
}

/// A number of at most 64 bits in variable-length form, and the rest; `None` if it does not end in time.
pub(super) fn varint(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let mut number = 0;
    for (place, byte) in bytes.iter().take(10).enumerate() {
        let part = u64::from(byte & 0x7f);
        // Only one bit of the tenth byte is within 64 bits.
        if place == 9 && part > 1 {
            return None;
        }
        number |= part << (7 * place);
        if byte & 0x80 == 0 {
            return Some((number, &bytes[place + 1..]));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_five_bytes() {
        assert_eq!(header(b""), Ok(None));
        assert_eq!(header(b"\x01\0\0\0\x01"), Ok(None));
        assert_eq!(header(b"\0\xff\xff\xff\xff"), Ok(Some(Header { schema_id: u32::MAX, body: b"" })));
        for length in 1..5 {
            assert_eq!(header(&[0; 5][..length]), Err(WireError::Header { found: length }));
        }
    }

    #[test]
    fn numbers_are_of_64_bits() {
        let mut longest = [0xff; 10];
        longest[9] = 1;
        assert_eq!(varint(&longest), Some((u64::MAX, &[][..])));
        assert_eq!(zigzag(&longest), Some((i64::MIN, &[][..])));
        longest[9] = 2;
        assert_eq!(varint(&longest), None);
        assert_eq!(varint(&[0x80; 11]), None);
        assert_eq!(varint(&[0x80]), None);
        assert_eq!(varint(&[0x80, 0, 7]), Some((0, &[7][..])));
        for (bytes, number) in [([0], 0), ([1], -1), ([2], 1), ([3], -2)] {
            assert_eq!(zigzag(&bytes), Some((number, &[][..])));
        }
    }

    #[test]
    fn indexes_are_bounded() {
        assert_eq!(message_indexes(b""), Err(WireError::Indexes));
        assert_eq!(message_indexes(b"\x02"), Err(WireError::Indexes));
        assert_eq!(message_indexes(b"\x01"), Err(WireError::Index { found: -1 }));
        assert_eq!(message_indexes(b"\x02\x01"), Err(WireError::Index { found: -1 }));
        assert_eq!(
            message_indexes(b"\xfe\xff\xff\xff\xff\xff\xff\xff\xff\x01"),
            Err(WireError::Index { found: i64::MAX })
        );
        assert_eq!(message_indexes(&[66; 40]), Err(WireError::Index { found: 33 }));
        assert_eq!(message_indexes(&[64; 40]).unwrap().0, [32; 32]);
    }
}
