//! Events as they are stored: lists of them, single ones, and what is said in them.

pub(crate) mod call;
mod cursor;
pub(crate) mod dead_letters;
pub(crate) mod event;
pub(crate) mod listing;
pub(crate) mod search;
mod stored;
mod transcript;
