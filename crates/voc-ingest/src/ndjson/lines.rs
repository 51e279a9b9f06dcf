//! Splitting a byte stream into lines.

use std::io::{BufRead, ErrorKind};

/// Bytes kept of a line. Nothing near it is a valid event, so what follows is skipped rather than held in memory.
const MAX_LINE_BYTES: usize = 16 * 1024 * 1024;

const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// Reads lines without their ends.
pub(super) struct Lines<R> {
    reader: R,
    line: Vec<u8>,
    next_number: i64,
    bytes_read: u64,
}

impl<R: BufRead> Lines<R> {
    pub(super) fn new(reader: R) -> Self {
        Self { reader, line: Vec::new(), next_number: 0, bytes_read: 0 }
    }

    /// The next line's number and bytes; `None` at the end.
    pub(super) fn next_line(&mut self) -> std::io::Result<Option<(i64, &[u8])>> {
        self.line.clear();
        let mut found_any = false;
        loop {
            let available = match self.reader.fill_buf() {
                Ok(available) => available,
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            if available.is_empty() {
                break;
            }
            found_any = true;
            let end = memchr::memchr(b'\n', available);
            let content = &available[..end.unwrap_or(available.len())];
            let room = MAX_LINE_BYTES - self.line.len();
            self.line.extend_from_slice(&content[..content.len().min(room)]);
            let consumed = end.map_or(available.len(), |end| end + 1);
            self.reader.consume(consumed);
            self.bytes_read += consumed as u64;
            if end.is_some() {
                break;
            }
        }
        if !found_any {
            return Ok(None);
        }
        let number = self.next_number;
        self.next_number += 1;
        let line = self.line.strip_suffix(b"\r").unwrap_or(&self.line);
        let line = if number == 0 { line.strip_prefix(BYTE_ORDER_MARK).unwrap_or(line) } else { line };
        Ok(Some((number, line)))
    }

    /// Bytes read so far.
    pub(super) fn bytes_read(&self) -> u64 {
        self.bytes_read
    }

    pub(super) fn reader(&self) -> &R {
        &self.reader
    }
}

#[cfg(test)]
mod tests {
    use std::io::BufReader;

    use super::*;

    fn check(input: &[u8], expected: &[&[u8]]) {
        for buffer in [1, 2, 7, 4096] {
            let mut lines = Lines::new(BufReader::with_capacity(buffer, input));
            let mut found = Vec::new();
            while let Some((number, line)) = lines.next_line().unwrap() {
                assert_eq!(number, i64::try_from(found.len()).unwrap());
                found.push(line.to_vec());
            }
            assert_eq!(found, expected, "with a buffer of {buffer}");
            assert_eq!(lines.bytes_read(), input.len() as u64);
        }
    }

    #[test]
    fn lines_come_without_their_ends() {
        check(b"", &[]);
        check(b"a", &[b"a"]);
        check(b"a\nb\n", &[b"a", b"b"]);
        check(b"a\r\n\r\nb", &[b"a", b"", b"b"]);
        check(b"\n", &[b""]);
        check(b"\xEF\xBB\xBFa\n\xEF\xBB\xBFb", &[b"a", b"\xEF\xBB\xBFb"]);
    }

    #[test]
    fn an_endless_line_is_cut() {
        let mut input = vec![b'x'; MAX_LINE_BYTES + 10];
        input.extend_from_slice(b"\nnext");
        let mut lines = Lines::new(input.as_slice());
        assert_eq!(lines.next_line().unwrap().unwrap().1.len(), MAX_LINE_BYTES);
        assert_eq!(lines.next_line().unwrap(), Some((1, &b"next"[..])));
    }
}
