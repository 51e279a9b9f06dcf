//! Who may ask what: credentials, the callers they stand for, and what these may ask.
//!
//! A request to anything but health, metrics and documents passes the guard, which finds out who asks: the `Caller`
//! behind an API key or a JWT. A handler states the [`Scope`] that it requires, and learns from the caller which
//! tenants a question is about, a [`TenantScope`](voc_store::TenantScope). The tenants come from the credential; a
//! parameter narrows them and never widens them. Without any credentials configured every caller may ask everything,
//! so the services then listen on this machine only.

mod audit;
mod browsers;
mod bucket;
mod caller;
mod clock;
mod control;
mod credential;
mod guard;
mod keys;
mod limiter;
pub(crate) mod listing;
mod local;
mod refusal;
mod scope;
mod tenants;
mod tokens;

pub(crate) use audit::audit_body;
pub(crate) use browsers::browsers;
pub(crate) use caller::Caller;
pub use control::{Access, AccessConfig, AccessError};
pub(crate) use guard::guard;
pub use keys::{ApiKey, IssuedKey, KeyError, KeyFile, KeyFileError, LastUse, NewKey};
pub use limiter::CallerLimits;
pub(crate) use limiter::Slot;
pub(crate) use refusal::Refusal;
pub use scope::{Scope, UnknownScope};
pub use tenants::Tenants;
pub use tokens::{TokenConfig, TokenKeyError, TokenKeys};
