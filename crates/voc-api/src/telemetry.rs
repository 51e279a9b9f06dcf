//! Names of the metrics this crate emits through the `metrics` facade.

/// Counter: requests answered, by `route` and `status`. A route is one of [`ROUTES`], or `unmatched`.
pub const REQUESTS: &str = "voc_http_requests_total";
/// Histogram: seconds from a request's head to its answer, by `route`.
pub const REQUEST_SECONDS: &str = "voc_http_request_seconds";

/// Help text of [`REQUESTS`].
pub const REQUESTS_HELP: &str = "HTTP requests answered, by route and status";
/// Help text of [`REQUEST_SECONDS`].
pub const REQUEST_SECONDS_HELP: &str = "Time to answer an HTTP request, in seconds";

/// Upper bounds of [`REQUEST_SECONDS`] in seconds.
pub const REQUEST_SECONDS_BUCKETS: &[f64] =
    &[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

/// The served paths.
pub const ROUTES: [&str; 7] =
    ["/healthz", "/readyz", "/metrics", "/api/v1/summary", "/api/v1/topics", "/api/v1/ledger", "/metrics/summary"];
