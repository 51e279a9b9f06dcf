//! The embedded engine as a backend of the SQL store: a few connections, each statement on a blocking thread.

use std::{
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    thread::available_parallelism,
    time::Instant,
};

use async_trait::async_trait;
use tokio::{
    sync::{Semaphore, mpsc},
    task::spawn_blocking,
};

use super::{Engine, EngineConnection, EngineError, EngineResult, engine::PURGE};
use crate::{
    Block, KnownParts, Param, ReadMeter, SqlBackend, SqlSession, SqlStore, StoreError, TenantScope, native, sql::quoted,
};

/// Bytes that a select sends until the engine gives back the memory that it has freed. By itself, it keeps freed
/// memory for ten seconds, in which it sends hundreds of megabytes.
const PURGED_AFTER: usize = 4 * 1024 * 1024;

/// A store in the embedded engine.
pub type EmbeddedStore = SqlStore<EmbeddedBackend>;

/// How to open an [`EmbeddedStore`].
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct EmbeddedOptions {
    /// The database, created if missing. Default `default`.
    pub database: String,
    /// Maximum number of concurrent statements; further ones wait. Default 8.
    pub connections: usize,
    /// ClickHouse settings of every connection, such as `max_memory_usage`. Names and values are trusted. Default
    /// none.
    pub settings: Vec<(String, String)>,
}

impl Default for EmbeddedOptions {
    fn default() -> Self {
        Self { database: "default".to_owned(), connections: 8, settings: Vec::new() }
    }
}

impl EmbeddedOptions {
    /// The defaults with another database.
    #[must_use]
    pub fn with_database(mut self, database: impl Into<String>) -> Self {
        self.database = database.into();
        self
    }

    /// The defaults with another limit on concurrent statements, at least one.
    #[must_use]
    pub fn with_connections(mut self, connections: usize) -> Self {
        self.connections = connections.max(1);
        self
    }

    /// The defaults with an additional ClickHouse setting.
    #[must_use]
    pub fn with_setting(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.settings.push((name.into(), value.into()));
        self
    }
}

impl EmbeddedStore {
    /// Opens a data directory of the embedded engine. Creates directory and database if they are missing, but no
    /// tables.
    ///
    /// # Errors
    /// [`StoreError::Misconfigured`] if the engine's library is missing or the directory cannot be used; it says what
    /// to do.
    pub async fn open(directory: &Path, options: EmbeddedOptions) -> Result<Self, StoreError> {
        let directory = directory.to_owned();
        blocking(move || Ok(Self::new(EmbeddedBackend::open(&Engine::open(&directory)?, options)?))).await
    }
}

/// The embedded engine as a [`SqlBackend`].
#[derive(Debug)]
pub struct EmbeddedBackend {
    pool: Arc<Pool>,
}

#[derive(Debug)]
struct Pool {
    engine: Engine,
    options: EmbeddedOptions,
    idle: Mutex<Vec<EngineConnection>>,
    permits: Arc<Semaphore>,
    known_parts: Arc<KnownParts>,
}

impl EmbeddedBackend {
    /// A pool of connections to an open engine. Blocks.
    ///
    /// # Errors
    /// [`EngineError`] if the database cannot be created.
    pub fn open(engine: &Engine, options: EmbeddedOptions) -> Result<Self, EngineError> {
        let mut connection = engine.connect()?;
        let database = [Param::new("database", &options.database)];
        connection.query("CREATE DATABASE IF NOT EXISTS {database:Identifier}", "Null", &database)?;
        Ok(Self {
            pool: Arc::new(Pool {
                engine: engine.clone(),
                permits: Arc::new(Semaphore::new(options.connections)),
                options,
                idle: Mutex::new(Vec::new()),
                known_parts: Arc::new(KnownParts::with_writes(Arc::clone(engine.writes()))),
            }),
        })
    }

    /// Runs work on its own connection. The work runs to its end even if the caller no longer waits for it.
    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut EngineConnection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let permit = self.pool.permits.clone().acquire_owned().await;
        let permit = permit.map_err(|_| StoreError::Unavailable("the embedded engine is closed".to_owned()))?;
        let pool = self.pool.clone();
        blocking(move || {
            let mut connection = pool.take()?;
            let result = work(&mut connection);
            pool.give_back(connection);
            drop(permit);
            result
        })
        .await
    }
}

impl Pool {
    fn take(&self) -> Result<EngineConnection, EngineError> {
        if let Some(connection) = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop() {
            return Ok(connection);
        }
        let mut connection = self.engine.connect()?;
        connection.query("USE {database:Identifier}", "Null", &[Param::new("database", &self.options.database)])?;
        for (name, value) in &self.options.settings {
            connection.query(format!("SET {name} = {}", quoted(value)), "Null", &[])?;
        }
        Ok(connection)
    }

    /// Has the engine give back the memory that it has freed, if it can.
    fn purge(&self) {
        let Ok(mut connection) = self.take() else { return };
        if let Err(error) = connection.query(PURGE, "Null", &[]) {
            tracing::debug!(%error, "the embedded engine keeps memory that it has freed");
        }
        self.give_back(connection);
    }

    fn give_back(&self, connection: EngineConnection) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
    }
}

