//! Marks, by which a file is recognised.

use serde::{Deserialize, Serialize};

/// The number of a unit and the hash of the content up to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Mark {
    pub(super) number: i64,
    content: String,
}

impl Mark {
    pub(super) fn new(number: i64, content: u128) -> Self {
        Self { number, content: format!("{content:032x}") }
    }
}

/// Keeps the last mark before an offset and all later ones.
pub(super) fn newest_and(mut marks: Vec<Mark>, next_offset: i64) -> Vec<Mark> {
    marks.sort_by_key(|mark| mark.number);
    marks.dedup_by_key(|mark| mark.number);
    let before = marks.partition_point(|mark| mark.number < next_offset);
    marks.split_off(before.saturating_sub(1))
}
