//! Where versions are written.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};

use super::version::Version;
use crate::public_api::PACKAGES;

/// The name that stands for everything that has no version of its own.
pub(super) const PRODUCT: &str = "product";

/// Where the product's version is, apart from Cargo.lock: files, and the texts around the version, `@`.
pub(super) const PLACES: [(&str, &[&str]); 8] = [
    ("Cargo.toml", &["\nversion = \"@\"\n"]),
    ("deploy/compose/compose.yaml", &["${VOC_VERSION:-@}"]),
    ("deploy/docker/Dockerfile", &["ARG VERSION=@\n", "--tag voc-query:@ "]),
    ("deploy/docker/README.md", &["voc-processor:@ ", "voc-query:@ ", "voc-standalone:@ ", "voc-standalone:@\n"]),
    ("deploy/helm/voc/Chart.yaml", &["\nversion: @\n", "\nappVersion: @\n"]),
    ("deploy/kubernetes/overlays/dev/kustomization.yaml", &["newTag: @\n"]),
    ("deploy/kubernetes/overlays/production/kustomization.yaml", &["newTag: @\n"]),
    ("docs/openapi.json", &["\"version\": \"@\""]),
];

const LOCK: &str = "Cargo.lock";

/// Files that mention the versions of other things, or of the past.
const ELSEWHERE: [&str; 5] = [".rs", ".lock", "go.mod", "go.sum", "CHANGELOG.md"];

/// A version that is replaced by another.
pub(super) struct Replacement<'n> {
    /// A crate with a version of its own, or [`PRODUCT`].
    pub(super) name: &'n str,
    pub(super) from: Version,
    pub(super) to: Version,
}

/// The files that contain these versions, as they are to be.
pub(super) fn replaced(root: &Path, replacements: &[Replacement]) -> Result<BTreeMap<String, String>> {
    let mut files = BTreeMap::new();
    for replacement in replacements.iter().filter(|replacement| replacement.from != replacement.to) {
        for (file, patterns) in places_of(root, replacement.name)? {
            if !files.contains_key(&file) {
                files.insert(file.clone(), read(root, &file)?);
            }
            let Some(text) = files.get_mut(&file) else { continue };
            for pattern in patterns {
                let [old, new] = [replacement.from, replacement.to].map(|version| with(&pattern, version));
                ensure!(
                    text.contains(&old),
                    "{file} does not contain {old:?}; correct it, or xtask/src/release/places.rs"
                );
                *text = text.replace(&old, &new);
            }
        }
    }
    Ok(files)
}

/// The lines that contain one of these versions and are not known here, among the repository's files.
pub(super) fn forgotten(root: &Path, files: &[String], versions: &[(&str, Version)]) -> Result<Vec<String>> {
    const NEW: Version = Version::new(9999, 9999, 9999);
    let replacements: Vec<_> =
        versions.iter().map(|(name, version)| Replacement { name, from: *version, to: NEW }).collect();
    let known = replaced(root, &replacements)?;
    let mut found = Vec::new();
    for file in files.iter().filter(|file| !ELSEWHERE.iter().any(|end| file.ends_with(end))) {
        let text = match known.get(file) {
            Some(text) => text.clone(),
            // Some files are not text.
            None => String::from_utf8_lossy(&fs::read(root.join(file)).unwrap_or_default()).into_owned(),
        };
        for (number, line) in (1..).zip(text.lines()) {
            if versions.iter().any(|(_, version)| mentions(line, &version.to_string())) {
                found.push(format!("{file}:{number}: {}", line.trim()));
            }
        }
    }
    Ok(found)
}

fn places_of(root: &Path, name: &str) -> Result<Vec<(String, Vec<String>)>> {
    if name != PRODUCT {
        return Ok(vec![
            ("Cargo.toml".to_owned(), vec![format!("{name} = {{ path = \"crates/{name}\", version = \"@\" }}")]),
            (LOCK.to_owned(), vec![locked(name)]),
            (format!("crates/{name}/Cargo.toml"), vec!["\nversion = \"@\"\n".to_owned()]),
        ]);
    }
    let owned = |patterns: &[&str]| patterns.iter().map(|pattern| (*pattern).to_owned()).collect();
    let mut places: Vec<(String, Vec<String>)> =
        PLACES.iter().map(|(file, patterns)| ((*file).to_owned(), owned(patterns))).collect();
    places.push((
        LOCK.to_owned(),
        members_with_the_version_of_the_product(root)?.iter().map(|name| locked(name)).collect(),
    ));
    Ok(places)
}

/// How a member of the workspace looks in Cargo.lock.
fn locked(name: &str) -> String {
    format!("name = \"{name}\"\nversion = \"@\"\n")
}

fn members_with_the_version_of_the_product(root: &Path) -> Result<Vec<String>> {
    let lock: toml::Table = read(root, LOCK)?.parse().context("cannot understand Cargo.lock")?;
    let packages = lock.get("package").and_then(toml::Value::as_array).into_iter().flatten();
    let members = packages.filter(|package| package.get("source").is_none());
    let names = members.filter_map(|package| package.get("name")?.as_str());
    Ok(names.filter(|name| !PACKAGES.contains(name)).map(str::to_owned).collect())
}

fn with(pattern: &str, version: Version) -> String {
    pattern.replace('@', &version.to_string())
}

/// Whether a line contains a version, not only as a part of a longer one.
fn mentions(line: &str, version: &str) -> bool {
    line.match_indices(version).any(|(at, _)| {
        let (before, after) = (&line[..at], &line[at + version.len()..]);
        let is_longer = |rest: &str| rest.starts_with(|next: char| next.is_ascii_digit() || next == '-');
        let ends = !is_longer(after) && !after.strip_prefix('.').is_some_and(is_longer);
        ends && !before.ends_with(|last: char| last.is_ascii_digit() || last == '.')
    })
}

pub(super) fn read(root: &Path, file: &str) -> Result<String> {
    fs::read_to_string(root.join(file)).with_context(|| format!("cannot read {file}"))
}

#[cfg(test)]
mod tests {
    use super::mentions;

    #[test]
    fn a_longer_version_is_another_one() {
        for (line, is_found) in [
            ("image: voc-query:0.1.0", true),
            ("the tag v0.1.0.", true),
            ("0.1.0 → 0.2.0", true),
            ("10.1.0", false),
            ("0.1.0.1", false),
            ("0.1.01", false),
            ("0.1.0-rc.1", false),
            ("0.80.1.0", false),
        ] {
            assert_eq!(mentions(line, "0.1.0"), is_found, "{line}");
        }
    }
}
