//! The commands that do one thing and end: `migrate`, `dlq`, `verify`, `replay`, `health`.

use voc_service::config::lifecycle::LifecycleSettings;

use crate::{
    config::{Command, StoreConfig},
    dlq, health, replay, store, verify,
};

/// Does what a command is for. Dropping it gives it up.
pub(crate) async fn run(command: Command, store: StoreConfig, lifecycle: &LifecycleSettings) -> anyhow::Result<()> {
    // Boxed: together the compiler finds them too deeply nested.
    match command {
        Command::Dlq(task) => Box::pin(dlq::run(*task)).await,
        Command::Verify(task) => Box::pin(verify::run(*task, store, lifecycle)).await,
        Command::Health(task) => Box::pin(health::run(task)).await,
        Command::Replay(task) => Box::pin(replay::run(*task, store, lifecycle)).await,
        Command::MigrateUp => Box::pin(store::migrate_up(store, lifecycle)).await,
        Command::MigrateStatus => Box::pin(store::migrate_status(store, lifecycle)).await,
    }
}
