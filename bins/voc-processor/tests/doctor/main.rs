//! The causes that `doctor` names in set-ups that are broken in one way each, with real servers.

mod broker;
mod healthy;
mod host;
mod output;
mod registry;
mod rights;
mod stage;
mod store;
mod topics;
