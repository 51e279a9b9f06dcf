//! An earlier revision of the product, built from its own sources.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::product::{self, Build};
use crate::progress::Step;
use crate::{cache, job};

/// Builds `voc-processor` of a revision, such as a tag, and returns its path. Its sources and their target folder are
/// kept below the workspace's target folder, so the next run finds them built.
pub(crate) fn processor(revision: &str, build: Build) -> Result<PathBuf> {
    let commit = job::output(
        git().args(["rev-parse", "--verify", "--end-of-options"]).arg(format!("{revision}^{{commit}}")),
        "git rev-parse",
    )
    .with_context(|| format!("there is no revision {revision}; `git fetch --tags` fetches the tags of releases"))?;
    let commit = commit.trim();
    let revisions = product::target_dir()?.join("revisions");
    let sources = revisions.join(commit);
    cache::ensure(&sources, commit, |folder| unpack(commit, folder))?;
    let step = Step::begin(format!("building voc-processor of {revision} (minutes the first time)"));
    let target = revisions.join("target");
    let (profile, folder) = match build {
        Build::Release => ("release", "release"),
        Build::Development => ("dev", "debug"),
    };
    let mut cargo = product::cargo();
    cargo.current_dir(&sources).env("CARGO_TARGET_DIR", &target);
    cargo.args(["build", "--locked", "--package", "voc-processor", "--profile", profile]);
    job::run(&mut cargo, "cargo build")?;
    step.done();
    Ok(target.join(folder).join("voc-processor"))
}

fn unpack(commit: &str, folder: &Path) -> Result<()> {
    let archive = folder.join("sources.tar");
    job::run(git().args(["archive", "--format=tar", "--output"]).arg(&archive).arg(commit), "git archive")?;
    job::run(Command::new("tar").arg("-xf").arg(&archive).arg("-C").arg(folder), "tar")?;
    fs::remove_file(&archive).context("cannot remove the archive of the sources")
}

fn git() -> Command {
    let mut git = Command::new("git");
    git.current_dir(product::root());
    git
}
