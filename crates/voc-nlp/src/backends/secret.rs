//! Keys.

use std::fmt;

use super::BackendError;

/// A key of an HTTP API. Its `Debug` form hides it, and it has no `Display`.
///
/// ```
/// use voc_nlp::backends::ApiKey;
///
/// let key = ApiKey::new("sk-1234")?;
/// assert_eq!(format!("{key:?}"), "[hidden]");
/// # Ok::<(), voc_nlp::backends::BackendError>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct ApiKey(String);

impl ApiKey {
    /// Wraps a key, without surrounding white space.
    ///
    /// # Errors
    /// [`BackendError::BadKey`] if it is empty or cannot be part of a header.
    pub fn new(key: &str) -> Result<Self, BackendError> {
        let key = key.trim();
        if key.is_empty() || !key.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(BackendError::BadKey);
        }
        Ok(Self(key.to_owned()))
    }

    pub(super) fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[hidden]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_must_fit_into_a_header() {
        assert_eq!(ApiKey::new(" sk-1\n").map(|key| key.expose().to_owned()), Ok("sk-1".to_owned()));
        for bad in ["", " ", "sk 1", "sk\r\nx: y", "chave-é"] {
            assert_eq!(ApiKey::new(bad), Err(BackendError::BadKey), "{bad}");
        }
    }
}
