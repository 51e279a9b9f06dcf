//! API keys: their text, the file that holds what is known of them, and the keys in use.

mod file;
mod key;
mod keyring;
mod last_use;
mod replace;
mod text;

pub use file::{KeyError, KeyFile, KeyFileError, NewKey};
pub use key::{ApiKey, IssuedKey};
pub(super) use keyring::{KeyRejection, Keys};
pub use last_use::LastUse;
pub(super) use text::PREFIX_OF_ALL;
