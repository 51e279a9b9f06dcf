//! A rule of Prometheus.

use std::collections::BTreeMap;

use serde::Deserialize;

/// A rule as Prometheus describes it, once it has read its files: an alert, or one that records a series.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Rule {
    pub(super) name: String,
    #[serde(rename = "query")]
    pub(super) expression: String,
    /// Seconds for which the condition of an alert must hold.
    #[serde(default)]
    pub(super) duration: f64,
    #[serde(default)]
    pub(super) labels: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) annotations: BTreeMap<String, String>,
}
