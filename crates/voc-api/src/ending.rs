//! How a server ends: it says so, takes no more requests, and finishes those under way.

use std::{
    io,
    time::{Duration, Instant},
};

use actix_web::dev::Server;
use tokio_util::sync::CancellationToken;

use crate::connections::Connections;

/// How long connections may take to break.
const BREAKING: Duration = Duration::from_secs(2);

/// How long the end of a server may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Drain {
    /// How long it still takes requests, while readiness says that it ends.
    pub grace: Duration,
    /// When requests that are not finished are cut off, counted from the beginning of the end.
    pub deadline: Duration,
}

impl Default for Drain {
    fn default() -> Self {
        Self { grace: Duration::ZERO, deadline: Duration::from_secs(30) }
    }
}

/// A server did not end as it should.
#[derive(Debug, thiserror::Error)]
pub enum EndError {
    /// It failed.
    #[error("the HTTP server failed")]
    Failed(#[from] io::Error),
    /// Requests took too long. Their clients see broken connections.
    #[error("requests that were not finished after {deadline:?} were cut off: {requests}")]
    CutOff {
        /// How many.
        requests: usize,
        /// The limit.
        deadline: Duration,
    },
}

/// Runs a server until `ends` is cancelled, and then until its requests are finished. It stops to listen when `stop`
/// is cancelled.
pub(crate) async fn run(
    server: Server,
    connections: Connections,
    drain: Drain,
    ends: CancellationToken,
    stop: CancellationToken,
) -> Result<(), EndError> {
    let mut server = Box::pin(server);
    tokio::select! {
        // It ends by itself only if it fails.
        ended = &mut server => return Ok(ended?),
        () = ends.cancelled() => {}
    }
    let Drain { grace, deadline } = drain;
    let began = Instant::now();
    if !grace.is_zero() {
        tracing::info!(?grace, "not ready any more; requests are still taken");
        tokio::select! {
            ended = &mut server => return Ok(ended?),
            () = tokio::time::sleep(grace) => {}
        }
    }
    stop.cancel();
    // A connection that is open from now on has a request under way: the others are closed.
    tracing::info!(connections = connections.open(), ?deadline, "taking no more requests; finishing those under way");
    let ended = async {
        tokio::select! {
            ended = &mut server => ended,
            // The server looks whether that is so once a second only.
            () = connections.closed() => Ok(()),
        }
    };
    match tokio::time::timeout(deadline.saturating_sub(began.elapsed()), ended).await {
        Ok(ended) => Ok(ended?),
        Err(_elapsed) => {
            let requests = connections.open();
            // The threads of a server that is dropped break its connections; what they do not break, the end of the
            // process does.
            drop(server);
            let _ = tokio::time::timeout(BREAKING, connections.closed()).await;
            if requests == 0 { Ok(()) } else { Err(EndError::CutOff { requests, deadline }) }
        }
    }
}
