//! Where records go that could not become rows.

mod file;
mod store;

use std::sync::Arc;

use async_trait::async_trait;
pub use file::FileDeadLetters;
pub use store::StoreDeadLetters;
use voc_store::DeadLetter;

/// Takes dead letters for good.
#[async_trait]
pub trait DeadLetterSink: Send + Sync {
    /// Delivers letters. After `Ok` all of them are kept; the caller repeats the call until then.
    ///
    /// # Errors
    /// [`DeadLetterError`]; some letters may have been delivered.
    async fn deliver(&self, letters: Arc<[DeadLetter]>) -> Result<(), DeadLetterError>;
}

/// Letters could not be delivered now.
#[derive(Debug, thiserror::Error)]
#[error("dead letters not delivered to {target}: {reason}")]
pub struct DeadLetterError {
    /// Where they should have gone.
    pub target: String,
    /// Why they did not.
    pub reason: String,
}

/// Delivers to several sinks, one after the other; all must take the letters.
pub struct AllDeadLetterSinks(pub Vec<Arc<dyn DeadLetterSink>>);

#[async_trait]
impl DeadLetterSink for AllDeadLetterSinks {
    async fn deliver(&self, letters: Arc<[DeadLetter]>) -> Result<(), DeadLetterError> {
        for sink in &self.0 {
            sink.deliver(Arc::clone(&letters)).await?;
        }
        Ok(())
    }
}
