//! Writes a server's packets.

use std::io::{self, Write};

use super::{REVISION, frame};

/// Block info of an ordinary block: no overflow rows, no bucket.
const BLOCK_INFO: [u8; 8] = [1, 0, 2, 0xff, 0xff, 0xff, 0xff, 0];

/// Writes a server's packets, each flushed at once.
pub(crate) struct PacketWriter<W> {
    to: W,
}

impl<W: Write> PacketWriter<W> {
    pub(crate) fn new(to: W) -> Self {
        Self { to }
    }

    /// `version` is major, minor and patch of the engine.
    pub(crate) fn hello(&mut self, version: (u64, u64, u64)) -> io::Result<()> {
        let mut packet = vec![0];
        text(&mut packet, "ClickHouse");
        varint(&mut packet, version.0);
        varint(&mut packet, version.1);
        varint(&mut packet, REVISION);
        text(&mut packet, "UTC");
        text(&mut packet, "voc-testkit");
        varint(&mut packet, version.2);
        self.send(&packet)
    }

    /// A block in `FORMAT Native`.
    pub(crate) fn data(&mut self, block: &[u8]) -> io::Result<()> {
        let mut packet = vec![1];
        text(&mut packet, "");
        frame::write(&mut packet, &[&BLOCK_INFO, block].concat())?;
        self.send(&packet)
    }

    /// A block of names and types without rows.
    pub(crate) fn header<'c>(&mut self, columns: impl ExactSizeIterator<Item = (&'c str, &'c str)>) -> io::Result<()> {
        let mut block = Vec::new();
        varint(&mut block, columns.len() as u64);
        varint(&mut block, 0);
        for (name, kind) in columns {
            text(&mut block, name);
            text(&mut block, kind);
        }
        self.data(&block)
    }

    /// What a server reports about a table before it accepts an insert; clients only skip it.
    pub(crate) fn table_columns(&mut self, description: &str) -> io::Result<()> {
        let mut packet = vec![11];
        text(&mut packet, "");
        text(&mut packet, description);
        self.send(&packet)
    }

    pub(crate) fn progress(&mut self, read_rows: u64, written_rows: u64) -> io::Result<()> {
        let mut packet = vec![3];
        varint(&mut packet, read_rows);
        packet.extend([0, 0]);
        varint(&mut packet, written_rows);
        varint(&mut packet, 0);
        self.send(&packet)
    }

    pub(crate) fn exception(&mut self, code: i32, message: &str) -> io::Result<()> {
        let mut packet = vec![2];
        packet.extend_from_slice(&code.to_le_bytes());
        text(&mut packet, "DB::Exception");
        text(&mut packet, message);
        text(&mut packet, "");
        packet.push(0);
        self.send(&packet)
    }

    pub(crate) fn pong(&mut self) -> io::Result<()> {
        self.send(&[4])
    }

    pub(crate) fn end_of_stream(&mut self) -> io::Result<()> {
        self.send(&[5])
    }

    fn send(&mut self, packet: &[u8]) -> io::Result<()> {
        self.to.write_all(packet)?;
        self.to.flush()
    }
}

fn varint(to: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        to.push(value.to_le_bytes()[0] | 0x80);
        value >>= 7;
    }
    to.push(value.to_le_bytes()[0]);
}

fn text(to: &mut Vec<u8>, text: &str) {
    varint(to, text.len() as u64);
    to.extend_from_slice(text.as_bytes());
}
