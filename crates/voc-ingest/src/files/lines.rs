//! Splits a byte stream into lines.

use std::io::{BufRead, ErrorKind};

use twox_hash::XxHash3_128;

use super::{
    marks::Mark,
    unit::{MAX_EVENT_BYTES, Unit},
};

const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// Reads lines without their ends, and hashes the content up to each.
pub(super) struct Lines<R> {
    reader: R,
    /// The last line returned, truncated if overlong, without its line feed.
    line: Vec<u8>,
    last_line: LastLine,
    next_number: i64,
    /// Hashes the content before the last line. Includes the line if it was truncated or is [`LastLine::Hashed`].
    hasher: XxHash3_128,
    /// The hash before the last line, if that was truncated.
    before_cut: Option<u128>,
}

/// State of the last line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum LastLine {
    /// No line was read yet.
    Nothing,
    /// A line with a line feed.
    Terminated,
    /// A line with a line feed that is part of the hash.
    Hashed,
    /// A line without a line feed, which is the last one even if the input has grown since.
    Unterminated,
    /// The reader failed within the next line.
    Failed,
}

impl<R: BufRead> Lines<R> {
    pub(super) fn new(reader: R) -> Self {
        Self {
            reader,
            line: Vec::new(),
            last_line: LastLine::Nothing,
            next_number: 0,
            hasher: XxHash3_128::new(),
            before_cut: None,
        }
    }

    /// The next line; `None` at the end.
    pub(super) fn next_unit(&mut self) -> std::io::Result<Option<Unit<'_>>> {
        if self.last_line == LastLine::Unterminated {
            return Ok(None);
        }
        self.hash_line();
        let read = self.read_line();
        if read.is_err() {
            self.last_line = LastLine::Failed;
        }
        let Some((length, is_terminated)) = read? else { return Ok(None) };
        self.last_line = if is_terminated { LastLine::Terminated } else { LastLine::Unterminated };
        let number = self.next_number;
        self.next_number += 1;
        let bytes = self.line.strip_suffix(b"\r").unwrap_or(&self.line);
        let bytes = trim_line_start(bytes);
        let length = length - (self.line.len() - bytes.len());
        Ok(Some(Unit { number, bytes, length, is_whole: is_terminated }))
    }

    /// Reads a line; returns its length and whether it is terminated. `None` at the end.
    fn read_line(&mut self) -> std::io::Result<Option<(usize, bool)>> {
        self.line.clear();
        self.before_cut = None;
        let mut length = 0;
        loop {
            let available = match self.reader.fill_buf() {
                Ok(available) => available,
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            if available.is_empty() {
                return Ok((length > 0).then_some((length, false)));
            }
            let end = memchr::memchr(b'\n', available);
            let content = &available[..end.unwrap_or(available.len())];
            let (kept, cut) = content.split_at(content.len().min(MAX_EVENT_BYTES - self.line.len()));
            self.line.extend_from_slice(kept);
            if !cut.is_empty() {
                if self.before_cut.is_none() {
                    self.before_cut = Some(self.hasher.finish_128());
                    self.hasher.write(&self.line);
                }
                self.hasher.write(cut);
            }
            length += content.len();
            let consumed = content.len() + usize::from(end.is_some());
            self.reader.consume(consumed);
            if end.is_some() {
                return Ok(Some((length, true)));
            }
        }
    }

    /// Adds the last line to the hash, if it is terminated.
    fn hash_line(&mut self) {
        if self.last_line == LastLine::Terminated {
            if self.before_cut.is_none() {
                self.hasher.write(&self.line);
            }
            self.hasher.write(b"\n");
            self.last_line = LastLine::Hashed;
        }
    }

    /// Number of lines returned so far.
    pub(super) fn count(&self) -> i64 {
        self.next_number
    }

    /// A mark of the last terminated line returned.
    pub(super) fn mark(&mut self) -> Option<Mark> {
        self.hash_line();
        let (last, hash) = match self.last_line {
            LastLine::Unterminated => {
                (self.next_number - 2, self.before_cut.unwrap_or_else(|| self.hasher.finish_128()))
            }
            LastLine::Failed => (self.next_number - 1, self.before_cut.unwrap_or_else(|| self.hasher.finish_128())),
            LastLine::Nothing | LastLine::Terminated | LastLine::Hashed => {
                (self.next_number - 1, self.hasher.finish_128())
            }
        };
        (last >= 0).then(|| Mark::new(last, hash))
    }

    /// A mark of the last line by its content, terminated or not, without trailing white space. Call before
    /// [`mark`](Self::mark).
    pub(super) fn mark_of_content(&self) -> Mark {
        let mut hasher = self.hasher.clone();
        if self.before_cut.is_none() {
            hasher.write(self.line.trim_ascii_end());
        }
        Mark::new(self.next_number - 1, hasher.finish_128())
    }

    pub(super) fn reader(&self) -> &R {
        &self.reader
    }
}

