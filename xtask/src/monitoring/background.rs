//! Work that is repeated in a thread of its own.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use anyhow::{Error, Result};

/// Repeats a step until it fails, or until this is dropped.
pub(super) struct Background {
    state: Arc<State>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct State {
    failure: Mutex<Option<Error>>,
    ended: AtomicBool,
}

impl Background {
    /// Begins; there is a pause after each step.
    pub(super) fn start(mut step: impl FnMut() -> Result<()> + Send + 'static, pause: Duration) -> Self {
        let state = Arc::<State>::default();
        let own = Arc::clone(&state);
        let thread = std::thread::spawn(move || {
            while !own.ended.load(Ordering::SeqCst) {
                if let Err(error) = step() {
                    *own.failure.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
                    return;
                }
                std::thread::sleep(pause);
            }
        });
        Self { state, thread: Some(thread) }
    }

    /// Fails if a step failed since this was asked last.
    pub(super) fn check(&self) -> Result<()> {
        match self.state.failure.lock().unwrap_or_else(PoisonError::into_inner).take() {
            Some(error) => Err(error),
            None => Ok(()),
        }
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        self.state.ended.store(true, Ordering::SeqCst);
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}
