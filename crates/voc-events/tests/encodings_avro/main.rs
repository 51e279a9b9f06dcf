//! Records in Avro, written by the library and read as events.

#![cfg(feature = "avro")]
#![expect(clippy::expect_used, reason = "helpers of tests fail this way")]

mod reading;
mod resolution;
mod schemas;
mod support;
