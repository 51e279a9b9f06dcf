//! The text of an input: unpacked, in UTF-8.

use std::io::{self, BufReader, Cursor, ErrorKind, Read};

use super::{
    archive::{Codec, Decompressor, MARK_BYTES},
    trust::{self, FinalError, TAIL_BYTES, Trust},
    utf16::{ByteOrder, Utf16},
};

const ARCHIVE_BUFFER_BYTES: usize = 256 * 1024;

/// Bytes that are looked at in one go.
const PEEK_BYTES: usize = 64 * 1024;

/// Bytes or text, in the order they come in.
pub(super) type Bytes<'r> = Box<dyn Read + Send + 'r>;

/// Looks at the beginning of a reader until that says something, or it ends, and gives a reader that begins there
/// again.
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
            // What came before it is told first.
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

/// Fails with an error that came early.
struct FailingReader(Option<io::Error>);

impl Read for FailingReader {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        self.0.take().map_or(Ok(0), Err)
    }
}

/// What an input is packed with; `None` if it is not.
pub(super) fn codec_of(raw: Bytes<'_>) -> io::Result<(Option<Codec>, Bytes<'_>)> {
    let (codec, raw) = peek(raw, |beginning, is_all| {
        let is_known = is_all || beginning.len() >= MARK_BYTES || !Codec::may_begin(beginning);
        is_known.then(|| Codec::of(beginning))
    })?;
    Ok((codec.flatten(), raw))
}

/// How much of an archive that ends with a tail may be used; `None` if it is none.
pub(super) fn examine(raw: Bytes<'_>, tail: [u8; TAIL_BYTES]) -> io::Result<Option<Trust>> {
    let (codec, raw) = codec_of(raw)?;
    let archive = BufReader::with_capacity(ARCHIVE_BUFFER_BYTES, raw);
    codec.map(|codec| trust::examine(codec, archive, tail)).transpose()
}

/// An input's text. Of an archive that was examined, as much as may be used; then comes what is wrong with it, if the
/// reader is given that.
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
