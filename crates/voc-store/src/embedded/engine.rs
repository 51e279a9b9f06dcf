//! An open data directory, and the connections to it.

use std::{
    ffi::CString,
    fs::{self, File, TryLockError},
    io::{Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
    time::Duration,
};

use super::{
    EngineError,
    ffi::{Api, EncodedParam, RawConnection, RawInsert, RawResult, RawSelect},
    library,
    slot::{Place, Slot, SlotGuard},
};
use crate::{
    Param,
    writes::{WriteUnderWay, Writes},
};

/// Locked while a process has the directory open; holds the process's id. The engine itself reports a second process
/// only as a connection that cannot be opened, without a reason.
const LOCK_FILE: &str = "voc.lock";

/// The engine's configuration, which it reads only from a file.
const CONFIGURATION_FILE: &str = "voc.xml";

/// Has the engine merge parts of a table earlier than with its own base, which is 5: each part costs a question about
/// a millisecond, and an export some megabytes.
const CONFIGURATION: &str = "<clickhouse>
    <!-- Written anew whenever the directory is opened. -->
    <merge_tree>
        <merge_selector_base>3</merge_selector_base>
    </merge_tree>
</clickhouse>
";

/// An open data directory of the embedded engine.
///
/// A process can open one data directory, with any number of connections. Opening the same directory again returns
/// another handle of the same engine. The directory is closed with the last handle and connection.
#[derive(Clone)]
pub struct Engine {
    shared: Arc<Shared>,
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine").field("directory", &self.shared.directory).finish()
    }
}

/// What every handle and connection keeps alive. The fields are dropped in this order.
struct Shared {
    api: &'static Api,
    directory: PathBuf,
    configuration: Option<PathBuf>,
    arguments: Vec<CString>,
    writes: Arc<Writes>,
    /// Keeps the engine itself open, regardless of other connections.
    _first_connection: Mutex<RawConnection>,
    _lock: File,
    _slot: SlotGuard<Shared>,
}

static SLOT: Slot<Shared> = Slot::new();

impl Engine {
    /// Opens a data directory with the library at [`engine_library_path`](super::engine_library_path). Creates the
    /// directory if it is missing. Blocks for about a second the first time.
    ///
    /// # Errors
    /// [`EngineError`] if the library is missing or unusable, the directory cannot be used or is open in another
    /// process, or this process has another directory open.
    pub fn open(directory: &Path) -> Result<Self, EngineError> {
        let library = library::engine_library_path().ok_or(EngineError::LibraryUnnamed)?;
        Self::open_with(&library, directory)
    }

    /// Loads the library at [`engine_library_path`](super::engine_library_path), and opens nothing. Returns its path.
    ///
    /// # Errors
    /// [`EngineError`] if it is missing or unusable.
    pub fn check_library() -> Result<PathBuf, EngineError> {
        let library = library::engine_library_path().ok_or(EngineError::LibraryUnnamed)?;
        library::load(&library)?;
        Ok(library)
    }

    /// Like [`open`](Self::open), with a file of ClickHouse's server configuration. The file may name another one with
    /// users; connections are those of its user `default`. So a test can see what a user with few rights sees.
    ///
    /// # Errors
    /// As [`open`](Self::open); a directory that is open with another configuration is an other directory.
    pub fn open_configured(directory: &Path, configuration: &Path) -> Result<Self, EngineError> {
        let library = library::engine_library_path().ok_or(EngineError::LibraryUnnamed)?;
        Self::open_as(&library, directory, Some(configuration))
    }

    /// Like [`open`](Self::open), with the library at the given path. A process loads one library; later paths are
    /// ignored.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn open_with(library: &Path, directory: &Path) -> Result<Self, EngineError> {
        Self::open_as(library, directory, None)
    }

    fn open_as(library: &Path, directory: &Path, configuration: Option<&Path>) -> Result<Self, EngineError> {
        let unusable = |reason: String| EngineError::Directory { directory: directory.to_owned(), reason };
        fs::create_dir_all(directory).map_err(|error| unusable(error.to_string()))?;
        let directory = directory.canonicalize().map_err(|error| unusable(error.to_string()))?;

        match SLOT.take() {
            None => Err(EngineError::Ended),
            Some(Place::Open(shared))
                if shared.directory == directory && shared.configuration.as_deref() == configuration =>
            {
                Ok(Self { shared })
            }
            Some(Place::Open(shared)) => {
                Err(EngineError::OtherDirectoryOpen { open: shared.directory.clone(), requested: directory })
            }
            // The library is loaded while the slot is held, so that the engine is not ended meanwhile.
            Some(Place::Free(slot)) => {
                let shared = Arc::new(Shared::open(library::load(library)?, directory, configuration, slot)?);
                SLOT.set_open(&shared);
                Ok(Self { shared })
            }
        }
    }

    /// Opens a connection. Statements of several connections run concurrently; one connection runs one at a time.
    ///
    /// # Errors
    /// [`EngineError::Directory`] if the engine opens no connection.
    pub fn connect(&self) -> Result<EngineConnection, EngineError> {
        Ok(EngineConnection { raw: self.shared.connect()?, engine: self.shared.clone() })
    }

    /// The data directory, canonical.
    #[must_use]
    pub fn directory(&self) -> &Path {
        &self.shared.directory
    }

    /// The writes through all connections: no other process has the directory open.
    pub(crate) fn writes(&self) -> &Arc<Writes> {
        &self.shared.writes
    }

    /// The engine's version.
    #[must_use]
    pub fn version(&self) -> String {
        self.shared.api.version()
    }
}

