//! Debian's packages of programs that are needed and missing.

use std::path::Path;
use std::process::Command;

use anyhow::{Result, bail};

use crate::job;
use crate::progress::Step;
use crate::scratch::Scratch;

/// Installs these packages if one of the programs is missing, and if this may be done without asking: as root.
pub(crate) fn ensure(programs: &[&str], packages: &[&str]) -> Result<()> {
    let is_missing = |program: &&&str| {
        let folders = std::env::var_os("PATH").unwrap_or_default();
        !std::env::split_paths(&folders).any(|folder| Path::new(&folder).join(program).is_file())
    };
    let missing: Vec<&str> = programs.iter().filter(is_missing).copied().collect();
    if missing.is_empty() {
        return Ok(());
    }
    if !rustix::process::geteuid().is_root() {
        bail!("{} must be installed (Debian's packages: {})", missing.join(" and "), packages.join(", "));
    }
    let step = Step::begin(format!("installing {} with apt-get", packages.join(" and ")));
    let scratch = Scratch::new("apt")?;
    let apt_get = |arguments: &[&str]| {
        let mut apt_get = Command::new("apt-get");
        apt_get.env("DEBIAN_FRONTEND", "noninteractive").args(arguments);
        job::run_silently(&mut apt_get, "apt-get", &scratch.join("log"))
    };
    apt_get(&["update"])?;
    apt_get(&[&["install", "--yes", "--no-install-recommends"], packages].concat())?;
    step.done();
    Ok(())
}
