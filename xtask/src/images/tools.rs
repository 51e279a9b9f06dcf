//! What builds images without Docker: buildah, and mmdebstrap for the image that the build starts from.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};

use crate::{job, product};

/// The version of Debian that images are built with.
pub(super) const DEBIAN: &str = "bookworm";

pub(super) fn buildah() -> Command {
    Command::new("buildah")
}

/// The folder with the toolchain that runs this program.
pub(super) fn toolchain() -> Result<PathBuf> {
    let mut rustc = Command::new(std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()));
    Ok(PathBuf::from(job::output(rustc.args(["--print", "sysroot"]), "rustc")?.trim()))
}

/// The folder of compiled packages: where this machine is as the image that the build starts from, its own, in which
/// most packages are compiled already.
pub(super) fn target_dir() -> Result<PathBuf> {
    let target = product::target_dir()?;
    let system = std::fs::read_to_string("/etc/os-release").unwrap_or_default();
    let is_same = system.lines().any(|line| line == format!("VERSION_CODENAME={DEBIAN}"));
    Ok(if is_same { target } else { target.join("images") })
}

/// Cargo's folder of downloads.
pub(super) fn cargo_home() -> Result<PathBuf> {
    if let Some(home) = std::env::var_os("CARGO_HOME").filter(|home| !home.is_empty()) {
        return Ok(home.into());
    }
    let home = std::env::var_os("HOME").context("neither CARGO_HOME nor HOME is set")?;
    Ok(PathBuf::from(home).join(".cargo"))
}
