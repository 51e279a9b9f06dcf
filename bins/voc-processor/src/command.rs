//! The one-shot commands: `migrate`, `erase`, `retention`, `doctor`, `dlq`, `verify`, `replay`.

use voc_service::config::lifecycle::LifecycleSettings;

use crate::{
    config::{Command, StoreConfig},
    dlq, doctor, replay, store, verify,
};

/// Runs a command. Cancel it by dropping the future.
pub(crate) async fn run(command: Command, store: StoreConfig, lifecycle: &LifecycleSettings) -> anyhow::Result<()> {
    // Boxed, because together the futures are nested too deeply for the compiler.
    match command {
        Command::Doctor(task) => Box::pin(doctor::run(*task, store, lifecycle)).await,
        Command::Dlq(task) => Box::pin(dlq::run(*task)).await,
        Command::Verify(task) => Box::pin(verify::run(*task, store, lifecycle)).await,
        Command::Replay(task) => Box::pin(replay::run(*task, store, lifecycle)).await,
        Command::Erase(task) => Box::pin(store::erase(task, store, lifecycle)).await,
        Command::Retention(task) => Box::pin(store::retention(task, store, lifecycle)).await,
        Command::MigrateUp => Box::pin(store::migrate_up(store, lifecycle)).await,
        Command::MigratePlan => Box::pin(store::migrate_plan(store, lifecycle)).await,
        Command::MigrateStatus => Box::pin(store::migrate_status(store, lifecycle)).await,
    }
}
