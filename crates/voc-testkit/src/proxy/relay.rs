//! One connection: relays bytes in both directions until its fault.

use std::{io, sync::Arc, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::{Notify, watch},
};

use super::{
    fault::{Direction, Fault, Place},
    stage::StageWatch,
    traffic::Counters,
};

/// Pieces of a throttled second.
const PIECES: u32 = 10;

/// Relays a connection.
pub(super) struct Relay {
    fault: Option<Fault>,
    counters: Arc<Counters>,
    broken: watch::Sender<usize>,
}

/// The shared state of both directions of a connection.
struct Exchange {
    fault: Option<Fault>,
    counters: Arc<Counters>,
    stage: Option<StageWatch>,
    /// Notified when a direction has reached the fault.
    reached: Notify,
}

impl Relay {
    pub(super) fn new(fault: Option<Fault>, counters: Arc<Counters>, broken: watch::Sender<usize>) -> Self {
        Self { fault, counters, broken }
    }

    /// Relays until both directions have ended, or the fault is reached.
    pub(super) async fn run(self, client: TcpStream, server: TcpStream) -> io::Result<()> {
        client.set_nodelay(true)?;
        server.set_nodelay(true)?;
        let stage = match &self.fault {
            Some(Fault::Cut(Place::Stage(stage)) | Fault::Stall(Place::Stage(stage))) => {
                Some(StageWatch::new(stage.clone()))
            }
            _ => None,
        };
        let exchange = Exchange { fault: self.fault, counters: self.counters, stage, reached: Notify::new() };
        let (from_client, to_client) = client.into_split();
        let (from_server, to_server) = server.into_split();
        let both = async {
            tokio::try_join!(
                exchange.pass(Direction::ToServer, from_client, to_server),
                exchange.pass(Direction::ToClient, from_server, to_client)
            )
        };
        tokio::pin!(both);
        tokio::select! {
            biased;
            () = exchange.reached.notified() => self.broken.send_modify(|broken| *broken += 1),
            ended = &mut both => return ended.map(drop),
        }
        if matches!(exchange.fault, Some(Fault::Stall(_))) {
            // Holds both sides open, and passes nothing, until the proxy cuts the connection or is dropped.
            std::future::pending::<()>().await;
        }
        Ok(())
    }
}

impl Exchange {
    async fn pass(&self, direction: Direction, mut from: OwnedReadHalf, mut to: OwnedWriteHalf) -> io::Result<()> {
        let mut buffer = vec![0; 64 * 1024];
        let mut passed = 0;
        // Bytes held back until their packet is complete; used only if a stage is watched for.
        let mut kept = Vec::new();
        if self.is_reached(direction, passed) {
            return self.hold().await;
        }
        loop {
            let read = from.read(&mut buffer).await?;
            if read == 0 {
                return to.shutdown().await;
            }
            kept.extend_from_slice(&buffer[..read]);
            let (ready, reached) = match &self.stage {
                Some(watch) => watch.advance(direction, &kept)?,
                None => (self.until_fault(direction, passed, kept.len()), false),
            };
            self.write(direction, &mut to, &kept[..ready]).await?;
            kept.drain(..ready);
            passed += ready as u64;
            if reached || self.is_reached(direction, passed) {
                return self.hold().await;
            }
        }
    }

    /// How many of the available bytes may pass before the fault.
    fn until_fault(&self, direction: Direction, passed: u64, at_hand: usize) -> usize {
        match self.limit(direction) {
            Some(limit) => usize::try_from(limit.saturating_sub(passed)).map_or(at_hand, |left| left.min(at_hand)),
            None => at_hand,
        }
    }

    fn is_reached(&self, direction: Direction, passed: u64) -> bool {
        self.limit(direction).is_some_and(|limit| passed >= limit)
            || (passed == 0 && self.stage.as_ref().is_some_and(StageWatch::is_at_connect))
    }

    fn limit(&self, direction: Direction) -> Option<u64> {
        match self.fault {
            Some(Fault::Cut(Place::Bytes(at, limit)) | Fault::Stall(Place::Bytes(at, limit))) if at == direction => {
                Some(limit)
            }
            _ => None,
        }
    }

    async fn write(&self, direction: Direction, to: &mut OwnedWriteHalf, bytes: &[u8]) -> io::Result<()> {
        let piece = match self.fault {
            Some(Fault::Throttle(rate)) => usize::try_from(rate.get().div_ceil(PIECES)).unwrap_or(usize::MAX),
            _ => usize::MAX,
        };
        for piece in bytes.chunks(piece) {
            to.write_all(piece).await?;
            self.counters.add(direction, piece.len());
            if matches!(self.fault, Some(Fault::Throttle(_))) {
                tokio::time::sleep(Duration::from_secs(1) / PIECES).await;
            }
        }
        Ok(())
    }

    /// Reports that the fault is reached, and passes nothing more.
    async fn hold(&self) -> io::Result<()> {
        self.reached.notify_one();
        std::future::pending().await
    }
}
