//! Models behind HTTP, asked for real: servers on this machine that answer well, badly, late or not at all.

#![cfg(all(feature = "http", feature = "llm"))]
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "helpers of tests may fail the test, and a child says how it went"
)]

mod chat;
mod remote;
mod server;
mod tls;
