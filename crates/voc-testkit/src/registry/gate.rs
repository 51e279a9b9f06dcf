//! A registry that tests can disconnect and reconnect.

use std::sync::{Arc, Mutex, PoisonError, mpsc};

use tokio::runtime::{Builder, Handle, Runtime};

use super::TestRegistry;
use crate::proxy::{Direction, Fault, FaultProxy, Place};

/// A gateway to a registry that can be closed. Its state applies to open connections as well as to new ones.
///
/// It runs on its own thread, so that tests with and without a runtime can use it.
#[derive(Debug)]
pub struct Gate {
    url: String,
    proxy: Arc<FaultProxy>,
    state: Mutex<State>,
    handle: Handle,
    /// Taken when the gate is dropped.
    runtime: Option<Runtime>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Open,
    Closed,
    Hanging,
}

impl Gate {
    /// An open gate in front of a registry.
    ///
    /// # Panics
    /// If the system provides no thread or port.
    #[must_use]
    pub fn new(registry: &TestRegistry) -> Self {
        let rest = registry.url().strip_prefix("http://").expect("an http URL");
        let (server, path) = rest.find('/').map_or((rest, ""), |slash| rest.split_at(slash));
        let server = server.to_owned();
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a thread");
        let proxy = wait(runtime.handle(), FaultProxy::start(server)).expect("a free port");
        let url = format!("http://{}{path}", proxy.address());
        let handle = runtime.handle().clone();
        Self { url, proxy: Arc::new(proxy), state: Mutex::new(State::Open), handle, runtime: Some(runtime) }
    }

    /// The URL of the registry behind the gate, to be used instead of the registry's own.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Ends the open connections, and refuses new ones: what clients see of a stopped registry.
    pub fn close(&self) {
        self.turn(State::Closed);
    }

    /// Accepts connections and answers nothing: what clients see of a hanging registry.
    pub fn hang(&self) {
        self.turn(State::Hanging);
    }

    /// Lets everything pass again. Hanging requests are not answered: their connections end.
    pub fn open(&self) {
        self.turn(State::Open);
    }

    fn turn(&self, to: State) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if *state == to {
            return;
        }
        let proxy = Arc::clone(&self.proxy);
        let was_closed = *state == State::Closed;
        wait(&self.handle, async move {
            match to {
                State::Open => {
                    proxy.set(None);
                    proxy.cut();
                }
                State::Closed => {
                    proxy.refuse().await;
                    proxy.cut();
                }
                State::Hanging => {
                    proxy.set(Some(Fault::Stall(Place::Bytes(Direction::ToServer, 0))));
                    proxy.stall();
                }
            }
            if was_closed {
                proxy.resume().await.expect("the gate's port");
            }
        });
        *state = to;
    }
}

impl Drop for Gate {
    fn drop(&mut self) {
        // A runtime that is dropped within another one panics.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// Runs a future to completion on the runtime's thread. Unlike `block_on` it may be called within another runtime.
fn wait<T: Send + 'static>(runtime: &Handle, task: impl Future<Output = T> + Send + 'static) -> T {
    let (done, outcome) = mpsc::channel();
    // If the test has panicked, the result is not needed.
    runtime.spawn(async move { drop(done.send(task.await)) });
    outcome.recv().expect("the task has not panicked")
}
