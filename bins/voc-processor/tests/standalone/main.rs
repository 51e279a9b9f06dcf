//! The program without any server: NDJSON in, the embedded engine, HTTP.

#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail this way")]

mod draining;
mod ends;
mod imports;
mod inputs;
mod plan;
mod questions;
mod readiness;
mod retention;
mod stage;
