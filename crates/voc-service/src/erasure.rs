//! `erase`: erases the events of a customer or of a tenant.

use voc_events::families;
use voc_store::{EraseFailure, Erased, ErasureProgress, FinishedErasure, SqlBackend, SqlStore, StoreError};

use crate::{
    clickhouse,
    config::{clickhouse::ClickHouseSettings, erasure::EraseTask, lifecycle::LifecycleSettings},
    print,
};

/// Why an erasure did not end.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ErasureFailed {
    /// The server cannot be used.
    #[error("cannot use the ClickHouse server")]
    Server(#[source] StoreError),
    /// The store could not erase.
    #[error("not everything is erased; run the same command again")]
    Erase(#[from] EraseFailure),
    /// The records of erasures could not be read.
    #[error("cannot read the records of erasures")]
    Records(#[source] StoreError),
    /// The result could not be printed.
    #[error(transparent)]
    Output(#[from] std::io::Error),
}

/// Tells the log how an erasure is going.
struct Logged;

impl ErasureProgress for Logged {
    fn step(&self, text: &str) {
        tracing::info!("{text}");
    }
}

/// Does the task on a server and prints the result. Missing tables are reported, not created.
///
/// # Errors
/// [`ErasureFailed`]; what was erased until then stays so.
pub async fn run_on_server(
    task: &EraseTask,
    settings: ClickHouseSettings,
    lifecycle: &LifecycleSettings,
) -> Result<(), ErasureFailed> {
    let store = clickhouse::connect(settings.patient()).map_err(ErasureFailed::Server)?;
    let lifecycle = LifecycleSettings { migrate: false, ..lifecycle.clone() };
    clickhouse::prepare(&store, &lifecycle).await.map_err(ErasureFailed::Server)?;
    run(task, &store).await
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
            let FinishedErasure { id, erased } = store.erase(erasure, &Logged).await?;
            format!("erased {}; nothing is left (erasure {id})\n", counted(erased))
        }
        EraseTask::Again => {
            let erased = store.erase_again(families::ALL, &Logged).await?;
            format!("erased again {}\n", counted(erased))
        }
        EraseTask::List => {
            let recorded = store.erasures().await.map_err(ErasureFailed::Records)?;
            let lines: Result<Vec<String>, serde_json::Error> = recorded.iter().map(serde_json::to_string).collect();
            lines.map_err(std::io::Error::from)?.iter().map(|line| format!("{line}\n")).collect()
        }
    };
    Ok(print(&text)?)
}

fn counted(Erased { rows, dead_letters }: Erased) -> String {
    format!("{rows} rows, {dead_letters} dead letters")
}
