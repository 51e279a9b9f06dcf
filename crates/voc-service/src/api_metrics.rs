//! The metrics of the HTTP API, which both services have.

use voc_api::{
    routes,
    telemetry::{
        ANSWER_BYTES, AUTH, AUTH_OUTCOMES, CACHE, CACHE_OUTCOMES, FORBIDDEN, IN_PROGRESS, KEY_RELOAD_FAILURES, LIMITED,
        LIMITS, READY, REQUEST_SECONDS, REQUESTS, SECONDS_BUCKETS, STORE_ERRORS, STORE_SECONDS, UNFINISHED,
        UNFINISHED_REASONS,
    },
};

use crate::{certificates, metrics::Metric};

/// Describes the metrics of the HTTP API for [`install`](crate::metrics::install).
#[must_use]
pub fn api_metrics() -> Vec<Metric> {
    let by_route =
        |metric: Metric| metric.by_each(routes().map(|(path, method)| [("route", path), ("method", method)]));
    let by_path = |metric: Metric| metric.by("route", std::iter::empty::<&str>());
    let histogram = |name, help| Metric::histogram(name, help, SECONDS_BUCKETS);
    vec![
        by_route(Metric::counter(REQUESTS, "HTTP requests answered, by route, method and status"))
            .by("status", ["200"]),
        by_route(histogram(REQUEST_SECONDS, "Time until an HTTP request is answered, in seconds")).by("class", ["2xx"]),
        Metric::gauge(IN_PROGRESS, "HTTP requests whose answers have not ended"),
        by_route(Metric::counter(ANSWER_BYTES, "Bytes of the bodies of answers, by the status' class"))
            .by("class", ["2xx"]),
        by_route(Metric::counter(UNFINISHED, "HTTP requests without a whole answer, by reason"))
            .by("reason", UNFINISHED_REASONS),
        by_path(Metric::counter(CACHE, "Questions whose answers may be kept, by whether they were"))
            .by("outcome", CACHE_OUTCOMES),
        by_path(histogram(STORE_SECONDS, "Time in which the store answers a question, in seconds")),
        by_path(Metric::counter(STORE_ERRORS, "Questions that the store did not answer, by type of error"))
            .by("error_type", std::iter::empty::<&str>()),
        Metric::counter(AUTH, "Callers identified or not, by outcome").by("outcome", AUTH_OUTCOMES),
        by_path(Metric::counter(LIMITED, "Requests refused because something was used up, by limit"))
            .by("limit", LIMITS),
        Metric::counter(FORBIDDEN, "Requests that the caller's credentials do not allow"),
        certificates::metric(),
        Metric::gauge(READY, "Whether a check of /readyz succeeded last: 1 or 0, by role and system"),
        Metric::counter(KEY_RELOAD_FAILURES, "Attempts to read API keys or the keys of JWTs again that failed"),
    ]
}
