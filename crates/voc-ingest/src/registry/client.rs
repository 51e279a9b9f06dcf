//! Requests to a schema registry, in Confluent's API.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use rustls::CertificateError;
use serde::Deserialize;
use ureq::{
    Agent,
    config::Config,
    http::{HeaderValue, Response, StatusCode},
    tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem},
};
use voc_events::encodings::{MAX_REFERENCES, MAX_SCHEMA_BYTES, SchemaFormat, SchemaText};

use super::{
    RegistrySettings, RegistrySettingsError,
    obstacle::{RegistryObstacle, RegistryObstacleKind},
    settings::{authorization, checked_url},
};

/// Maximum size of a response: JSON escapes make a schema longer.
const MAX_ANSWER_BYTES: u64 = 8 * MAX_SCHEMA_BYTES as u64;

/// Confluent's error code for an unknown schema.
const SCHEMA_NOT_FOUND: u32 = 40403;

/// Maximum schema ID. For a larger one, registries respond as to an unknown path.
const MAX_ID: u32 = i32::MAX.cast_unsigned();

/// A blocking client.
pub(super) struct Client {
    agent: Agent,
    urls: Vec<String>,
    /// Index of the URL that answered last, which is tried first.
    answering: AtomicUsize,
    authorization: Option<HeaderValue>,
}

/// Why a request yields no schema.
#[derive(Debug)]
pub(super) enum Refusal {
    /// The registry has no such schema.
    Unknown,
    /// It does not respond like a registry.
    Unavailable(RegistryObstacle),
    /// The schema cannot be used.
    Unusable(String),
}

impl Refusal {
    fn foreign(reason: impl Into<String>) -> Self {
        Self::Unavailable(RegistryObstacle { kind: RegistryObstacleKind::Foreign, reason: reason.into() })
    }

    /// The reason, if the registry is unavailable.
    pub(super) fn unavailable(self) -> Option<String> {
        match self {
            Self::Unavailable(outage) => Some(outage.reason),
            Self::Unknown | Self::Unusable(_) => None,
        }
    }
}

/// A schema response of the registry.
#[derive(Debug, Deserialize)]
struct SchemaResponse {
    schema: String,
    #[serde(default, rename = "schemaType")]
    schema_type: Option<String>,
    #[serde(default)]
    references: Option<Vec<Reference>>,
}

#[derive(Debug, Deserialize)]
struct Reference {
    name: String,
    subject: String,
    version: i64,
}

#[derive(Debug, Deserialize)]
struct ErrorResponse {
    #[serde(default)]
    error_code: Option<u32>,
    #[serde(default)]
    message: Option<String>,
}

impl Client {
    pub(super) fn new(settings: &RegistrySettings) -> Result<Self, RegistrySettingsError> {
        if settings.urls.is_empty() {
            return Err(RegistrySettingsError::NoUrl);
        }
        let urls = settings.urls.iter().map(|url| checked_url(url)).collect::<Result<Vec<String>, _>>()?;
        let mut tls = TlsConfig::builder();
        if urls.iter().any(|url| url.starts_with("https:")) {
            let provider = Arc::new(rustls::crypto::ring::default_provider());
            tls = tls.unversioned_rustls_crypto_provider(provider).root_certs(authorities(settings)?);
        }
        let config = Config::builder()
            .http_status_as_error(false)
            .timeout_global(Some(settings.timeout))
            .tls_config(tls.build())
            // The login must only be sent to the configured URLs.
            .max_redirects(0)
            .max_redirects_will_error(false)
            .user_agent(concat!("voc-processor/", env!("CARGO_PKG_VERSION")))
            .build();
        let authorization = authorization(&settings.login)?;
        Ok(Self { agent: config.new_agent(), urls, answering: AtomicUsize::new(0), authorization })
    }

    /// Fetches a schema by ID, with all schemas that it references.
    pub(super) fn schema(&self, id: u32) -> Result<SchemaText, Refusal> {
        if id > MAX_ID {
            return Err(Refusal::Unknown);
        }
        let answer: SchemaResponse = self.ask(&format!("schemas/ids/{id}"))?;
        let name = answer.schema_type.as_deref().unwrap_or_default();
        let format = SchemaFormat::named(name)
            .ok_or_else(|| Refusal::Unusable(format!("the registry calls its format {name:?}")))?;
        let mut schema = SchemaText::new(format, answer.schema);
        self.add_references(answer.references.unwrap_or_default(), &mut schema)?;
        Ok(schema)
    }

    /// Adds the referenced schemas, each after those that it references itself. A cycle of references ends at the
    /// maximum number of references.
    fn add_references(&self, references: Vec<Reference>, schema: &mut SchemaText) -> Result<(), Refusal> {
        for Reference { name, subject, version } in references {
            if schema.references.iter().any(|known| known.name == name) {
                continue;
            }
            if schema.references.len() >= MAX_REFERENCES {
                return Err(Refusal::Unusable(format!("it has more than {MAX_REFERENCES} references")));
            }
            // Includes deleted versions that the registry still has: records outlive their subjects.
            let path = format!("subjects/{}/versions/{version}?deleted=true", encoded(&subject));
            let answer: SchemaResponse = match self.ask(&path) {
                // A schema with a missing reference cannot be used, even though it is known itself.
                Err(Refusal::Unknown) => {
                    return Err(Refusal::Unusable(format!("its reference {subject} version {version} does not exist")));
                }
                answer => answer?,
            };
            // The entry is added before its own references are fetched, so that a cycle ends.
            let place = schema.references.len();
            *schema = std::mem::replace(schema, SchemaText::new(schema.format, "")).with_reference(name, answer.schema);
            self.add_references(answer.references.unwrap_or_default(), schema)?;
            if let Some(own) = schema.references.get(place).cloned() {
                schema.references.remove(place);
                schema.references.push(own);
            }
        }
        Ok(())
    }

