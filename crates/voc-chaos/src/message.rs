//! A record to produce.

use anyhow::Result;

/// A record to produce.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Message {
    pub(crate) topic: &'static str,
    pub(crate) partition: i32,
    /// The label: see [`Label`](crate::label::Label).
    pub(crate) key: String,
    /// `None` for a tombstone.
    pub(crate) value: Option<Vec<u8>>,
}

/// Chooses a partition of a topic.
pub(crate) type Partitioner<'p> = dyn FnMut(&'static str) -> i32 + 'p;

/// Produces the next record.
pub(crate) type Messages = Box<dyn FnMut(&mut Partitioner<'_>) -> Result<Message> + Send>;

/// Per-mille shares of special records.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shares {
    /// Records that are not events.
    pub(crate) poison: u32,
    /// Events that are resent later.
    pub(crate) resent: u32,
}
