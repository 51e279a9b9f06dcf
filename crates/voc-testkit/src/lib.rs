//! Shared tools of the workspace's tests: generators, a native-protocol endpoint, faults.

pub mod conformance;
pub mod download;
pub mod encoding;
pub mod endpoint;
pub mod exposition;
pub mod generator;
pub mod kafka;
pub mod merges;
mod native;
pub mod proxy;
pub mod python;
pub mod registry;
pub mod requirements;
pub mod secure_kafka;
pub mod service;
pub mod tls;
pub mod toy;
pub mod users;