/// A line without the byte order mark of a concatenated file before it, and without NUL bytes before it: they are a
/// hole, which a power failure leaves in a file that is being written.
pub(super) fn trim_line_start(line: &[u8]) -> &[u8] {
    let line = line.strip_prefix(BYTE_ORDER_MARK).unwrap_or(line);
    let hole = line.iter().take_while(|byte| **byte == 0).count();
    &line[hole..]
}

#[cfg(test)]
mod tests {
    use std::io::BufReader;

    use super::*;

    /// Checks the lines with different buffer sizes.
    fn check(input: &[u8], expected: &[&[u8]]) {
        for buffer in [1, 2, 7, 4096] {
            let mut lines = Lines::new(BufReader::with_capacity(buffer, input));
            let mut found = Vec::new();
            while let Some(line) = lines.next_unit().unwrap() {
                assert_eq!(line.number, i64::try_from(found.len()).unwrap());
                assert_eq!(line.length, line.bytes.len());
                found.push(line.bytes.to_vec());
            }
            assert_eq!(found, expected, "with a buffer of {buffer}");
        }
    }

    #[test]
    fn lines_are_returned_without_their_ends() {
        check(b"", &[]);
        check(b"a", &[b"a"]);
        check(b"a\nb\n", &[b"a", b"b"]);
        check(b"a\r\n\r\nb", &[b"a", b"", b"b"]);
        check(b"\n", &[b""]);
    }

    #[test]
    fn every_line_may_begin_with_a_byte_order_mark() {
        check(b"\xEF\xBB\xBFa\n\xEF\xBB\xBFb\nc\xEF\xBB\xBF", &[b"a", b"b", b"c\xEF\xBB\xBF"]);
    }

    #[test]
    fn nul_bytes_before_a_line_are_not_part_of_it() {
        check(b"a\n\0\0\0b\n\0\0\nc\0\0d\n\0", &[b"a", b"b", b"", b"c\0\0d", b""]);
    }

    #[test]
    fn an_overlong_line_is_truncated_and_its_length_is_known() {
        for (end, length) in [(&b"\nnext"[..], MAX_EVENT_BYTES + 10), (b"", MAX_EVENT_BYTES + 10)] {
            let mut input = vec![b'x'; MAX_EVENT_BYTES + 10];
            input.extend_from_slice(end);
            let mut lines = Lines::new(input.as_slice());
            let line = lines.next_unit().unwrap().unwrap();
            assert_eq!((line.bytes.len(), line.length, line.is_whole), (MAX_EVENT_BYTES, length, !end.is_empty()));
            let next = lines.next_unit().unwrap().map(|line| line.bytes.to_vec());
            assert_eq!(next, (!end.is_empty()).then(|| b"next".to_vec()));
        }
    }

    /// Reads to the end; returns the marks of every line, by end and by content.
    fn marks(input: &[u8]) -> Vec<(Option<Mark>, Mark)> {
        let mut lines = Lines::new(BufReader::with_capacity(3, input));
        let mut marks = Vec::new();
        while lines.next_unit().unwrap().is_some() {
            let content = lines.mark_of_content();
            marks.push((lines.mark(), content));
        }
        marks
    }

    #[test]
    fn a_mark_covers_all_content_up_to_its_line() {
        let whole = marks(b"a\nb\nc\n");
        let (ends, contents): (Vec<_>, Vec<_>) = whole.iter().cloned().unzip();
        assert_eq!(ends.iter().flatten().map(|mark| mark.number).collect::<Vec<_>>(), [0, 1, 2]);
        // A different first line before the same second one.
        assert_ne!(marks(b"x\nb\n")[1].0, ends[1]);
        // Positions of line feeds are part of the content.
        assert_ne!(marks(b"ab\n\n")[1].0, ends[1]);
        let unterminated = marks(b"a\nb\nc");
        assert_eq!(unterminated[2].0, ends[1], "an unterminated line is not marked as a terminated one");
        assert_eq!(unterminated[2].1, contents[2], "the content of a line does not depend on its end");
        for end in [&b"\r\n"[..], b" \n", b"\r"] {
            assert_eq!(marks(&[b"a\nb\nc", end].concat())[2].1, contents[2]);
        }
        assert_ne!(marks(b"a\nb\ncd\n")[2].1, contents[2]);
        assert_eq!(marks(b"a")[0].0, None);
    }

    #[test]
    fn marks_of_truncated_lines_cover_the_skipped_bytes() {
        let line = |last: u8| [vec![b'x'; MAX_EVENT_BYTES], vec![last]].concat();
        let ended = |last| [b"a\n", &line(last)[..], b"\n"].concat();
        assert_ne!(marks(&ended(b'1'))[1], marks(&ended(b'2'))[1]);
        let unterminated = [b"a\n", &line(b'1')[..]].concat();
        assert_eq!(marks(&unterminated)[1].0, marks(b"a\n")[0].0);
        assert_eq!(marks(&unterminated)[1].1, marks(&ended(b'1'))[1].1);
    }
}
