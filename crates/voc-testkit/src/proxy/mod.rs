//! A TCP proxy that fails on purpose, at a chosen byte or stage.
//!
//! It stands between a client and a server of ClickHouse's native protocol; byte faults work with any protocol. It is
//! deterministic: the same fault breaks the same exchange at the same point.

mod fault;
mod relay;
mod stage;
mod traffic;

use std::{
    collections::VecDeque,
    io,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

pub use fault::{Direction, Fault, Place, Stage};
use relay::Relay;
use tokio::{
    net::{TcpListener, TcpSocket, TcpStream},
    sync::watch,
    task::JoinHandle,
};
use traffic::Counters;
pub use traffic::Traffic;

/// A running proxy; stops when dropped, with its connections.
#[derive(Debug)]
pub struct FaultProxy {
    address: SocketAddr,
    shared: Arc<Shared>,
    accepting: Mutex<Option<JoinHandle<()>>>,
}

#[derive(Debug)]
struct Shared {
    upstream: String,
    plan: Mutex<Plan>,
    connections: Mutex<Vec<Arc<Counters>>>,
    /// Connections with a number below this are cut.
    cut_before: watch::Sender<usize>,
    /// Connections with a number below this are stalled.
    stalled_before: watch::Sender<usize>,
    /// Number of connections that have reached their cut or stall.
    broken: watch::Sender<usize>,
}

/// The faults assigned to connections.
#[derive(Debug, Default)]
struct Plan {
    next: VecDeque<Fault>,
    every: Option<Fault>,
}

impl FaultProxy {
    /// Listens on a free port of this machine, in front of a server (`host:port`).
    ///
    /// # Errors
    /// The system's error, if no port is available.
    pub async fn start(upstream: impl Into<String>) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            upstream: upstream.into(),
            plan: Mutex::default(),
            connections: Mutex::default(),
            cut_before: watch::Sender::new(0),
            stalled_before: watch::Sender::new(0),
            broken: watch::Sender::new(0),
        });
        let accepting = Mutex::new(Some(tokio::spawn(shared.clone().accept(listener))));
        Ok(Self { address, shared, accepting })
    }

    /// The address it listens on.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Assigns a fault to the next connection; called again, to the one after it, and so on.
    pub fn inject(&self, fault: Fault) {
        self.shared.plan().next.push_back(fault);
    }

    /// Assigns a fault to every connection opened from now on, unless it has its own; `None` ends that.
    pub fn set(&self, fault: Option<Fault>) {
        self.shared.plan().every = fault;
    }

    /// Cuts the open connections.
    pub fn cut(&self) {
        let opened = lock(&self.shared.connections).len();
        self.shared.cut_before.send_replace(opened);
    }

    /// Stalls the open connections in both directions; both sides stay open until they are [cut](Self::cut).
    pub fn stall(&self) {
        let opened = lock(&self.shared.connections).len();
        self.shared.stalled_before.send_replace(opened);
    }

    /// Refuses connections until [`resume`](Self::resume); open ones are kept.
    pub async fn refuse(&self) {
        let accepting = lock(&self.accepting).take();
        if let Some(accepting) = accepting {
            accepting.abort();
            // The port is free once the task, which holds the listener, has ended.
            drop(accepting.await);
        }
    }

    /// Accepts connections again.
    ///
    /// # Errors
    /// The system's error, if another process has taken the port.
    pub async fn resume(&self) -> io::Result<()> {
        self.refuse().await;
        let socket = TcpSocket::new_v4()?;
        socket.set_reuseaddr(true)?;
        socket.bind(self.address)?;
        let listener = socket.listen(1024)?;
        *lock(&self.accepting) = Some(tokio::spawn(self.shared.clone().accept(listener)));
        Ok(())
    }

    /// Waits until this many connections have reached their cut or stall, counted from the proxy's start.
    pub async fn broken(&self, connections: usize) {
        let mut broken = self.shared.broken.subscribe();
        // Fails only if the sender is gone, but this proxy holds it.
        drop(broken.wait_for(|broken| *broken >= connections).await);
    }

    /// The traffic of each connection so far, in the order they were opened.
    #[must_use]
    pub fn traffic(&self) -> Vec<Traffic> {
        lock(&self.shared.connections).iter().map(|counters| counters.traffic()).collect()
    }
}

impl Drop for FaultProxy {
    fn drop(&mut self) {
        if let Some(accepting) = lock(&self.accepting).take() {
            accepting.abort();
        }
        self.shared.cut_before.send_replace(usize::MAX);
    }
}

impl Shared {
    async fn accept(self: Arc<Self>, listener: TcpListener) {
        loop {
            // The connection ended before it was accepted: the next one may succeed.
            if let Ok((client, _)) = listener.accept().await {
                let fault = self.plan().take();
                let (number, counters) = self.register();
                tokio::spawn(self.clone().connect(client, fault, number, counters));
            }
        }
    }

    fn register(&self) -> (usize, Arc<Counters>) {
        let mut connections = lock(&self.connections);
        let counters = Arc::<Counters>::default();
        connections.push(counters.clone());
        (connections.len(), counters)
    }

    async fn connect(self: Arc<Self>, client: TcpStream, fault: Option<Fault>, number: usize, counters: Arc<Counters>) {
        let is_cut = reaches(&self.cut_before, number);
        let is_stalled = reaches(&self.stalled_before, number);
        let relay = async {
            let server = TcpStream::connect(&self.upstream).await?;
            Relay::new(fault, counters, self.broken.clone()).run(client, server).await
        };
        tokio::pin!(relay, is_cut);
        tokio::select! {
            // Either side may disconnect at any time; the other notices its closed connection.
            _ = &mut relay => {}
            () = &mut is_cut => {}
            // The relay owns both sides, and does nothing with them unless it is polled.
            () = is_stalled => is_cut.await,
        }
    }

    fn plan(&self) -> MutexGuard<'_, Plan> {
        lock(&self.plan)
    }
}

impl Plan {
    fn take(&mut self) -> Option<Fault> {
        self.next.pop_front().or_else(|| self.every.clone())
    }
}

/// Waits until a number of connections reaches that of a connection.
async fn reaches(before: &watch::Sender<usize>, number: usize) {
    // Fails only if the sender is gone.
    drop(before.subscribe().wait_for(|before| *before >= number).await);
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
