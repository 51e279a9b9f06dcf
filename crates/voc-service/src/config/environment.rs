//! Unknown variables, which are most likely misspelt.

use std::{collections::BTreeMap, ffi::OsString};

use super::{ConfigurationError, Origin, suggestion::most_similar};

/// The prefix no other software uses.
const OWN_PREFIX: &str = "VOC_";

/// The variables with our prefix that belong to no setting (`variables`) and are not otherwise `known`.
pub(super) fn unknown(
    environment: &BTreeMap<OsString, OsString>,
    variables: &[&str],
    known: &[&str],
) -> Vec<ConfigurationError> {
    let names = environment.keys().filter_map(|name| name.to_str());
    let ours = names.filter(|name| name.starts_with(OWN_PREFIX));
    let unread = ours.filter(|name| !variables.contains(name) && !known.iter().any(|pattern| matches(pattern, name)));
    let unread = unread.filter(|name| !is_kubernetes_service_link(name));
    unread
        .map(|name| ConfigurationError::Unknown {
            origin: Origin::Variable(name.to_owned()),
            suggestion: suggestion(name, variables),
        })
        .collect()
}

/// A similar variable, or the one that has no prefix, as those shared with other software.
fn suggestion(name: &str, variables: &[&str]) -> Option<String> {
    let bare = name.strip_prefix(OWN_PREFIX).filter(|bare| variables.contains(bare));
    bare.or_else(|| most_similar(name, variables.iter().copied())).map(str::to_owned)
}

fn matches(pattern: &str, name: &str) -> bool {
    pattern.strip_suffix('*').map_or(pattern == name, |prefix| name.starts_with(prefix))
}

/// Whether Kubernetes sets this variable for a service named `voc-…` in the same namespace: `VOC_QUERY_SERVICE_HOST`,
/// `VOC_QUERY_SERVICE_PORT_HTTP`, `VOC_QUERY_PORT`, `VOC_QUERY_PORT_8001_TCP_ADDR`.
fn is_kubernetes_service_link(name: &str) -> bool {
    let (has_service, has_port) = (name.contains("_SERVICE_PORT_"), name.split("_PORT_").nth(1));
    let is_port_part = has_port.is_some_and(|rest| {
        rest.split_once('_').is_some_and(|(number, protocol)| {
            let is_protocol = ["TCP", "UDP", "SCTP"].iter().any(|known| protocol.starts_with(known));
            number.parse::<u16>().is_ok() && is_protocol
        })
    });
    name.ends_with("_SERVICE_HOST") || name.ends_with("_PORT") || has_service || is_port_part
}
