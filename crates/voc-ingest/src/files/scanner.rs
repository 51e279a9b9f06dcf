//! Finds where JSON values begin and end, independent of lines.

use super::unit::MAX_EVENT_BYTES;

/// Maximum nesting depth for which the kinds of brackets are tracked. No event is nested as deeply.
const MAX_NESTING: usize = 1024;

/// Precedes each value of a JSON text sequence.
pub(super) const RECORD_SEPARATOR: u8 = 0x1E;

const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// Splits a text into values: top-level values, and the elements of top-level arrays. Commas and [separators] between
/// them count as white space. Accepts the text in pieces of any size.
///
/// It does not validate values, only finds their ends, and never splits a valid one. It splits invalid text where the
/// next value may begin: a string ends with its line; an object ends with the array around it, before a separator, and
/// before a `{` that cannot belong to it and stands where the next value would.
///
/// [separators]: is_separator
#[derive(Debug, Default)]
pub(super) struct Scanner {
    state: State,
    /// Whether a top-level array is open.
    is_in_array: bool,
    /// The value, truncated if overlong.
    value: Vec<u8>,
    length: usize,
    nesting: Nesting,
    /// The last byte of the value outside strings and white space.
    last: u8,
    position: u64,
    line_at: u64,
    /// Indentation of the line: column of its first byte that is not white space.
    line_indentation: Option<u64>,
    /// Whether the line has only white space and commas so far.
    is_line_blank: bool,
    /// Column at which the value began.
    value_indentation: u64,
    is_on_first_line: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum State {
    #[default]
    Between,
    /// In an object or an array.
    Structure,
    String,
    /// After a backslash in a string.
    Escape,
    /// In a number, a literal, or invalid text.
    Bare,
}

/// The effect of a byte on the value.
enum Step {
    Continue,
    /// The value ends with the byte.
    EndsWith,
    /// The value ends before the byte.
    EndsBefore,
}

/// The progress within a piece.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ScanProgress {
    pub(super) bytes: usize,
    /// Whether a value ends there.
    pub(super) is_end: bool,
}

impl Scanner {
    /// Takes a piece up to the end of the next value. Discards the previous value.
    pub(super) fn take(&mut self, piece: &[u8]) -> ScanProgress {
        let mut at = 0;
        if self.state == State::Between {
            self.value.clear();
            self.length = 0;
            at = self.find_value(piece);
        }
        let begin = at;
        while at < piece.len() {
            at = self.pass(piece, at);
            let Some(byte) = piece.get(at) else { break };
            match self.step(*byte, at) {
                Step::Continue => at += 1,
                Step::EndsWith => return self.end(piece, begin, at + 1),
                Step::EndsBefore => return self.end(piece, begin, at),
            }
        }
        self.keep(&piece[begin..]);
        self.position += piece.len() as u64;
        ScanProgress { bytes: piece.len(), is_end: false }
    }

    /// The last value, or the part of it at the end of the text, without trailing white space and leading byte order
    /// marks.
    pub(super) fn value(&self) -> &[u8] {
        let mut value = self.value.trim_ascii_end();
        while let Some(rest) = value.strip_prefix(BYTE_ORDER_MARK) {
            value = rest.trim_ascii_start();
        }
        value
    }

    /// Length of the value in bytes, larger than `value` if it was truncated.
    pub(super) fn length(&self) -> usize {
        self.length - (self.value.len() - self.value().len())
    }

    /// Whether the text must not end here: within a value or an array of values.
    pub(super) fn is_open(&self) -> bool {
        self.is_in_array || self.is_in_value()
    }

    /// Whether a value has begun and not ended.
    pub(super) fn has_begun(&self) -> bool {
        self.state != State::Between && !self.value().is_empty()
    }

    /// Whether an object, an array or a string has begun and not ended.
    fn is_in_value(&self) -> bool {
        self.is_in_structure() || matches!(self.state, State::String | State::Escape)
    }

    /// Whether the value may continue on the next line, which a string may not.
    pub(super) fn is_in_structure(&self) -> bool {
        self.state == State::Structure
    }

    /// Whether `byte` may come next in the current object or array.
    pub(super) fn may_continue(&self, byte: u8) -> bool {
        match (self.last, self.nesting.innermost()) {
            (b'{', _) => matches!(byte, b'"' | b'}'),
            (b',', Some(b'{')) => byte == b'"',
            (b'[', _) => byte != b'}',
            (b',' | b':', _) => !matches!(byte, b'}' | b']' | b',' | b':'),
            _ => matches!(byte, b',' | b'}' | b']' | b':'),
        }
    }

    /// Skips text between values; returns where a value begins.
    fn find_value(&mut self, piece: &[u8]) -> usize {
        for (at, byte) in piece.iter().enumerate() {
            match byte {
                b'\n' => self.begin_line(at),
                byte if byte.is_ascii_whitespace() || is_separator(*byte) => {}
                b',' => self.see(b',', at),
                b'[' if !self.is_in_array => {
                    self.is_in_array = true;
                    self.see(b'[', at);
                }
                b']' if self.is_in_array => {
                    self.is_in_array = false;
                    self.see(b']', at);
                }
                _ => {
                    self.value_indentation = self.column(at);
                    self.is_on_first_line = true;
                    self.last = 0;
                    // The first step determines the rest.
                    self.state = if matches!(byte, b'{' | b'[') { State::Structure } else { State::Bare };
                    return at;
                }
            }
        }
        piece.len()
    }

    /// Skips bytes that do not change the state.
    fn pass(&self, piece: &[u8], at: usize) -> usize {
        let rest = &piece[at..];
        let passed = match self.state {
            State::String => memchr::memchr3(b'"', b'\\', b'\n', rest),
            _ => Some(0),
        };
        at + passed.unwrap_or(rest.len())
    }

