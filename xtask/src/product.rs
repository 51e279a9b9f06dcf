//! The workspace: its location, and how its programs are built and found.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::job;
use crate::progress::Step;

/// The workspace's root folder.
pub(crate) fn root() -> PathBuf {
    let manifest_dir = std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    let manifest_dir = PathBuf::from(manifest_dir);
    manifest_dir.parent().map(Path::to_owned).unwrap_or(manifest_dir)
}

/// Cargo, as it was invoked, in the workspace's root.
pub(crate) fn cargo() -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo")));
    cargo.current_dir(root());
    cargo
}

/// The target folder.
pub(crate) fn target_dir() -> Result<PathBuf> {
    #[derive(serde::Deserialize)]
    struct Metadata {
        target_directory: PathBuf,
    }
    let text = job::output(cargo().args(["metadata", "--no-deps", "--format-version", "1"]), "cargo metadata")?;
    let metadata: Metadata = serde_json::from_str(&text).context("cannot read cargo's metadata")?;
    Ok(metadata.target_directory)
}

/// How programs are built.
#[derive(Clone, Copy)]
pub(crate) enum Build {
    /// As in production.
    Release,
    /// As in tests: built faster, but slower.
    Development,
}

impl Build {
    pub(crate) fn of(debug: bool) -> Self {
        if debug { Self::Development } else { Self::Release }
    }

    /// Cargo's profile.
    pub(crate) fn profile(self) -> &'static str {
        match self {
            Self::Release => "release",
            Self::Development => "dev",
        }
    }

    /// Where in the target folder the programs are.
    pub(crate) fn folder(self) -> &'static str {
        match self {
            Self::Release => "release",
            Self::Development => "debug",
        }
    }
}

/// The workspace's programs, built.
pub(crate) struct Programs {
    dir: PathBuf,
}

impl Programs {
    /// Builds these packages, with a message, because the first time takes minutes.
    pub(crate) fn build(packages: &[&str], build: Build) -> Result<Self> {
        let step = Step::begin(format!("building {} (minutes the first time)", packages.join(", ")));
        let mut cargo = cargo();
        cargo.args(["build", "--profile", build.profile()]);
        for package in packages {
            cargo.args(["--package", package]);
        }
        job::run(&mut cargo, "cargo build")?;
        step.done();
        Ok(Self { dir: target_dir()?.join(build.folder()) })
    }

    /// Copies of these programs, which later builds do not change.
    pub(crate) fn copied(&self, names: &[&str], dir: &Path) -> Result<Self> {
        std::fs::create_dir_all(dir).with_context(|| format!("cannot create {}", dir.display()))?;
        for name in names {
            std::fs::copy(self.path(name), dir.join(name)).with_context(|| format!("cannot copy {name}"))?;
        }
        Ok(Self { dir: dir.to_owned() })
    }

    /// A command that runs one of them; its arguments are still to be added.
    pub(crate) fn command(&self, name: &str) -> Command {
        Command::new(self.path(name))
    }

    /// The path of one of them.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }
}
