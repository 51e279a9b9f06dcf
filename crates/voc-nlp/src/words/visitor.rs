//! The receiver of findings.

use super::batch::Batch;
use super::key::Key;
use super::span::Span;

/// Receives what [`scan`](super::scan) finds in a text, in order.
pub(crate) trait Visitor {
    /// The next words and gaps. Words that cannot be in any lexicon, such as very long ones, have keys as well. Gaps
    /// are the bytes between two words, before the first and after the last, unless they are a single space; they are
    /// pure ASCII.
    fn words(&mut self, batch: &Batch);

    /// A word with drawn-out letters ("soooo"), shortened to two letters ("soo") and to one ("so"): which of them is
    /// it? The word itself follows.
    fn elongated(&mut self, twice: Key, once: Key) -> Key;

    /// A character outside ASCII that belongs to no word: an emoji, a typographic dash.
    fn symbol(&mut self, symbol: char, span: Span);

    /// How strongly the characters of a word indicate Portuguese, and speak against both languages.
    fn accents(&mut self, portuguese: u32, other: u32);
}
