//! Connecting, and explaining why it failed.

use std::{io, sync::Arc, time::Duration};

use klickhouse::{Client, ClientOptions};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::TcpStream,
};

use super::{
    ClickHouseConfig, Connection,
    deadline::in_time,
    refusal::refused,
    reply::{Exception, Reply, Tap, TappedReader},
    tls,
};
use crate::StoreError;

/// Oldest server whose tables support the schema: projections on ReplacingMergeTree.
const OLDEST_VERSION: (u64, u64) = (24, 8);
const UNKNOWN_DATABASE: i32 = 81;

/// The first bytes of the record in which a TLS server refuses what is not TLS.
const TLS_ALERT: u8 = 21;
const TLS_MAJOR: u8 = 3;

/// How long to probe whether a silent server speaks another protocol.
const PROBE: Duration = Duration::from_secs(1);

/// Opens a connection: resolves the name, connects, performs the handshake.
pub(super) async fn connect(config: &ClickHouseConfig) -> Result<Connection, StoreError> {
    let tap = Arc::new(Tap::default());
    tap.watch();
    let connected = in_time("connecting to ClickHouse", config.timeouts.connect, greet(config, &tap)).await;
    let reply = tap.take();
    check_version(config, &reply)?;
    match connected {
        Ok(connection) => Ok(connection),
        Err(error) => Err(explain(config, error, reply).await),
    }
}

async fn greet(config: &ClickHouseConfig, tap: &Arc<Tap>) -> Result<Connection, StoreError> {
    let unreachable = |error: io::Error| {
        StoreError::Unavailable(format!("cannot connect to ClickHouse at {}: {error}", config.address()))
    };
    let stream = TcpStream::connect((config.host.as_str(), config.port)).await.map_err(unreachable)?;
    stream.set_nodelay(true).map_err(unreachable)?;
    // A second handle of the socket: shutting it down ends any wait of klickhouse on the first one.
    let socket = stream.into_std().map_err(unreachable)?;
    let stream = TcpStream::from_std(socket.try_clone().map_err(unreachable)?).map_err(unreachable)?;
    let socket = super::connection::Socket::new(socket);

    let client = match &config.tls {
        None => {
            let (read, write) = stream.into_split();
            greet_over(config, tap, read, write).await?
        }
        Some(tls) => {
            let (read, write) = tokio::io::split(tls.connect(&config.host, &config.address(), stream).await?);
            greet_over(config, tap, read, write).await?
        }
    };
    Ok(Connection::new(client, socket, tap.clone(), config.clone()))
}

async fn greet_over(
    config: &ClickHouseConfig,
    tap: &Arc<Tap>,
    read: impl AsyncRead + Unpin + Send + Sync + 'static,
    write: impl AsyncWrite + Unpin + Send + Sync + 'static,
) -> Result<Client, StoreError> {
    let options = ClientOptions {
        username: config.user.clone(),
        password: config.password.expose().to_owned(),
        default_database: config.database.clone(),
        ..ClientOptions::default()
    };
    let client = Client::connect_stream(TappedReader::new(read, tap.clone()), write, options).await;
    client.map_err(|error| super::refusal::failed(config, error))
}

fn check_version(config: &ClickHouseConfig, reply: &Reply) -> Result<(), StoreError> {
    match reply.version {
        Some(version) if version < OLDEST_VERSION => Err(StoreError::Misconfigured(format!(
            "ClickHouse at {} is version {}.{}; the oldest supported is {}.{}",
            config.address(),
            version.0,
            version.1,
            OLDEST_VERSION.0,
            OLDEST_VERSION.1
        ))),
        _ => Ok(()),
    }
}

/// Derives the reason for a failed handshake from what the server sent, or from its silence.
async fn explain(config: &ClickHouseConfig, error: StoreError, reply: Reply) -> StoreError {
    let address = config.address();
    if let Some(exception) = reply.exception {
        return match exception {
            Exception { code: UNKNOWN_DATABASE, .. } => StoreError::Misconfigured(format!(
                "ClickHouse at {address} has no database {:?}; create it, or name another",
                config.database
            )),
            exception => refused(config, exception),
        };
    }
    if let Some(foreign) = reply.foreign {
        return match foreign.as_slice() {
            [TLS_ALERT, TLS_MAJOR, ..] if config.tls.is_none() => expects_tls(config),
            foreign if foreign.starts_with(b"HTTP/") => not_native(config, "HTTP"),
            _ => not_native(config, "another protocol"),
        };
    }
    // An incomplete hello is a broken connection. So is silence, unless the server expects TLS, or is an HTTP server
    // that waits for the rest of a request.
    if !reply.has_begun && config.tls.is_none() {
        if tls::is_spoken_by(&config.host, config.port, PROBE).await {
            return expects_tls(config);
        }
        if speaks_http(config).await {
            return not_native(config, "HTTP");
        }
    }
    error
}

fn expects_tls(config: &ClickHouseConfig) -> StoreError {
    StoreError::Misconfigured(format!(
        "{} expects TLS; connect with TLS (CLICKHOUSE_SECURE=true), or set the port without it, usually 9000",
        config.address()
    ))
}

fn not_native(config: &ClickHouseConfig, protocol: &str) -> StoreError {
    let usual = if config.tls.is_some() { 9440 } else { 9000 };
    StoreError::Misconfigured(format!(
        "{} speaks {protocol}, not ClickHouse's native protocol; set the native port, usually {usual}",
        config.address()
    ))
}

/// Requests a page. ClickHouse's native port also answers in HTTP, but only to say what it is.
async fn speaks_http(config: &ClickHouseConfig) -> bool {
    let ask = async {
        let mut stream = TcpStream::connect((config.host.as_str(), config.port)).await?;
        stream.write_all(b"GET /ping HTTP/1.0\r\n\r\n").await?;
        let mut answer = Vec::new();
        stream.take(512).read_to_end(&mut answer).await?;
        io::Result::Ok(answer)
    };
    let answer = tokio::time::timeout(PROBE, ask).await.ok().and_then(Result::ok).unwrap_or_default();
    answer.starts_with(b"HTTP/") && !String::from_utf8_lossy(&answer).contains("clickhouse-client")
}
