//! Models behind HTTP, with real requests: local servers that answer correctly, badly, late or not at all.

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
