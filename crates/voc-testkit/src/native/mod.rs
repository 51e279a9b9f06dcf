//! ClickHouse's native protocol as klickhouse speaks it: revision 54448, LZ4 compression, one compressed frame per
//! block.

mod frame;
mod packet;
mod read;
mod values;
mod write;

pub(crate) use packet::{ClientHello, ClientPacket, Query, ServerPacket, has_rows, row_count};
pub(crate) use read::{read_client_packet, read_server_packet};
pub(crate) use write::PacketWriter;

/// The protocol's revision, announced by klickhouse and answered by the endpoint.
pub(crate) const REVISION: u64 = 54_448;

/// Longest text or block accepted, in bytes.
const MAX_LENGTH: usize = 1 << 30;

fn invalid(reason: impl Into<String>) -> std::io::Error {
    std::io::Error::new(std::io::ErrorKind::InvalidData, reason.into())
}
