//! What a release is going to change, and what speaks against it.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use toml::{Table, Value};

use super::changelog::Changelog;
use super::places::{self, PRODUCT, Replacement, read};
use super::semver::{self, Changes};
use super::version::{Bump, Change, Version};
use crate::git::Repository;
use crate::public_api::PACKAGES;

/// The branch that is released.
const BRANCH: &str = "main";
const MIGRATIONS: &str = "crates/voc-store/migrations/";
/// Items that a message names.
const NAMED_ITEMS: usize = 20;

/// What is asked for.
pub(super) struct Wish<'w> {
    /// How the product's version is raised; `None` as far as needed.
    pub(super) bump: Option<Bump>,
    /// How those of crates are raised; the others as far as needed.
    pub(super) crates: &'w [(String, Bump)],
    /// The date of the release.
    pub(super) date: &'w str,
    /// What is known of the crates' changes beside the lists of their items.
    pub(super) further_changes: &'w BTreeMap<&'static str, Changes>,
}

/// A part of the release with a version.
pub(super) struct Part {
    /// A crate, or [`PRODUCT`].
    pub(super) name: &'static str,
    pub(super) from: Version,
    pub(super) to: Version,
    pub(super) reason: String,
}

pub(super) struct Plan {
    /// The tag of the last release; `None` if this is the first.
    pub(super) last: Option<String>,
    /// The product, and then the crates that are released with it.
    pub(super) parts: Vec<Part>,
    /// Files that change, with their new texts.
    pub(super) files: BTreeMap<String, String>,
    /// What the changelog says of this version.
    pub(super) section: String,
    /// Why this must not be released.
    pub(super) problems: Vec<String>,
}

impl Plan {
    /// The version of the product.
    pub(super) fn version(&self) -> Version {
        self.parts[0].to
    }

    pub(super) fn tag(&self) -> String {
        format!("v{}", self.version())
    }

    /// The crates to publish.
    pub(super) fn crates(&self) -> impl Iterator<Item = &Part> {
        self.parts.iter().skip(1)
    }

    pub(super) fn make(root: &Path, repository: &Repository, wish: &Wish) -> Result<Self> {
        let last = repository.last_release()?;
        let mut plan =
            Self { last, parts: Vec::new(), files: BTreeMap::new(), section: String::new(), problems: Vec::new() };
        plan.check_repository(repository)?;
        let versions = versions(root)?;
        for (name, version) in &versions {
            match *name {
                PRODUCT => plan.add_product(repository, wish, *version)?,
                name => plan.add_crate(root, repository, wish, name, *version)?,
            }
        }
        let replacements = plan.parts.iter().map(|part| Replacement { name: part.name, from: part.from, to: part.to });
        plan.files = places::replaced(root, &replacements.collect::<Vec<_>>())?;
        plan.add_changelogs(root, wish.date)?;
        let forgotten = places::forgotten(root, &repository.files()?, &versions)?;
        plan.problems.extend(forgotten.into_iter().map(|line| {
            format!(
                "{line}\n    contains a version that would stay as it is: name the place in xtask/src/release/places.rs"
            )
        }));
        if repository.has_tag(&plan.tag())? {
            plan.problems.push(format!("there is a tag {} already", plan.tag()));
        }
        Ok(plan)
    }

    fn check_repository(&mut self, repository: &Repository) -> Result<()> {
        let changed = repository.changed_files()?;
        if !changed.is_empty() {
            self.problems.push(format!("there are changes that are not committed:\n{}", listed(&changed)));
        }
        let branch = repository.branch()?;
        if branch != BRANCH {
            self.problems.push(format!("the branch is {branch}; releases are made from {BRANCH}"));
        }
        let Some(last) = &self.last else { return Ok(()) };
        if repository.commits_since(last)?.is_empty() {
            self.problems.push(format!("nothing has changed since {last}"));
        }
        let altered = repository.differing(last, MIGRATIONS, "DMT")?;
        if !altered.is_empty() {
            let altered = listed(&altered);
            self.problems.push(format!(
                "a migration never changes once it is released, but these have since {last}:\n{altered}"
            ));
        }
        Ok(())
    }

    fn add_product(&mut self, repository: &Repository, wish: &Wish, from: Version) -> Result<()> {
        let Some(last) = self.last.clone() else {
            self.add_first(PRODUCT, from, wish.bump);
            return Ok(());
        };
        let released = repository.file_at(&last, "Cargo.toml")?.context("no Cargo.toml is released")?;
        self.expect_as_released(PRODUCT, from, product_version(&released)?, &last);
        let migrations = repository.differing(&last, MIGRATIONS, "A")?;
        let (needed, reason) = match migrations.as_slice() {
            [] => (Bump::Patch, format!("no migration was added since {last}")),
            _ => (Bump::Minor, format!("migrations were added since {last}, and a patch has none")),
        };
        let bump = wish.bump.unwrap_or(needed);
        if bump < needed {
            self.problems.push(format!(
                "--bump {bump} is too small, --bump {needed} is needed: {reason}:\n{}",
                listed(&migrations)
            ));
        }
        self.parts.push(Part { name: PRODUCT, from, to: from.raised(bump), reason: format!("{bump}: {reason}") });
        Ok(())
    }

