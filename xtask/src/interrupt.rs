//! Turns Ctrl-C and SIGTERM into an ordinary error, so that every guard on the way out stops its child.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use anyhow::{Context, Result};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

static ASKED_TO_STOP: LazyLock<Arc<AtomicBool>> = LazyLock::new(Arc::default);

/// The user has interrupted the command.
#[derive(Debug)]
pub(crate) struct Interrupted;

impl std::fmt::Display for Interrupted {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("interrupted")
    }
}

impl std::error::Error for Interrupted {}

/// From now on such a signal only sets the flag that [`check`] reads.
pub(crate) fn install() -> Result<()> {
    for signal in [SIGINT, SIGTERM, SIGHUP] {
        signal_hook::flag::register(signal, Arc::clone(&ASKED_TO_STOP)).context("cannot install a signal handler")?;
    }
    Ok(())
}

/// Fails with [`Interrupted`] once the user has interrupted the command.
pub(crate) fn check() -> Result<()> {
    if ASKED_TO_STOP.load(Ordering::Relaxed) { Err(Interrupted.into()) } else { Ok(()) }
}

/// Waits one polling interval; fails like [`check`].
pub(crate) fn pause() -> Result<()> {
    std::thread::sleep(Duration::from_millis(50));
    check()
}
