//! Where records go that could not become rows.

mod file;
mod once;
mod store;

use std::sync::Arc;

use async_trait::async_trait;
pub use file::FileDeadLetters;
pub use once::OnceDeadLetters;
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