    /// Sends a request to the first URL that answers, beginning with the one that answered last.
    pub(super) fn ask<T: serde::de::DeserializeOwned>(&self, path: &str) -> Result<T, Refusal> {
        let first = self.answering.load(Ordering::Relaxed);
        let (mut reasons, mut kind) = (Vec::new(), RegistryObstacleKind::NoResponse);
        for place in (0..self.urls.len()).map(|place| (first + place) % self.urls.len()) {
            let url = &self.urls[place];
            match self.ask_at(&format!("{url}/{path}")) {
                Err(Refusal::Unavailable(outage)) => {
                    reasons.push(format!("{url}: {}", outage.reason));
                    kind = kind.max(outage.kind);
                }
                answer => {
                    self.answering.store(place, Ordering::Relaxed);
                    return answer;
                }
            }
        }
        Err(Refusal::Unavailable(RegistryObstacle { kind, reason: reasons.join("; ") }))
    }

    fn ask_at<T: serde::de::DeserializeOwned>(&self, url: &str) -> Result<T, Refusal> {
        let accepted = "application/vnd.schemaregistry.v1+json, application/json";
        let mut request = self.agent.get(url).header("accept", accepted);
        if let Some(authorization) = &self.authorization {
            request = request.header("authorization", authorization);
        }
        let mut response = request.call().map_err(|error| Refusal::Unavailable(without_response(&error)))?;
        let status = response.status();
        let body = read(&mut response).map_err(|refusal| match refusal {
            Refusal::Unusable(reason) if !status.is_success() => {
                Refusal::foreign(format!("it responds with status {}, and {reason}", status.as_u16()))
            }
            refusal => refusal,
        })?;
        if status.is_success() {
            return serde_json::from_slice(&body)
                .map_err(|error| Refusal::foreign(format!("its response is not that of a schema registry: {error}")));
        }
        let problem: Option<ErrorResponse> = serde_json::from_slice(&body).ok();
        // Any server answers 404 for an unknown path. Only a registry says that the schema is unknown.
        let code = problem.as_ref().and_then(|problem| problem.error_code);
        if status == StatusCode::NOT_FOUND && code.is_some_and(|code| code / 100 == SCHEMA_NOT_FOUND / 100) {
            return Err(Refusal::Unknown);
        }
        let message = problem.and_then(|problem| problem.message).unwrap_or_default();
        let (kind, hint) = match status {
            StatusCode::NOT_FOUND => (RegistryObstacleKind::Foreign, "; is its API under another path?"),
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => (RegistryObstacleKind::Login, "; is the login right?"),
            _ => (RegistryObstacleKind::Foreign, ""),
        };
        let reason = format!("it responds with status {} {message}{hint}", status.as_u16());
        Err(Refusal::Unavailable(RegistryObstacle { kind, reason }))
    }
}

/// Why there is no response.
fn without_response(error: &ureq::Error) -> RegistryObstacle {
    let cause = match error {
        ureq::Error::Io(error) => error.get_ref().and_then(|cause| cause.downcast_ref()),
        _ => None,
    };
    let kind = if cause.is_some() { RegistryObstacleKind::Tls } else { RegistryObstacleKind::NoResponse };
    let hint = match cause {
        Some(rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer)) => {
            "; does SCHEMA_REGISTRY_SSL_CA_LOCATION name its authority?"
        }
        _ => "",
    };
    RegistryObstacle { kind, reason: format!("{error}{hint}") }
}

fn read(response: &mut Response<ureq::Body>) -> Result<Vec<u8>, Refusal> {
    let body = response.body_mut().with_config().limit(MAX_ANSWER_BYTES).read_to_vec();
    body.map_err(|error| match error {
        ureq::Error::BodyExceedsLimit(_) => Refusal::Unusable(format!("it is longer than {MAX_ANSWER_BYTES} bytes")),
        error => {
            Refusal::Unavailable(RegistryObstacle { kind: RegistryObstacleKind::NoResponse, reason: error.to_string() })
        }
    })
}

fn authorities(settings: &RegistrySettings) -> Result<RootCerts, RegistrySettingsError> {
    let Some(file) = &settings.ca_file else {
        let found = rustls_native_certs::load_native_certs().certs;
        if found.is_empty() {
            return Err(RegistrySettingsError::NoAuthorities);
        }
        let owned = |certificate: &rustls::pki_types::CertificateDer<'_>| Certificate::from_der(certificate).to_owned();
        return Ok(RootCerts::from(found.iter().map(owned)));
    };
    let failed = |reason: String| RegistrySettingsError::Authorities { file: file.clone(), reason };
    let pem = std::fs::read(file).map_err(|error| failed(error.to_string()))?;
    let mut certificates = Vec::new();
    for item in parse_pem(&pem) {
        if let PemItem::Certificate(certificate) = item.map_err(|error| failed(error.to_string()))? {
            certificates.push(certificate);
        }
    }
    if certificates.is_empty() {
        Err(failed("it contains no certificate".to_owned()))
    } else {
        Ok(RootCerts::from(certificates.into_iter()))
    }
}

/// Encodes a subject as a path segment (RFC 3986).
pub(super) fn encoded(subject: &str) -> String {
    let mut encoded = String::new();
    for byte in subject.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}
