//! The pipeline from a source to a store, with a scripted source and a store in memory that fails on request.

mod clocks;
mod crashes;
mod lanes;
mod ledger;
mod log;
mod misdirected;
mod panics;
mod properties;
mod refusals;
mod repairs;
mod resends;
mod support;
mod texts;
mod types;
