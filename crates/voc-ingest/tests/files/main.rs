//! Files as inputs in all forms: each of their events is stored once.

#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests end them this way")]

mod archives;
mod documents;
mod families;
mod foreign;
mod forms;
mod growth;
mod lines;
mod several;
mod stage;
mod synced;
