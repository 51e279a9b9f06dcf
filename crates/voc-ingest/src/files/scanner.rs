//! Finding where one JSON value ends and the next one begins, whatever stands on lines.

/// Bytes kept of a value. Nothing near it is a valid event, so what follows is skipped rather than held in memory.
pub(super) const MAX_VALUE_BYTES: usize = 16 * 1024 * 1024;

/// Objects and arrays within one another of which it is known which is which. Nothing nested as deeply is an event.
const MAX_NESTING: usize = 1024;

const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// Cuts a text into values: those at its top, and those within arrays at its top. Commas between them count as white
/// space does. Takes the text in pieces of any size.
///
/// It does not check values, only where they end, and never cuts a valid one. What is not valid it cuts where the next
/// value may begin: a string ends with its line; an object ends with the array around it, and before a `{` that cannot
/// be within it and stands where a next value would.
#[derive(Debug, Default)]
pub(super) struct Scanner {
    state: State,
    /// Whether an array at the top is open.
    is_in_array: bool,
    /// The value, as far as it is kept.
    value: Vec<u8>,
    length: usize,
    nesting: Nesting,
    /// The last byte of the value that is neither white space nor within a string.
    last: u8,
    position: u64,
    line_at: u64,
    /// How far from the line's start the first byte is that is no white space.
    line_indentation: Option<u64>,
    /// Whether there are only white space and commas on the line so far.
    is_line_blank: bool,
    /// How far from its line's start the value began.
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
    /// Behind a backslash in a string.
    Escape,
    /// In a number, a literal, or what is none.
    Bare,
}

/// What a byte does to the value.
enum Step {
    GoOn,
    /// The value ends with the byte.
    EndsWith,
    /// The value ends before the byte.
    EndsBefore,
}

/// How far a piece was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ScanProgress {
    pub(super) bytes: usize,
    /// Whether a value ends there.
    pub(super) is_end: bool,
}

impl Scanner {
    /// Takes a piece, up to the end of the next value. The value before is gone then.
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
                Step::GoOn => at += 1,
                Step::EndsWith => return self.end(piece, begin, at + 1),
                Step::EndsBefore => return self.end(piece, begin, at),
            }
        }
        self.keep(&piece[begin..]);
        self.position += piece.len() as u64;
        ScanProgress { bytes: piece.len(), is_end: false }
    }

    /// The value taken last, or as much of it as there is at the end of the text. Without white space behind it, and
    /// without byte order marks before it.
    pub(super) fn value(&self) -> &[u8] {
        let mut value = self.value.trim_ascii_end();
        while let Some(rest) = value.strip_prefix(BYTE_ORDER_MARK) {
            value = rest.trim_ascii_start();
        }
        value
    }

    /// Bytes of the value, more than there are if it was cut.
    pub(super) fn length(&self) -> usize {
        self.length - (self.value.len() - self.value().len())
    }

    /// Whether the text cannot end here: in a value, or in an array of them.
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

    /// Whether a line may end here, and the value go on: not in a string.
    pub(super) fn is_in_structure(&self) -> bool {
        self.state == State::Structure
    }

    /// Whether what comes next in an object or an array may begin with a byte.
    pub(super) fn may_go_on(&self, byte: u8) -> bool {
        match (self.last, self.nesting.innermost()) {
            (b'{', _) => matches!(byte, b'"' | b'}'),
            (b',', Some(b'{')) => byte == b'"',
            (b'[', _) => byte != b'}',
            (b',' | b':', _) => !matches!(byte, b'}' | b']' | b',' | b':'),
            _ => matches!(byte, b',' | b'}' | b']' | b':'),
        }
    }

    /// Passes what is between values; gives where a value begins.
    fn find_value(&mut self, piece: &[u8]) -> usize {
        for (at, byte) in piece.iter().enumerate() {
            match byte {
                b'\n' => self.begin_line(at),
                byte if byte.is_ascii_whitespace() => {}
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
                    // The rest is found by the first step.
                    self.state = if matches!(byte, b'{' | b'[') { State::Structure } else { State::Bare };
                    return at;
                }
            }
        }
        piece.len()
    }

    /// Passes bytes that change nothing.
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
            State::Between => Step::GoOn,
            State::Escape => {
                self.state = State::String;
                Step::GoOn
            }
            State::String if byte == b'\\' => {
                self.state = State::Escape;
                Step::GoOn
            }
            State::String => self.end_string(),
            State::Bare => self.step_bare(byte),
            State::Structure => self.step_structure(byte, was_blank),
        }
    }

    /// A line feed: no string goes on behind it.
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
        Step::GoOn
    }

    fn end_string(&mut self) -> Step {
        self.last = b'"';
        if self.nesting.is_none() {
            return Step::EndsWith;
        }
        self.state = State::Structure;
        Step::GoOn
    }

    fn step_bare(&mut self, byte: u8) -> Step {
        let is_first = std::mem::replace(&mut self.last, byte) == 0;
        match byte {
            b'"' if is_first => {
                self.state = State::String;
                Step::GoOn
            }
            b',' | b'{' | b'[' | b']' | b'}' if !is_first => Step::EndsBefore,
            _ => Step::GoOn,
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
            byte => self.last = byte,
        }
        Step::GoOn
    }

    /// Whether a `{` begins another value: it cannot be within this one, and stands where a next one would, at a
    /// line's start no deeper than this one, or on the line where this one began.
    fn is_next_value(&self, is_first_of_line: bool) -> bool {
        if self.nesting.is_none() || self.may_go_on(b'{') {
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

    /// Sees a byte that is no white space on its line.
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
        // Byte order marks are no value.
        if self.value().is_empty() {
            let rest = self.take(&piece[end..]);
            return ScanProgress { bytes: end + rest.bytes, ..rest };
        }
        ScanProgress { bytes: end, is_end: true }
    }

    fn keep(&mut self, bytes: &[u8]) {
        self.length += bytes.len();
        let kept = bytes.len().min(MAX_VALUE_BYTES - self.value.len());
        self.value.extend_from_slice(&bytes[..kept]);
    }
}

/// The objects and arrays that are open.
#[derive(Debug, Default)]
struct Nesting {
    /// Their first bytes.
    open: Vec<u8>,
    /// How many more there are, of which that is not known.
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

    /// Closes the innermost one of a kind with all in it; whether there is one.
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
