//! Ports for servers that restart on the same port.

use std::net::TcpListener;

use anyhow::{Context as _, Result};

use crate::random::Random;

/// Below the ephemeral ports of the system: an outgoing connection could take the port while its server is down.
const RANGE: (u32, u32) = (15_000, 30_000);

/// A free port of 127.0.0.1.
pub(crate) fn free_port(random: &mut Random) -> Result<u16> {
    (0..1000)
        .filter_map(|_| u16::try_from(random.between(RANGE.0, RANGE.1)).ok())
        .find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok())
        .context("no free port on 127.0.0.1")
}
