//! The readiness of a processor as a load balancer sees it.

use std::{
    path::PathBuf,
    time::{Duration, Instant},
};

use anyhow::{Result, bail};
use serde_json::Value;
use ureq::Agent;

/// How often `/readyz` is asked.
const POLL: Duration = Duration::from_millis(250);
/// Timeout of a request.
const REQUEST: Duration = Duration::from_secs(5);
/// How long to wait for an expected answer.
const PATIENCE: Duration = Duration::from_secs(120);

/// An answer of `/readyz`.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) is_ready: bool,
    /// The reasons, if it is not ready.
    pub(crate) detail: String,
}

/// Asks a processor whether it is ready.
#[derive(Clone)]
pub(crate) struct Readiness {
    /// The log, which names the address of the newest process.
    log: PathBuf,
    agent: Agent,
}

impl Readiness {
    /// Of the processor with this log.
    pub(crate) fn new(log: PathBuf) -> Self {
        let config = Agent::config_builder().timeout_global(Some(REQUEST)).http_status_as_error(false).proxy(None);
        Self { log, agent: config.build().into() }
    }

    /// The answers within `length`.
    pub(crate) async fn watch(&self, length: Duration) -> Result<Vec<Answer>> {
        let end = Instant::now() + length;
        let mut answers = Vec::new();
        while Instant::now() < end {
            answers.extend(self.ask().await?);
            tokio::time::sleep(POLL).await;
        }
        Ok(answers)
    }

    /// Waits for an answer. Returns how long that took.
    pub(crate) async fn wait_until(&self, is_expected: impl Fn(&Answer) -> bool) -> Result<Duration> {
        let began = Instant::now();
        loop {
            let answer = self.ask().await?;
            if answer.as_ref().is_some_and(&is_expected) {
                return Ok(began.elapsed());
            }
            if began.elapsed() > PATIENCE {
                bail!("/readyz still answers {answer:?} after {} s", PATIENCE.as_secs());
            }
            tokio::time::sleep(POLL).await;
        }
    }

    /// An answer; `None` if no process answers.
    async fn ask(&self) -> Result<Option<Answer>> {
        let readiness = self.clone();
        Ok(tokio::task::spawn_blocking(move || readiness.ask_blocking()).await?)
    }

    fn ask_blocking(&self) -> Option<Answer> {
        let log = std::fs::read_to_string(&self.log).ok()?;
        let url = format!("http://{}/readyz", address(&log)?);
        let mut answer = self.agent.get(&url).call().ok()?;
        let body: Value = serde_json::from_str(&answer.body_mut().read_to_string().ok()?).ok()?;
        let detail = body["detail"].as_str().unwrap_or_default().to_owned();
        Some(Answer { is_ready: answer.status() == 200, detail })
    }
}

/// The address that a log names last.
fn address(log: &str) -> Option<String> {
    let line = log.lines().rfind(|line| line.contains("answering questions"))?;
    Some(serde_json::from_str::<Value>(line).ok()?["address"].as_str()?.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_process_is_asked() {
        let line = |address: &str| format!("{{\"message\":\"answering questions\",\"address\":\"{address}\"}}\n");
        let other = "{\"message\":\"partitions assigned\"}\n";
        let log = [&line("127.0.0.1:1"), other, &line("127.0.0.1:2"), other].concat();
        assert_eq!(address(&log).as_deref(), Some("127.0.0.1:2"));
        assert_eq!(address(other), None);
    }
}
