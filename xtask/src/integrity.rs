//! Checks downloads against a pinned hash.

use std::fs::File;
use std::path::Path;

use anyhow::{Result, bail};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use sha2::{Digest, Sha512};

/// Checks a file against a subresource integrity string, `sha512-BASE64`.
pub(crate) fn verify(file: &Path, integrity: &str) -> Result<()> {
    let mut digest = Sha512::new();
    std::io::copy(&mut File::open(file)?, &mut DigestWriter(&mut digest))?;
    let found = format!("sha512-{}", BASE64_STANDARD.encode(digest.finalize()));
    if found != integrity {
        bail!("{} has integrity {found}, expected {integrity}: not using it", file.display());
    }
    Ok(())
}

struct DigestWriter<'a>(&'a mut Sha512);

impl std::io::Write for DigestWriter<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_file_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("abc");
        std::fs::write(&file, "abc").unwrap();
        // SHA-512 of "abc", the test vector of FIPS 180-4, in base 64.
        let abc = "sha512-3a81oZNherrMQXNJriBBMRLm+k6JqX6iCp7u5ktV05ohkpkqJ0/BqDa6PCOj/uu9RU1EI2Q86A4qmslPpUyknw==";
        verify(&file, abc).unwrap();
        std::fs::write(&file, "abd").unwrap();
        let refusal = verify(&file, abc).unwrap_err().to_string();
        assert!(refusal.contains("not using it"), "{refusal}");
    }
}