/// Ends the engine for the rest of the process: no directory can be opened any more. Call it before the process exits;
/// if nothing was opened, it does nothing. Blocks until the last handle and connection are dropped, at most for
/// `patience`.
///
/// Returns `false` if threads of the engine are left: because a handle or a connection was not dropped in time, or,
/// with everything closed, because the library cannot stop them, as in 26.7 once it has opened a table. Exit handlers
/// that run beside such threads may end the process with a signal, so the process must exit without them.
#[must_use]
pub fn shut_down(patience: Duration) -> bool {
    if !SLOT.end(patience) {
        tracing::warn!(?patience, "the embedded engine is still in use; ending without waiting for it any longer");
        return false;
    }
    library::loaded().is_none_or(Api::shut_down)
}

impl Shared {
    fn open(
        api: &'static Api,
        directory: PathBuf,
        configuration: Option<&Path>,
        slot: SlotGuard<Shared>,
    ) -> Result<Self, EngineError> {
        let lock = lock(&directory)?;
        let path = directory.to_str().ok_or_else(|| EngineError::Directory {
            directory: directory.clone(),
            reason: "its name is not UTF-8".to_owned(),
        })?;
        // Relevant messages arrive as the error of a statement. On a terminal the engine would also write its log, in
        // which every insert stream leaves a line marked fatal, from its own thread, without any consequence.
        let given = configuration.map_or_else(|| write_configuration(&directory), |file| Ok(file.to_owned()))?;
        let configured = format!("--config-file={}", given.display());
        let arguments = ["voc".to_owned(), format!("--path={path}"), "--log-level=none".to_owned(), configured]
            .into_iter()
            .map(|argument| {
                CString::new(argument).map_err(|_| EngineError::Directory {
                    directory: directory.clone(),
                    reason: "its name has a NUL character".to_owned(),
                })
            })
            .collect::<Result<Vec<_>, _>>()?;
        let first_connection = Mutex::new(connect(api, &arguments, &directory)?);
        let configuration = configuration.map(Path::to_owned);
        Ok(Self {
            api,
            directory,
            configuration,
            arguments,
            writes: Arc::default(),
            _first_connection: first_connection,
            _lock: lock,
            _slot: slot,
        })
    }

    fn connect(&self) -> Result<RawConnection, EngineError> {
        connect(self.api, &self.arguments, &self.directory)
    }
}

/// Writes the configuration of a directory that this process has locked. What a killed process has left of it is
/// replaced before the engine reads it.
fn write_configuration(directory: &Path) -> Result<PathBuf, EngineError> {
    let file = directory.join(CONFIGURATION_FILE);
    fs::write(&file, CONFIGURATION).map_err(|error| EngineError::Directory {
        directory: directory.to_owned(),
        reason: format!("{CONFIGURATION_FILE} cannot be written: {error}"),
    })?;
    Ok(file)
}

fn connect(api: &'static Api, arguments: &[CString], directory: &Path) -> Result<RawConnection, EngineError> {
    api.connect(arguments).ok_or_else(|| EngineError::Directory {
        directory: directory.to_owned(),
        reason: "the engine could not open it (is it damaged, read-only, or from a newer engine?)".to_owned(),
    })
}

/// Locks the directory for this process until the file is closed.
fn lock(directory: &Path) -> Result<File, EngineError> {
    let unusable =
        |error: std::io::Error| EngineError::Directory { directory: directory.to_owned(), reason: error.to_string() };
    let mut file = File::options()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(directory.join(LOCK_FILE))
        .map_err(unusable)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let mut owner = String::new();
            let pid = file.read_to_string(&mut owner).ok().and_then(|_| owner.trim().parse().ok());
            return Err(EngineError::DirectoryInUse { directory: directory.to_owned(), pid });
        }
        Err(TryLockError::Error(error)) => return Err(unusable(error)),
    }
    file.set_len(0).map_err(unusable)?;
    file.seek(SeekFrom::Start(0)).map_err(unusable)?;
    writeln!(file, "{}", std::process::id()).map_err(unusable)?;
    Ok(file)
}

/// A connection to the engine. It runs one statement at a time, and has its own settings and current database.
///
/// Every call blocks its thread until the statement is complete.
pub struct EngineConnection {
    raw: RawConnection,
    /// Dropped after the connection.
    engine: Arc<Shared>,
}

impl std::fmt::Debug for EngineConnection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("EngineConnection")
    }
}

