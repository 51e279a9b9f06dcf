//! The HTTP surface over the store.
