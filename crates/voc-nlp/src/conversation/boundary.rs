//! The nearest boundaries between the characters of a text. `str` has the same methods, but only since Rust 1.91.

/// The nearest boundary at `place` or before it.
pub(super) fn floor(text: &str, place: usize) -> usize {
    (0..=place.min(text.len())).rfind(|place| text.is_char_boundary(*place)).unwrap_or_default()
}

/// The nearest boundary at `place` or after it.
pub(super) fn ceil(text: &str, place: usize) -> usize {
    (place..text.len()).find(|place| text.is_char_boundary(*place)).unwrap_or(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn boundaries_are_the_nearest_between_characters() {
        let text = "né…";
        let places: Vec<_> = (0..=7).map(|place| (floor(text, place), ceil(text, place))).collect();
        assert_eq!(places, [(0, 0), (1, 1), (1, 3), (3, 3), (3, 6), (3, 6), (6, 6), (6, 6)]);
    }
}
