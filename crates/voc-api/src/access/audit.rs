//! The audit log: who asked what. One line for each request, with the target `audit`.

use std::time::Instant;

use actix_web::{dev::ServiceRequest, http::StatusCode};
use serde_json::{Map, Value};

use super::{caller::Caller, control::Access, keys::PREFIX_OF_ALL};
use crate::{percent_encoding::decode, telemetry::FORBIDDEN};

/// Parameters whose values are no personal data. Of all others, only the lengths are recorded, because a search or an
/// identifier of a customer may be one.
const PLAIN: [&str; 29] = [
    "by",
    "compare",
    "days",
    "dimensions",
    "event_type",
    "family",
    "fields",
    "fill",
    "format",
    "from",
    "granularity",
    "language",
    "last",
    "limit",
    "metric",
    "metrics",
    "order_by",
    "partition",
    "sentiment_max",
    "sentiment_min",
    "sort",
    "template",
    "tenant_id",
    "timezone",
    "to",
    "tool",
    "topic",
    "week_start",
    "within",
];
/// Longest recorded value.
const MAX_CHARS: usize = 64;
/// The same if the values of all parameters are recorded, such as statements.
const MAX_CHARS_OF_ALL: usize = 4096;
/// Parameters that are recorded.
const MAX_PARAMETERS: usize = 30;

/// What a request asks.
pub(super) struct Asked {
    method: String,
    route: String,
    parameters: String,
}

impl Asked {
    /// `with_values` records the values of all parameters.
    pub(super) fn of(request: &ServiceRequest, with_values: bool) -> Self {
        let route = request.match_pattern().unwrap_or_else(|| "unmatched".to_owned());
        let is_known = route != "unmatched";
        let pairs = request.query_string().split('&').filter(|pair| !pair.is_empty() && is_known);
        let parameters: Vec<String> = pairs.take(MAX_PARAMETERS).map(|pair| recorded(pair, with_values)).collect();
        Self { method: request.method().to_string(), route, parameters: parameters.join("&") }
    }
}

/// Writes the line. A question that has no caller was refused. Where callers need no credentials, nobody can be named,
/// and the line is written for debugging only.
pub(super) fn record(asked: &Asked, caller: Option<&Caller>, status: StatusCode, start: Instant) {
    if status == StatusCode::FORBIDDEN {
        metrics::counter!(FORBIDDEN).increment(1);
    }
    if caller.is_some_and(Caller::is_anonymous) && !tracing::enabled!(target: "audit", tracing::Level::DEBUG) {
        return;
    }
    let of_body = caller.map(Caller::body).unwrap_or_default();
    let both = [asked.parameters.as_str(), of_body].into_iter().filter(|said| !said.is_empty());
    let parameters = both.collect::<Vec<_>>().join("&");
    tracing::info!(
        target: "audit",
        caller = caller.map_or("unknown", Caller::id),
        tenants = caller.map(|caller| caller.bound_to().to_string()).unwrap_or_default(),
        method = asked.method,
        route = asked.route,
        parameters,
        status = status.as_u16(),
        millis = u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX),
        "asked"
    );
}

/// Notes what a body asks for the line about its caller.
pub(crate) fn audit_body(caller: &Caller, members: &Map<String, Value>, access: &Access) {
    let with_values = access.audits_values();
    let member = |(name, value): (&String, &Value)| match value {
        Value::String(text) => shown(name, name, text, is_key(text), with_values),
        other => {
            let text = other.to_string();
            shown(name, name, &text, is_key(&text), with_values)
        }
    };
    caller.note_body(members.iter().take(MAX_PARAMETERS).map(member).collect::<Vec<_>>().join("&"));
}

/// A parameter as it is written in the URL. A key that somebody put there is not recorded, whatever is configured.
fn recorded(pair: &str, with_values: bool) -> String {
    let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
    let has_key = |text: &str| decode(text).is_none_or(|text| is_key(&text));
    match decode(name) {
        Some(decoded) => shown(name, &decoded, value, has_key(value), with_values),
        None => format!("<{}>", pair.chars().count()),
    }
}

/// A name and a value, or its length. `meant` is what the name means.
fn shown(name: &str, meant: &str, value: &str, has_key: bool, with_values: bool) -> String {
    let length = value.chars().count();
    if is_key(meant) {
        return format!("<{}>", name.chars().count() + length);
    }
    let is_secret = has_key
        || ["key", "token", "secret", "password", "auth"].iter().any(|word| meant.to_ascii_lowercase().contains(word));
    let is_short = length <= if with_values { MAX_CHARS_OF_ALL } else { MAX_CHARS };
    let name: String = name.chars().take(MAX_CHARS).collect();
    if (with_values || PLAIN.contains(&meant)) && !is_secret && is_short {
        format!("{name}={value}")
    } else {
        format!("{name}=<{length}>")
    }
}

/// Whether somebody put a key into a text.
fn is_key(text: &str) -> bool {
    text.contains(PREFIX_OF_ALL)
}
