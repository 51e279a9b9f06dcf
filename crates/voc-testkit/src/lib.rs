//! What the workspace's tests share: generators, a native-protocol endpoint, faults.

pub mod endpoint;
mod native;
pub mod proxy;
pub mod requirements;
