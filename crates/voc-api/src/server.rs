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
    formats::extensions,
    problem_answers::problem_answers,
    request_log::request_log,
    routes,
    state::Shared,
};

/// Threads that answer requests. They only wait for the store and write JSON.
const WORKERS: usize = 2;
/// Connections of one worker; further ones wait until one is closed.
const MAX_CONNECTIONS: usize = 1024;
/// Time for requests in progress to finish after the token is cancelled.
const SHUTDOWN_SECONDS: u64 = 10;

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
    running: Vec<JoinHandle<io::Result<()>>>,
    access: Arc<Access>,
}

/// Listens on the given addresses and answers until `shutdown` is cancelled. Then it accepts no new connections, and
/// requests in progress get ten seconds to finish.
///
/// The store and the probes are called in the runtime of the caller.
///
/// # Errors
/// [`ServeError`] if it cannot listen there, or there is no runtime.
pub fn serve(state: ApiState, ports: &Ports, shutdown: &CancellationToken) -> Result<Server, ServeError> {
    // Both ports are bound before either one is served.
    let metrics = ports.metrics_port.map(|port| {
        let state = ApiState { queries: None, ..state.clone() };
        listen(state, &ports.host, port, shutdown.clone())
    });
    let (metrics_address, metrics) = metrics.transpose()?.unzip();
    let access = Arc::clone(&state.access);
    let (address, everything) = listen(state, &ports.host, ports.port, shutdown.clone())?;
    let runtime = Handle::try_current()?;
    let servers = std::iter::once(everything).chain(metrics);
    runtime.spawn(Arc::clone(&access).maintain(shutdown.clone()));
    Ok(Server { address, metrics_address, running: servers.map(|server| runtime.spawn(server)).collect(), access })
}

/// A server on one port.
fn listen(
    state: ApiState,
    host: &str,
    port: u16,
    shutdown: CancellationToken,
) -> Result<(SocketAddr, actix_web::dev::Server), ServeError> {
    let runtime = Handle::try_current()?;
    let failed = |source| ServeError::Listen { host: host.to_owned(), port, source };
    let listener = TcpListener::bind((host, port)).map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    let limits = state.limits;
    let shared = web::Data::new(Shared::new(state, runtime));
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
    .workers(WORKERS)
    .max_connections(MAX_CONNECTIONS)
    .client_request_timeout(limits.arrival)
    .keep_alive(limits.keep_alive)
    .shutdown_signal(shutdown.cancelled_owned())
    .shutdown_timeout(SHUTDOWN_SECONDS)
    .listen(listener)
    .map_err(failed)?;
    Ok((address, server.run()))
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

    /// Waits until it has ended.
    ///
    /// # Errors
    /// The system's error, if it ended for another reason than its token.
    pub async fn finished(self) -> io::Result<()> {
        for running in self.running {
            running.await.unwrap_or_else(|error| Err(io::Error::other(error)))?;
        }
        self.access.close().await;
        Ok(())
    }
}
