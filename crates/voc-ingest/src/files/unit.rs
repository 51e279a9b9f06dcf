//! What an input is cut into.

/// A line, or a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Unit<'u> {
    /// Its number, counted from 0.
    pub(super) number: i64,
    /// Its bytes, without a carriage return at the end, and without the byte order mark that files put together have
    /// within.
    pub(super) bytes: &'u [u8],
    /// Bytes of all of it, more than there are if it was cut.
    pub(super) length: usize,
    /// Whether it has an end. If not it is the last one, and may be the start of a longer one.
    pub(super) is_whole: bool,
}
