//! Whether a service on this machine is alive or ready, for health checks of containers.

use std::{
    io::{self, Write as _},
    time::Duration,
};

use crate::{
    FAILURE, SUCCESS,
    config::{health::HealthTask, http::HttpSettings},
};

/// Timeout; a service that takes longer is unhealthy.
const TIMEOUT: Duration = Duration::from_secs(5);

/// Why a service is not healthy.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Unhealthy {
    /// There is no answer.
    #[error("{url} does not answer: {source}")]
    NoAnswer {
        /// What was asked.
        url: String,
        /// Why there is none.
        source: Box<ureq::Error>,
    },
    /// The answer says that it is not.
    #[error("{url} answers {status}: {body}")]
    Status {
        /// What was asked.
        url: String,
        /// The status of the answer.
        status: u16,
        /// The reasons.
        body: String,
    },
}

/// Asks a service; this blocks the thread for as long as five seconds.
///
/// # Errors
/// [`Unhealthy`] if it does not answer, or reports that it is not alive or ready, with the reasons.
pub fn ask(task: &HealthTask) -> Result<(), Unhealthy> {
    let url = url(&task.http, if task.ready { "readyz" } else { "healthz" });
    match get(&url) {
        Ok((200, _)) => Ok(()),
        Ok((status, body)) => Err(Unhealthy::Status { url, status, body }),
        Err(source) => Err(Unhealthy::NoAnswer { url, source: Box::new(source) }),
    }
}

/// The page of metrics of what listens there; `None` if it has none. This blocks the thread for as long as five
/// seconds.
#[must_use]
pub fn metrics(http: &HttpSettings) -> Option<String> {
    get(&url(http, "metrics")).ok().filter(|(status, _)| *status == 200).map(|(_, page)| page)
}

fn url(http: &HttpSettings, path: &str) -> String {
    // A server that listens on every address also listens on this one.
    let host = match http.host.as_str() {
        "0.0.0.0" => "127.0.0.1",
        "::" => "::1",
        host => host,
    };
    let host = if host.contains(':') { format!("[{host}]") } else { host.to_owned() };
    format!("http://{host}:{}/{path}", http.port)
}

/// Status and body of an answer.
fn get(url: &str) -> Result<(u16, String), ureq::Error> {
    let agent: ureq::Agent = ureq::Agent::config_builder()
        // The service is on this machine, where no proxy would find it.
        .proxy(None)
        .timeout_global(Some(TIMEOUT))
        .http_status_as_error(false)
        .build()
        .into();
    let mut answer = agent.get(url).call()?;
    let status = answer.status().as_u16();
    Ok((status, answer.body_mut().read_to_string().unwrap_or_default()))
}

/// The same as a command: says on standard error why the service is not healthy, and returns the exit status.
pub fn run(task: &HealthTask) -> u8 {
    match ask(task) {
        Ok(()) => SUCCESS,
        Err(error) => {
            // If stderr is closed, the exit status is the only report left.
            let _ = writeln!(io::stderr(), "{error}");
            FAILURE
        }
    }
}
