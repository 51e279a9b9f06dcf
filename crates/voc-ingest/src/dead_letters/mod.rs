//! Sinks for records that could not become rows.

mod file;
mod once;
mod store;

use std::sync::Arc;

use async_trait::async_trait;
pub use file::FileDeadLetters;
pub use once::OnceDeadLetters;
pub use store::StoreDeadLetters;
use voc_store::{DeadLetter, Remedy, StoreError};

/// Stores dead letters durably.
#[async_trait]
pub trait DeadLetterSink: Send + Sync {
    /// Delivers dead letters. After `Ok` all of them are stored. Until then the caller retries, as often as the remedy
    /// of the error allows.
    ///
    /// # Errors
    /// [`DeadLetterError`]; some dead letters may have been delivered.
    async fn deliver(&self, dead_letters: Arc<[DeadLetter]>) -> Result<(), DeadLetterError>;
}

/// Dead letters could not be delivered.
#[derive(Debug, thiserror::Error)]
#[error("dead letters not delivered to {target}: {reason}")]
pub struct DeadLetterError {
    /// Where they should have gone.
    pub target: String,
    /// Why they did not.
    pub reason: String,
    /// The remedy.
    pub remedy: DeliveryRemedy,
}

/// The remedy for a failed delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeliveryRemedy {
    /// Wait: the same delivery may succeed later and is retried indefinitely.
    Wait,
    /// Someone must do what the text says. Retrying helps only after that.
    Repair(&'static str),
}

impl From<&StoreError> for DeliveryRemedy {
    fn from(error: &StoreError) -> Self {
        match error.remedy() {
            Remedy::Wait => Self::Wait,
            // Faulty rows were isolated before. Dead letters and ledger entries are not refused for their data: their
            // columns are strings, which accept any bytes, and numbers and times of our own. If the store refuses
            // them, someone has altered the table.
            Remedy::Isolate | Remedy::Repair => {
                Self::Repair("put the schema (`voc-processor migrate status`) or the user's rights in order")
            }
        }
    }
}
