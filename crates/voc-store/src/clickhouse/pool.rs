//! Connections, each lent to one session at a time.

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::sync::{Semaphore, SemaphorePermit};

use super::{
    ClickHouseConfig, ClickHouseTimeouts, Connection, handshake, read_settings::ReadSettings, refusal::broken,
};
use crate::{KnownParts, ReadMeter, StoreError};

/// A connection that was idle for longer is not trusted, because a middlebox may have dropped it silently.
const MAX_IDLE: Duration = Duration::from_secs(60);

/// At most the configured number of connections, each opened on demand.
#[derive(Debug)]
pub(super) struct Pool {
    config: ClickHouseConfig,
    permits: Semaphore,
    /// Which of the servers could be reached last.
    reached: AtomicUsize,
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
        Self { config, permits, reached: AtomicUsize::new(0), idle: Mutex::default() }
    }

    pub(super) fn config(&self) -> &ClickHouseConfig {
        &self.config
    }

    /// Lends an idle or a new connection for reads.
    pub(super) async fn lease_for_reads(
        &self,
        settings: ReadSettings,
        meter: ReadMeter,
    ) -> Result<Lease<'_>, StoreError> {
        let mut lease = self.lease().await?;
        lease.settings = Some(settings);
        lease.meter = meter;
        Ok(lease)
    }

    /// Lends an idle or a new connection.
    pub(super) async fn lease(&self) -> Result<Lease<'_>, StoreError> {
        let permit = self.permit().await?;
        let connection = match self.take_idle(|_| true) {
            Some(connection) => connection,
            None => self.connect().await?,
        };
        Ok(Lease::new(self, connection, permit))
    }

    /// Opens a connection to the first server that can be reached, beginning with the last that could.
    async fn connect(&self) -> Result<Connection, StoreError> {
        let servers = self.config.servers();
        let first = self.reached.load(Ordering::Relaxed);
        let mut unreachable = Vec::new();
        for place in (first..first + servers).map(|place| place % servers) {
            match handshake::connect(&self.config.server(place)).await {
                Ok(connection) => {
                    if self.reached.swap(place, Ordering::Relaxed) != place {
                        tracing::warn!(server = self.config.server(place).address(), "another server answers now");
                    }
                    return Ok(connection);
                }
                Err(error @ (StoreError::Unavailable(_) | StoreError::TimedOut { .. })) => unreachable.push(error),
                Err(error) => return Err(error),
            }
        }
        Err(match unreachable.len() {
            1 => unreachable.remove(0),
            _ => {
                let reasons: Vec<String> = unreachable.iter().map(ToString::to_string).collect();
                StoreError::Unavailable(reasons.join("; "))
            }
        })
    }

    /// Lends an idle connection that was already open at an instant; `None` if there is none.
    pub(super) async fn lease_open_at(&self, instant: Instant) -> Result<Option<Lease<'_>>, StoreError> {
        let permit = self.permit().await?;
        let connection = self.take_idle(|connection| connection.opened_at() <= instant);
        Ok(connection.map(|connection| Lease::new(self, connection, permit)))
    }

    async fn permit(&self) -> Result<SemaphorePermit<'_>, StoreError> {
        let wait = self.config.timeouts.wait;
        let busy = || {
            let connections = self.config.connections;
            StoreError::Unavailable(format!("none of the {connections} connections became free within {wait:?}"))
        };
        let acquired = tokio::time::timeout(wait, self.permits.acquire()).await;
        acquired.map_err(|_| busy())?.map_err(|_| busy())
    }

    /// The most recently used of the usable connections: the fewer are in use, the fewer grow old unused.
    fn take_idle(&self, will_do: impl Fn(&Connection) -> bool) -> Option<Connection> {
        let mut idle = self.idle();
        idle.retain(|Idle { connection, since }| connection.is_usable() && since.elapsed() < MAX_IDLE);
        let place = idle.iter().rposition(|idle| will_do(&idle.connection))?;
        Some(idle.remove(place).connection)
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Idle>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A connection on loan, for one operation after another. It counts as broken while an operation is in progress, and
/// remains so unless the operation fully succeeds. A lease dropped while broken, for whatever reason, closes the
/// connection; otherwise the connection returns to the pool.
#[derive(Debug)]
pub(super) struct Lease<'p> {
    pool: &'p Pool,
    /// Taken out only by `drop`.
    connection: Option<Connection>,
    /// What every select carries.
    settings: Option<ReadSettings>,
    /// Learns how many rows the selects read.
    meter: ReadMeter,
    is_whole: bool,
    since: Instant,
    /// Released after the connection.
    _permit: SemaphorePermit<'p>,
}

impl<'p> Lease<'p> {
    fn new(pool: &'p Pool, connection: Connection, permit: SemaphorePermit<'p>) -> Self {
        Self {
            pool,
            connection: Some(connection),
            settings: None,
            meter: ReadMeter::default(),
            is_whole: true,
            since: Instant::now(),
            _permit: permit,
        }
    }

    pub(super) fn timeouts(&self) -> ClickHouseTimeouts {
        self.pool.config.timeouts
    }

    /// The connection for an operation, and its timeouts.
    pub(super) fn begin(&mut self) -> Result<(&mut Connection, ClickHouseTimeouts), StoreError> {
        let is_whole = std::mem::take(&mut self.is_whole);
        match &mut self.connection {
            Some(connection) if is_whole => Ok((connection, self.pool.config.timeouts)),
            _ => Err(broken(&self.pool.config, "an operation before this one failed")),
        }
    }

    /// What a select carries, given its time limit, if it has one.
    pub(super) fn settings(&self, limit: Option<Duration>) -> Vec<(String, String)> {
        self.settings.as_ref().map(|settings| settings.list(limit)).unwrap_or_default()
    }

    pub(super) fn meter(&self) -> ReadMeter {
        self.meter.clone()
    }

    /// What is known of the parts of the server's tables.
    pub(super) fn known_parts(&self) -> Arc<KnownParts> {
        self.connection.as_ref().map(Connection::known_parts).unwrap_or_default()
    }

    /// Whether an operation failed because the connection is gone, within the time limit of a query.
    pub(super) fn has_broken(&self) -> bool {
        let is_gone = self.connection.as_ref().is_none_or(|connection| !connection.is_usable());
        !self.is_whole && is_gone && self.since.elapsed() < self.pool.config.timeouts.query
    }

    /// Marks that the operation fully succeeded, so that the connection can be reused.
    pub(super) fn succeeded(&mut self) {
        self.is_whole = true;
    }
}

impl Drop for Lease<'_> {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take().filter(|_| self.is_whole) {
            self.pool.idle().push(Idle { connection, since: Instant::now() });
        }
    }
}
