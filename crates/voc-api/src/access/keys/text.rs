//! The text of a key: `voc_<prefix>_<secret>`.

use std::fmt;

use ring::{
    digest::{SHA256, digest},
    rand::{SecureRandom as _, SystemRandom},
};
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq as _;

/// What every key begins with, so that scanners for leaked secrets recognise one.
pub(in crate::access) const PREFIX_OF_ALL: &str = "voc_";
const PREFIX_CHARS: usize = 8;
/// 43 characters of 62 are 256 bits.
const SECRET_CHARS: usize = 43;
/// Longest text that is looked at.
const MAX_BYTES: usize = 256;
const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// The largest multiple of the alphabet's size that fits a byte. Bytes from here on are drawn again, so that all
/// characters are equally likely.
const FAIR_BYTES: u8 = 62 * 4;

/// The prefix and the secret of a key.
pub(super) struct KeyText {
    pub(super) prefix: String,
    secret: String,
}

impl KeyText {
    /// A new key from the system's random source; `None` if that fails.
    pub(super) fn generate() -> Option<Self> {
        Some(Self { prefix: random_text(PREFIX_CHARS)?, secret: random_text(SECRET_CHARS)? })
    }

    /// Reads a presented key; `None` if it is not written as one.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (prefix, secret) = text.strip_prefix(PREFIX_OF_ALL).filter(|_| text.len() <= MAX_BYTES)?.split_once('_')?;
        Some(Self { prefix: prefix.to_owned(), secret: secret.to_owned() })
    }

    /// A text that is no key's.
    pub(super) fn nobodys() -> Self {
        Self { prefix: String::new(), secret: "0".repeat(SECRET_CHARS) }
    }

    /// A hash of the secret. A plain one, because the secret has 256 random bits, so that it cannot be guessed.
    pub(super) fn hash(&self) -> SecretHash {
        let mut hash = [0; 32];
        hash.copy_from_slice(digest(&SHA256, self.secret.as_bytes()).as_ref());
        SecretHash(hash)
    }

    /// The whole text, for the one who gets the key.
    pub(super) fn expose(&self) -> String {
        format!("{PREFIX_OF_ALL}{}_{}", self.prefix, self.secret)
    }
}

fn random_text(chars: usize) -> Option<String> {
    let random = SystemRandom::new();
    let mut text = String::with_capacity(chars);
    while text.len() < chars {
        let mut bytes = [0; 64];
        random.fill(&mut bytes).ok()?;
        let fair = bytes.iter().filter(|byte| **byte < FAIR_BYTES);
        text.extend(fair.map(|byte| char::from(ALPHABET[usize::from(byte % 62)])).take(chars - text.len()));
    }
    Some(text)
}

/// The SHA-256 of a secret, in hexadecimal digits where it is written.
#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub(super) struct SecretHash([u8; 32]);

impl SecretHash {
    /// The hash of no secret.
    pub(super) const NONE: Self = Self([0; 32]);

    /// Whether they are equal; takes the same time for all.
    pub(super) fn equals(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl fmt::Debug for SecretHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[hidden]")
    }
}

impl From<SecretHash> for String {
    fn from(hash: SecretHash) -> Self {
        hash.0.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

impl TryFrom<String> for SecretHash {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, &'static str> {
        const EXPECTED: &str = "sha256: expected 64 hexadecimal digits";
        if text.len() != 64 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(EXPECTED);
        }
        let mut hash = [0; 32];
        for (byte, digits) in hash.iter_mut().zip(text.as_bytes().chunks(2)) {
            let digits = std::str::from_utf8(digits).map_err(|_| EXPECTED)?;
            *byte = u8::from_str_radix(digits, 16).map_err(|_| EXPECTED)?;
        }
        Ok(Self(hash))
    }
}
