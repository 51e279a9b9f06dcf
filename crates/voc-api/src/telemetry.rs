//! Names of the metrics this crate emits through the `metrics` facade.

/// Counter: requests answered, by `route` and `status`. A route is one of
/// [`route_paths`](crate::route_paths), or `unmatched`.
pub const REQUESTS: &str = "voc_http_requests_total";
/// Histogram: seconds from a request's head to its answer, by `route`.
pub const REQUEST_SECONDS: &str = "voc_http_request_seconds";

/// Counter: callers that presented a credential, or should have, by `outcome`, one of [`AUTH_OUTCOMES`].
pub const AUTH: &str = "voc_api_auth_total";
/// Counter: attempts to read API keys, or the keys of JWTs, again that failed.
pub const KEY_RELOAD_FAILURES: &str = "voc_api_key_reload_failures_total";

/// Counter: requests that were not served, because a caller's or tenant's allowance was used up, by `limit`, one of
/// [`LIMITS`].
pub const LIMITED: &str = "voc_api_limited_total";
/// Counter: requests of identified callers that their credentials do not allow.
pub const FORBIDDEN: &str = "voc_api_forbidden_total";
/// Help text of [`FORBIDDEN`].
pub const FORBIDDEN_HELP: &str = "Requests that the caller's credentials do not allow";
/// Help text of [`LIMITED`].
pub const LIMITED_HELP: &str = "Requests refused because an allowance was used up, by limit";
/// Values of the label `limit` of [`LIMITED`].
pub const LIMITS: [&str; 3] = ["requests", "rows", "at_once"];

/// Help text of [`AUTH`].
pub const AUTH_HELP: &str = "Callers identified or not, by outcome";
/// Values of the label `outcome` of [`AUTH`].
pub const AUTH_OUTCOMES: [&str; 4] = ["accepted", "missing", "unknown", "expired"];
/// Help text of [`KEY_RELOAD_FAILURES`].
pub const KEY_RELOAD_FAILURES_HELP: &str = "Attempts to read API keys or the keys of JWTs again that failed";

/// Help text of [`REQUESTS`].
pub const REQUESTS_HELP: &str = "HTTP requests answered, by route and status";
/// Help text of [`REQUEST_SECONDS`].
pub const REQUEST_SECONDS_HELP: &str = "Time to answer an HTTP request, in seconds";

/// Upper bounds of [`REQUEST_SECONDS`] in seconds.
pub const REQUEST_SECONDS_BUCKETS: &[f64] =
    &[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];
