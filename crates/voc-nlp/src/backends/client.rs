//! JSON over HTTP: one question, one bounded answer, and errors that reveal neither.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;
use ureq::config::Config;
use ureq::http::{Response, StatusCode, Uri, header::RETRY_AFTER};
use ureq::tls::{Certificate, RootCerts, TlsConfig};
use ureq::{Agent, Body};

use super::BackendError;
use crate::model::ModelError;

/// Maximum size of an answer; any real answer about a batch is shorter.
const MAX_ANSWER_BYTES: u64 = 4 << 20;

/// A client of one endpoint.
pub(super) struct Client {
    agent: Agent,
    url: Uri,
    headers: Vec<(&'static str, String)>,
    timeout: Duration,
}

impl Client {
    /// A client that waits at most `timeout` for a complete answer. Certificates are checked against the system's
    /// authorities; the proxy is taken from the environment.
    pub(super) fn new(
        url: &str,
        headers: Vec<(&'static str, String)>,
        timeout: Duration,
    ) -> Result<Self, BackendError> {
        let url: Uri = url.trim().parse().map_err(|_| BackendError::BadUrl)?;
        let is_http = matches!(url.scheme_str(), Some("http" | "https"));
        // A password in the address would appear in the logs of other programs.
        let has_host = url.authority().is_some_and(|host| !host.as_str().contains('@') && !host.host().is_empty());
        if !is_http || !has_host {
            return Err(BackendError::BadUrl);
        }
        let mut tls = TlsConfig::builder();
        if url.scheme_str() == Some("https") {
            let provider = Arc::new(rustls::crypto::ring::default_provider());
            tls = tls.unversioned_rustls_crypto_provider(provider).root_certs(authorities()?);
        }
        let config = Config::builder()
            .http_status_as_error(false)
            .timeout_global(Some(timeout))
            .tls_config(tls.build())
            // Redirects are not followed: texts and keys go only to the configured address.
            .max_redirects(0)
            .max_redirects_will_error(false)
            .user_agent(concat!("voc-nlp/", env!("CARGO_PKG_VERSION")))
            .build();
        Ok(Self { agent: config.new_agent(), url, headers, timeout })
    }

    /// Sends a question.
    pub(super) fn post<T: DeserializeOwned>(&self, question: &impl Serialize) -> Result<T, ModelError> {
        let question = serde_json::to_vec(question)
            .map_err(|_| ModelError::BadAnswer("the texts cannot be serialised as JSON".into()))?;
        let mut request = self.agent.post(&self.url).content_type("application/json");
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        let mut response = request.send(&question[..]).map_err(|error| self.failure(error))?;
        self.check_status(&response)?;
        let answer = response
            .body_mut()
            .with_config()
            .limit(MAX_ANSWER_BYTES)
            .read_to_vec()
            .map_err(|error| self.failure(error))?;
        serde_json::from_slice(&answer).map_err(|error| not_as_expected(&error))
    }

    fn check_status(&self, response: &Response<Body>) -> Result<(), ModelError> {
        let status = response.status();
        // Anthropic's status of an overloaded service.
        let is_overloaded = status == StatusCode::TOO_MANY_REQUESTS || status.as_u16() == 529;
        let retry_after =
            response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.trim().parse().ok());
        let problem = format!("HTTP status {}", status.as_u16());
        match status.as_u16() {
            200..=299 => Ok(()),
            _ if is_overloaded || retry_after.is_some() && status.is_server_error() => {
                Err(ModelError::Overloaded { retry_after: retry_after.map(Duration::from_secs) })
            }
            // These statuses concern the texts; the others concern the service or the way it is called.
            400 | 413 | 422 => Err(ModelError::BadAnswer(problem)),
            _ => Err(ModelError::Unavailable(problem)),
        }
    }

    /// The error, without the content that was sent.
    fn failure(&self, error: ureq::Error) -> ModelError {
        match error {
            ureq::Error::Timeout(_) => ModelError::TimedOut(self.timeout),
            ureq::Error::Io(error) => match error.kind() {
                io::ErrorKind::ConnectionReset
                | io::ErrorKind::ConnectionAborted
                | io::ErrorKind::BrokenPipe
                | io::ErrorKind::UnexpectedEof => ModelError::ConnectionLost,
                io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => ModelError::TimedOut(self.timeout),
                kind => ModelError::Unavailable(match tls_problem(&error) {
                    Some(problem) => format!("TLS: {problem}"),
                    None => kind.to_string(),
                }),
            },
            ureq::Error::HostNotFound => ModelError::Unavailable("host not found".to_owned()),
            ureq::Error::Rustls(problem) => ModelError::Unavailable(format!("TLS: {problem}")),
            ureq::Error::BodyExceedsLimit(_) => {
                ModelError::BadAnswer(format!("it is longer than {MAX_ANSWER_BYTES} bytes"))
            }
            ureq::Error::Protocol(_) | ureq::Error::LargeResponseHeader(..) => {
                ModelError::BadAnswer("it is not HTTP".to_owned())
            }
            _ => ModelError::Unavailable("it cannot be called".to_owned()),
        }
    }
}

/// The problem with a connection's encryption, above all certificates.
fn tls_problem(error: &io::Error) -> Option<&rustls::Error> {
    error.get_ref()?.downcast_ref()
}

/// The certificate authorities that the system trusts, or those in `SSL_CERT_FILE` or `SSL_CERT_DIR`.
fn authorities() -> Result<RootCerts, BackendError> {
    let found = rustls_native_certs::load_native_certs().certs;
    if found.is_empty() {
        return Err(BackendError::NoAuthorities);
    }
    Ok(RootCerts::from(found.iter().map(|certificate| Certificate::from_der(certificate).to_owned())))
}

/// Where an answer is invalid, without quoting it.
pub(super) fn not_as_expected(error: &serde_json::Error) -> ModelError {
    let what = match error.classify() {
        serde_json::error::Category::Data => "its JSON does not have the expected form",
        _ => "it is not JSON",
    };
    ModelError::BadAnswer(format!("{what}, at line {} column {}", error.line(), error.column()))
}
