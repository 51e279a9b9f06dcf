//! The embedded engine: its data directory, its library, its tables.

use std::path::{Path, PathBuf};

use tokio::{task::spawn_blocking, time::Instant};
use voc_service::config::lifecycle::LifecycleSettings;
use voc_store::embedded::{EmbeddedBackend, EmbeddedOptions, EmbeddedStore, Engine, EngineError};

use super::{
    data,
    section::{Known, Section, Verdict},
    store::{self, Use},
};
use crate::store::engine_directory;

/// Checks the engine on a data directory; a healthy processor of this machine may have it open.
pub(super) async fn examine(data_dir: &Path, wanted: &Use<'_>, is_running: bool, deadline: Instant) -> Section {
    let mut section = Section::new("store", deadline);
    let nothing = Known::given(());
    let directory =
        section.check("data directory", &nothing, async |()| data::directory(data_dir.to_owned()).await).await;
    let engine =
        section.check("engine", &directory, async |()| open(engine_directory(data_dir), is_running).await).await;
    // The engine's tables are brought up to date by the processor, because only it can do that.
    let lifecycle = LifecycleSettings { migrate: true, ..wanted.lifecycle.clone() };
    let wanted = Use { lifecycle: &lifecycle, tables: wanted.tables.clone(), ..*wanted };
    section
        .check("tables", &engine, async |engine| match engine {
            State::Open(store) => store::schema(store, &wanted).await,
            State::New => Verdict::not_checked("they are created at the start"),
            State::InUse => Verdict::not_checked("the running processor has them open"),
        })
        .await;
    section
}

/// The engine, as far as it may be opened.
enum State {
    Open(EmbeddedStore),
    /// Its directory does not exist yet, and a check leaves none behind.
    New,
    /// The processor has it open.
    InUse,
}

async fn open(directory: PathBuf, is_running: bool) -> Verdict<State> {
    let opened = spawn_blocking(move || -> Result<(PathBuf, State), EngineError> {
        let library = Engine::check_library()?;
        if !directory.exists() {
            return Ok((library, State::New));
        }
        match Engine::open(&directory) {
            Ok(engine) => {
                let backend = EmbeddedBackend::open(&engine, EmbeddedOptions::default())?;
                Ok((library, State::Open(EmbeddedStore::new(backend))))
            }
            Err(EngineError::DirectoryInUse { .. }) if is_running => Ok((library, State::InUse)),
            Err(error) => Err(error),
        }
    });
    match opened.await {
        Ok(Ok((library, state))) => {
            let found = match state {
                State::InUse => "the running processor has it open".to_owned(),
                _ => format!("{} can be loaded", library.display()),
            };
            Verdict::ok(found, state)
        }
        Ok(Err(error)) => Verdict::failed(
            error.to_string(),
            match error {
                EngineError::DirectoryInUse { .. } => {
                    "end the other process, or name another directory in VOC_DATA_DIR"
                }
                EngineError::LibraryUnnamed | EngineError::LibraryMissing(_) | EngineError::LibraryUnusable { .. } => {
                    "set VOC_ENGINE_LIB to the path of libchdb.so, of the version that this program was built for; with the \
                     sources, `cargo xtask engine` fetches it"
                }
                _ => "restore the directory from a backup, or name another one in VOC_DATA_DIR",
            },
        ),
        Err(panic) => Verdict::failed(panic.to_string(), "the engine's library is damaged: fetch it again"),
    }
}
