//! A key that verifies tokens, with the only algorithm that it is used with.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use jsonwebtoken::{Algorithm, DecodingKey};

/// Fewest bytes of a shared secret: as many as the hash has (RFC 7518).
const MIN_SECRET_BYTES: usize = 32;
/// Bytes of an uncompressed point on P-256.
const P256_POINT_BYTES: usize = 65;
const MAX_FILE_BYTES: u64 = 256 * 1024;

/// A file or address of keys cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TokenKeyError {
    /// It cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// It does not hold what it should.
    #[error("{place}: expected {expected}")]
    Unusable {
        /// The file or address.
        place: String,
        /// What it should hold.
        expected: &'static str,
    },
    /// The address cannot be asked.
    #[error("{url} does not answer with keys: {reason}")]
    Fetch {
        /// The address.
        url: String,
        /// Why not.
        reason: String,
    },
}

/// The algorithm is the key's, never a token's: else a token could be "signed" with the public key as the secret of
/// another algorithm.
#[derive(Clone)]
pub(super) struct TokenKey {
    pub(super) algorithm: Algorithm,
    pub(super) key: DecodingKey,
}

impl TokenKey {
    /// A secret that signer and verifier share, for HS256. A line break at its end is not part of it.
    pub(super) fn from_secret_file(path: &Path) -> Result<Self, TokenKeyError> {
        let expected = "a secret of at least 32 bytes, such as openssl rand -base64 48 makes";
        let unusable = || TokenKeyError::Unusable { place: path.display().to_string(), expected };
        let mut secret = read(path)?;
        while secret.last().is_some_and(|byte| b"\r\n".contains(byte)) {
            secret.pop();
        }
        if secret.len() < MIN_SECRET_BYTES {
            return Err(unusable());
        }
        let key = DecodingKey::from_secret(&secret).map_err(|_| unusable())?;
        Ok(Self { algorithm: Algorithm::HS256, key })
    }

    /// A public key, for RS256 or ES256 by its kind.
    pub(super) fn from_public_key_file(path: &Path) -> Result<Self, TokenKeyError> {
        let expected = "the PEM of a public key, RSA (RS256) or on the curve P-256 (ES256)";
        let pem = read(path)?;
        let is_public = pem.windows(10).any(|part| part == b"PUBLIC KEY");
        let rsa = || DecodingKey::from_rsa_pem(&pem).ok().map(|key| Self { algorithm: Algorithm::RS256, key });
        let key = rsa().or_else(|| Self::on_p256(DecodingKey::from_ec_pem(&pem).ok()?));
        key.filter(|_| is_public).ok_or_else(|| TokenKeyError::Unusable { place: path.display().to_string(), expected })
    }

    /// A key for ES256; `None` if it is on another curve.
    pub(super) fn on_p256(key: DecodingKey) -> Option<Self> {
        let is_p256 = key.try_get_as_bytes().is_ok_and(|point| point.len() == P256_POINT_BYTES);
        is_p256.then_some(Self { algorithm: Algorithm::ES256, key })
    }
}

pub(super) fn read(path: &Path) -> Result<Vec<u8>, TokenKeyError> {
    let failed = |source| TokenKeyError::Read { path: path.to_owned(), source };
    if fs::metadata(path).map_err(failed)?.len() > MAX_FILE_BYTES {
        let expected = "at most 256 KiB";
        return Err(TokenKeyError::Unusable { place: path.display().to_string(), expected });
    }
    fs::read(path).map_err(failed)
}
