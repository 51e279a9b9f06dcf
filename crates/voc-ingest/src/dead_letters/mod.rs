//! Where records go that could not become rows.

mod file;
mod once;
mod store;

use std::sync::Arc;

use async_trait::async_trait;
pub use file::FileDeadLetters;
pub use once::OnceDeadLetters;
pub use store::StoreDeadLetters;
use voc_store::{DeadLetter, Remedy, StoreError};

/// Takes dead letters for good.
#[async_trait]
pub trait DeadLetterSink: Send + Sync {
    /// Delivers dead letters. After `Ok` all of them are kept; the caller repeats the call until then, or as often as it
    /// makes sense by the error's remedy.
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
    /// What helps.
    pub remedy: DeliveryRemedy,
}

/// What helps against a failed delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeliveryRemedy {
    /// Time: the same delivery may succeed later, and is tried again for however long.
    Wait,
    /// Somebody who does what is said here. To try again helps only once that is done.
    Repair(&'static str),
}

impl From<&StoreError> for DeliveryRemedy {
    fn from(error: &StoreError) -> Self {
        match error.remedy() {
            Remedy::Wait => Self::Wait,
            // Which rows are at fault was looked for before this is asked. Dead letters and entries of the ledger are
            // not refused for their data: their columns are texts, which take any bytes, and numbers and times of the
            // program's own. If the store says otherwise, somebody has altered the table.
            Remedy::Isolate | Remedy::Repair => {
                Self::Repair("put the schema (`voc-processor migrate status`) or the user's rights in order")
            }
        }
    }
}