    fn add_crate(
        &mut self,
        root: &Path,
        repository: &Repository,
        wish: &Wish,
        name: &'static str,
        from: Version,
    ) -> Result<()> {
        let bump = wish.crates.iter().find(|(wished, _)| wished == name).map(|(_, bump)| *bump);
        let Some(last) = self.last.clone() else {
            self.add_first(name, from, bump);
            return Ok(());
        };
        let released = repository.file_at(&last, &manifest(name))?;
        let released = released.with_context(|| format!("{name} is missing at {last}"))?;
        self.expect_as_released(name, from, crate_version(&released)?, &last);
        let Some(mut changes) = semver::since(repository, root, &last, name)? else {
            if let Some(bump) = bump {
                self.parts.push(Part { name, from, to: from.raised(bump), reason: format!("{bump}: as asked for") });
            }
            return Ok(());
        };
        if let Some(further) = wish.further_changes.get(name) {
            changes = changes.and(further);
        }
        let needed = from.bump_for(changes.kind);
        let reason = match changes.kind {
            Change::Internal => "no public item has changed",
            Change::Addition => "there are new public items",
            Change::Breaking => "public items are gone or different",
        };
        let bump = bump.unwrap_or(needed);
        if bump < needed {
            self.problems.push(format!(
                "--crate {name}={bump} is too small, {name}={needed} is needed: {reason} since {last}:\n{}",
                listed(&changes.items)
            ));
        }
        self.parts.push(Part { name, from, to: from.raised(bump), reason: format!("{bump}: {reason} since {last}") });
        Ok(())
    }

    /// The first release has the version that is there.
    fn add_first(&mut self, name: &'static str, from: Version, bump: Option<Bump>) {
        let to = bump.map_or(from, |bump| from.raised(bump));
        self.parts.push(Part { name, from, to, reason: "the first release".to_owned() });
    }

    fn expect_as_released(&mut self, name: &str, found: Version, released: Version, last: &str) {
        if found != released {
            self.problems.push(format!(
                "the version of {name} is {found}, but {released} at {last}: set it back, because the release raises it"
            ));
        }
    }

    fn add_changelogs(&mut self, root: &Path, date: &str) -> Result<()> {
        for part in &self.parts {
            let file = changelog(part.name);
            let text = read(root, &file)?;
            let changelog = Changelog::parse(&file, &text)?;
            if changelog.unreleased().is_empty() {
                self.problems.push(format!(
                    "{file} says nothing under [Unreleased]: write for its users what is new; \
                     `cargo xtask release --changelog` writes a draft"
                ));
            }
            if part.name == PRODUCT {
                self.section = changelog.unreleased().to_owned();
            }
            self.files.insert(file, changelog.released(part.to, date));
        }
        Ok(())
    }
}

/// The path of the changelog of a crate or the product.
pub(super) fn changelog(name: &str) -> String {
    if name == PRODUCT { "CHANGELOG.md".to_owned() } else { format!("crates/{name}/CHANGELOG.md") }
}

/// The versions in the workspace: the product's, and those of the crates with a version of their own.
pub(super) fn versions(root: &Path) -> Result<Vec<(&'static str, Version)>> {
    let mut versions = vec![(PRODUCT, product_version(&read(root, "Cargo.toml")?)?)];
    for name in PACKAGES {
        versions.push((name, crate_version(&read(root, &manifest(name))?)?));
    }
    Ok(versions)
}

fn manifest(name: &str) -> String {
    format!("crates/{name}/Cargo.toml")
}

fn product_version(manifest: &str) -> Result<Version> {
    let manifest: Table = manifest.parse().context("cannot understand Cargo.toml")?;
    version(manifest.get("workspace").and_then(|workspace| workspace.get("package"))).context("Cargo.toml")
}

fn crate_version(manifest: &str) -> Result<Version> {
    let manifest: Table = manifest.parse().context("cannot understand Cargo.toml")?;
    version(manifest.get("package")).context("the Cargo.toml of a published crate")
}

fn version(package: Option<&Value>) -> Result<Version> {
    let version = package.and_then(|package| package.get("version")).and_then(Value::as_str);
    version.context("it has no version of its own")?.parse()
}

fn listed(items: &[String]) -> String {
    let mut lines: Vec<String> = items.iter().take(NAMED_ITEMS).map(|item| format!("    {item}")).collect();
    if items.len() > NAMED_ITEMS {
        lines.push(format!("    and {} more", items.len() - NAMED_ITEMS));
    }
    lines.join("\n")
}

/// Reads `NAME=BUMP`.
pub(super) fn wished_crate(text: &str) -> Result<(String, Bump)> {
    let (name, bump) = text.split_once('=').context("expected NAME=BUMP, such as voc-events=minor")?;
    ensure!(PACKAGES.contains(&name), "expected a published crate ({}), found {name:?}", PACKAGES.join(", "));
    let bump = <Bump as clap::ValueEnum>::from_str(bump, false);
    let bump = bump.map_err(|_| anyhow::anyhow!("expected patch, minor or major after {name}="))?;
    Ok((name.to_owned(), bump))
}