    fn step(&mut self, byte: u8, at: usize) -> Step {
        if byte == b'\n' {
            return self.step_line(at);
        }
        let was_blank = self.is_line_blank;
        if was_blank && !byte.is_ascii_whitespace() {
            self.see(byte, at);
        }
        match self.state {
            State::Between => Step::Continue,
            State::Escape => {
                self.state = State::String;
                Step::Continue
            }
            State::String if byte == b'\\' => {
                self.state = State::Escape;
                Step::Continue
            }
            State::String => self.end_string(),
            State::Bare => self.step_bare(byte),
            State::Structure => self.step_structure(byte, was_blank),
        }
    }

    /// Handles a line feed, which ends any string.
    fn step_line(&mut self, at: usize) -> Step {
        let ends = match self.state {
            State::String | State::Escape if self.nesting.is_none() => true,
            State::String | State::Escape => {
                self.last = b'"';
                self.state = State::Structure;
                false
            }
            State::Bare => true,
            State::Between | State::Structure => false,
        };
        if ends {
            return Step::EndsBefore;
        }
        self.begin_line(at);
        self.is_on_first_line = false;
        Step::Continue
    }

    fn end_string(&mut self) -> Step {
        self.last = b'"';
        if self.nesting.is_none() {
            return Step::EndsWith;
        }
        self.state = State::Structure;
        Step::Continue
    }

    fn step_bare(&mut self, byte: u8) -> Step {
        let is_first = std::mem::replace(&mut self.last, byte) == 0;
        match byte {
            b'"' if is_first => {
                self.state = State::String;
                Step::Continue
            }
            b',' | b'{' | b'[' | b']' | b'}' if !is_first => Step::EndsBefore,
            byte if is_separator(byte) => Step::EndsBefore,
            _ => Step::Continue,
        }
    }

    fn step_structure(&mut self, byte: u8, was_blank: bool) -> Step {
        match byte {
            b'"' => self.state = State::String,
            b'{' if self.is_next_value(was_blank) => return Step::EndsBefore,
            b'{' | b'[' => {
                self.nesting.open(byte);
                self.last = byte;
            }
            b'}' | b']' => {
                let opening = if byte == b'}' { b'{' } else { b'[' };
                if !self.nesting.close(opening) && byte == b']' && self.is_in_array {
                    return Step::EndsBefore;
                }
                self.last = byte;
                if self.nesting.is_none() {
                    return Step::EndsWith;
                }
            }
            byte if byte.is_ascii_whitespace() => {}
            byte if is_separator(byte) => return Step::EndsBefore,
            byte => self.last = byte,
        }
        Step::Continue
    }

    /// Whether a `{` begins another value: it cannot belong to this one and stands where the next one would, either at
    /// the start of a line that is indented no deeper than this value, or on the line where this value began.
    fn is_next_value(&self, is_first_of_line: bool) -> bool {
        if self.nesting.is_none() || self.may_continue(b'{') {
            return false;
        }
        if self.is_on_first_line {
            return self.nesting.depth() == 1 && self.last == b',';
        }
        is_first_of_line && self.line_indentation.is_some_and(|indentation| indentation <= self.value_indentation)
    }

    fn column(&self, at: usize) -> u64 {
        self.position + at as u64 - self.line_at
    }

    fn begin_line(&mut self, at: usize) {
        self.line_at = self.position + at as u64 + 1;
        self.line_indentation = None;
        self.is_line_blank = true;
    }

    /// Notes a byte that is not white space.
    fn see(&mut self, byte: u8, at: usize) {
        let column = self.column(at);
        self.line_indentation.get_or_insert(column);
        self.is_line_blank = self.is_line_blank && byte == b',';
    }

    fn end(&mut self, piece: &[u8], begin: usize, end: usize) -> ScanProgress {
        self.keep(&piece[begin..end]);
        self.position += end as u64;
        self.state = State::Between;
        self.nesting = Nesting::default();
        // Byte order marks are not a value.
        if self.value().is_empty() {
            let rest = self.take(&piece[end..]);
            return ScanProgress { bytes: end + rest.bytes, ..rest };
        }
        ScanProgress { bytes: end, is_end: true }
    }

    fn keep(&mut self, bytes: &[u8]) {
        self.length += bytes.len();
        let kept = bytes.len().min(MAX_EVENT_BYTES - self.value.len());
        self.value.extend_from_slice(&bytes[..kept]);
    }
}

/// Whether a byte separates the values of a stream: NUL, or the record separator that precedes each value of a JSON
/// text sequence (RFC 7464). Valid JSON contains neither.
fn is_separator(byte: u8) -> bool {
    matches!(byte, 0 | RECORD_SEPARATOR)
}

/// The open objects and arrays.
#[derive(Debug, Default)]
struct Nesting {
    /// Their opening brackets.
    open: Vec<u8>,
    /// Number of deeper ones, whose kinds are not tracked.
    more: u64,
}

impl Nesting {
    fn is_none(&self) -> bool {
        self.open.is_empty()
    }

    fn depth(&self) -> usize {
        self.open.len()
    }

    fn innermost(&self) -> Option<u8> {
        self.open.last().copied().filter(|_| self.more == 0)
    }

    fn open(&mut self, opening: u8) {
        if self.open.len() < MAX_NESTING { self.open.push(opening) } else { self.more += 1 }
    }

    /// Closes the innermost bracket of a kind and everything in it; `false` if there is none.
    fn close(&mut self, opening: u8) -> bool {
        if self.more > 0 {
            self.more -= 1;
            return true;
        }
        let place = self.open.iter().rposition(|open| *open == opening);
        self.open.truncate(place.unwrap_or(self.open.len()));
        place.is_some()
    }
}
