//! What both services share: configuration, logs, metrics, signals. No business logic.

pub mod config;
