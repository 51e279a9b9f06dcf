//! Splits an input into lines, or into JSON values in other layouts.

use std::io::{self, BufReader};

use serde::{Deserialize, Serialize};

use super::{documents::Documents, lines::Lines, marks::Mark, text::Bytes, unit::Unit};

const READ_BUFFER_BYTES: usize = 1024 * 1024;

/// How an input is split into events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Framing {
    /// One event per line.
    #[default]
    Lines,
    /// JSON values in an array, over several lines, or concatenated.
    Documents,
}

impl Framing {
    pub(super) fn is_lines(&self) -> bool {
        *self == Self::Lines
    }

    /// Name of a unit.
    pub(super) fn unit(self) -> &'static str {
        match self {
            Self::Lines => "line",
            Self::Documents => "event",
        }
    }
}

/// The units of an input, one after another.
pub(super) enum Units<'r> {
    Lines(Lines<BufReader<Bytes<'r>>>),
    Documents(Documents<Bytes<'r>>),
}

impl<'r> Units<'r> {
    pub(super) fn of(text: Bytes<'r>, framing: Framing) -> Self {
        let reader = BufReader::with_capacity(READ_BUFFER_BYTES, text);
        match framing {
            Framing::Lines => Self::Lines(Lines::new(reader)),
            Framing::Documents => Self::Documents(Documents::new(reader)),
        }
    }

    /// The next unit; `None` at the end.
    pub(super) fn next_unit(&mut self) -> io::Result<Option<Unit<'_>>> {
        match self {
            Self::Lines(lines) => lines.next_unit(),
            Self::Documents(documents) => documents.next_unit(),
        }
    }

    /// Reads past the first `count` units.
    pub(super) fn skip(&mut self, count: i64) -> io::Result<()> {
        for _ in 0..count {
            if self.next_unit()?.is_none() {
                break;
            }
        }
        Ok(())
    }

    /// Number of units returned so far.
    pub(super) fn count(&self) -> i64 {
        match self {
            Self::Lines(lines) => lines.count(),
            Self::Documents(documents) => documents.count(),
        }
    }

    /// Whether the next unit is available without further reads. Afterwards there is no mark until it is returned.
    pub(super) fn is_ready(&mut self) -> bool {
        match self {
            Self::Lines(lines) => memchr::memchr(b'\n', lines.reader().buffer()).is_some(),
            Self::Documents(documents) => documents.is_ready(),
        }
    }

    /// Whether the input ended prematurely: it was truncated or is malformed.
    pub(super) fn is_open(&self) -> bool {
        match self {
            Self::Lines(_) => false,
            Self::Documents(documents) => documents.is_open(),
        }
    }

    /// A mark of the last complete unit returned.
    pub(super) fn mark(&mut self) -> Option<Mark> {
        match self {
            Self::Lines(lines) => lines.mark(),
            Self::Documents(documents) => documents.mark(),
        }
    }

    /// A mark of the last unit by its content. Call before [`mark`](Self::mark).
    pub(super) fn mark_of_content(&self) -> Mark {
        match self {
            Self::Lines(lines) => lines.mark_of_content(),
            Self::Documents(documents) => documents.mark_of_content(),
        }
    }
}
