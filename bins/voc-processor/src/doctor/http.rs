//! The ports of HTTP: free, or taken, and by whom.

use std::{
    io,
    net::{TcpListener, ToSocketAddrs as _},
};

use tokio::task::spawn_blocking;
use voc_service::{
    config::{health::HealthTask, http::HttpSettings},
    health,
};

use super::section::Verdict;
use crate::annotation;

/// Who has a port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Port {
    /// Nobody, or the operating system will choose one.
    Free,
    /// A processor of this product, which is ready or says why not.
    Processor(Result<(), String>),
    /// Another program.
    Taken,
    /// Nobody can have it.
    Unusable { reason: String },
}

impl Port {
    /// Looks who has the port.
    pub(super) async fn of(http: &HttpSettings) -> Self {
        let http = http.clone();
        let looked = spawn_blocking(move || look(&http)).await;
        looked.unwrap_or_else(|panic| Self::Unusable { reason: panic.to_string() })
    }

    /// Whether a processor runs on this machine with these settings.
    pub(super) fn is_processor(&self) -> bool {
        matches!(self, Self::Processor(_))
    }

    /// Whether a processor can serve HTTP there, or does; `setting` names the port.
    pub(super) fn verdict(&self, http: &HttpSettings, setting: &str) -> Verdict<()> {
        let place = format!("{}:{}", http.host, http.port);
        match self {
            Self::Free => Verdict::ok(format!("{place} is free"), ()),
            Self::Processor(Ok(())) => Verdict::ok(
                format!(
                    "{place} is served by a running processor, which is ready; a second one needs another HTTP_PORT"
                ),
                (),
            ),
            Self::Processor(Err(reason)) => Verdict::warning(
                format!("{place} is served by a running processor, which is not ready: {reason}"),
                "see the checks that failed, and the processor's log",
                (),
            ),
            Self::Taken => Verdict::failed(
                format!("{place} is taken by another program"),
                format!(
                    "set HTTP_PORT to a free port, or end that program (ss -ltnp 'sport = :{}' names it)",
                    http.port
                ),
            ),
            Self::Unusable { reason } => Verdict::failed(
                format!("{place} cannot be listened on: {reason}"),
                format!("set HTTP_HOST to an address of this host such as 0.0.0.0, and {setting} to a port above 1023"),
            ),
        }
    }
}

fn look(http: &HttpSettings) -> Port {
    let bound = (http.host.as_str(), http.port).to_socket_addrs().and_then(|mut addresses| {
        let first = addresses.next().ok_or(io::ErrorKind::AddrNotAvailable)?;
        TcpListener::bind(first)
    });
    match bound {
        Ok(_listener) => Port::Free,
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => holder(http),
        Err(error) => Port::Unusable { reason: error.to_string() },
    }
}

fn holder(http: &HttpSettings) -> Port {
    let ask = |ready| health::ask(&HealthTask { http: http.clone(), ready });
    let has_our_metrics = || health::metrics(http).is_some_and(|page| page.contains(annotation::TEXTS));
    if ask(false).is_err() || !has_our_metrics() {
        return Port::Taken;
    }
    Port::Processor(ask(true).map_err(|unready| match unready {
        health::Unhealthy::Status { body, .. } => body,
        other => other.to_string(),
    }))
}
