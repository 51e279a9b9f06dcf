//! Lanes with records written with schemas of a registry.

#![expect(clippy::expect_used, clippy::unwrap_used, reason = "helpers of tests end them this way")]

mod client;
mod encodings;
mod fake;
mod refusals;
mod support;
mod tls;
mod waiting;
