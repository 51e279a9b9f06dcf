//! What the polling thread hands out.

use crate::{Assignment, SourceError};

/// What the polling thread hands out.
pub(super) enum Handout {
    /// A partition.
    Partition(Box<Assignment>),
    /// The end.
    End(Result<(), SourceError>),
}
