//! Positions in a text.

/// A range of the text: the offsets of its first byte and of the byte after its last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) start: usize,
    pub(crate) end: usize,
}
