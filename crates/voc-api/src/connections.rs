//! The open connections of a server.

use std::{
    any::Any,
    os::fd::{AsFd as _, OwnedFd},
    rc::Rc,
    time::Duration,
};

use actix_web::{dev::Extensions, rt::net::TcpStream};
use rustix::net::sockopt::set_socket_linger;
use tokio::sync::watch;

/// Counts the connections of a server.
#[derive(Debug, Clone, Default)]
pub(crate) struct Connections(watch::Sender<usize>);

/// One of them, in its data; it is open until this is dropped.
#[derive(Debug)]
pub(crate) struct Connection {
    open: watch::Sender<usize>,
    /// Another handle of its socket.
    socket: Option<OwnedFd>,
}

impl Connections {
    /// Takes a new connection into account.
    pub(crate) fn begin(&self, stream: &dyn Any, data: &mut Extensions) {
        self.0.send_modify(|open| *open += 1);
        let stream = stream.downcast_ref::<TcpStream>();
        // Without the handle only `reset_when_closed` does nothing.
        let socket = stream.and_then(|stream| stream.as_fd().try_clone_to_owned().ok());
        data.insert(Rc::new(Connection { open: self.0.clone(), socket }));
    }

    /// How many there are.
    pub(crate) fn open(&self) -> usize {
        *self.0.borrow()
    }

    /// Waits until there are none.
    pub(crate) async fn closed(&self) {
        // It fails without senders, of which this is one.
        let _ = self.0.subscribe().wait_for(|open| *open == 0).await;
    }
}

impl Connection {
    /// Whether its client gets an error instead of an end when it is closed, for answers that end when it does.
    pub(crate) fn reset_when_closed(&self, reset: bool) {
        if let Some(socket) = &self.socket
            && let Err(error) = set_socket_linger(socket, reset.then_some(Duration::ZERO))
        {
            tracing::debug!(%error, "the end of a connection cannot be set");
        }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.open.send_modify(|open| *open -= 1);
    }
}
