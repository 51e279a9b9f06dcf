//! Phrases with alternatives for their parts.

use crate::taxonomy::Normal;

/// The alternatives of each part, in normal form without the space before them; an empty one leaves the part out.
pub(super) struct Pattern(Vec<Vec<Vec<u8>>>);

impl Pattern {
    /// Parts with alternatives separated by `|`.
    pub(super) fn new(parts: &[&str]) -> Self {
        let normal = |alternative: &str| Normal::phrase(alternative).unwrap_or_default().into_iter().skip(1).collect();
        Self(parts.iter().map(|part| part.split('|').map(normal).collect()).collect())
    }

    /// The first words of the phrases.
    pub(super) fn first_words(&self) -> impl Iterator<Item = &[u8]> {
        let first = self.0.first().map(Vec::as_slice).unwrap_or_default();
        first.iter().filter_map(|alternative| alternative.split(|byte| *byte == b' ').next())
    }

    /// The position behind the longest phrase that begins at a position of a text in normal form.
    pub(super) fn end_at(&self, normal: &[u8], at: usize) -> Option<usize> {
        longest(&self.0, normal, at)
    }
}

fn longest(parts: &[Vec<Vec<u8>>], normal: &[u8], at: usize) -> Option<usize> {
    let Some((part, parts)) = parts.split_first() else { return Some(at) };
    let rest = normal.get(at..)?;
    // Most differ in the first letter already.
    let may_begin = |alternative: &&Vec<u8>| alternative.first().is_none_or(|first| rest.first() == Some(first));
    let ends = part.iter().filter(may_begin).filter(|alternative| rest.starts_with(alternative));
    ends.filter_map(|alternative| longest(parts, normal, at + alternative.len())).max()
}
