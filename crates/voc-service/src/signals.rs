//! SIGTERM and SIGINT end a service: the first politely, the second at once.

use std::{
    io,
    sync::{Arc, atomic::AtomicBool},
};

use signal_hook::{
    consts::{SIGINT, SIGTERM},
    flag,
};
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// Exit status after a second SIGINT, as shells report a process that the signal ended.
pub const SIGINT_STATUS: i32 = 128 + SIGINT;
/// Exit status after a second SIGTERM.
pub const SIGTERM_STATUS: i32 = 128 + SIGTERM;

/// Gives a token that the first SIGTERM or SIGINT cancels. The second one exits the process at once, with status 130 for
/// SIGINT or 143 for SIGTERM, even if it hangs. To be called once, within a tokio runtime.
///
/// # Errors
/// The system's, if a signal handler cannot be installed.
pub fn shutdown_token() -> io::Result<CancellationToken> {
    // The exit runs in the signal handler itself and is armed by the first signal, so the order of the two matters.
    let is_second = Arc::new(AtomicBool::new(false));
    for (number, status) in [(SIGINT, SIGINT_STATUS), (SIGTERM, SIGTERM_STATUS)] {
        flag::register_conditional_shutdown(number, status, Arc::clone(&is_second))?;
        flag::register(number, Arc::clone(&is_second))?;
    }
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    let token = CancellationToken::new();
    let shutdown = token.clone();
    tokio::spawn(async move {
        let name = tokio::select! {
            _ = interrupt.recv() => "SIGINT",
            _ = terminate.recv() => "SIGTERM",
        };
        tracing::info!(signal = name, "shutting down; a second signal exits at once");
        shutdown.cancel();
    });
    Ok(token)
}
