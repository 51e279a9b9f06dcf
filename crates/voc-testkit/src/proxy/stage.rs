//! Finds a stage of the native protocol in the bytes that pass.

use std::{
    io,
    sync::{Mutex, PoisonError},
};

use super::fault::{Direction, Stage};
use crate::native::{ClientPacket, ServerPacket, has_rows, read_client_packet, read_server_packet};

/// Watches both directions of a connection for a stage. Bytes pass packet by packet.
pub(super) struct StageWatch {
    stage: Stage,
    progress: Mutex<Progress>,
}

/// The progress of the exchange.
#[derive(Default)]
struct Progress {
    /// Statements sent so far.
    statements: usize,
    /// Replies that have ended so far; a statement and its reply have the same number.
    replies: usize,
    /// Number of the statement that the stage names.
    watched: Option<usize>,
}

impl StageWatch {
    pub(super) fn new(stage: Stage) -> Self {
        Self { stage, progress: Mutex::default() }
    }

    /// Whether the stage is the connection's very start.
    pub(super) fn is_at_connect(&self) -> bool {
        self.stage == Stage::Connect
    }

    /// How many of a direction's bytes may pass now, and whether the stage is reached after them.
    ///
    /// # Errors
    /// Bytes that are not the native protocol.
    pub(super) fn advance(&self, direction: Direction, bytes: &[u8]) -> io::Result<(usize, bool)> {
        let mut progress = self.progress.lock().unwrap_or_else(PoisonError::into_inner);
        let mut rest = bytes;
        loop {
            let start = bytes.len() - rest.len();
            let place = match direction {
                Direction::ToServer => {
                    read_client_packet(&mut rest).map(|packet| self.in_client(&mut progress, &packet))
                }
                Direction::ToClient => {
                    read_server_packet(&mut rest).map(|packet| self.in_server(&mut progress, packet))
                }
            };
            let end = bytes.len() - rest.len();
            match place {
                Ok(None) => {}
                Ok(Some(PacketPosition::Start)) => return Ok((start, true)),
                Ok(Some(PacketPosition::Middle)) => return Ok((start.midpoint(end), true)),
                Ok(Some(PacketPosition::End)) => return Ok((end, true)),
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok((start, false)),
                Err(error) => return Err(error),
            }
        }
    }

    fn in_client(&self, progress: &mut Progress, packet: &ClientPacket) -> Option<PacketPosition> {
        match packet {
            ClientPacket::Query(query) => {
                let is_named = self.statement().is_some_and(|start| query.text.starts_with(start));
                if is_named && progress.watched.is_none() {
                    progress.watched = Some(progress.statements);
                }
                progress.statements += 1;
                let is_watched = progress.watched == Some(progress.statements - 1);
                (is_watched && matches!(self.stage, Stage::AfterQuery(_))).then_some(PacketPosition::End)
            }
            ClientPacket::Data(block) => {
                let is_watched = progress.watched.is_some_and(|watched| watched + 1 == progress.statements);
                let is_stage = matches!(self.stage, Stage::MidData(_)) && has_rows(block);
                (is_watched && is_stage).then_some(PacketPosition::Middle)
            }
            ClientPacket::Hello(_) | ClientPacket::Cancel | ClientPacket::Ping => None,
        }
    }

    fn in_server(&self, progress: &mut Progress, packet: ServerPacket) -> Option<PacketPosition> {
        let is_watched = progress.watched == Some(progress.replies);
        if packet.ends_reply() {
            progress.replies += 1;
        }
        match (&self.stage, packet) {
            (Stage::Hello, ServerPacket::Hello) => Some(PacketPosition::Middle),
            (Stage::MidData(_), ServerPacket::Data { has_rows: true }) if is_watched => Some(PacketPosition::Middle),
            (Stage::BeforeEndOfStream(_), packet) if is_watched && packet.ends_reply() => Some(PacketPosition::Start),
            _ => None,
        }
    }

    fn statement(&self) -> Option<&'static str> {
        match self.stage {
            Stage::Connect | Stage::Hello => None,
            Stage::AfterQuery(start) | Stage::MidData(start) | Stage::BeforeEndOfStream(start) => Some(start),
        }
    }
}

/// Where the stage is within a packet.
enum PacketPosition {
    Start,
    Middle,
    End,
}
