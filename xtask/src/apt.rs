//! Debian's packages of programs that are needed and missing.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::job;
use crate::progress::Step;
use crate::scratch::Scratch;

/// Installs the packages of these programs that are missing, one package for each program, if this may be done without
/// asking: as root.
pub(crate) fn ensure(programs: &[&str], packages: &[&str]) -> Result<()> {
    install(&missing(programs, packages))
}

/// The same for packages of servers, which would run as services from then on: these do not. Those that were installed
/// before are left alone.
pub(crate) fn ensure_without_services(programs: &[&str], packages: &[&str]) -> Result<()> {
    let missing = missing(programs, packages);
    if missing.is_empty() {
        return Ok(());
    }
    let policy = if is_root() { NoServices::begin()? } else { None };
    install(&missing)?;
    drop(policy);
    if Path::new(RUNNING_SYSTEMD).is_dir() {
        let mut systemctl = Command::new("systemctl");
        systemctl.args(["disable", "--now"]).args(missing.iter().map(|missing| missing.package));
        job::output(&mut systemctl, "systemctl disable")?;
    }
    Ok(())
}

/// A program that is not there, and the package that has it.
struct Missing<'n> {
    program: &'n str,
    package: &'n str,
}

fn missing<'n>(programs: &[&'n str], packages: &[&'n str]) -> Vec<Missing<'n>> {
    let pairs = programs.iter().zip(packages).map(|(program, package)| Missing { program, package });
    pairs.filter(|missing| !is_installed(missing.program)).collect()
}

fn install(missing: &[Missing<'_>]) -> Result<()> {
    if missing.is_empty() {
        return Ok(());
    }
    let packages: Vec<&str> = missing.iter().map(|missing| missing.package).collect();
    if !is_root() {
        let programs: Vec<&str> = missing.iter().map(|missing| missing.program).collect();
        bail!("{} must be installed (Debian's packages: {})", programs.join(" and "), packages.join(", "));
    }
    let step = Step::begin(format!("installing {} with apt-get", packages.join(" and ")));
    let scratch = Scratch::new("apt")?;
    let apt_get = |arguments: &[&str]| {
        let mut apt_get = Command::new("apt-get");
        apt_get.env("DEBIAN_FRONTEND", "noninteractive").args(arguments);
        job::run_silently(&mut apt_get, "apt-get", &scratch.join("log"))
    };
    apt_get(&["update"])?;
    apt_get(&[&["install", "--yes", "--no-install-recommends"], &packages[..]].concat())?;
    step.done();
    Ok(())
}

/// The folder that exists where systemd runs.
const RUNNING_SYSTEMD: &str = "/run/systemd/system";
/// The program that Debian's packages ask whether they may start a service.
const POLICY: &str = "/usr/sbin/policy-rc.d";

/// While it exists, packages start no services.
struct NoServices;

impl NoServices {
    /// None if there is such a policy already, as in images of containers.
    fn begin() -> Result<Option<Self>> {
        if Path::new(POLICY).exists() {
            return Ok(None);
        }
        let write = || {
            fs::write(POLICY, "#!/bin/sh\nexit 101\n")?;
            fs::set_permissions(POLICY, fs::Permissions::from_mode(0o755))
        };
        write().with_context(|| format!("cannot write {POLICY}"))?;
        Ok(Some(Self))
    }
}

impl Drop for NoServices {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_file(POLICY) {
            eprintln!("{POLICY} keeps services from being started, and must be removed: {error}");
        }
    }
}

fn is_installed(program: &str) -> bool {
    let folders = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&folders).any(|folder| folder.join(program).is_file())
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}
