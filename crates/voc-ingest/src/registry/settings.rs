//! How a schema registry is reached.

use std::{fmt, path::PathBuf, time::Duration};

/// How a schema registry is reached.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct RegistrySettings {
    /// Addresses, tried in order until one answers, such as `http://localhost:8081`; with the path under which the
    /// registry's API begins, if it has one.
    pub urls: Vec<String>,
    /// How to log in.
    pub login: RegistryLogin,
    /// File of the certificate authorities that are accepted, in PEM; the system's if `None`.
    pub ca_file: Option<PathBuf>,
    /// Longest time for an answer. Default 10 s.
    pub timeout: Duration,
    /// Schemas that are remembered. Default 1000.
    pub cached_schemas: u64,
}

impl RegistrySettings {
    /// A registry at some addresses, without a login.
    #[must_use]
    pub fn new(urls: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self {
            urls: urls.into_iter().map(Into::into).collect(),
            login: RegistryLogin::None,
            ca_file: None,
            timeout: Duration::from_secs(10),
            cached_schemas: 1000,
        }
    }
}

/// How to log in.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub enum RegistryLogin {
    /// Not at all.
    #[default]
    None,
    /// With a name and a password.
    Basic {
        /// The name.
        user: String,
        /// The password.
        password: RegistrySecret,
    },
    /// With a token.
    Bearer(RegistrySecret),
}

/// A text that is never shown.
#[derive(Clone)]
pub struct RegistrySecret(String);

impl RegistrySecret {
    /// Hides a text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    pub(super) fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for RegistrySecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[hidden]")
    }
}

/// Settings that no client can be made of.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RegistrySettingsError {
    /// There is no address.
    #[error("no address of the schema registry")]
    NoUrl,
    /// An address is none.
    #[error(
        "{url:?} is no address of a schema registry, such as https://registry.example.com:8081, without a login in it"
    )]
    Url {
        /// What was given.
        url: String,
    },
    /// A token is none.
    #[error("the token of the schema registry has characters that no token has, such as line ends")]
    Token,
    /// The file of authorities cannot be used.
    #[error("the certificate authorities in {} cannot be used: {reason}", file.display())]
    Authorities {
        /// The file.
        file: PathBuf,
        /// Why.
        reason: String,
    },
    /// The system has no authorities.
    #[error("this system has no certificate authorities; name a file of those that are accepted")]
    NoAuthorities,
}
