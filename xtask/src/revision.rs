//! An earlier revision of the product, built from its own sources.

use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::git::Repository;
use crate::product::{self, Build};
use crate::progress::Step;
use crate::{cache, job};

/// Builds `voc-processor` of a revision, such as a tag, and returns its path. Its sources and their target folder are
/// kept below the workspace's target folder, so the next run finds them built.
pub(crate) fn processor(revision: &str, build: Build) -> Result<PathBuf> {
    let repository = Repository::at(&product::root());
    let commit = repository
        .commit_of(revision)
        .with_context(|| format!("there is no revision {revision}; `git fetch --tags` fetches the tags of releases"))?;
    let revisions = product::target_dir()?.join("revisions");
    let sources = revisions.join(&commit);
    cache::ensure(&sources, &commit, |folder| repository.extract(&commit, folder))?;
    let step = Step::begin(format!("building voc-processor of {revision} (minutes the first time)"));
    let target = revisions.join("target");
    let mut cargo = product::cargo();
    cargo.current_dir(&sources).env("CARGO_TARGET_DIR", &target);
    cargo.args(["build", "--locked", "--package", "voc-processor", "--profile", build.profile()]);
    job::run(&mut cargo, "cargo build")?;
    step.done();
    Ok(target.join(build.folder()).join("voc-processor"))
}
