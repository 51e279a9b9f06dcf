//! Ports for servers that are started again on the same one.

use std::net::TcpListener;

use anyhow::{Context as _, Result};

use crate::random::Random;

/// Below the ports that the system gives to outgoing connections: one of those could take the port while its server
/// is down.
const RANGE: (u32, u32) = (15_000, 30_000);

/// A port of 127.0.0.1 that nobody listens on.
pub(crate) fn free_port(random: &mut Random) -> Result<u16> {
    (0..1000)
        .filter_map(|_| u16::try_from(random.between(RANGE.0, RANGE.1)).ok())
        .find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok())
        .context("no free port on 127.0.0.1")
}
