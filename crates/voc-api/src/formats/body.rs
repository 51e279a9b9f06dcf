//! Bodies that are sent while they are made.

use std::{
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use actix_web::web::Bytes;
use futures_util::{Stream, StreamExt as _};
use tokio::sync::{
    mpsc::{self, error::SendTimeoutError},
    oneshot,
};
use voc_store::StoreError;

use super::{
    columns::{Batches, RowsBatch},
    encode_error::EncodeError,
    encoder::Encoder,
};

/// Pieces that are ready before the client reads them, beside the one that is made.
const PIECES_AHEAD: usize = 1;

/// Why a body ends before its end. The client sees only a broken connection.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Broken {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Encode(#[from] EncodeError),
    #[error("the client read nothing for {0:?}")]
    SlowClient(Duration),
    #[error("the client went away")]
    ClientGone,
    #[error("the answer was not finished")]
    Unfinished,
}

impl Broken {
    /// The reason if its client goes away, or does not read on.
    pub(crate) const CLIENT: &str = "client";
    /// The reason if the service fails.
    pub(crate) const INTERNAL: &str = "internal";

    /// One of [`UNFINISHED_REASONS`](crate::telemetry::UNFINISHED_REASONS).
    pub(crate) fn reason(&self) -> &'static str {
        match self {
            Self::Store(_) => "store",
            Self::SlowClient(_) | Self::ClientGone => Self::CLIENT,
            Self::Encode(_) | Self::Unfinished => Self::INTERNAL,
        }
    }
}

enum Piece {
    Some(Bytes),
    /// The body is complete. Without it, an end is a failure.
    End,
}

/// The pieces of a body.
pub(crate) struct Pieces {
    pieces: mpsc::Receiver<Piece>,
    /// Why there are no more pieces, although there was no end.
    failure: oneshot::Receiver<Broken>,
    has_ended: bool,
}

/// Makes the pieces of a body. They are made at the pace at which the client reads them.
pub(crate) struct Pump {
    pieces: mpsc::Sender<Piece>,
    failure: oneshot::Sender<Broken>,
    reading: Duration,
}

pub(crate) fn pump(reading: Duration) -> (Pump, Pieces) {
    let (sender, receiver) = mpsc::channel(PIECES_AHEAD);
    let (failed, failure) = oneshot::channel();
    let pump = Pump { pieces: sender, failure: failed, reading };
    (pump, Pieces { pieces: receiver, failure, has_ended: false })
}

impl Pump {
    /// Sends all batches, and the end only after all of them. It writes them meanwhile, which takes its thread's time.
    pub(crate) async fn run(self, encoder: Encoder, first: Option<RowsBatch>, batches: Batches) {
        let Err(error) = self.send_all(encoder, first, batches).await else { return };
        // What fails after the client has gone away, as at the end of the process, is no failure of the service.
        if matches!(error, Broken::SlowClient(_)) || self.pieces.is_closed() {
            tracing::info!(%error, "an answer was abandoned while it was sent");
        } else {
            tracing::error!(%error, "an answer was broken off while it was sent");
        }
        // Nobody wants to know if the client is gone.
        let _ = self.failure.send(error);
    }

    async fn send_all(
        &self,
        mut encoder: Encoder,
        first: Option<RowsBatch>,
        mut batches: Batches,
    ) -> Result<(), Broken> {
        let mut next = first;
        while let Some(batch) = next {
            self.send(encoder.batch(batch)?).await?;
            next = tokio::select! {
                next = batches.next() => next.transpose()?,
                () = self.pieces.closed() => {
                    // The store works until it has the next rows, and the slots are kept until then, without a thread.
                    tokio::spawn(async move { batches.next().await });
                    return Err(Broken::ClientGone);
                }
            };
        }
        self.send(encoder.end()?).await?;
        self.hand_over(Piece::End).await
    }

    async fn send(&self, piece: Vec<u8>) -> Result<(), Broken> {
        if piece.is_empty() { Ok(()) } else { self.hand_over(Piece::Some(piece.into())).await }
    }

    async fn hand_over(&self, piece: Piece) -> Result<(), Broken> {
        self.pieces.send_timeout(piece, self.reading).await.map_err(|error| match error {
            SendTimeoutError::Timeout(_) => Broken::SlowClient(self.reading),
            SendTimeoutError::Closed(_) => Broken::ClientGone,
        })
    }
}

impl Stream for Pieces {
    type Item = Result<Bytes, Broken>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.has_ended {
            return Poll::Ready(None);
        }
        self.pieces.poll_recv(context).map(|piece| match piece {
            Some(Piece::Some(bytes)) => Some(Ok(bytes)),
            Some(Piece::End) => {
                self.has_ended = true;
                None
            }
            None => Some(Err(self.failure.try_recv().unwrap_or(Broken::Unfinished))),
        })
    }
}
