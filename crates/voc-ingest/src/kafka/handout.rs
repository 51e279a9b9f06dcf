//! What the polling thread hands to the source.

use crate::{Assignment, SourceError};

/// What the polling thread hands to the source.
pub(super) enum Handout {
    /// A partition.
    Partition(Box<Assignment>),
    /// The end.
    End(Result<(), SourceError>),
}
