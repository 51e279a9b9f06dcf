//! A ClickHouse server for tests: the native protocol in front of the embedded engine.
//!
//! klickhouse code runs against it unchanged, on the real engine: real tables, real deduplication, real errors.
//! Differences from a server: it supports no clients other than klickhouse (compressed blocks only), cannot cancel a
//! running statement, keeps its users outside the engine, and settings sent with a statement override those of the
//! connection until it ends.

mod account;
mod connection;
mod statement;

use std::{
    collections::HashMap,
    io,
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    path::Path,
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread::JoinHandle,
    time::Duration,
};

pub use account::{Account, Accounts};
use voc_store::embedded::{Engine, EngineError};

/// How long a stopping endpoint waits for running statements before it cuts their connections.
const GRACE: Duration = Duration::from_secs(10);

/// An endpoint that cannot start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EndpointError {
    /// The address cannot be listened on.
    #[error("cannot listen on {address}")]
    Listen {
        /// The requested address.
        address: String,
        /// The system's error.
        source: io::Error,
    },
    /// The engine cannot be opened.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

/// A running endpoint; stops when dropped.
#[derive(Debug)]
pub struct Endpoint {
    address: SocketAddr,
    shared: Arc<Shared>,
    listener: Option<JoinHandle<()>>,
}

#[derive(Debug)]
struct Shared {
    engine: Engine,
    accounts: Accounts,
    stopping: AtomicBool,
    connections: Mutex<Connections>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Connections {
    next: u64,
    open: HashMap<u64, TcpStream>,
}

impl Endpoint {
    /// Opens a data directory and listens. Port 0 takes a free port.
    ///
    /// A process can have one data directory open at a time; after [`stop`](Self::stop) the same one may be opened
    /// again. Blocks for about a second the first time.
    ///
    /// # Errors
    /// [`EndpointError`].
    pub fn start(listen: &str, data: &Path, accounts: Accounts) -> Result<Self, EndpointError> {
        Self::on_engine(listen, Engine::open(data)?, accounts)
    }

    /// Listens in front of an engine that is already open.
    ///
    /// # Errors
    /// [`EndpointError::Listen`].
    pub fn on_engine(listen: &str, engine: Engine, accounts: Accounts) -> Result<Self, EndpointError> {
        let cannot_listen = |source| EndpointError::Listen { address: listen.to_owned(), source };
        let listener = TcpListener::bind(listen).map_err(cannot_listen)?;
        let address = listener.local_addr().map_err(cannot_listen)?;
        let shared = Arc::new(Shared {
            engine,
            accounts,
            stopping: AtomicBool::new(false),
            connections: Mutex::default(),
            changed: Condvar::new(),
        });
        let accepting = shared.clone();
        let listener = std::thread::Builder::new()
            .name("endpoint".to_owned())
            .spawn(move || accepting.accept(&listener))
            .map_err(cannot_listen)?;
        Ok(Self { address, shared, listener: Some(listener) })
    }

    /// The address it listens on.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Number of open connections.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.shared.lock().open.len()
    }

    /// Stops: accepts no further connections and statements, lets the running ones end, and releases the data
    /// directory. Blocks until it is done.
    pub fn stop(self) {
        drop(self);
    }
}

impl Drop for Endpoint {
    fn drop(&mut self) {
        self.shared.stopping.store(true, Ordering::SeqCst);
        // The listener notices with its next connection, which is this one.
        drop(TcpStream::connect(self.address));
        if let Some(listener) = self.listener.take() {
            drop(listener.join());
        }
        self.shared.close_all();
    }
}

impl Shared {
    fn accept(self: &Arc<Self>, listener: &TcpListener) {
        for socket in listener.incoming() {
            if self.stopping.load(Ordering::SeqCst) {
                return;
            }
            // The connection ended before it was accepted, or no descriptor was left: the next one may succeed.
            let Ok(socket) = socket else { continue };
            self.serve(socket);
        }
    }

    /// Serves a connection on its own thread.
    fn serve(self: &Arc<Self>, socket: TcpStream) {
        let Ok(handle) = socket.try_clone() else { return };
        let id = {
            let mut connections = self.lock();
            connections.next += 1;
            let id = connections.next;
            connections.open.insert(id, handle);
            id
        };
        let shared = self.clone();
        let spawned = std::thread::Builder::new().name(format!("endpoint-{id}")).spawn(move || {
            // A peer that disconnects or violates the protocol notices the closed connection.
            drop(connection::serve(socket, &shared.engine, &shared.accounts));
            shared.close(id);
        });
        if spawned.is_err() {
            self.close(id);
        }
    }

    fn close(&self, id: u64) {
        if let Some(socket) = self.lock().open.remove(&id) {
            drop(socket.shutdown(Shutdown::Both));
        }
        self.changed.notify_all();
    }

    /// Ends the input of every connection, so that its thread ends after the statement that it runs; cuts those that
    /// do not end.
    fn close_all(&self) {
        for how in [Shutdown::Read, Shutdown::Both] {
            let connections = self.lock();
            for socket in connections.open.values() {
                drop(socket.shutdown(how));
            }
            let waited =
                self.changed.wait_timeout_while(connections, GRACE, |connections| !connections.open.is_empty());
            if waited.unwrap_or_else(PoisonError::into_inner).0.open.is_empty() {
                return;
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Connections> {
        self.connections.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
