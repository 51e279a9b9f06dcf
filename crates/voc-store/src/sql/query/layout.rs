//! The parts of a table, and in which hours rows have several versions.

use super::parts::Parts;
use crate::revision::Interval;

/// The parts that a table had at one time, and the hours in which its rows had several versions.
#[derive(Debug, PartialEq)]
pub(super) struct Layout {
    pub(super) parts: Parts,
    /// In order and apart.
    pub(super) versioned: Vec<Interval>,
}
