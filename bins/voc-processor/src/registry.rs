//! The schema registry: made of its settings, and its part in readiness.

use std::sync::Arc;

use anyhow::Context as _;
use async_trait::async_trait;
use voc_api::Probe;
use voc_ingest::registry::{RegistrySettings, SchemaRegistry, Schemas};

/// The registry that settings name, if they name one. It is asked for the first time when a record needs a schema.
pub(crate) fn open(settings: Option<&RegistrySettings>) -> anyhow::Result<Option<SchemaRegistry>> {
    settings.map(SchemaRegistry::new).transpose().context("cannot use the schema registry's settings")
}

/// What pipelines ask.
pub(crate) fn schemas(registry: Option<&SchemaRegistry>) -> Option<Arc<dyn Schemas>> {
    registry.map(|registry| Arc::new(registry.clone()) as Arc<dyn Schemas>)
}

/// The registry in readiness: not ready while records wait for it.
pub(crate) struct RegistryProbe(pub(crate) SchemaRegistry);

#[async_trait]
impl Probe for RegistryProbe {
    fn role(&self) -> &'static str {
        "registry"
    }

    fn system(&self) -> &'static str {
        "schema registry"
    }

    async fn check(&self) -> Result<(), String> {
        self.0.check().await
    }
}
