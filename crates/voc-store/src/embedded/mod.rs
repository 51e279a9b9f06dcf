//! The embedded engine: ClickHouse as a library in this process, without anything to install.
//!
//! [`Engine`] opens a data directory; [`EngineConnection`] runs statements on it and exchanges bytes in ClickHouse's
//! formats. A process that used the engine calls [`shut_down`] before it exits. All `unsafe` code is in the `ffi`
//! module.

mod backend;
mod engine;
mod error;
mod ffi;
mod library;
mod slot;

pub use backend::{EmbeddedBackend, EmbeddedOptions, EmbeddedStore};
pub use engine::{Engine, EngineConnection, EngineInsert, EngineResult, EngineSelect, shut_down};
pub use error::EngineError;
pub use library::{ENGINE_VERSION, engine_library_path};
