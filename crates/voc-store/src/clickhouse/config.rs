//! The server's address, and how long to wait for it.

use std::{fmt, time::Duration};

use super::ClickHouseTls;
use crate::TableLayout;

/// How to reach a ClickHouse server.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ClickHouseConfig {
    /// Host name or address, resolved again for every connection. Default `localhost`.
    pub host: String,
    /// Port of the native protocol. Default 9000, with TLS usually 9440.
    pub port: u16,
    /// Hosts and ports of further servers that have the same rows, for as long as one cannot be reached. Default none.
    pub others: Vec<(String, u16)>,
    /// How the tables are laid out.
    pub layout: TableLayout,
    /// TLS. Default none: everything, including the password, can be read on the way.
    pub tls: Option<ClickHouseTls>,
    /// User. Default `default`.
    pub user: String,
    /// The user's password. Default empty.
    pub password: Password,
    /// The database, which must exist. Default `default`.
    pub database: String,
    /// Maximum number of connections, at least one; further operations wait for one. Default 8.
    pub connections: usize,
    /// Timeouts.
    pub timeouts: ClickHouseTimeouts,
}

impl Default for ClickHouseConfig {
    fn default() -> Self {
        Self {
            host: "localhost".to_owned(),
            port: 9000,
            others: Vec::new(),
            layout: TableLayout::default(),
            tls: None,
            user: "default".to_owned(),
            password: Password::default(),
            database: "default".to_owned(),
            connections: 8,
            timeouts: ClickHouseTimeouts::default(),
        }
    }
}

impl ClickHouseConfig {
    /// The defaults with another host and port.
    #[must_use]
    pub fn at(host: impl Into<String>, port: u16) -> Self {
        Self { host: host.into(), port, ..Self::default() }
    }

    /// With further servers that have the same rows. A connection is opened to the first that can be reached,
    /// beginning with the one that could be reached last.
    #[must_use]
    pub fn with_others(self, others: Vec<(String, u16)>) -> Self {
        Self { others, ..self }
    }

    /// With another layout of the tables.
    #[must_use]
    pub fn with_layout(self, layout: TableLayout) -> Self {
        Self { layout, ..self }
    }

    /// With TLS.
    #[must_use]
    pub fn with_tls(self, tls: ClickHouseTls) -> Self {
        Self { tls: Some(tls), ..self }
    }

    /// With another user and password.
    #[must_use]
    pub fn with_user(self, user: impl Into<String>, password: impl Into<Password>) -> Self {
        Self { user: user.into(), password: password.into(), ..self }
    }

    /// With another database.
    #[must_use]
    pub fn with_database(self, database: impl Into<String>) -> Self {
        Self { database: database.into(), ..self }
    }

    /// With another limit on connections.
    #[must_use]
    pub fn with_connections(self, connections: usize) -> Self {
        Self { connections, ..self }
    }

    /// With other timeouts.
    #[must_use]
    pub fn with_timeouts(self, timeouts: ClickHouseTimeouts) -> Self {
        Self { timeouts, ..self }
    }

    /// Number of servers.
    pub(super) fn servers(&self) -> usize {
        1 + self.others.len()
    }

    /// The configuration of one of the servers alone.
    pub(super) fn server(&self, place: usize) -> Self {
        let of = |(host, port): &(String, u16)| (host.clone(), *port);
        let other = place.checked_sub(1).and_then(|place| self.others.get(place)).map(of);
        let (host, port) = other.unwrap_or_else(|| (self.host.clone(), self.port));
        Self { host, port, others: Vec::new(), ..self.clone() }
    }

    /// Host and port, as errors name them.
    pub(super) fn address(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }
}

/// Timeouts for a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClickHouseTimeouts {
    /// For opening a connection, from resolving the name to the end of the handshake. Default 5 s.
    pub connect: Duration,
    /// For a free connection while all are in use. Default 10 s.
    pub wait: Duration,
    /// For an insert and the proof that it is complete. Default 60 s.
    pub insert: Duration,
    /// For a query or another statement and the proof that it is complete. Default 30 s.
    pub query: Duration,
}

impl Default for ClickHouseTimeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            wait: Duration::from_secs(10),
            insert: Duration::from_secs(60),
            query: Duration::from_secs(30),
        }
    }
}

/// A password; prints as `***`.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Password(String);

impl Password {
    /// The password itself.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl From<String> for Password {
    fn from(password: String) -> Self {
        Self(password)
    }
}

impl From<&str> for Password {
    fn from(password: &str) -> Self {
        Self(password.to_owned())
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_configuration_prints_without_its_password() {
        let printed = format!("{:?}", ClickHouseConfig::at("db", 9000).with_user("ana", "open sesame"));
        assert!(printed.contains("ana") && printed.contains("***") && !printed.contains("sesame"), "{printed}");
    }
}
