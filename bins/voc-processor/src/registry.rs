//! The schema registry: built from its settings, with its readiness check.

use std::sync::Arc;

use anyhow::Context as _;
use async_trait::async_trait;
use voc_api::Probe;
use voc_ingest::registry::{RegistrySettings, SchemaRegistry, Schemas};

/// The configured registry, if any. The first request is sent when a record needs a schema.
pub(crate) fn open(settings: Option<&RegistrySettings>) -> anyhow::Result<Option<SchemaRegistry>> {
    settings.map(SchemaRegistry::new).transpose().context("cannot use the schema registry's settings")
}

/// The registry that pipelines use.
pub(crate) fn schemas(registry: Option<&SchemaRegistry>) -> Option<Arc<dyn Schemas>> {
    registry.map(|registry| Arc::new(registry.clone()) as Arc<dyn Schemas>)
}

/// The readiness check of the registry: not ready while records wait for it.
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