/// The engine dies with its process, so every connection reaches the same engine run.
#[async_trait]
impl SqlBackend for EmbeddedBackend {
    async fn session(&self) -> Result<Box<dyn SqlSession + '_>, StoreError> {
        Ok(Box::new(EmbeddedSession::new(self, ReadMeter::default())))
    }

    async fn session_open_at(&self, _: Instant) -> Result<Option<Box<dyn SqlSession + '_>>, StoreError> {
        Ok(Some(Box::new(EmbeddedSession::new(self, ReadMeter::default()))))
    }

    /// Half of the machine.
    fn threads_for_tenants(&self) -> Option<usize> {
        available_parallelism().ok().map(|threads| threads.get().div_ceil(2))
    }

    /// Memory for each part and column that is read adds up. By default, the engine reads parts that overlap several
    /// times at once, buffers rows before it merges them, and reads whole granules in order to remember which of them
    /// a condition excludes. One thread reads as fast as another one writes the rows in a format, and each thread of
    /// the engine keeps memory that it has freed.
    fn stream_settings(&self) -> &'static str {
        "max_threads = 1, max_block_size = 256, max_read_buffer_size = 8192, \
         max_read_buffer_size_local_fs = 8192, local_filesystem_read_method = 'pread', \
         read_in_order_use_buffering = 0, use_query_condition_cache = 0, \
         split_parts_ranges_into_intersecting_and_non_intersecting_final = 0, \
         split_intersecting_parts_ranges_into_layers_final = 0"
    }

    async fn reading(&self, _: &TenantScope, meter: &ReadMeter) -> Result<Box<dyn SqlSession + '_>, StoreError> {
        Ok(Box::new(EmbeddedSession::new(self, meter.clone())))
    }
}

/// Each statement takes its own connection.
struct EmbeddedSession<'b> {
    backend: &'b EmbeddedBackend,
    meter: ReadMeter,
}

impl<'b> EmbeddedSession<'b> {
    fn new(backend: &'b EmbeddedBackend, meter: ReadMeter) -> Self {
        Self { backend, meter }
    }
}

#[async_trait]
impl SqlSession for EmbeddedSession<'_> {
    async fn execute(&mut self, sql: &str, params: &[Param]) -> Result<(), StoreError> {
        let (sql, params) = (sql.to_owned(), params.to_owned());
        self.backend
            .run(move |connection| {
                connection.query(sql, "Null", &params)?;
                Ok(())
            })
            .await
    }

    async fn select_texts(&mut self, sql: &str, params: &[Param]) -> Result<Vec<String>, StoreError> {
        let (sql, params, meter) = (sql.to_owned(), params.to_owned(), self.meter.clone());
        self.backend
            .run(move |connection| {
                let result = connection.query(sql, "RowBinary", &params)?;
                meter.add(result.rows_read());
                texts_of(&result)
            })
            .await
    }

    async fn select_texts_of_all(&mut self, sql: &str, params: &[Param]) -> Result<Vec<String>, StoreError> {
        EmbeddedSession::new(self.backend, ReadMeter::default()).select_texts(sql, params).await
    }

    async fn select_in_pieces(
        &mut self,
        sql: &str,
        params: &[Param],
        pieces: &mpsc::Sender<Vec<String>>,
    ) -> Result<(), StoreError> {
        let (sql, params, pieces) = (sql.to_owned(), params.to_owned(), pieces.clone());
        let meter = self.meter.clone();
        let pool = Arc::clone(&self.backend.pool);
        self.backend
            .run(move |connection| {
                let (mut read, mut returned, mut unpurged) = (0, 0, 0);
                let mut select = connection.select(sql, "RowBinary", &params)?;
                while let Some(chunk) = select.next_chunk()? {
                    meter.add(chunk.rows_read());
                    (read, returned) = (read + chunk.rows_read(), returned + chunk.rows());
                    unpurged += chunk.bytes().len();
                    pieces.blocking_send(texts_of(&chunk)?).map_err(|_| StoreError::abandoned())?;
                    drop(chunk);
                    if unpurged >= PURGED_AFTER {
                        unpurged = 0;
                        pool.purge();
                    }
                }
                drop(select);
                pool.purge();
                // Of what was read after the last chunk, at least the rows that have arrived are counted.
                meter.add(returned.saturating_sub(read));
                Ok(())
            })
            .await
    }

    async fn insert(&mut self, block: &Block) -> Result<(), StoreError> {
        let block = block.clone();
        self.backend
            .run(move |connection| {
                let mut insert = connection.insert(block.statement(), "Native")?;
                insert.append(&native::encode_native(&block))?;
                insert.finish()?;
                Ok(())
            })
            .await
    }

    fn known_parts(&self) -> Arc<KnownParts> {
        Arc::clone(&self.backend.pool.known_parts)
    }
}

/// The texts of a result in `RowBinary`.
fn texts_of(result: &EngineResult) -> Result<Vec<String>, StoreError> {
    native::decode_texts(result.bytes()).ok_or_else(|| StoreError::Rejected {
        code: 0,
        message: "the query's result is not a single column of texts".to_owned(),
    })
}

/// Runs blocking work on its own thread.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    let result = spawn_blocking(work).await;
    result.unwrap_or_else(|error| Err(StoreError::Unavailable(format!("the embedded engine's thread ended: {error}"))))
}
