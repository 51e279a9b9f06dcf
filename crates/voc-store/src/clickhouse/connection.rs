//! One connection and its operations.

use std::{
    fmt, io,
    net::{Shutdown, TcpStream},
    sync::Arc,
    time::Instant,
};

use futures_util::{StreamExt, stream};
use klickhouse::{Client, Value, block};

use super::{
    ClickHouseConfig,
    refusal::{broken, failed, refused},
    reply::Tap,
    value,
};
use crate::{Block, Param, StoreError};

/// A connection, for one operation at a time. After an operation that did not end with `Ok` it must be dropped.
pub(super) struct Connection {
    client: Client,
    socket: Socket,
    tap: Arc<Tap>,
    config: ClickHouseConfig,
    opened_at: Instant,
    /// Number of the last barrier.
    barrier: u64,
}

/// A handle of the connection's socket, which shuts the socket down when dropped: klickhouse's task would wait on for a server that
/// keeps silent.
pub(super) struct Socket(TcpStream);

impl Socket {
    pub(super) fn new(socket: TcpStream) -> Self {
        Self(socket)
    }

    /// Whether there is nothing to read, not even the end: a server that was stopped has closed an idle connection, and klickhouse's
    /// task may not have seen it yet. The socket does not block.
    fn is_at_rest(&self) -> bool {
        matches!(self.0.peek(&mut [0]), Err(error) if error.kind() == io::ErrorKind::WouldBlock)
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        // Fails only if the connection is gone already.
        drop(self.0.shutdown(Shutdown::Both));
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Connection")
    }
}

impl Connection {
    /// Of a client that the server has greeted.
    pub(super) fn new(client: Client, socket: Socket, tap: Arc<Tap>, config: ClickHouseConfig) -> Self {
        Self { client, socket, tap, config, opened_at: Instant::now(), barrier: 0 }
    }

    /// Since when the server is known to run that serves it.
    pub(super) fn opened_at(&self) -> Instant {
        self.opened_at
    }

    /// Whether it can be used, while nothing is under way on it.
    pub(super) fn is_usable(&self) -> bool {
        !self.client.is_closed() && self.socket.is_at_rest()
    }

    /// Runs a statement without a result.
    pub(super) async fn execute(&mut self, sql: &str, params: &[Param]) -> Result<(), StoreError> {
        self.set_params(params).await?;
        self.query(sql).await?;
        self.prove_complete().await
    }

    /// Runs a query of one column of texts.
    pub(super) async fn select_texts(&mut self, sql: &str, params: &[Param]) -> Result<Vec<String>, StoreError> {
        self.set_params(params).await?;
        let blocks = self.query(sql).await?;
        self.prove_complete().await?;
        value::texts(blocks)
    }

    /// Inserts a block.
    pub(super) async fn insert(&mut self, block: &Block) -> Result<(), StoreError> {
        let data = value::encode(block)?;
        self.tap.watch();
        let sent = self.send(format!("{} FORMAT Native", block.statement()), data).await;
        let reply = self.tap.take();
        // The server's own words before whatever klickhouse made of them.
        if let Some(exception) = reply.exception {
            return Err(refused(&self.config, exception));
        }
        sent?;
        if !reply.has_ended {
            return Err(broken(&self.config, "the insert was not answered to its end"));
        }
        self.prove_complete().await
    }

    async fn send(&mut self, statement: String, data: block::Block) -> Result<(), StoreError> {
        // klickhouse drops what it has read of a packet when it gets a block to send. So it gets the block only when the packet before
        // the data is read, and nothing else comes until the data are there.
        let tap = self.tap.clone();
        let blocks = stream::once(async move { tap.wants_data().await.then_some(data) });
        let blocks = Box::pin(blocks.filter_map(std::future::ready));
        let replies = self.client.insert_native_raw(statement, blocks, None).await;
        let mut replies = std::pin::pin!(replies.map_err(|error| failed(&self.config, error))?);
        while let Some(block) = replies.next().await {
            block.map_err(|error| failed(&self.config, error))?;
        }
        Ok(())
    }

    /// Sets values for the placeholders of the next statement.
    async fn set_params(&mut self, params: &[Param]) -> Result<(), StoreError> {
        if params.is_empty() {
            return Ok(());
        }
        let set: Vec<String> =
            params.iter().map(|param| format!("param_{} = {}", param.name(), literal(param))).collect();
        self.query(&format!("SET {}", set.join(", "))).await.map(drop)
    }

    /// Runs a statement, and returns what came of its result. What is missing because the connection broke is not noticed here,
    /// but by the barrier.
    async fn query(&mut self, sql: &str) -> Result<Vec<block::Block>, StoreError> {
        let blocks = self.client.query_raw(sql, None).await;
        let mut blocks = blocks.map_err(|error| failed(&self.config, error))?;
        let mut result = Vec::new();
        while let Some(block) = blocks.next().await {
            result.push(block.map_err(|error| failed(&self.config, error))?);
        }
        Ok(result)
    }

    /// The barrier: a number this connection has not been asked for before comes back only if every reply before it was read to
    /// its end, by a connection that is still whole.
    async fn prove_complete(&mut self) -> Result<(), StoreError> {
        self.barrier += 1;
        let blocks = self.query(&format!("SELECT toUInt64({})", self.barrier)).await?;
        let mut values = blocks.iter().flat_map(|block| block.column_data.values().flatten());
        match (values.next(), values.next()) {
            (Some(Value::UInt64(number)), None) if *number == self.barrier => Ok(()),
            _ => Err(broken(&self.config, "it gave a wrong answer")),
        }
    }
}

/// A parameter's value as a literal.
fn literal(param: &Param) -> String {
    format!("'{}'", param.escaped_value().replace('\\', "\\\\").replace('\'', "\\'"))
}
