//! The schema registry.

use tokio::time::Instant;
use voc_ingest::registry::{RegistryObstacleKind, RegistrySettings, SchemaRegistry};

use super::section::{Known, Section, Verdict};

pub(super) async fn examine(settings: Option<&RegistrySettings>, deadline: Instant) -> Section {
    let mut section = Section::new("schema registry", deadline);
    let Some(settings) = settings else { return section };
    section.check("registry", &Known::given(()), async |()| ask(settings).await).await;
    section
}

async fn ask(settings: &RegistrySettings) -> Verdict<()> {
    let registry = match SchemaRegistry::new(settings) {
        Ok(registry) => registry,
        Err(error) => return Verdict::failed(error.to_string(), "correct SCHEMA_REGISTRY_SSL_CA_LOCATION"),
    };
    match registry.examine().await {
        Ok(state) => match state.read {
            Some(id) => Verdict::ok(format!("{} subjects; the schema {id} can be read", state.subjects), ()),
            None => Verdict::ok("the registry answers, and has no schemas for this client yet", ()),
        },
        Err(obstacle) => Verdict::failed(obstacle.to_string(), remedy(obstacle.kind)),
    }
}

fn remedy(kind: RegistryObstacleKind) -> &'static str {
    match kind {
        RegistryObstacleKind::NoResponse => {
            "start the registry, correct SCHEMA_REGISTRY_URL, or open the way to it: records whose schema is not known \
             wait until then"
        }
        RegistryObstacleKind::Tls => {
            "name the file with the certificate of the registry's authority in SCHEMA_REGISTRY_SSL_CA_LOCATION, and the \
             registry in SCHEMA_REGISTRY_URL as its certificate does"
        }
        RegistryObstacleKind::Login => {
            "correct SCHEMA_REGISTRY_USER and SCHEMA_REGISTRY_PASSWORD, or SCHEMA_REGISTRY_TOKEN, and allow that user to \
             read subjects and schemas"
        }
        _ => {
            "correct the path in SCHEMA_REGISTRY_URL: it is that of the registry's API, such as /apis/ccompat/v7 of \
             Apicurio, before /subjects"
        }
    }
}
