//! What cargo-semver-checks finds and lists of public items do not show, such as a variant that callers do not expect.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::semver::Changes;
use super::version::Change;
use crate::git::Repository;
use crate::progress::Step;
use crate::scratch::Scratch;
use crate::{cache, job, product, public_api};

const TOOL: &str = "cargo-semver-checks";
const VERSION: &str = "0.51.0";

/// Compiles it if it is not in the cache.
fn ensure() -> Result<PathBuf> {
    let folder = cache::root()?.join("semver-checks").join(VERSION);
    cache::ensure(&folder, VERSION, |into| {
        let step = Step::begin(format!("compiling {TOOL} {VERSION} (5 minutes, once)"));
        let mut cargo = product::cargo();
        cargo.args(["install", TOOL, "--version", VERSION, "--locked", "--root"]).arg(into);
        cargo.arg("--target-dir").arg(into.join("target"));
        job::run_silently(&mut cargo, "cargo install", &into.join("log"))?;
        cache::remove_dir(&into.join("target"))?;
        step.done();
        Ok(())
    })?;
    Ok(folder.join("bin").join(TOOL))
}

/// What it finds in each crate since the tag.
pub(super) fn check(repository: &Repository, tag: &str, names: &[&str]) -> Result<Vec<Option<Changes>>> {
    let tool = ensure()?;
    let scratch = Scratch::new("semver")?;
    repository.extract(tag, scratch.path())?;
    let step = Step::begin(format!("comparing the public API with {tag}"));
    let compared = names.iter().map(|name| {
        // Not in one target folder, in which both would have one name.
        let before = public_api::describe(scratch.path(), &scratch.join("target"), name)?;
        let now = public_api::describe(&product::root(), &product::target_dir()?, name)?;
        let mut compare = Command::new(&tool);
        compare.args(["semver-checks", "--color", "never", "--release-type", "patch"]);
        compare.arg("--baseline-rustdoc").arg(&before).arg("--current-rustdoc").arg(&now);
        let output = compare.output().with_context(|| format!("cannot start {TOOL}"))?;
        // Progress and the summary, and then what was found.
        let said = [output.stderr, output.stdout].concat();
        outcome(output.status.success(), &String::from_utf8_lossy(&said))
    });
    let compared = compared.collect::<Result<Vec<_>>>()?;
    step.done();
    Ok(compared)
}

/// Understands what the tool says of a supposed patch.
fn outcome(is_patch: bool, said: &str) -> Result<Option<Changes>> {
    if is_patch {
        return Ok(None);
    }
    let kind = if said.contains("semver requires new major version") {
        Change::Breaking
    } else if said.contains("semver requires new minor version") {
        Change::Addition
    } else {
        bail!("{TOOL} failed:\n{said}");
    };
    let mut items = BTreeSet::new();
    let mut lint = "";
    let mut is_item = false;
    for line in said.lines() {
        if let Some(failure) = line.strip_prefix("--- failure ") {
            lint = failure.split(':').next().unwrap_or_default();
        }
        is_item = (is_item || line == "Failed in:") && !line.is_empty();
        if let Some(item) = line.strip_prefix("  ").filter(|_| is_item) {
            items.insert(format!("{lint}: {}", item.trim()));
        }
    }
    Ok(Some(Changes { kind, items: items.into_iter().collect() }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_of_the_tool_have_the_names_of_its_rules() {
        let said = "    Checking <unknown> v0.1.0 -> v0.1.0 (assume patch change)\n\
            \x20    Summary semver requires new major version: 1 major and 0 minor checks failed\n\
            \n--- failure enum_variant_added: enum variant added on exhaustive enum ---\n\n\
            Description:\nA publicly-visible enum has a new variant.\n\n\
            Failed in:\n  variant Kind:New in crates/voc-events/src/kind.rs:3\n  variant Kind:Newer in x.rs:4\n";
        let changes = outcome(false, said).unwrap().unwrap();
        assert_eq!(changes.kind, Change::Breaking);
        assert_eq!(changes.items.len(), 2);
        assert_eq!(changes.items[0], "enum_variant_added: variant Kind:New in crates/voc-events/src/kind.rs:3");
        assert_eq!(outcome(true, said).unwrap(), None);
        assert!(outcome(false, "error: no such file").is_err());
    }
}
