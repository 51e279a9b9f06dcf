//! The level of the log, changed while a service runs.

use std::{fs, io, path::Path, time::Duration};

use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::{
    config::logging::{LoggingSettings, filter},
    logging,
};

/// How often the file is read.
const EVERY: Duration = Duration::from_secs(2);

/// Waits for SIGHUP, by which operators ask a service to read its files again. Without a stream of them, the signal
/// ends the process.
#[derive(Debug)]
pub struct Reloads(Signal);

impl Reloads {
    /// Catches the signal from now on, for this stream and all others. Call it within a tokio runtime.
    ///
    /// # Errors
    /// The system's error if a signal handler cannot be installed.
    pub fn listen() -> io::Result<Self> {
        signal(SignalKind::hangup()).map(Self)
    }

    /// Waits for the next signal, but no longer than this. Cancel-safe.
    pub async fn next_within(&mut self, limit: Duration) {
        // Either way it is time to look.
        let _ = tokio::time::timeout(limit, self.0.recv()).await;
    }
}

/// Keeps the log's level as the configured file says, if there is one; else only catches SIGHUP. Never ends.
pub async fn watch(settings: LoggingSettings) {
    let mut reloads = match Reloads::listen() {
        Ok(reloads) => reloads,
        Err(error) => return tracing::error!(%error, "cannot listen for SIGHUP; the level of the log stays as it is"),
    };
    let LoggingSettings { filter: configured, level_file, .. } = settings;
    let mut known = Ok(None);
    loop {
        if let Some(file) = &level_file {
            let file = file.clone();
            let Ok(text) = tokio::task::spawn_blocking(move || read(&file)).await else { return };
            if text != known {
                apply(&configured, &text);
                known = text;
            }
        }
        reloads.next_within(EVERY).await;
    }
}

/// The text of a file; `None` if there is no file, or nothing in it.
fn read(file: &Path) -> Result<Option<String>, String> {
    match fs::read_to_string(file) {
        Ok(text) => Ok(Some(text.trim().to_owned()).filter(|text| !text.is_empty())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(format!("cannot read {}: {error}", file.display())),
    }
}

/// Changes the level as the file says; one that cannot be used changes nothing.
fn apply(configured: &str, text: &Result<Option<String>, String>) {
    let wanted = match text {
        Ok(None) => Ok(configured.to_owned()),
        Ok(Some(text)) => {
            filter(text).map_err(|expected| format!("found {text:?}, expected {}", expected.into_words()))
        }
        Err(error) => Err(error.clone()),
    };
    match wanted.and_then(|wanted| logging::change(&wanted).map(|()| wanted).map_err(|error| error.to_string())) {
        Ok(level) => tracing::info!(level, "the level of the log is set"),
        Err(error) => tracing::error!(error, "the level of the log stays as it is"),
    }
}
