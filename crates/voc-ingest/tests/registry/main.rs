//! Lanes whose records were written with schemas of a registry.

mod client;
mod encodings;
mod fake;
mod refusals;
mod support;
mod waiting;
