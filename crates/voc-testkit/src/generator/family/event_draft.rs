//! The intermediate results of the families.

use serde_json::Value;

/// An event under construction.
pub(super) struct EventDraft {
    pub(super) event_type: &'static str,
    /// Empty if the family has no tenants.
    pub(super) tenant: &'static str,
    pub(super) topic: &'static str,
    pub(super) json: Value,
}
