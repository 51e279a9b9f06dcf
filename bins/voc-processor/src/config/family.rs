//! The configuration of one family.

use voc_events::families::FamilyInfo;
use voc_ingest::BatchSettings;

/// A family, and how it is processed.
#[derive(Debug, Clone)]
pub(crate) struct FamilyConfig {
    pub(crate) family: FamilyInfo,
    pub(crate) topics: Vec<String>,
    pub(crate) group_id: String,
    pub(crate) batch: BatchSettings,
}
