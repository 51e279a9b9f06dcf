//! Unknown variables, which are most likely misspelt.

use std::{collections::BTreeMap, ffi::OsString};

use super::{ConfigurationError, Origin};

/// The prefix no other software uses.
const OWN_PREFIX: &str = "VOC_";
/// Jaro similarity from which a name is suggested.
const SIMILAR: f64 = 0.8;

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
            suggestion: most_similar(name, variables).map(str::to_owned),
        })
        .collect()
}

fn matches(pattern: &str, name: &str) -> bool {
    pattern.strip_suffix('*').map_or(pattern == name, |prefix| name.starts_with(prefix))
}

fn most_similar<'a>(name: &str, candidates: &[&'a str]) -> Option<&'a str> {
    let scored = candidates.iter().map(|candidate| (strsim::jaro(name, candidate), *candidate));
    let (score, candidate) = scored.max_by(|left, right| left.0.total_cmp(&right.0))?;
    (score >= SIMILAR).then_some(candidate)
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
