//! Requirements of tests that may be missing on the machine.
//!
//! A missing requirement never goes unnoticed: if the variable `CI` is set the test fails, otherwise it reports
//! prominently that it did not run.

use std::{
    fmt::Display,
    io::Write,
    path::Path,
    sync::{
        Arc, Mutex, PoisonError, Weak,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use tempfile::TempDir;
use voc_store::embedded::{Engine, EngineError, engine_library_path};

/// Reports that a test cannot run, and why.
///
/// # Panics
/// If the variable `CI` is set.
#[expect(clippy::panic, reason = "fails the test")]
pub fn not_run(reason: impl Display) {
    if std::env::var_os("CI").is_some_and(|value| !value.is_empty()) {
        panic!("a requirement of this test is missing: {reason}");
    }
    let test = std::thread::current().name().unwrap_or("a test").to_owned();
    // Not `eprintln!`, whose output the test harness captures if the test passes.
    let said = writeln!(std::io::stderr(), "\n======== NOT RUN: {test}: {reason} ========\n");
    drop(said);
}

/// Whether the embedded engine's library is available, for tests of programs that load it; if not, see [`not_run`].
///
/// # Panics
/// If `CI` is set and the library is missing.
#[must_use]
pub fn has_engine() -> bool {
    let library = engine_library_path();
    let is_there = library.as_ref().is_some_and(|library| library.is_file());
    if !is_there {
        not_run(format!("it needs the embedded engine at {library:?}: run `cargo xtask engine`"));
    }
    is_there
}

/// The embedded engine on a data directory of this process, shared by the tests that run in it concurrently; the
/// directory is removed with the last handle. Tests use separate [databases](TestEngine::fresh_database).
///
/// `None` if the engine's library is missing: see [`not_run`].
///
/// # Panics
/// If `CI` is set and the library is missing, or if the engine cannot be opened.
#[expect(clippy::panic, reason = "only tests call it")]
pub fn engine_or_skip() -> Option<Arc<TestEngine>> {
    static OPEN: Mutex<Weak<TestEngine>> = Mutex::new(Weak::new());
    let mut open = OPEN.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(engine) = open.upgrade() {
        return Some(engine);
    }
    let mut opened = TestEngine::open();
    // An abandoned statement of a test may hold the previously open directory for a moment.
    while matches!(opened, Err(EngineError::OtherDirectoryOpen { .. })) {
        std::thread::sleep(Duration::from_millis(10));
        opened = TestEngine::open();
    }
    match opened {
        Ok(engine) => {
            let engine = Arc::new(engine);
            *open = Arc::downgrade(&engine);
            Some(engine)
        }
        Err(error @ EngineError::LibraryMissing(_)) => {
            not_run(error);
            None
        }
        Err(error) => panic!("the engine cannot be opened: {error}"),
    }
}

/// See [`engine_or_skip`].
#[derive(Debug)]
pub struct TestEngine {
    engine: Engine,
    directory: TempDir,
    databases: AtomicU32,
}

impl TestEngine {
    fn open() -> Result<Self, EngineError> {
        let missing = |error: std::io::Error| EngineError::Directory {
            directory: std::env::temp_dir(),
            reason: error.to_string(),
        };
        let directory = TempDir::with_prefix("voc-engine-").map_err(missing)?;
        let engine = Engine::open(directory.path())?;
        Ok(Self { engine, directory, databases: AtomicU32::new(0) })
    }

    /// The engine.
    #[must_use]
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Its data directory.
    #[must_use]
    pub fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// The name of a new, empty database.
    ///
    /// # Panics
    /// If the engine cannot create it.
    #[must_use]
    #[expect(clippy::expect_used, reason = "only tests call it")]
    pub fn fresh_database(&self) -> String {
        let name = format!("test_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        let mut connection = self.engine.connect().expect("a connection");
        connection.query(format!("CREATE DATABASE {name}"), "Null", &[]).expect("a new database");
        name
    }
}
