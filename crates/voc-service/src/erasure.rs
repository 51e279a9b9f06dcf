//! `erase`: erases the events of a customer or of a tenant.

use voc_events::families;
use voc_store::{EraseFailure, Erased, ErasureProgress, SqlBackend, SqlStore};

use crate::{config::erasure::EraseTask, print};

/// Why an erasure did not end.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ErasureFailed {
    /// The store could not erase.
    #[error(transparent)]
    Erase(#[from] EraseFailure),
    /// The result could not be printed.
    #[error("cannot write to standard output")]
    Output,
}

/// Tells the log how an erasure gets on.
struct Logged;

impl ErasureProgress for Logged {
    fn step(&self, text: &str) {
        tracing::info!("{text}");
    }
}

/// Does the task and prints the result.
///
/// # Errors
/// [`ErasureFailed`]; what was erased until then stays so.
pub async fn run<B: SqlBackend>(task: &EraseTask, store: &SqlStore<B>) -> Result<(), ErasureFailed> {
    let text = match task {
        EraseTask::Find(erasure) => {
            let found = store.find_for_erasure(erasure).await.map_err(EraseFailure::Store)?;
            let lines: String =
                found.iter().map(|(family, erased)| format!("{family:<10} {}\n", counted(*erased))).collect();
            lines + "nothing is erased without --execute\n"
        }
        EraseTask::Erase(erasure) => {
            let erased = store.erase(erasure, &Logged).await?;
            format!("erased {}; nothing is left (erasure {})\n", counted(erased), erasure.id())
        }
        EraseTask::Again => {
            let erased = store.erase_again(families::ALL, &Logged).await?;
            format!("erased again {}\n", counted(erased))
        }
        EraseTask::List => {
            let recorded = store.erasures().await.map_err(EraseFailure::Store)?;
            recorded.iter().filter_map(|erasure| serde_json::to_string(erasure).ok()).map(|line| line + "\n").collect()
        }
    };
    if print(&text) == crate::SUCCESS { Ok(()) } else { Err(ErasureFailed::Output) }
}

fn counted(Erased { rows, dead_letters }: Erased) -> String {
    format!("{rows} rows, {dead_letters} dead letters")
}
