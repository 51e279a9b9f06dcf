//! Callers of the API, who ask all the time.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use anyhow::{Error, Result, bail};

use crate::http;

/// Pause between two questions.
const INTERVAL: Duration = Duration::from_millis(200);

/// What is asked about a family: path and parameters. Some of the answers are kept.
const QUESTIONS: [(&str, &str); 5] = [
    ("summary", "&last=1h"),
    ("summary", "&last=7d"),
    ("trends", "&last=7d"),
    ("dead-letters", "&last=1d&limit=10"),
    ("ledger", ""),
];

/// A service that is asked.
pub(super) struct Asked {
    pub(super) url: String,
    pub(super) family: &'static str,
    pub(super) key: Option<String>,
    /// Questions in a round.
    pub(super) questions: usize,
}

impl Asked {
    /// Asks; fails if the question is refused. It must be right, whatever is broken.
    fn ask(&self, (path, parameters): (&str, &str)) -> Result<()> {
        let url = format!("{}/api/v1/{path}?family={}{parameters}", self.url, self.family);
        let answer = match &self.key {
            Some(key) => http::get_with_key(&url, key),
            None => http::get(&url),
        };
        match answer {
            Ok((status @ 400..500, body)) => bail!("{url} was refused with {status}: {body}"),
            // Services that are down or cannot answer are the point.
            _ => Ok(()),
        }
    }
}

/// They ask until this is dropped.
pub(super) struct Callers {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

struct Shared {
    asked: Vec<Asked>,
    refusal: Mutex<Option<Error>>,
    ended: AtomicBool,
}

impl Callers {
    pub(super) fn start(asked: Vec<Asked>) -> Self {
        let shared = Arc::new(Shared { asked, refusal: Mutex::default(), ended: AtomicBool::new(false) });
        let asking = Arc::clone(&shared);
        let thread = std::thread::spawn(move || asking.run());
        Self { shared, thread: Some(thread) }
    }

    /// Fails if a question was refused.
    pub(super) fn check(&self) -> Result<()> {
        match self.shared.refusal.lock().unwrap_or_else(PoisonError::into_inner).take() {
            Some(error) => Err(error),
            None => Ok(()),
        }
    }
}

impl Drop for Callers {
    fn drop(&mut self) {
        self.shared.ended.store(true, Ordering::SeqCst);
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

impl Shared {
    fn run(&self) {
        let round: Vec<&Asked> =
            self.asked.iter().flat_map(|asked| std::iter::repeat_n(asked, asked.questions)).collect();
        let questions = QUESTIONS.into_iter().cycle();
        for (asked, question) in round.into_iter().cycle().zip(questions) {
            if self.ended.load(Ordering::SeqCst) {
                return;
            }
            if let Err(refusal) = asked.ask(question) {
                *self.refusal.lock().unwrap_or_else(PoisonError::into_inner) = Some(refusal);
                return;
            }
            std::thread::sleep(INTERVAL);
        }
    }
}
