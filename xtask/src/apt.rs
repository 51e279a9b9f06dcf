//! Debian's packages of programs that are needed and missing.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::job;
use crate::progress::Step;
use crate::scratch::Scratch;

/// Installs these packages if one of the programs is missing, and if this may be done without asking: as root.
pub(crate) fn ensure(programs: &[&str], packages: &[&str]) -> Result<()> {
    let missing: Vec<&str> = programs.iter().copied().filter(|program| installed(program).is_none()).collect();
    if missing.is_empty() {
        return Ok(());
    }
    if !is_root() {
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

/// The same for packages of servers, which would run as services from then on: these do not.
pub(crate) fn ensure_without_services(programs: &[&str], packages: &[&str]) -> Result<()> {
    if programs.iter().all(|program| installed(program).is_some()) {
        return Ok(());
    }
    let policy = is_root().then(NoServices::begin).transpose()?;
    ensure(programs, packages)?;
    drop(policy);
    if Path::new(RUNNING_SYSTEMD).is_dir() {
        let mut systemctl = Command::new("systemctl");
        job::output(systemctl.args(["disable", "--now"]).args(packages), "systemctl disable")?;
    }
    Ok(())
}

/// The folder that exists where systemd runs.
const RUNNING_SYSTEMD: &str = "/run/systemd/system";
/// The program that Debian's packages ask whether they may start a service.
const POLICY: &str = "/usr/sbin/policy-rc.d";

/// While it exists, packages start no services.
struct NoServices {
    /// Whether the policy is ours; images of containers have one already.
    is_ours: bool,
}

impl NoServices {
    fn begin() -> Result<Self> {
        if Path::new(POLICY).exists() {
            return Ok(Self { is_ours: false });
        }
        let write = || {
            fs::write(POLICY, "#!/bin/sh\nexit 101\n")?;
            fs::set_permissions(POLICY, fs::Permissions::from_mode(0o755))
        };
        write().with_context(|| format!("cannot write {POLICY}"))?;
        Ok(Self { is_ours: true })
    }
}

impl Drop for NoServices {
    fn drop(&mut self) {
        if self.is_ours
            && let Err(error) = fs::remove_file(POLICY)
        {
            eprintln!("{POLICY} keeps services from being started, and must be removed: {error}");
        }
    }
}

fn installed(program: &str) -> Option<PathBuf> {
    let folders = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&folders).map(|folder| folder.join(program)).find(|path| path.is_file())
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}
