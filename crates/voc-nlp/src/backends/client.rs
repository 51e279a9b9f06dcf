//! JSON over HTTP: one question, one bounded answer, and errors that tell neither.

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

/// The longest answer that is read: whatever a model has to say about a batch is shorter.
const MAX_ANSWER_BYTES: u64 = 4 << 20;

/// A client of one endpoint.
pub(super) struct Client {
    agent: Agent,
    url: Uri,
    headers: Vec<(&'static str, String)>,
    timeout: Duration,
}

impl Client {
    /// A client that waits at most `timeout` for a whole answer. Certificates are checked against the system's authorities, and a
    /// proxy is the one the environment names.
    pub(super) fn new(
        url: &str,
        headers: Vec<(&'static str, String)>,
        timeout: Duration,
    ) -> Result<Self, BackendError> {
        let url: Uri = url.trim().parse().map_err(|_| BackendError::BadUrl)?;
        let is_http = matches!(url.scheme_str(), Some("http" | "https"));
        // Whoever has a password in the address would find it in logs of other programs.
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
            // Texts and keys go nowhere but where they were sent.
            .max_redirects(0)
            .max_redirects_will_error(false)
            .user_agent(concat!("voc-nlp/", env!("CARGO_PKG_VERSION")))
            .build();
        Ok(Self { agent: config.new_agent(), url, headers, timeout })
    }

    /// Asks a question.
    pub(super) fn post<T: DeserializeOwned>(&self, question: &impl Serialize) -> Result<T, ModelError> {
        let question =
            serde_json::to_vec(question).map_err(|_| ModelError::BadAnswer("the texts are no JSON".into()))?;
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
        // Anthropic's status of a service that has too much to do.
        let is_overloaded = status == StatusCode::TOO_MANY_REQUESTS || status.as_u16() == 529;
        let retry_after =
            response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.trim().parse().ok());
        let problem = format!("HTTP status {}", status.as_u16());
        match status.as_u16() {
            200..=299 => Ok(()),
            _ if is_overloaded || retry_after.is_some() && status.is_server_error() => {
                Err(ModelError::Overloaded { retry_after: retry_after.map(Duration::from_secs) })
            }
            // These say something about the texts, the others about the service or how it is called.
            400 | 413 | 422 => Err(ModelError::BadAnswer(problem)),
            _ => Err(ModelError::Unavailable(problem)),
        }
    }

    /// What went wrong, without what was sent.
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

/// What is wrong with a connection's encryption, certificates above all.
fn tls_problem(error: &io::Error) -> Option<&rustls::Error> {
    error.get_ref()?.downcast_ref()
}

/// The certificate authorities that the system trusts, or those that `SSL_CERT_FILE` or `SSL_CERT_DIR` names.
fn authorities() -> Result<RootCerts, BackendError> {
    let found = rustls_native_certs::load_native_certs().certs;
    if found.is_empty() {
        return Err(BackendError::NoAuthorities);
    }
    Ok(RootCerts::from(found.iter().map(|certificate| Certificate::from_der(certificate).to_owned())))
}

/// Says where an answer is wrong, not what stands there.
pub(super) fn not_as_expected(error: &serde_json::Error) -> ModelError {
    let what = match error.classify() {
        serde_json::error::Category::Data => "its JSON is not of the form expected",
        _ => "it is not JSON",
    };
    ModelError::BadAnswer(format!("{what}, at line {} column {}", error.line(), error.column()))
}
