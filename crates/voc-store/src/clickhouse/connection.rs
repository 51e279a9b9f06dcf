//! One connection and its operations.

use std::{
    fmt, io,
    net::{Shutdown, TcpStream},
    sync::Arc,
    time::{Duration, Instant},
};

use futures_util::{StreamExt, stream};
use klickhouse::{Client, Value, block};
use tokio::sync::mpsc;

use super::{
    ClickHouseConfig,
    blocks::Blocks,
    deadline::in_time,
    refusal::{broken, failed, refused},
    reply::Tap,
    value,
};
use crate::{Block, KnownParts, Param, ReadMeter, StoreError, sql::assignment};

/// A connection for one operation at a time. After an operation that did not return `Ok` it must be dropped.
pub(super) struct Connection {
    client: Client,
    socket: Socket,
    tap: Arc<Tap>,
    config: ClickHouseConfig,
    opened_at: Instant,
    known_parts: Arc<KnownParts>,
    /// Number of the last barrier.
    barrier: u64,
}

/// A handle of the connection's socket that shuts the socket down when dropped. Otherwise klickhouse's task would wait
/// forever for a silent server.
pub(super) struct Socket(TcpStream);

impl Socket {
    pub(super) fn new(socket: TcpStream) -> Self {
        Self(socket)
    }

    /// Whether there is nothing to read, not even the end of the stream: a stopped server has closed an idle
    /// connection, and klickhouse's task may not have seen it yet. The socket is non-blocking.
    fn is_at_rest(&self) -> bool {
        matches!(self.0.peek(&mut [0]), Err(error) if error.kind() == io::ErrorKind::WouldBlock)
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        // Fails only if the connection is already gone.
        drop(self.0.shutdown(Shutdown::Both));
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Connection")
    }
}

impl Connection {
    /// Wraps a client after its handshake.
    pub(super) fn new(client: Client, socket: Socket, tap: Arc<Tap>, config: ClickHouseConfig) -> Self {
        Self { client, socket, tap, config, opened_at: Instant::now(), known_parts: Arc::default(), barrier: 0 }
    }

    /// A time since which the serving server process is known to run.
    pub(super) fn opened_at(&self) -> Instant {
        self.opened_at
    }

    /// What is known of the parts of the server's tables.
    pub(super) fn known_parts(&self) -> Arc<KnownParts> {
        Arc::clone(&self.known_parts)
    }

    /// Whether it can be used, checked while no operation is in progress.
    pub(super) fn is_usable(&self) -> bool {
        !self.client.is_closed() && self.socket.is_at_rest()
    }

    /// Runs a statement without a result.
    pub(super) async fn execute(&mut self, sql: &str, params: &[Param]) -> Result<(), StoreError> {
        self.set_params(params).await?;
        self.query(sql).await?;
        self.prove_complete().await
    }

    /// Runs a query of one column of texts, with settings that end with it.
    pub(super) async fn select_texts(
        &mut self,
        sql: &str,
        params: &[Param],
        settings: Vec<(String, String)>,
        meter: &ReadMeter,
    ) -> Result<Vec<String>, StoreError> {
        self.set_params(params).await?;
        let blocks = self.query_with(sql, settings, meter).await?;
        self.prove_complete().await?;
        value::texts(blocks)
    }

    /// Runs a query of one column of texts, and hands them over block by block. The limit is that of each block, not
    /// of the time that the receiver takes.
    pub(super) async fn select_in_pieces(
        &mut self,
        sql: &str,
        params: &[Param],
        settings: Vec<(String, String)>,
        meter: &ReadMeter,
        pieces: &mpsc::Sender<Vec<String>>,
        limit: Duration,
    ) -> Result<(), StoreError> {
        const OPERATION: &str = "a query";
        in_time(OPERATION, limit, self.set_params(params)).await?;
        let failed = |error| failed(&self.config, error);
        let begun = async { Blocks::begin(&self.client, sql, settings, meter).await.map_err(failed) };
        let mut blocks = in_time(OPERATION, limit, begun).await?;
        while let Some(block) = in_time(OPERATION, limit, async { blocks.next().await.map_err(failed) }).await? {
            pieces.send(value::texts(vec![block])?).await.map_err(|_| StoreError::abandoned())?;
        }
        in_time(OPERATION, limit, self.prove_complete()).await
    }

    /// Inserts a block.
    pub(super) async fn insert(&mut self, block: &Block) -> Result<(), StoreError> {
        let data = value::encode(block)?;
        self.tap.watch();
        let sent = self.send(format!("{} FORMAT Native", block.statement()), data).await;
        let reply = self.tap.take();
        // The server's own message takes precedence over klickhouse's error.
        if let Some(exception) = reply.exception {
            return Err(refused(&self.config, exception));
        }
        sent?;
        if !reply.has_ended {
            return Err(broken(&self.config, "the answer to the insert was incomplete"));
        }
        self.prove_complete().await
    }

    async fn send(&mut self, statement: String, data: block::Block) -> Result<(), StoreError> {
        // klickhouse drops a partially read packet when it gets a block to send. So it gets the block only once the
        // packet that precedes the data has been read completely; the server sends nothing else until it has the data.
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

    /// Sets the values of the next statement's placeholders.
    async fn set_params(&mut self, params: &[Param]) -> Result<(), StoreError> {
        if params.is_empty() {
            return Ok(());
        }
        let set: Vec<String> = params.iter().map(assignment).collect();
        self.query(&format!("SET {}", set.join(", "))).await.map(drop)
    }

    /// Runs a statement, and returns its result as far as it arrived. The barrier, not this function, detects what is
    /// missing because the connection broke.
    async fn query(&mut self, sql: &str) -> Result<Vec<block::Block>, StoreError> {
        self.query_with(sql, Vec::new(), &ReadMeter::default()).await
    }

    async fn query_with(
        &mut self,
        sql: &str,
        settings: Vec<(String, String)>,
        meter: &ReadMeter,
    ) -> Result<Vec<block::Block>, StoreError> {
        let failed = |error| failed(&self.config, error);
        let mut blocks = Blocks::begin(&self.client, sql, settings, meter).await.map_err(failed)?;
        let mut result = Vec::new();
        while let Some(block) = blocks.next().await.map_err(failed)? {
            result.push(block);
        }
        Ok(result)
    }

    /// The barrier: a number that this connection has not requested before comes back only if every earlier reply was
    /// read to its end, over a connection that is still intact.
    pub(super) async fn prove_complete(&mut self) -> Result<(), StoreError> {
        self.barrier += 1;
        let blocks = self.query(&format!("SELECT toUInt64({})", self.barrier)).await?;
        let mut values = blocks.iter().flat_map(|block| block.column_data.values().flatten());
        match (values.next(), values.next()) {
            (Some(Value::UInt64(number)), None) if *number == self.barrier => Ok(()),
            _ => Err(broken(&self.config, "it gave a wrong answer")),
        }
    }
}