impl EngineConnection {
    /// Runs a statement, and returns its complete result in an output format such as `Native` or `JSONEachRow`.
    ///
    /// Not for inserts with data after the statement: the engine silently ends such data at the first empty line, so
    /// binary data loses rows. [`insert`](Self::insert) takes any data.
    ///
    /// # Errors
    /// [`EngineError::Statement`] with ClickHouse's code.
    pub fn query(
        &mut self,
        statement: impl AsRef<[u8]>,
        format: &str,
        params: &[Param],
    ) -> Result<EngineResult, EngineError> {
        let _write = (!is_read(statement.as_ref())).then(|| self.engine.writes.begin());
        let result = self.raw.query(statement.as_ref(), format, &encode(params));
        result.map(EngineResult).map_err(EngineError::statement)
    }

    /// Starts a select whose result is read in chunks, in an output format.
    ///
    /// # Errors
    /// [`EngineError::Statement`]; some errors appear only with the first chunk.
    pub fn select(
        &mut self,
        statement: impl AsRef<[u8]>,
        format: &str,
        params: &[Param],
    ) -> Result<EngineSelect<'_>, EngineError> {
        let select = self.raw.select(statement.as_ref(), format, &encode(params));
        select.map(EngineSelect).map_err(EngineError::statement)
    }

    /// Starts an insert (`INSERT INTO table (columns)`, without `FORMAT`) whose data is appended in an input format.
    ///
    /// # Errors
    /// [`EngineError::Statement`].
    pub fn insert(&mut self, statement: impl AsRef<[u8]>, format: &str) -> Result<EngineInsert<'_>, EngineError> {
        let write = self.engine.writes.begin();
        let insert = self.raw.insert(statement.as_ref(), format).map_err(EngineError::statement)?;
        Ok(EngineInsert { raw: insert, _write: write })
    }
}

/// A statement's result.
pub struct EngineResult(RawResult);

impl EngineResult {
    /// The result in the requested format; empty if the statement has none.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        self.0.bytes()
    }

    /// Number of rows of the result.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.0.rows()
    }

    /// Number of rows that were read from tables for the result; for a chunk, since the one before. The engine does
    /// not tell what a select has read after its last chunk, or a statement that has failed.
    #[must_use]
    pub fn rows_read(&self) -> u64 {
        self.0.rows_read()
    }

    /// Number of rows an insert wrote, including those dropped because of a repeated token.
    #[must_use]
    pub fn rows_written(&self) -> u64 {
        self.0.rows_written()
    }
}

impl std::fmt::Debug for EngineResult {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EngineResult").field("bytes", &self.bytes().len()).field("rows", &self.rows()).finish()
    }
}

/// A running select; dropping it cancels the statement.
pub struct EngineSelect<'c>(RawSelect<'c>);

impl EngineSelect<'_> {
    /// The next chunk; `None` after the last. In `Native` a chunk is one or several consecutive blocks.
    ///
    /// # Errors
    /// [`EngineError::Statement`]; the select has then ended.
    pub fn next_chunk(&mut self) -> Result<Option<EngineResult>, EngineError> {
        self.0.next().map(|chunk| chunk.map(EngineResult)).map_err(EngineError::statement)
    }
}

impl std::fmt::Debug for EngineSelect<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("EngineSelect")
    }
}

/// A running insert; dropping it without [`finish`](Self::finish) abandons the data that is not stored yet.
pub struct EngineInsert<'c> {
    raw: RawInsert<'c>,
    /// Dropped after the insert.
    _write: WriteUnderWay,
}

impl EngineInsert<'_> {
    /// Appends data; chunks need not end with a row. Blocks while the engine lags behind.
    ///
    /// # Errors
    /// [`EngineError::Statement`] if the engine has refused earlier data.
    pub fn append(&mut self, data: &[u8]) -> Result<(), EngineError> {
        self.raw.append(data).map_err(EngineError::statement)
    }

    /// Ends the data, and waits until every row is stored. Returns the number of rows written, including those dropped
    /// because of a repeated token.
    ///
    /// # Errors
    /// [`EngineError::Statement`].
    pub fn finish(self) -> Result<u64, EngineError> {
        self.raw.finish().map_err(EngineError::statement)
    }
}

impl std::fmt::Debug for EngineInsert<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("EngineInsert")
    }
}

/// Has the engine give back the memory that it has freed.
pub(super) const PURGE: &str = "SYSTEM JEMALLOC PURGE";

/// Whether a statement is known to write nothing; a semicolon may be followed by another statement.
fn is_read(statement: &[u8]) -> bool {
    if statement == PURGE.as_bytes() {
        return true;
    }
    let verb = statement.trim_ascii_start().split(|byte| !byte.is_ascii_alphabetic()).next().unwrap_or_default();
    [&b"SELECT"[..], b"USE", b"SET"].iter().any(|read| verb.eq_ignore_ascii_case(read)) && !statement.contains(&b';')
}

fn encode(params: &[Param]) -> Vec<EncodedParam> {
    params.iter().map(|param| (param.name().to_owned(), param.escaped_value())).collect()
}
