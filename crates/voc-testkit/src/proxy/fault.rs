//! Faults of connections.

use std::num::NonZeroU32;

/// A fault of a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// Both sides are closed at the given point.
    Cut(Place),
    /// From the given point on nothing passes, in either direction; both sides stay open.
    Stall(Place),
    /// Each direction passes this many bytes per second, in pieces of a tenth of that.
    Throttle(NonZeroU32),
}

/// A point in the exchange.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Place {
    /// After this many bytes in a direction, counted from the connection's start.
    Bytes(Direction, u64),
    /// At a stage of the native protocol.
    Stage(Stage),
}

/// A direction of the exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Direction {
    /// From the client to the server.
    ToServer,
    /// From the server to the client.
    ToClient,
}

/// A stage of the native protocol. A statement is identified by its first words, such as `INSERT`: the first one
/// counts.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Stage {
    /// The connection is open, and nothing has passed.
    Connect,
    /// The server has the client's hello; the client has half of the server's.
    Hello,
    /// The server has the statement, and nothing after it.
    AfterQuery(&'static str),
    /// Half of the statement's first block with rows has passed: to the server for an insert, to the client for a
    /// select.
    MidData(&'static str),
    /// All of the reply has passed except the packet that ends it.
    BeforeEndOfStream(&'static str),
}
