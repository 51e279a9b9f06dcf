//! The route of the request that is being answered, which its metrics name.

tokio::task_local! {
    static CURRENT: &'static str;
}

/// The label of requests that no route matches.
pub(crate) const UNMATCHED: &str = "unmatched";

/// Answers a request of a route.
pub(crate) async fn answering<T>(route: &'static str, answer: impl Future<Output = T>) -> T {
    CURRENT.scope(route, answer).await
}

/// The route of the request that this is a part of; work for it on another task does not know it.
pub(crate) fn current() -> &'static str {
    CURRENT.try_with(|route| *route).unwrap_or(UNMATCHED)
}
