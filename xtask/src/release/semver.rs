//! What has changed in a published crate since its last version, by the committed lists of public items.

use std::path::Path;

use anyhow::{Context, Result};
use toml::{Table, Value};

use super::places::read;
use super::version::Change;
use crate::git::Repository;
use crate::public_api::differences;

/// Folders and files of a crate that those who use it do not see.
const UNSEEN: [&str; 4] = ["tests/", "fuzz/", "CHANGELOG.md", "public-api.txt"];

/// What has changed, with the items that show it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Changes {
    pub(super) kind: Change,
    pub(super) items: Vec<String>,
}

impl Changes {
    /// Together with what was found in another way.
    pub(super) fn and(mut self, others: &Self) -> Self {
        self.items.extend(others.items.iter().cloned());
        Self { kind: self.kind.max(others.kind), items: self.items }
    }
}

/// What has changed in a crate since a tag; `None` if nothing has that is published.
pub(super) fn since(repository: &Repository, root: &Path, tag: &str, name: &str) -> Result<Option<Changes>> {
    let folder = format!("crates/{name}/");
    let files = repository.differing(tag, &folder, "ADMT")?;
    let is_seen = |file: &&String| !UNSEEN.iter().any(|unseen| file.starts_with(&format!("{folder}{unseen}")));
    let before = |path: &str| {
        let text = repository.file_at(tag, path)?;
        text.with_context(|| format!("{path} is missing at {tag}"))
    };
    let manifest = format!("{folder}Cargo.toml");
    let list = format!("{folder}public-api.txt");
    let manifests = [before(&manifest)?.parse()?, read(root, &manifest)?.parse()?];
    let workspaces = [before("Cargo.toml")?.parse()?, read(root, "Cargo.toml")?.parse()?];
    let mut items = differences(&before(&list)?, &read(root, &list)?);
    items.extend(changed_features(&manifests));
    let has_other_dependencies =
        dependencies(&manifests[0], &workspaces[0]) != dependencies(&manifests[1], &workspaces[1]);
    if items.is_empty() && !has_other_dependencies && !files.iter().any(|file| is_seen(&file)) {
        return Ok(None);
    }
    let kind = match items.iter().any(|item| item.starts_with('-')) {
        true => Change::Breaking,
        false if items.is_empty() => Change::Internal,
        false => Change::Addition,
    };
    Ok(Some(Changes { kind, items }))
}

/// Features with `-` if they are gone, and with `+` if they are new.
fn changed_features(manifests: &[Table; 2]) -> Vec<String> {
    let features = |manifest: &Table| -> String {
        let features = manifest.get("features").and_then(Value::as_table).into_iter().flat_map(Table::keys);
        features.map(|name| format!("feature {name}\n")).collect()
    };
    let [before, now] = manifests.each_ref().map(features);
    differences(&before, &now)
}

/// What a crate needs, as far as the workspace's manifest says it.
fn dependencies<'t>(manifest: &'t Table, workspace: &'t Table) -> Vec<(&'t String, Option<&'t Value>)> {
    let needed = manifest.get("dependencies").and_then(Value::as_table).into_iter().flat_map(Table::keys);
    let table = workspace.get("workspace").and_then(|workspace| workspace.get("dependencies"));
    needed.map(|name| (name, table.and_then(|table| table.get(name)))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_removed_feature_is_a_change() {
        let manifest = |features: &str| format!("[features]\n{features}").parse::<Table>().unwrap();
        let manifests = [manifest("a = []\nb = []"), manifest("b = ['c']\nc = []")];
        assert_eq!(changed_features(&manifests), ["- feature a", "+ feature c"]);
    }
}
