//! What the workspace's tests share: generators, a native-protocol endpoint, faults.

pub mod requirements;
