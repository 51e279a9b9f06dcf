//! Names and ports: whether a name resolves, and whether something accepts connections there.

use std::{
    fmt, io,
    net::{IpAddr, SocketAddr, UdpSocket},
    time::Duration,
};

use tokio::net::TcpStream;

/// Timeout of a resolution, and of a connection.
const TIMEOUT: Duration = Duration::from_secs(4);

/// Why nothing can be connected to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Unreachable {
    /// The name has no address.
    Name { host: String, reason: String },
    /// Nothing listens there.
    Refused { address: String },
    /// There is no answer.
    Silent { address: String },
    /// The system's reason.
    Other { address: String, reason: String },
}

impl fmt::Display for Unreachable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name { host, reason } => write!(f, "the name {host} does not resolve: {reason}"),
            Self::Refused { address } => write!(f, "{address} refuses connections"),
            Self::Silent { address } => write!(f, "{address} does not answer within {} s", TIMEOUT.as_secs()),
            Self::Other { address, reason } => write!(f, "{address} cannot be connected to: {reason}"),
        }
    }
}

impl Unreachable {
    /// What to do; `setting` names the address, `server` what should listen there.
    pub(super) fn remedy(&self, setting: &str, server: &str) -> String {
        match self {
            Self::Name { .. } => format!(
                "correct {setting}, or make the name resolve on this host (DNS, /etc/hosts; in Kubernetes \
                 SERVICE.NAMESPACE.svc)"
            ),
            Self::Refused { .. } => format!("start {server}, or correct the port in {setting}"),
            Self::Silent { .. } | Self::Other { .. } => format!(
                "open the way from this host to {server} (firewalls, network policies, routes), or correct {setting}"
            ),
        }
    }
}

/// Connects to the first address of a name that accepts a connection, and ends the connection.
pub(super) async fn reach(host: &str, port: u16) -> Result<SocketAddr, Unreachable> {
    let unresolved = |reason: String| Unreachable::Name { host: host.to_owned(), reason };
    let resolved = tokio::time::timeout(TIMEOUT, tokio::net::lookup_host((host, port))).await;
    let resolved = resolved.map_err(|_elapsed| unresolved("its name server does not answer".to_owned()))?;
    let addresses: Vec<SocketAddr> = resolved.map_err(|error| unresolved(error.to_string()))?.collect();
    let mut last = unresolved("it has no address".to_owned());
    for address in addresses {
        let shown = if host == address.ip().to_string() { address.to_string() } else { format!("{host} ({address})") };
        match tokio::time::timeout(TIMEOUT, TcpStream::connect(address)).await {
            Ok(Ok(_connection)) => return Ok(address),
            Ok(Err(error)) if error.kind() == io::ErrorKind::ConnectionRefused => {
                last = Unreachable::Refused { address: shown };
            }
            Ok(Err(error)) => last = Unreachable::Other { address: shown, reason: error.to_string() },
            Err(_elapsed) => last = Unreachable::Silent { address: shown },
        }
    }
    Err(last)
}

/// The address from which this host connects to another; nothing is sent.
pub(super) fn own_address(other: SocketAddr) -> Option<IpAddr> {
    let any = if other.is_ipv4() { "0.0.0.0:0" } else { "[::]:0" };
    let socket = UdpSocket::bind(any).ok()?;
    socket.connect(other).ok()?;
    Some(socket.local_addr().ok()?.ip())
}
