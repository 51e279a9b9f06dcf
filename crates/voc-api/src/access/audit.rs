//! The audit log: who asked what. One line for each request, with the target `audit`.

use std::time::Instant;

use actix_web::{dev::ServiceRequest, http::StatusCode};

use super::{caller::Caller, keys::PREFIX_OF_ALL};
use crate::{percent_encoding::decode, telemetry::FORBIDDEN};

/// Parameters whose values are no personal data. Of all others, only the lengths are recorded, because a search or an
/// identifier of a customer may be one.
const PLAIN: [&str; 25] = [
    "by",
    "compare",
    "days",
    "event_type",
    "family",
    "fields",
    "format",
    "from",
    "granularity",
    "language",
    "last",
    "limit",
    "metric",
    "metrics",
    "partition",
    "sentiment_max",
    "sentiment_min",
    "sort",
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
    tracing::info!(
        target: "audit",
        caller = caller.map_or("unknown", Caller::id),
        tenants = caller.map(|caller| caller.bound_to().to_string()).unwrap_or_default(),
        method = asked.method,
        route = asked.route,
        parameters = asked.parameters,
        status = status.as_u16(),
        millis = u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX),
        "asked"
    );
}

/// A parameter as it is written in the URL. A key that somebody put there is not recorded, whatever is configured.
fn recorded(pair: &str, with_values: bool) -> String {
    let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
    let without_key = |text: &str| decode(text).filter(|text| !text.contains(PREFIX_OF_ALL));
    let Some(decoded) = without_key(name) else { return format!("<{}>", pair.chars().count()) };
    let is_secret = without_key(value).is_none()
        || ["key", "token", "secret", "password", "auth"]
            .iter()
            .any(|word| decoded.to_ascii_lowercase().contains(word));
    let length = value.chars().count();
    let name: String = name.chars().take(MAX_CHARS).collect();
    if (with_values || PLAIN.contains(&decoded.as_str())) && !is_secret && length <= MAX_CHARS {
        format!("{name}={value}")
    } else {
        format!("{name}=<{length}>")
    }
}
