//! The schema registry: a real one run by `cargo xtask registry`, and the registration of schemas.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use ureq::Agent;

use crate::server::{Ending, XtaskServer};

/// Timeout of a request.
const REQUEST: Duration = Duration::from_secs(60);
/// Content type of the registry API for JSON.
const CONTENT_TYPE: &str = "application/vnd.schemaregistry.v1+json";

/// Our own registry; stopped when dropped.
pub(crate) struct Registry(XtaskServer);

impl Registry {
    /// Creates a registry without starting it.
    pub(crate) fn new(xtask: &Path, dir: PathBuf, port: u16) -> Self {
        Self(XtaskServer::new(xtask, "registry", dir, port))
    }

    /// The URL of its API.
    pub(crate) fn url(&self) -> String {
        format!("http://{}/apis/ccompat/v7", self.0.address())
    }

    /// Starts it and waits until it answers.
    pub(crate) async fn start(&self) -> Result<()> {
        self.0.start().await
    }

    /// Stops it and waits until it is gone; the schemas stay.
    pub(crate) async fn end(&self, how: Ending) -> Result<()> {
        self.0.end(how).await
    }
}

/// Registers an Avro schema for the values of a topic; returns its ID. Blocking.
pub(crate) fn register(url: &str, topic: &str, schema: &str) -> Result<u32> {
    let config = Agent::config_builder().timeout_global(Some(REQUEST)).http_status_as_error(false).proxy(None);
    let agent = Agent::new_with_config(config.build());
    let url = format!("{url}/subjects/{topic}-value/versions");
    let request = json!({"schemaType": "AVRO", "schema": schema}).to_string();
    let answer = agent.post(&url).content_type(CONTENT_TYPE).send(request);
    let mut answer = answer.with_context(|| format!("{url} does not answer"))?;
    let body = answer.body_mut().read_to_string().with_context(|| format!("cannot read the answer of {url}"))?;
    ensure!(answer.status().is_success(), "{url} answered {}: {body}", answer.status());
    let registered: Value = serde_json::from_str(&body).with_context(|| format!("{url} answered {body}"))?;
    let id = registered["id"].as_u64().and_then(|id| u32::try_from(id).ok());
    id.with_context(|| format!("{url} returned no ID: {body}"))
}
