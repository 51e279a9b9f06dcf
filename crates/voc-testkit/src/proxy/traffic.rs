//! The traffic of a connection.

use std::sync::atomic::{AtomicU64, Ordering};

use super::fault::Direction;

/// Bytes that have passed through a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Traffic {
    /// From the client to the server.
    pub to_server: u64,
    /// From the server to the client.
    pub to_client: u64,
}

/// Bytes that have passed through a connection so far.
#[derive(Debug, Default)]
pub(super) struct Counters {
    to_server: AtomicU64,
    to_client: AtomicU64,
}

impl Counters {
    pub(super) fn add(&self, direction: Direction, bytes: usize) {
        let counter = match direction {
            Direction::ToServer => &self.to_server,
            Direction::ToClient => &self.to_client,
        };
        counter.fetch_add(bytes as u64, Ordering::SeqCst);
    }

    pub(super) fn traffic(&self) -> Traffic {
        Traffic { to_server: self.to_server.load(Ordering::SeqCst), to_client: self.to_client.load(Ordering::SeqCst) }
    }
}
