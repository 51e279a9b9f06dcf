//! `cargo xtask public-api`: compares the public items of the published crates with the committed lists.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, ExitCode},
};

use anyhow::{Context, Result, bail};
use clap::Args;
use public_api::{Builder, PublicApi};

use crate::{job, product};

/// The crates that other teams import.
pub(crate) const PACKAGES: [&str; 2] = ["voc-events", "voc-nlp"];

#[derive(Args)]
pub(crate) struct PublicApiArgs {
    /// Rewrite the lists, after an intended change.
    #[arg(long)]
    update: bool,
}

/// Compares the public items of each crate with its `public-api.txt`, or rewrites that file.
pub(crate) fn run(args: &PublicApiArgs) -> Result<()> {
    let mut changed = Vec::new();
    for package in PACKAGES {
        let now = public_api_of(package)?;
        let path = product::root().join("crates").join(package).join("public-api.txt");
        if args.update {
            fs::write(&path, &now).with_context(|| format!("cannot write {}", path.display()))?;
            println!("{package}: {} public items", now.lines().count());
            continue;
        }
        let before = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        // The order of items, and their distribution over blocks, is not part of the API.
        let lines = differences(&before, &now);
        if lines.is_empty() {
            println!("{package}: {} public items, none added, removed or changed", now.lines().count());
        } else {
            changed.push(format!("{package}:\n  {}", lines.join("\n  ")));
        }
    }
    if !changed.is_empty() {
        bail!(
            "the public API changed. If that is meant, note it in the crate's CHANGELOG.md and run `cargo xtask public-api \
             --update`\n{}",
            changed.join("\n")
        );
    }
    Ok(())
}

/// The public items of a crate with all its features, one per line.
fn public_api_of(package: &str) -> Result<String> {
    let json = describe(&product::root(), &product::target_dir()?, package)?;
    let api = read(&json).with_context(|| format!("cannot read the public API from {}", json.display()))?;
    Ok(format!("{api}"))
}

/// Has rustdoc describe a crate of a workspace with all its features; returns the path of the JSON.
pub(crate) fn describe(root: &Path, target_dir: &Path, package: &str) -> Result<PathBuf> {
    let mut cargo = product::cargo();
    cargo.current_dir(root).env("CARGO_TARGET_DIR", target_dir);
    cargo.args(["rustdoc", "--locked", "--lib", "--all-features", "--package", package]);
    cargo.args(["--", "-Z", "unstable-options", "--output-format", "json"]);
    let rustdoc = env::var_os("RUSTDOC").unwrap_or_else(|| "rustdoc".into());
    cargo.env("RUSTDOC", env::current_exe()?).env(AS_RUSTDOC, rustdoc).env_remove("RUSTDOCFLAGS");
    job::run(&mut cargo, "cargo rustdoc")?;
    Ok(target_dir.join("doc").join(package.replace('-', "_")).with_extension("json"))
}

/// Names the real rustdoc when this program is called in its place.
const AS_RUSTDOC: &str = "VOC_XTASK_RUSTDOC";

/// Acts as rustdoc if this program is called in its place; otherwise does nothing. Documentation as JSON is unstable,
/// and the variable that makes the stable rustdoc write it would cause cargo to rebuild everything else.
pub(crate) fn as_rustdoc() -> Option<ExitCode> {
    let rustdoc = env::var_os(AS_RUSTDOC)?;
    let status = Command::new(&rustdoc).args(env::args_os().skip(1)).env("RUSTC_BOOTSTRAP", "1").status();
    match status {
        Ok(status) if status.success() => Some(ExitCode::SUCCESS),
        Ok(_) => Some(ExitCode::FAILURE),
        Err(error) => {
            eprintln!("error: cannot run {}: {error}", rustdoc.display());
            Some(ExitCode::FAILURE)
        }
    }
}

fn read(json: &Path) -> Result<PublicApi> {
    let builder = Builder::from_rustdoc_json(json);
    // Items that every type has or derives are long and carry little information.
    Ok(builder.omit_blanket_impls(true).omit_auto_trait_impls(true).omit_auto_derived_impls(true).build()?)
}

/// Lines that only the first text has, with `-`, and lines that only the second has, with `+`.
pub(crate) fn differences(before: &str, now: &str) -> Vec<String> {
    let without = |sign, lines: &str, others: &str| -> Vec<String> {
        let others: std::collections::HashSet<&str> = others.lines().collect();
        lines.lines().filter(|line| !others.contains(line)).map(|line| format!("{sign} {line}")).collect()
    };
    [without('-', before, now), without('+', now, before)].concat()
}

#[cfg(test)]
mod tests {
    use super::differences;

    #[test]
    fn added_and_removed_items_are_named() {
        let (before, now) = ("pub fn a()\npub fn b()\n", "pub fn b()\npub fn c()\n");
        assert_eq!(differences(before, now), ["- pub fn a()", "+ pub fn c()"]);
        assert!(differences(before, before).is_empty());
    }
}
