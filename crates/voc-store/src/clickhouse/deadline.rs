//! Time limits.

use std::time::Duration;

use crate::StoreError;

/// Waits no longer than the limit.
pub(super) async fn in_time<T>(
    operation: &'static str,
    limit: Duration,
    work: impl Future<Output = Result<T, StoreError>>,
) -> Result<T, StoreError> {
    let in_time = tokio::time::timeout(limit, work).await;
    in_time.unwrap_or(Err(StoreError::TimedOut { operation, limit }))
}
