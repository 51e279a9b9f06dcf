//! Names of the metrics this crate emits through the `metrics` facade.
//!
//! Their labels have few values: `route` is one of [`routes`](crate::routes) or `unmatched`, `method` is `GET`,
//! `HEAD`, `POST` or `other`, `class` is that of a status, such as `2xx`. No label names a tenant, a caller, or
//! anything else that a request gives.

/// Counter: requests answered, by `route`, `method` and `status`.
pub const REQUESTS: &str = "voc_http_requests_total";
/// Histogram: seconds from a request's head to that of its answer, by `route`, `method` and `class`.
pub const REQUEST_SECONDS: &str = "voc_http_request_seconds";
/// Gauge: requests whose answers have not ended, by `route` and `method`.
pub const IN_PROGRESS: &str = "voc_http_requests_in_progress";
/// Counter: bytes of the bodies of answers, by `route`, `method` and `class`.
pub const ANSWER_BYTES: &str = "voc_http_answer_bytes_total";
/// Counter: requests without a whole answer, by `route`, `method` and `reason`, one of [`UNFINISHED_REASONS`].
pub const UNFINISHED: &str = "voc_http_unfinished_total";
/// Values of the label `reason` of [`UNFINISHED`].
pub const UNFINISHED_REASONS: [&str; 3] = ["client", "store", "internal"];

/// Counter: questions whose answers may be kept, by `route` and `outcome`, one of [`CACHE_OUTCOMES`].
pub const CACHE: &str = "voc_api_cache_total";
/// Values of the label `outcome` of [`CACHE`].
pub const CACHE_OUTCOMES: [&str; 2] = ["hit", "miss"];
/// Histogram: seconds in which the store answered a question, or failed to, by `route`.
pub const STORE_SECONDS: &str = "voc_api_store_seconds";
/// Counter: questions that the store did not answer, by `route` and `error_type`
/// ([`StoreError::kind`](voc_store::StoreError::kind)).
pub const STORE_ERRORS: &str = "voc_api_store_errors_total";

/// Gauge: 1 if a check of `/readyz` succeeded last, else 0, by `role` and `system`; checked every fifteen seconds.
pub const READY: &str = "voc_ready";

/// Counter: callers that presented a credential, or should have, by `outcome`, one of [`AUTH_OUTCOMES`].
pub const AUTH: &str = "voc_api_auth_total";
/// Values of the label `outcome` of [`AUTH`].
pub const AUTH_OUTCOMES: [&str; 4] = ["accepted", "missing", "unknown", "expired"];
/// Counter: attempts to read API keys, or the keys of JWTs, again that failed.
pub const KEY_RELOAD_FAILURES: &str = "voc_api_key_reload_failures_total";
/// Counter: requests that were not served, because something was used up, by `route` and `limit`, one of [`LIMITS`].
pub const LIMITED: &str = "voc_api_limited_total";
/// Values of the label `limit` of [`LIMITED`]: a caller's requests, rows and questions at once, or all questions that
/// may wait.
pub const LIMITS: [&str; 4] = ["requests", "rows", "at_once", "busy"];
/// Counter: requests of identified callers that their credentials do not allow.
pub const FORBIDDEN: &str = "voc_api_forbidden_total";

/// Upper bounds of [`REQUEST_SECONDS`] and [`STORE_SECONDS`] in seconds.
pub const SECONDS_BUCKETS: &[f64] =
    &[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0];
