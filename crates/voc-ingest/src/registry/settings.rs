//! How to connect to a schema registry.

use std::{fmt, path::PathBuf, time::Duration};

/// How to connect to a schema registry.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct RegistrySettings {
    /// URLs, tried in order until one responds, such as `http://localhost:8081`; with the path of the registry API, if
    /// it has one.
    pub urls: Vec<String>,
    /// How to log in.
    pub login: RegistryLogin,
    /// PEM file with trusted CA certificates; those of the system if `None`.
    pub ca_file: Option<PathBuf>,
    /// Timeout per request. Default 10 s.
    pub timeout: Duration,
    /// Maximum number of cached schemas. Default 1000.
    pub cached_schemas: u64,
}

impl RegistrySettings {
    /// A registry at `urls`, without a login.
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
    /// No login.
    #[default]
    None,
    /// With a user name and a password.
    Basic {
        /// The user name.
        user: String,
        /// The password.
        password: RegistrySecret,
    },
    /// With a token.
    Bearer(RegistrySecret),
}

/// A text that its `Debug` form hides.
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

/// Why no client can be created from settings.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RegistrySettingsError {
    /// There is no URL.
    #[error("no URL of the schema registry")]
    NoUrl,
    /// A URL is invalid.
    #[error("{url:?} is not a URL of a schema registry such as https://registry.example.com:8081, without a login")]
    Url {
        /// The given text.
        url: String,
    },
    /// The token is invalid.
    #[error("the token of the schema registry has invalid characters, such as line breaks")]
    Token,
    /// The CA file cannot be used.
    #[error("the CA certificates in {} cannot be used: {reason}", file.display())]
    Authorities {
        /// The file.
        file: PathBuf,
        /// Why.
        reason: String,
    },
    /// The system has no CA certificates.
    #[error("this system has no CA certificates; name a file with the trusted ones")]
    NoAuthorities,
}
