//! How to connect to a schema registry.

use std::{fmt, path::PathBuf, time::Duration};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use ureq::http::{HeaderValue, Uri};

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
    /// Maximum size of all cached schemas, in bytes of their texts with their references. Default 16 MiB, which is a
    /// thousand large ones.
    pub cached_bytes: u64,
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
            cached_bytes: 16 << 20,
        }
    }

    /// What is wrong with the URLs and the login, found without opening anything; nothing if they can be used.
    ///
    /// ```
    /// use voc_ingest::registry::RegistrySettings;
    /// let settings = RegistrySettings::new(["http://localhost:8081", "ftp://localhost", "registry"]);
    /// assert_eq!(settings.configuration_errors().len(), 2);
    /// ```
    #[must_use]
    pub fn configuration_errors(&self) -> Vec<RegistrySettingsError> {
        let urls = self.urls.iter().filter_map(|url| checked_url(url).err());
        urls.chain(authorization(&self.login).err()).collect()
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

    fn expose(&self) -> &str {
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

/// The authorization header for a login.
pub(super) fn authorization(login: &RegistryLogin) -> Result<Option<HeaderValue>, RegistrySettingsError> {
    let text = match login {
        RegistryLogin::None => return Ok(None),
        RegistryLogin::Basic { user, password } => {
            format!("Basic {}", BASE64_STANDARD.encode(format!("{user}:{}", password.expose())))
        }
        RegistryLogin::Bearer(token) => format!("Bearer {}", token.expose()),
    };
    let mut value = HeaderValue::try_from(text).map_err(|_| RegistrySettingsError::Token)?;
    value.set_sensitive(true);
    Ok(Some(value))
}

/// Validates a URL, writes its scheme in lower case, and removes trailing slashes.
pub(super) fn checked_url(url: &str) -> Result<String, RegistrySettingsError> {
    let invalid = || RegistrySettingsError::Url { url: without_login(url) };
    let url = url.trim();
    let parsed: Uri = url.parse().map_err(|_| invalid())?;
    let Some(scheme @ ("http" | "https")) = parsed.scheme_str() else { return Err(invalid()) };
    let has_host = parsed.authority().is_some_and(|host| !host.as_str().contains('@') && !host.host().is_empty());
    if !has_host || url.contains(['?', '#']) {
        return Err(invalid());
    }
    let (_, rest) = url.split_once("://").ok_or_else(invalid)?;
    Ok(format!("{scheme}://{}", rest.trim_end_matches('/')))
}

/// The URL for messages, without any password or key.
fn without_login(url: &str) -> String {
    let (scheme, rest) = url.split_once("://").map_or(("", url), |(scheme, rest)| (scheme, rest));
    let separator = if scheme.is_empty() { "" } else { "://" };
    let shown = match (rest.rsplit_once('@'), rest.split_once(['?', '#'])) {
        (Some((_, host)), None) => format!("…@{host}"),
        (None, Some((address, _))) => format!("{address}?…"),
        (None, None) => rest.to_owned(),
        // Either may be part of a password, and what follows it part of a key.
        (Some(_), Some(_)) => "…".to_owned(),
    };
    format!("{scheme}{separator}{shown}")
}
