//! Work that is repeated in a thread of its own.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use anyhow::{Result, bail};

/// Repeats a step until it fails, or until this is dropped.
pub(super) struct Background {
    ends: Arc<AtomicBool>,
    thread: Option<JoinHandle<Result<()>>>,
}

impl Background {
    /// Begins; there is a pause after each step.
    pub(super) fn start(mut step: impl FnMut() -> Result<()> + Send + 'static, pause: Duration) -> Self {
        let ends = Arc::<AtomicBool>::default();
        let must_end = Arc::clone(&ends);
        let thread = std::thread::spawn(move || {
            while !must_end.load(Ordering::SeqCst) {
                step()?;
                std::thread::sleep(pause);
            }
            Ok(())
        });
        Self { ends, thread: Some(thread) }
    }

    /// Fails, once, if a step has failed or panicked.
    pub(super) fn check(&mut self) -> Result<()> {
        match self.thread.take_if(|thread| thread.is_finished()).map(JoinHandle::join) {
            Some(Ok(outcome)) => outcome,
            Some(Err(_)) => bail!("a thread in the background panicked"),
            None => Ok(()),
        }
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        self.ends.store(true, Ordering::SeqCst);
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a check says after the end of this step, and whether the next one is content.
    fn failure_of(step: impl FnMut() -> Result<()> + Send + 'static) -> (String, bool) {
        let mut background = Background::start(step, Duration::ZERO);
        loop {
            if let Err(error) = background.check() {
                return (error.to_string(), background.check().is_ok());
            }
            std::thread::yield_now();
        }
    }

    #[test]
    fn a_step_that_fails_or_panics_is_told_once() {
        let mut steps = 0;
        let fails = move || {
            steps += 1;
            if steps == 3 { bail!("step {steps}") } else { Ok(()) }
        };
        assert_eq!(failure_of(fails), ("step 3".to_owned(), true));
        let panics = || panic!("no step");
        assert_eq!(failure_of(panics), ("a thread in the background panicked".to_owned(), true));
    }
}
