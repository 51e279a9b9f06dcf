//! A receiver of Alertmanager's notifications, which keeps them.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use serde::Deserialize;

/// Longest wait for a part of a request.
const PATIENCE: Duration = Duration::from_secs(10);

/// What a notification says of an alert.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Status {
    Firing,
    Resolved,
}

/// One alert of a notification.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Alert {
    pub(super) status: Status,
    pub(super) labels: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) annotations: BTreeMap<String, String>,
}

/// An alert, and when this receiver was told of it.
#[derive(Debug, Clone)]
pub(super) struct Notification {
    pub(super) at: Instant,
    pub(super) alert: Alert,
}

#[derive(Deserialize)]
struct Message {
    alerts: Vec<Alert>,
}

/// A web hook on 127.0.0.1; ends when dropped.
pub(super) struct Receiver {
    address: SocketAddr,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Shared {
    notifications: Mutex<Vec<Notification>>,
    ended: AtomicBool,
}

impl Receiver {
    pub(super) fn start() -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").context("no free port on 127.0.0.1")?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared::default());
        let listening = Arc::clone(&shared);
        let thread = std::thread::spawn(move || listening.listen(&listener));
        Ok(Self { address, shared, thread: Some(thread) })
    }

    /// The address for Alertmanager.
    pub(super) fn url(&self) -> String {
        format!("http://{}/", self.address)
    }

    /// The notifications after the first `known` ones.
    pub(super) fn after(&self, known: usize) -> Vec<Notification> {
        let notifications = self.shared.notifications.lock().unwrap_or_else(PoisonError::into_inner);
        notifications.get(known..).unwrap_or_default().to_vec()
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.shared.ended.store(true, Ordering::SeqCst);
        // The thread notices with its next connection, which is this one.
        drop(TcpStream::connect(self.address));
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

impl Shared {
    fn listen(&self, listener: &TcpListener) {
        for socket in listener.incoming() {
            if self.ended.load(Ordering::SeqCst) {
                return;
            }
            // Alertmanager repeats what fails.
            if let Err(error) = socket.map_err(Into::into).and_then(|socket| self.receive(socket)) {
                eprintln!("a notification cannot be read: {error:#}");
            }
        }
    }

    /// Reads one request, and answers it.
    fn receive(&self, mut socket: TcpStream) -> Result<()> {
        socket.set_read_timeout(Some(PATIENCE))?;
        let message: Message = serde_json::from_slice(&body(BufReader::new(&socket))?)?;
        let at = Instant::now();
        let notifications = message.alerts.into_iter().map(|alert| Notification { at, alert });
        self.notifications.lock().unwrap_or_else(PoisonError::into_inner).extend(notifications);
        socket.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")?;
        Ok(())
    }
}

/// The body of a request, whose length is a header.
fn body(mut request: BufReader<&TcpStream>) -> Result<Vec<u8>> {
    let mut length = 0;
    loop {
        let mut line = String::new();
        request.read_line(&mut line)?;
        let Some((name, value)) = line.split_once(':') else {
            if line.trim().is_empty() {
                break;
            }
            continue;
        };
        if name.eq_ignore_ascii_case("content-length") {
            length = value.trim().parse().context("a request with an invalid length")?;
        }
    }
    let mut body = Vec::new();
    request.take(length).read_to_end(&mut body)?;
    Ok(body)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http;

    #[test]
    fn notifications_are_kept_in_their_order() {
        let receiver = Receiver::start().unwrap();
        for status in ["firing", "resolved"] {
            let labels = r#"{"alertname": "A", "family": "voc"}"#;
            let body = format!(
                r#"{{"version": "4", "alerts": [{{"status": "{status}", "labels": {labels},
                "annotations": {{"summary": "s"}}}}]}}"#
            );
            http::put_json(&receiver.url(), &body).unwrap();
        }
        let told = receiver.after(0);
        assert_eq!(told.iter().map(|told| told.alert.status).collect::<Vec<_>>(), [Status::Firing, Status::Resolved]);
        assert_eq!(told[0].alert.labels["family"], "voc");
        assert_eq!(receiver.after(1).len(), 1);
        assert!(receiver.after(2).is_empty() && receiver.after(3).is_empty());
    }
}
