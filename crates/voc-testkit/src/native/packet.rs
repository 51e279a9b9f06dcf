//! The protocol's packets, as far as this crate needs their contents.

use super::values::varint;

/// A packet from a client.
#[derive(Debug)]
pub(crate) enum ClientPacket {
    Hello(ClientHello),
    Query(Query),
    /// A block without its block info; an empty one ends the data.
    Data(Vec<u8>),
    Cancel,
    Ping,
}

/// The connecting client.
#[derive(Debug)]
pub(crate) struct ClientHello {
    pub(crate) database: String,
    pub(crate) user: String,
    pub(crate) password: String,
}

/// A statement with its own settings.
#[derive(Debug)]
pub(crate) struct Query {
    pub(crate) settings: Vec<(String, String)>,
    pub(crate) compressed: bool,
    pub(crate) text: String,
}

/// A packet from a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ServerPacket {
    Hello,
    /// Whether the block has rows.
    Data {
        has_rows: bool,
    },
    Exception,
    EndOfStream,
    /// Progress, profile information and similar packets.
    Other,
}

impl ServerPacket {
    /// Whether the packet ends the reply to a statement.
    pub(crate) fn ends_reply(self) -> bool {
        matches!(self, Self::Exception | Self::EndOfStream)
    }
}

/// The number of rows of a block (without block info), which begins with the numbers of columns and rows.
pub(crate) fn row_count(block: &[u8]) -> u64 {
    let mut rest = block;
    let columns = varint(&mut rest);
    columns.and_then(|_| varint(&mut rest)).unwrap_or(0)
}

/// Whether a block (without block info) has rows.
pub(crate) fn has_rows(block: &[u8]) -> bool {
    row_count(block) > 0
}
