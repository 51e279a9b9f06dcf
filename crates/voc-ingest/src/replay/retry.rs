//! Retries of a replay.

use voc_store::StoreError;

use crate::backoff::Backoff;

/// Attempts at a call to the store or the broker before the replay fails.
pub(super) const MAX_ATTEMPTS: usize = 8;

/// Calls the store, retrying as long as a retry may succeed.
pub(super) async fn with_retries<T, O: Future<Output = Result<T, StoreError>>>(
    call: impl Fn() -> O,
) -> Result<T, StoreError> {
    let mut backoff = Backoff::default();
    for _ in 0..MAX_ATTEMPTS {
        match call().await {
            Err(error) if error.is_retryable() => {
                tracing::warn!(%error, "retrying the store");
                tokio::time::sleep(backoff.next_wait()).await;
            }
            outcome => return outcome,
        }
    }
    call().await
}
