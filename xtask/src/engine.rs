//! Fetching the embedded engine, libchdb, from the npm registry.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::cache;
use crate::npm::Package;
use crate::progress::Step;

/// The package; its version is also the name of the folder in the cache where `voc-store` looks for the engine.
const PACKAGE: Package = Package {
    name: "@chdb/lib-linux-x64-gnu",
    version: "26.7.3-stable.1",
    integrity: "sha512-XP97mMqnc5tZpKQywR8N7cLTsHNiTmHr30pC5mzo3jWmukjKn2IBa60c2B/gWUNcuFjOMjWoorQICCqBVj5wpw==",
};
const LIBRARY: &str = "libchdb.so";

/// Returns the path of the engine's library, fetching it first if needed.
///
/// A library named by `VOC_ENGINE_LIB` is used unchecked, and nothing is fetched.
pub(crate) fn ensure() -> Result<PathBuf> {
    if let Some(library) = std::env::var_os("VOC_ENGINE_LIB").filter(|value| !value.is_empty()) {
        let library = PathBuf::from(library);
        if !library.is_file() {
            bail!("VOC_ENGINE_LIB names {}, which is not a file", library.display());
        }
        return Ok(library);
    }
    let folder = cache::root()?.join("engine").join(PACKAGE.version);
    cache::ensure(&folder, PACKAGE.integrity, fetch)?;
    Ok(folder.join(LIBRARY))
}

fn fetch(into: &Path) -> Result<()> {
    if !cfg!(all(target_os = "linux", target_arch = "x86_64", target_env = "gnu")) {
        bail!(
            "no prepared engine for this platform (only Linux on x86-64 with glibc): get libchdb {} or newer \
             from its project's releases and set VOC_ENGINE_LIB to the path of {LIBRARY}",
            PACKAGE.version
        );
    }
    let step = Step::begin("fetching the embedded engine (178 MB, once; 566 MB unpacked)");
    PACKAGE.extract(LIBRARY, into).context(
        "cannot fetch the embedded engine: install Node.js with npm, or set VOC_ENGINE_LIB to the path of a libchdb.so",
    )?;
    step.done();
    Ok(())
}
