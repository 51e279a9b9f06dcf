//! Checks that every family must pass: each one is a single line in a test of the crate whose promises it checks.

#[cfg(feature = "pipeline")]
pub mod kafka;
#[cfg(feature = "pipeline")]
pub mod pipeline;
pub mod samples;
pub mod store;
