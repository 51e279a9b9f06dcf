//! The text of an input: decompressed, in UTF-8.

use std::io::{self, BufReader, Cursor, ErrorKind, Read};

use super::{
    archive::{Codec, Decompressor, MAGIC_BYTES},
    trust::{self, FinalError, TAIL_BYTES, Trust},
    utf16::{ByteOrder, Utf16},
};

const ARCHIVE_BUFFER_BYTES: usize = 256 * 1024;

/// Number of bytes to peek at in one step.
const PEEK_BYTES: usize = 64 * 1024;

/// A stream of bytes or text.
pub(super) type Bytes<'r> = Box<dyn Read + Send + 'r>;

/// Peeks at the beginning of a reader until `look` decides or the input ends. Returns a reader that starts at the
/// beginning again.
pub(super) fn peek<'r, T>(
    mut reader: Bytes<'r>,
    mut look: impl FnMut(&[u8], bool) -> Option<T>,
) -> io::Result<(Option<T>, Bytes<'r>)> {
    let mut beginning = Vec::new();
    loop {
        let before = beginning.len();
        beginning.resize(before + PEEK_BYTES, 0);
        let read = reader.read(&mut beginning[before..]);
        beginning.truncate(before + read.as_ref().unwrap_or(&0));
        match read {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            // The bytes before the error are returned first.
            Err(error) => return Ok((None, Box::new(Cursor::new(beginning).chain(FailingReader(Some(error)))))),
            Ok(length) => {
                let found = look(&beginning, length == 0);
                if found.is_some() || length == 0 {
                    return Ok((found, Box::new(Cursor::new(beginning).chain(reader))));
                }
            }
        }
    }
}

/// Returns an error that occurred earlier.
struct FailingReader(Option<io::Error>);

impl Read for FailingReader {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        self.0.take().map_or(Ok(0), Err)
    }
}

/// Detects the codec of an input; `None` if it is not compressed.
pub(super) fn codec_of(raw: Bytes<'_>) -> io::Result<(Option<Codec>, Bytes<'_>)> {
    let (codec, raw) = peek(raw, |beginning, is_all| {
        let is_known = is_all || beginning.len() >= MAGIC_BYTES || !Codec::may_begin(beginning);
        is_known.then(|| Codec::of(beginning))
    })?;
    Ok((codec.flatten(), raw))
}

/// Determines how much of an archive is usable, given its last bytes; `None` if the input is not an archive.
pub(super) fn examine(raw: Bytes<'_>, tail: [u8; TAIL_BYTES]) -> io::Result<Option<Trust>> {
    let (codec, raw) = codec_of(raw)?;
    let archive = BufReader::with_capacity(ARCHIVE_BUFFER_BYTES, raw);
    codec.map(|codec| trust::examine(codec, archive, tail)).transpose()
}

/// The text of an input. For an examined archive, the usable part, followed by the damage if `trust` contains it.
pub(super) fn text_of(raw: Bytes<'_>, trust: Option<Trust>) -> io::Result<Bytes<'_>> {
    let (codec, raw) = codec_of(raw)?;
    let bytes: Bytes<'_> = match codec {
        None => raw,
        Some(codec) => {
            let decompressor = Decompressor::new(codec, BufReader::with_capacity(ARCHIVE_BUFFER_BYTES, raw));
            match trust {
                Some(Trust { length, damage }) => Box::new(decompressor.take(length).chain(FinalError(damage))),
                None => Box::new(decompressor),
            }
        }
    };
    let (order, bytes) = peek(bytes, |beginning, is_all| {
        let is_known = is_all || !ByteOrder::may_begin(beginning);
        is_known.then(|| ByteOrder::of(beginning))
    })?;
    Ok(match order.flatten() {
        Some(order) => Box::new(Utf16::new(order, bytes)),
        None => bytes,
    })
}
