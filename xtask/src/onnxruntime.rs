//! Fetches the ONNX Runtime's library from the npm registry, for the tests of local models.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::cache;
use crate::npm::Package;
use crate::progress::Step;

const PACKAGE: Package = Package {
    name: "onnxruntime-node",
    version: "1.30.0",
    integrity: "sha512-twhs1C2C/BFkz1yc5OY0KIU2GUq6DURO7hD4bx5Q2Qy3nAMJwRXW8xU3NVczE29VA9lolLOYepoD8fjTGOfIqw==",
};
const LIBRARY: &str = "libonnxruntime.so.1";

/// Returns the path of the library, fetching it first if needed.
///
/// A library named by `ORT_DYLIB_PATH` is used unchecked, and nothing is fetched.
pub(crate) fn ensure() -> Result<PathBuf> {
    if let Some(library) = std::env::var_os("ORT_DYLIB_PATH").filter(|value| !value.is_empty()) {
        let library = PathBuf::from(library);
        if !library.is_file() {
            bail!("ORT_DYLIB_PATH names {}, which is not a file", library.display());
        }
        return Ok(library);
    }
    let folder = cache::root()?.join("onnxruntime").join(PACKAGE.version);
    cache::ensure(&folder, PACKAGE.integrity, fetch)?;
    Ok(folder.join(LIBRARY))
}

fn fetch(into: &Path) -> Result<()> {
    let platform = match std::env::consts::ARCH {
        "x86_64" if cfg!(target_os = "linux") => "linux/x64",
        "aarch64" if cfg!(target_os = "linux") => "linux/arm64",
        _ => bail!("set ORT_DYLIB_PATH to the path of the ONNX Runtime's library, 1.18 or newer, for this platform"),
    };
    let step = Step::begin("fetching the ONNX Runtime (114 MB, once; 46 MB unpacked)");
    PACKAGE.extract(&format!("bin/napi-v6/{platform}/{LIBRARY}"), into).context(
        "cannot fetch the ONNX Runtime: install Node.js with npm, or set ORT_DYLIB_PATH to the path of its library",
    )?;
    step.done();
    Ok(())
}
