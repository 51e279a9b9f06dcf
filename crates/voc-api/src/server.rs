//! The server.

use std::{
    io,
    net::{SocketAddr, TcpListener},
    sync::Arc,
};

use actix_web::{App, HttpServer, middleware::from_fn, web};
use tokio::{runtime::Handle, task::JoinHandle};
use tokio_util::sync::CancellationToken;

use crate::{
    ApiState,
    access::{Access, browsers, guard},
    bodies::whole_bodies,
    connections::Connections,
    ending::{self, Drain, EndError},
    formats::extensions,
    health,
    problem_answers::problem_answers,
    request_log::request_log,
    routes,
    state::Shared,
};

/// Threads that answer requests. They only wait for the store and write JSON.
const WORKERS: usize = 2;
/// Connections of one worker; further ones wait until one is closed.
const MAX_CONNECTIONS: usize = 1024;
/// Time for requests about health and metrics to finish at the end, in seconds.
const HEALTH_SECONDS: u64 = 1;
/// Time for other requests: their deadline ends them by dropping the server.
const UNTIL_DROPPED: u64 = u64::MAX;

/// The server could not start.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The address cannot be listened on.
    #[error("cannot listen on {host} port {port}")]
    Listen {
        /// Address or name.
        host: String,
        /// Port.
        port: u16,
        /// The system's error.
        source: io::Error,
    },
    /// Called outside of a tokio runtime.
    #[error("the server needs a tokio runtime")]
    NoRuntime(#[from] tokio::runtime::TryCurrentError),
}

/// Addresses to listen on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ports {
    /// An address or a name.
    pub host: String,
    /// The main port; 0 for a free one.
    pub port: u16,
    /// An additional port that serves only health and metrics.
    pub metrics_port: Option<u16>,
}

/// A running server.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    metrics_address: Option<SocketAddr>,
    /// Answers questions, if there is a store.
    answering: Option<JoinHandle<Result<(), EndError>>>,
    /// Serve only health and metrics.
    health: Vec<JoinHandle<io::Result<()>>>,
    ends: CancellationToken,
    /// Everything else has ended.
    ended: CancellationToken,
    access: Arc<Access>,
}

/// A server on one port.
struct Listening {
    address: SocketAddr,
    connections: Connections,
    server: actix_web::dev::Server,
}

/// Listens on the given addresses and answers until `ends` is cancelled. From then on it is not ready, answers close
/// their connections, and what answers from the store ends as `drain` says; health and metrics are served to the end.
///
/// The store and the probes are called in the runtime of the caller.
///
/// # Errors
/// [`ServeError`] if it cannot listen there, or there is no runtime.
pub fn serve(state: ApiState, ports: &Ports, drain: Drain, ends: &CancellationToken) -> Result<Server, ServeError> {
    let runtime = Handle::try_current()?;
    let (stop, ended) = (CancellationToken::new(), CancellationToken::new());
    let access = Arc::clone(&state.access);
    let answers = state.queries.is_some();
    let probes = state.probes.clone();
    // Both ports are bound before either one is served.
    let metrics = ports.metrics_port.map(|port| {
        let state = ApiState { queries: None, ..state.clone() };
        listen(state, (&ports.host, port), ends, &ended, HEALTH_SECONDS)
    });
    let metrics = metrics.transpose()?;
    let (until, seconds) = if answers { (&stop, UNTIL_DROPPED) } else { (&ended, HEALTH_SECONDS) };
    let main = listen(state, (&ports.host, ports.port), ends, until, seconds)?;
    let (address, metrics_address) = (main.address, metrics.as_ref().map(|listening| listening.address));
    let mut health: Vec<_> = metrics.into_iter().map(|listening| runtime.spawn(listening.server)).collect();
    let answering = if answers {
        Some(runtime.spawn(ending::run(main.server, main.connections, drain, ends.clone(), stop)))
    } else {
        health.push(runtime.spawn(main.server));
        None
    };
    runtime.spawn(Arc::clone(&access).maintain(ended.clone()));
    runtime.spawn(health::watch(probes, runtime.clone(), ends.clone()));
    Ok(Server { address, metrics_address, answering, health, ends: ends.clone(), ended, access })
}

/// A server that is not ready once `ends` is cancelled, and ends when `stop` is, within some seconds.
fn listen(
    state: ApiState,
    (host, port): (&str, u16),
    ends: &CancellationToken,
    stop: &CancellationToken,
    seconds: u64,
) -> Result<Listening, ServeError> {
    let runtime = Handle::try_current()?;
    let failed = |source| ServeError::Listen { host: host.to_owned(), port, source };
    let listener = TcpListener::bind((host, port)).map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    let limits = state.limits;
    let shared = web::Data::new(Shared::new(state, runtime, ends.clone()));
    let connections = Connections::default();
    let counted = connections.clone();
    let server = HttpServer::new(move || {
        App::new()
            .app_data(web::PayloadConfig::new(limits.body_bytes))
            .app_data(web::JsonConfig::default().limit(limits.body_bytes))
            // A request passes through these from the last to the first.
            .wrap(from_fn(whole_bodies))
            .wrap(from_fn(guard))
            .wrap(from_fn(problem_answers))
            .wrap(from_fn(request_log))
            .wrap(from_fn(browsers))
            .wrap(from_fn(extensions))
            .configure(|config| routes::register(config, &shared))
    })
    .on_connect(move |stream, data| counted.begin(stream, data))
    .workers(WORKERS)
    .max_connections(MAX_CONNECTIONS)
    // Exports are sent in pieces, and the last of them must not wait until the client has acknowledged the others.
    .tcp_nodelay(true)
    .client_request_timeout(limits.arrival)
    .keep_alive(limits.keep_alive)
    .shutdown_signal(stop.clone().cancelled_owned())
    .shutdown_timeout(seconds)
    .listen(listener)
    .map_err(failed)?;
    Ok(Listening { address, connections, server: server.run() })
}

impl Server {
    /// The address it listens on.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The address that serves only health and metrics, if there is one.
    #[must_use]
    pub fn metrics_address(&self) -> Option<SocketAddr> {
        self.metrics_address
    }

    /// Waits until it has ended; health and metrics are served until this is called, at least.
    ///
    /// # Errors
    /// [`EndError`] if it ended for another reason than its token, or not all requests were finished.
    pub async fn finished(self) -> Result<(), EndError> {
        let ended = match self.answering {
            Some(answering) => joined(answering).await.map_err(EndError::from).flatten(),
            None => {
                self.ends.cancelled().await;
                Ok(())
            }
        };
        self.ended.cancel();
        for server in self.health {
            joined(server).await??;
        }
        self.access.close().await;
        ended
    }
}

async fn joined<T>(running: JoinHandle<T>) -> io::Result<T> {
    running.await.map_err(io::Error::other)
}
