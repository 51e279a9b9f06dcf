//! ClickHouse over its native protocol, through klickhouse.
//!
//! klickhouse 0.16 cannot be trusted with a connection: it reports one that breaks in the middle of an insert or a
//! select as success with rows missing, a clone or a dropped future corrupts the stream for the next call, nothing
//! ever times out, and a wrong password appears as a closed channel. This module contains all of that:
//!
//! - A client is used by one session at a time and never cloned. The pool lends it out and takes it back only if its
//!   last operation fully succeeded. After any error, timeout or dropped future the connection is closed (`pool`).
//! - Every insert and select is followed by a barrier: a `SELECT` of a number on the same connection, whose answer
//!   proves that everything before it is complete. An insert must also have been answered with an end of stream
//!   (`connection`).
//! - The server's replies to a handshake and to an insert are also read here, so that refusals keep their messages
//!   (`reply`).
//! - Everything has a timeout.
//!
//! Values never go into SQL: parameters are set on the connection, and referenced as `{name:Type}`.

mod blocks;
mod config;
mod connection;
mod deadline;
mod handshake;
mod pool;
mod read_settings;
mod refusal;
mod replication;
mod reply;
mod setup;
mod tls;
mod value;

use std::{sync::Arc, time::Instant};

use async_trait::async_trait;

use tokio::sync::mpsc;

pub use config::{ClickHouseConfig, ClickHouseTimeouts, Password};
use connection::Connection;
use deadline::in_time;
use pool::{Lease, Pool};
use read_settings::ReadSettings;
pub use setup::setup_sql;
pub use tls::ClickHouseTls;

use crate::{
    Block, KnownParts, Param, ReadMeter, SqlBackend, SqlSession, SqlStore, StoreError, TableLayout, TenantScope,
};

/// A store in a ClickHouse server.
pub type ClickHouseStore = SqlStore<ClickHouse>;

impl ClickHouseStore {
    /// A store in a server. It connects on first use.
    #[must_use]
    pub fn connect(config: ClickHouseConfig) -> Self {
        Self::new(ClickHouse::new(config))
    }
}

/// A ClickHouse server as a [`SqlBackend`].
#[derive(Debug)]
pub struct ClickHouse {
    pool: Pool,
}

impl ClickHouse {
    /// A server. It connects on first use.
    #[must_use]
    pub fn new(config: ClickHouseConfig) -> Self {
        Self { pool: Pool::new(config) }
    }

    /// The configuration.
    #[must_use]
    pub fn config(&self) -> &ClickHouseConfig {
        self.pool.config()
    }

    /// Creates the configured database if it is missing.
    ///
    /// # Errors
    /// [`StoreError`]; [`StoreError::Denied`] if the user lacks the right to.
    pub async fn create_database(&self) -> Result<(), StoreError> {
        let sql =
            format!("CREATE DATABASE IF NOT EXISTS {{database:Identifier}}{}", self.config().layout.on_all_servers());
        self.anywhere().execute(&sql, &[Param::new("database", &self.config().database)]).await
    }

    /// Whether the configured database exists and the user may see it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn has_database(&self) -> Result<bool, StoreError> {
        let sql = "SELECT toString(count()) FROM system.databases WHERE name = {database:String}";
        let found = self.anywhere().select_texts(sql, &[Param::new("database", &self.config().database)]).await?;
        Ok(found != ["0"])
    }

    /// The same server, without the database.
    fn anywhere(&self) -> Self {
        Self::new(ClickHouseConfig { database: String::new(), ..self.config().clone() })
    }
}

#[async_trait]
impl SqlBackend for ClickHouse {
    async fn session(&self) -> Result<Box<dyn SqlSession + '_>, StoreError> {
        Ok(Box::new(self.pool.lease().await?))
    }

    async fn reading(&self, tenants: &TenantScope, meter: &ReadMeter) -> Result<Box<dyn SqlSession + '_>, StoreError> {
        Ok(Box::new(self.pool.lease_for_reads(ReadSettings::about(tenants), meter.clone()).await?))
    }

    async fn session_open_at(&self, instant: Instant) -> Result<Option<Box<dyn SqlSession + '_>>, StoreError> {
        let lease = self.pool.lease_open_at(instant).await?;
        Ok(lease.map(|lease| Box::new(lease) as Box<dyn SqlSession>))
    }

    fn layout(&self) -> TableLayout {
        self.config().layout.clone()
    }

    /// A lease that is dropped during an operation closes its connection, and the server ends what came from there.
    fn ends_with_its_caller(&self) -> bool {
        true
    }
}

#[async_trait]
impl SqlSession for Lease<'_> {
    async fn execute(&mut self, sql: &str, params: &[Param]) -> Result<(), StoreError> {
        let (connection, timeouts) = self.begin()?;
        in_time("a statement", timeouts.query, connection.execute(sql, params)).await?;
        self.succeeded();
        Ok(())
    }

    async fn select_texts(&mut self, sql: &str, params: &[Param]) -> Result<Vec<String>, StoreError> {
        let (settings, meter) = (self.settings(Some(self.timeouts().query)), self.meter());
        let (connection, timeouts) = self.begin()?;
        let select = connection.select_texts(sql, params, settings, &meter);
        let texts = in_time("a query", timeouts.query, select).await?;
        self.succeeded();
        Ok(texts)
    }

    async fn select_texts_of_all(&mut self, sql: &str, params: &[Param]) -> Result<Vec<String>, StoreError> {
        let settings = ReadSettings::about(&TenantScope::All).list(Some(self.timeouts().query));
        let (connection, timeouts) = self.begin()?;
        let unmetered = ReadMeter::default();
        let select = connection.select_texts(sql, params, settings, &unmetered);
        let texts = in_time("a query", timeouts.query, select).await;
        // A refusal is an answer, too: what follows must reach the same server.
        match &texts {
            Ok(_) => {}
            Err(StoreError::Rejected { .. } | StoreError::Denied(_)) => {
                in_time("a query", timeouts.query, connection.prove_complete()).await?;
            }
            Err(_) => return texts,
        }
        self.succeeded();
        texts
    }

    async fn select_in_pieces(
        &mut self,
        sql: &str,
        params: &[Param],
        pieces: &mpsc::Sender<Vec<String>>,
    ) -> Result<(), StoreError> {
        // A long answer may take its time.
        let (settings, meter) = (self.settings(None), self.meter());
        let (connection, timeouts) = self.begin()?;
        connection.select_in_pieces(sql, params, settings, &meter, pieces, timeouts.query).await?;
        self.succeeded();
        Ok(())
    }

    async fn insert(&mut self, block: &Block) -> Result<(), StoreError> {
        let (connection, timeouts) = self.begin()?;
        in_time("an insert", timeouts.insert, connection.insert(block)).await?;
        self.succeeded();
        Ok(())
    }

    fn known_parts(&self) -> Arc<KnownParts> {
        Self::known_parts(self)
    }

    fn has_ended(&self) -> bool {
        self.has_broken()
    }
}
