//! SIGTERM and SIGINT end a service: the first gracefully, the second at once.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use signal_hook::{
    consts::{SIGINT, SIGTERM},
    flag,
};
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// A signal that ends a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndSignal {
    /// SIGINT, as sent by Ctrl-C.
    Interrupt,
    /// SIGTERM, as sent by service managers.
    Terminate,
}

impl EndSignal {
    /// The exit status of a process ended by this signal, as shells report it: 130 for SIGINT, 143 for SIGTERM.
    #[must_use]
    pub const fn status(self) -> u8 {
        match self {
            Self::Interrupt => 130,
            Self::Terminate => 143,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Interrupt => "SIGINT",
            Self::Terminate => "SIGTERM",
        }
    }

    const fn number(self) -> i32 {
        match self {
            Self::Interrupt => SIGINT,
            Self::Terminate => SIGTERM,
        }
    }

    const ALL: [Self; 2] = [Self::Interrupt, Self::Terminate];
}

/// SIGTERM and SIGINT, caught. The program handles the first one; the second one exits the process at once, with [its
/// status](EndSignal::status), even if the program hangs.
#[derive(Debug, Clone)]
pub struct Signals {
    /// The number of the signal received, 0 if none.
    received: Arc<AtomicUsize>,
}

impl Signals {
    /// Catches the signals from now on. Call it once, and before anything else, because an earlier signal ends the
    /// process in the system's default way.
    ///
    /// # Errors
    /// The system's error if a signal handler cannot be installed.
    pub fn catch() -> io::Result<Self> {
        // The exit runs in the signal handler and is armed by the first signal, so the order matters.
        let is_second = Arc::new(AtomicBool::new(false));
        let received = Arc::new(AtomicUsize::new(0));
        for signal in EndSignal::ALL {
            let number = signal.number();
            flag::register_conditional_shutdown(number, signal.status().into(), Arc::clone(&is_second))?;
            flag::register(number, Arc::clone(&is_second))?;
            flag::register_usize(number, Arc::clone(&received), number.unsigned_abs() as usize)?;
        }
        Ok(Self { received })
    }

    /// The signal that was caught, if any.
    #[must_use]
    pub fn caught(&self) -> Option<EndSignal> {
        let caught = self.received.load(Ordering::SeqCst);
        EndSignal::ALL.into_iter().find(|signal| signal.number().unsigned_abs() as usize == caught)
    }

    /// Waits for a signal; one that was caught earlier counts. Cancel-safe. Call it within a tokio runtime.
    ///
    /// # Errors
    /// The system's error if it cannot wait for signals.
    pub async fn received(&self) -> io::Result<EndSignal> {
        let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
        // Checked only now, because the two streams above do not report a signal that arrived before they were
        // created.
        if let Some(signal) = self.caught() {
            return Ok(signal);
        }
        Ok(tokio::select! {
            _ = interrupt.recv() => EndSignal::Interrupt,
            _ = terminate.recv() => EndSignal::Terminate,
        })
    }

    /// Returns a token that the first signal cancels. Call it within a tokio runtime.
    #[must_use]
    pub fn shutdown_token(&self) -> CancellationToken {
        let token = CancellationToken::new();
        let (signals, shutdown) = (self.clone(), token.clone());
        tokio::spawn(async move {
            match signals.received().await {
                Ok(signal) => tracing::info!(signal = signal.name(), "shutting down; a second signal exits at once"),
                Err(error) => tracing::error!(%error, "cannot listen for signals; the service stops"),
            }
            shutdown.cancel();
        });
        token
    }
}
