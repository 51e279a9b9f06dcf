//! Whether a registry can be used, and if not, why.

use serde::Deserialize;

use super::{
    client::{Client, Refusal, encoded},
    obstacle::RegistryObstacle,
};

/// What a registry shows this client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RegistryState {
    /// Number of its subjects.
    pub subjects: usize,
    /// ID of a schema that was read as a test; `None` if it has none.
    pub read: Option<u32>,
}

/// The latest version of a subject.
#[derive(Deserialize)]
struct Latest {
    id: u32,
}

/// Lists the subjects, and reads the schema of one of them. Blocking.
pub(super) fn examine(client: &Client) -> Result<RegistryState, RegistryObstacle> {
    let subjects: Vec<String> = answered(client.ask("subjects"))?.unwrap_or_default();
    let read = match subjects.first() {
        None => None,
        Some(subject) => {
            let latest: Option<Latest> =
                answered(client.ask(&format!("subjects/{}/versions/latest", encoded(subject))))?;
            if let Some(Latest { id }) = latest {
                answered(client.schema(id))?;
            }
            latest.map(|latest| latest.id)
        }
    };
    Ok(RegistryState { subjects: subjects.len(), read })
}

/// An answer; `None` if it is about a schema that is gone meanwhile, or that only its producer can use.
fn answered<T>(answer: Result<T, Refusal>) -> Result<Option<T>, RegistryObstacle> {
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(Refusal::Unknown | Refusal::Unusable(_)) => Ok(None),
        Err(Refusal::Unavailable(obstacle)) => Err(obstacle),
    }
}
