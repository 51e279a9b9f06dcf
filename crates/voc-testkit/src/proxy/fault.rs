//! What a connection can suffer.

use std::num::NonZeroU32;

/// What goes wrong with a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// Both sides are closed at the place.
    Cut(Place),
    /// From the place on nothing passes, in either direction; both sides stay open.
    Stall(Place),
    /// Each direction passes so many bytes a second, in pieces of a tenth of it.
    Throttle(NonZeroU32),
}

/// Where in the exchange.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Place {
    /// After so many bytes in a direction, counted from the connection's start.
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

/// A stage of the native protocol. A statement is named by a text it begins with, such as `INSERT`: the first one counts.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Stage {
    /// The connection is open, nothing has passed.
    Connect,
    /// The server has the client's hello, the client half of the server's.
    Hello,
    /// The server has the statement, and nothing behind it.
    AfterQuery(&'static str),
    /// Half of the statement's first block with rows has passed: to the server for an insert, to the client for a select.
    MidData(&'static str),
    /// All of the reply has passed but the packet that ends it.
    BeforeEndOfStream(&'static str),
}
