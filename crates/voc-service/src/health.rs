//! `voc-processor health`: whether a processor on this machine is alive or ready, for health checks of containers.

use std::time::Duration;

use anyhow::{Context as _, ensure};

use crate::config::HealthTask;

/// Timeout; a processor that takes longer is unhealthy.
const TIMEOUT: Duration = Duration::from_secs(5);

/// Asks the processor.
///
/// # Errors
/// If it does not answer, or reports that it is not ready, with the reasons.
pub(crate) async fn run(task: HealthTask) -> anyhow::Result<()> {
    let asked = tokio::task::spawn_blocking(move || ask(&task));
    asked.await.context("the request could not be sent")?
}

fn ask(task: &HealthTask) -> anyhow::Result<()> {
    // A server that listens on every address also listens on this one.
    let host = match task.http.host.as_str() {
        "0.0.0.0" => "127.0.0.1",
        "::" => "::1",
        host => host,
    };
    let host = if host.contains(':') { format!("[{host}]") } else { host.to_owned() };
    let path = if task.ready { "readyz" } else { "healthz" };
    let url = format!("http://{host}:{}/{path}", task.http.port);
    let agent: ureq::Agent =
        ureq::Agent::config_builder().timeout_global(Some(TIMEOUT)).http_status_as_error(false).build().into();
    let mut answer = agent.get(&url).call().with_context(|| format!("{url} does not answer"))?;
    let body = answer.body_mut().read_to_string().unwrap_or_default();
    ensure!(answer.status() == 200, "{url} answers {}: {body}", answer.status());
    Ok(())
}
