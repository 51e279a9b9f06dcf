//! Fetching the embedded engine, libchdb, from the npm registry.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use sha2::{Digest, Sha512};

use crate::progress::Step;
use crate::{cache, job};

const PACKAGE: &str = "@chdb/lib-linux-x64-gnu";
/// Version of the engine; also the name of its folder in the cache, where `voc-store` looks for it.
const VERSION: &str = "26.7.3-stable.1";
/// Subresource integrity of the package's tarball.
const INTEGRITY: &str =
    "sha512-XP97mMqnc5tZpKQywR8N7cLTsHNiTmHr30pC5mzo3jWmukjKn2IBa60c2B/gWUNcuFjOMjWoorQICCqBVj5wpw==";
const LIBRARY: &str = "libchdb.so";

/// Returns the path of the engine's library, fetching it first if needed.
///
/// A library named by `VOC_ENGINE_LIB` is taken as it is and nothing is fetched.
pub(crate) fn ensure() -> Result<PathBuf> {
    if let Some(library) = std::env::var_os("VOC_ENGINE_LIB").filter(|value| !value.is_empty()) {
        let library = PathBuf::from(library);
        if !library.is_file() {
            bail!("VOC_ENGINE_LIB names {}, which is not a file", library.display());
        }
        return Ok(library);
    }
    let folder = cache::root()?.join("engine").join(VERSION);
    cache::ensure(&folder, INTEGRITY, fetch)?;
    Ok(folder.join(LIBRARY))
}

fn fetch(into: &Path) -> Result<()> {
    if !cfg!(all(target_os = "linux", target_arch = "x86_64", target_env = "gnu")) {
        bail!(
            "no prepared engine for this platform (only Linux on x86-64 with glibc): get libchdb {VERSION} or newer \
             from its project's releases and set VOC_ENGINE_LIB to the path of {LIBRARY}"
        );
    }
    let step = Step::begin("fetching the embedded engine (178 MB, once; 566 MB unpacked)");
    let tarball = download(into)?;
    verify(&tarball, INTEGRITY)?;
    job::run(
        Command::new("tar")
            .arg("-xzf")
            .arg(&tarball)
            .arg("-C")
            .arg(into)
            .args(["--strip-components=1", &format!("package/{LIBRARY}")]),
        "tar",
    )?;
    std::fs::remove_file(&tarball)?;
    step.done();
    Ok(())
}

fn download(into: &Path) -> Result<PathBuf> {
    let log = into.join("npm.log");
    let mut npm = Command::new("npm");
    npm.args(["pack", "--loglevel=warn", "--pack-destination"]).arg(into).arg(format!("{PACKAGE}@{VERSION}"));
    // Where it runs must not have a package.json of its own.
    npm.current_dir(into);
    job::run_silently(&mut npm, "npm pack", &log).context(
        "cannot fetch the embedded engine: install Node.js with npm, or set VOC_ENGINE_LIB to the path of a libchdb.so",
    )?;
    std::fs::remove_file(log)?;
    for entry in std::fs::read_dir(into)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "tgz") {
            return Ok(path);
        }
    }
    bail!("npm pack left no tarball")
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
