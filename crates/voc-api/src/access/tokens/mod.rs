//! JWTs: signed statements of another service about a caller.

mod claims;
mod key;
mod key_set;
mod provider;
mod verifier;

pub use key::TokenKeyError;
pub use verifier::{TokenConfig, TokenKeys};
pub(super) use verifier::{TokenRejection, Tokens};
