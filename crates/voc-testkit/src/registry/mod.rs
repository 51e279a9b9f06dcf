//! A real schema registry for tests: a shared one, one behind a gate, or a test's own.
//!
//! `cargo xtask test` starts a registry and sets `VOC_TEST_REGISTRY` to the URL of its API and `VOC_TEST_REGISTRY_JAR`
//! to the jar for another one. Tests that share it use different subjects. Its compatibility is BACKWARD.

#![expect(clippy::expect_used, clippy::panic, reason = "helpers of tests fail this way")]

mod gate;
mod process;

use std::time::Duration;

pub use gate::Gate;
pub use process::RegistryProcess;
use serde::Serialize;
use serde_json::{Value, json};

use crate::requirements::not_run;

/// The content type of its API for JSON.
const CONTENT_TYPE: &str = "application/vnd.schemaregistry.v1+json";

/// A schema registry that tests register schemas in.
#[derive(Debug, Clone)]
pub struct TestRegistry {
    url: String,
    agent: ureq::Agent,
}

/// A schema that another one refers to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reference {
    /// The name by which it is referred to: the full name of the type in Avro, the path of the import in Protobuf, the
    /// URI in JSON Schema.
    pub name: String,
    /// The subject it is registered under.
    pub subject: String,
    /// Its version in that subject, counted from 1.
    pub version: u32,
}

/// A negative answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Status of the answer: 404 for something missing, 409 for an incompatible schema, 422 for an invalid one.
    pub status: u16,
    /// Its body.
    pub body: String,
}

impl TestRegistry {
    /// The registry named in the environment; `None` if it names none: see [`not_run`].
    ///
    /// # Panics
    /// If `CI` is set and it is missing.
    #[must_use]
    pub fn from_env_or_skip() -> Option<Self> {
        let url = std::env::var("VOC_TEST_REGISTRY").ok().filter(|value| !value.is_empty());
        if url.is_none() {
            not_run("it needs a schema registry (VOC_TEST_REGISTRY): run `cargo xtask test`");
        }
        url.map(Self::at)
    }

    /// The registry with that URL.
    #[must_use]
    pub fn at(url: impl Into<String>) -> Self {
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(Duration::from_secs(60)))
            .proxy(None);
        Self { url: url.into(), agent: config.build().into() }
    }

    /// The base URL of its API, with which a client is configured.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Registers a schema and returns its id. The type is `AVRO`, `PROTOBUF` or `JSON`; this registry accepts a JSON
    /// Schema only if it contains `$schema`.
    ///
    /// # Panics
    /// If the registry refuses it or does not answer.
    pub fn register(&self, subject: &str, schema_type: &str, schema: &str, references: &[Reference]) -> u32 {
        let id = self.try_register(subject, schema_type, schema, references);
        id.unwrap_or_else(|refusal| panic!("{subject} is refused: {refusal:?}"))
    }

    /// Registers a schema if the registry accepts it.
    ///
    /// # Errors
    /// The registry's answer if it refuses the schema.
    ///
    /// # Panics
    /// If the registry does not answer.
    pub fn try_register(
        &self,
        subject: &str,
        schema_type: &str,
        schema: &str,
        references: &[Reference],
    ) -> Result<u32, Refusal> {
        let wish = json!({"schemaType": schema_type, "schema": schema, "references": references});
        let request = self.agent.post(format!("{}/subjects/{subject}/versions", self.url)).content_type(CONTENT_TYPE);
        let registered = read(request.send(wish.to_string()).expect("an answer of the registry"))?;
        Ok(registered["id"].as_u64().and_then(|id| id.try_into().ok()).expect("an id"))
    }

    /// The registry's answer to `GET /schemas/ids/ID`.
    ///
    /// # Errors
    /// The registry's answer if it has no such schema.
    ///
    /// # Panics
    /// If the registry does not answer.
    pub fn schema(&self, id: u32) -> Result<Value, Refusal> {
        let answer = self.agent.get(format!("{}/schemas/ids/{id}", self.url)).call();
        read(answer.expect("an answer of the registry"))
    }
}

fn read(mut answer: ureq::http::Response<ureq::Body>) -> Result<Value, Refusal> {
    let body = answer.body_mut().read_to_string().expect("a body");
    match answer.status().as_u16() {
        200..300 => Ok(serde_json::from_str(&body).unwrap_or_else(|error| panic!("{error}: {body}"))),
        status => Err(Refusal { status, body }),
    }
}
