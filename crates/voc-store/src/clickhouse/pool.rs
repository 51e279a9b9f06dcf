//! Connections lent to one operation at a time.

use std::{
    ops::{Deref, DerefMut},
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use tokio::sync::{Semaphore, SemaphorePermit};

use super::{ClickHouseConfig, Connection, handshake};
use crate::StoreError;

/// A connection idle for longer is not trusted: what lies between may have forgotten it without a word.
const MAX_IDLE: Duration = Duration::from_secs(60);

/// At most so many connections as configured; none is opened before it is needed.
#[derive(Debug)]
pub(super) struct Pool {
    config: ClickHouseConfig,
    permits: Semaphore,
    idle: Mutex<Vec<Idle>>,
}

#[derive(Debug)]
struct Idle {
    connection: Connection,
    since: Instant,
}

impl Pool {
    pub(super) fn new(config: ClickHouseConfig) -> Self {
        let permits = Semaphore::new(config.connections.max(1));
        Self { config, permits, idle: Mutex::default() }
    }

    pub(super) fn config(&self) -> &ClickHouseConfig {
        &self.config
    }

    /// Lends a connection, an idle one or a new one.
    pub(super) async fn lease(&self) -> Result<Lease<'_>, StoreError> {
        let wait = self.config.timeouts.wait;
        let busy = || {
            let connections = self.config.connections;
            StoreError::Unavailable(format!("none of the {connections} connections became free within {wait:?}"))
        };
        let acquired = tokio::time::timeout(wait, self.permits.acquire()).await;
        let permit = acquired.map_err(|_| busy())?.map_err(|_| busy())?;
        let connection = match self.take_idle() {
            Some(connection) => connection,
            None => handshake::connect(&self.config).await?,
        };
        Ok(Lease { pool: self, connection, _permit: permit })
    }

    fn take_idle(&self) -> Option<Connection> {
        let mut idle = self.idle();
        while let Some(Idle { connection, since }) = idle.pop() {
            if connection.is_usable() && since.elapsed() < MAX_IDLE {
                return Some(connection);
            }
        }
        None
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Idle>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A connection on loan. It counts as poisoned from the start: dropping the lease, for whatever reason, closes the connection,
/// and only [`give_back`](Self::give_back) after full success keeps it.
pub(super) struct Lease<'p> {
    pool: &'p Pool,
    connection: Connection,
    /// Given up after the connection is.
    _permit: SemaphorePermit<'p>,
}

impl Lease<'_> {
    /// The operation has fully succeeded: the connection may serve another one.
    pub(super) fn give_back(self) {
        let Self { pool, connection, _permit } = self;
        pool.idle().push(Idle { connection, since: Instant::now() });
    }
}

impl Deref for Lease<'_> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        &self.connection
    }
}

impl DerefMut for Lease<'_> {
    fn deref_mut(&mut self) -> &mut Connection {
        &mut self.connection
    }
}

/// Waits no longer than the limit.
pub(super) async fn in_time<T>(
    operation: &'static str,
    limit: Duration,
    work: impl Future<Output = Result<T, StoreError>>,
) -> Result<T, StoreError> {
    let in_time = tokio::time::timeout(limit, work).await;
    in_time.unwrap_or(Err(StoreError::TimedOut { operation, limit }))
}
