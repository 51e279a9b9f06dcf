//! The units of an input.

/// Maximum number of bytes that are read of an event in a file. The rest is skipped instead of held in memory, and the
/// event becomes a dead letter, even if the configured limit of records is larger.
pub const MAX_EVENT_BYTES: usize = 16 * 1024 * 1024;

/// A line or a JSON value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Unit<'u> {
    /// Its number, counted from 0.
    pub(super) number: i64,
    /// Its bytes, without a trailing carriage return, the byte order marks of concatenated files, and the NUL bytes of
    /// a hole before it.
    pub(super) bytes: &'u [u8],
    /// Its full length in bytes, larger than `bytes` if it was truncated.
    pub(super) length: usize,
    /// Whether it is complete. If not, it is the last one and may be the beginning of a longer one.
    pub(super) is_whole: bool,
}

impl Unit<'_> {
    /// Whether it has only white space. Unknown of a truncated one, which therefore counts as a record.
    pub(super) fn is_blank(&self) -> bool {
        self.bytes.trim_ascii().is_empty() && self.length == self.bytes.len()
    }
}
