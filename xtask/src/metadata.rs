//! What cargo knows of the packages that the product is built from.

use std::path::PathBuf;

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::{job, product};

/// All packages, and which needs which.
#[derive(Deserialize)]
pub(crate) struct Metadata {
    pub(crate) packages: Vec<Package>,
    resolve: Resolve,
}

#[derive(Deserialize)]
pub(crate) struct Package {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) license: Option<String>,
    /// Its source; `None` for members of the workspace.
    pub(crate) source: Option<String>,
    /// The path of its `Cargo.toml`.
    pub(crate) manifest_path: PathBuf,
}

#[derive(Deserialize)]
struct Resolve {
    nodes: Vec<Node>,
}

#[derive(Deserialize)]
struct Node {
    id: String,
    deps: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Dependency {
    /// The name of the library.
    name: String,
    pkg: String,
    dep_kinds: Vec<DependencyKind>,
}

#[derive(Deserialize)]
struct DependencyKind {
    /// `None` for what is linked, else `dev` or `build`.
    kind: Option<String>,
}

impl Metadata {
    /// Reads it for all platforms, or for one, such as `x86_64-unknown-linux-gnu`.
    pub(crate) fn read(platform: Option<&str>) -> Result<Self> {
        let mut cargo = product::cargo();
        cargo.args(["metadata", "--format-version", "1", "--locked"]);
        if let Some(platform) = platform {
            cargo.args(["--filter-platform", platform]);
        }
        let text = job::output(&mut cargo, "cargo metadata")?;
        serde_json::from_str(&text).context("cannot read cargo's metadata")
    }

    /// The identifiers of the packages that are linked into this one. The sources of C libraries, such as
    /// `openssl-src`, are needed for the build, but are linked all the same.
    pub(crate) fn linked_into(&self, id: &str) -> Vec<&str> {
        let node = self.resolve.nodes.iter().find(|node| node.id == id);
        let dependencies = node.into_iter().flat_map(|node| &node.deps);
        let is_linked = |dependency: &&Dependency| {
            let has_kind = |wanted| dependency.dep_kinds.iter().any(|kind| kind.kind.as_deref() == wanted);
            has_kind(None) || has_kind(Some("build")) && dependency.name.ends_with("_src")
        };
        dependencies.filter(is_linked).map(|dependency| dependency.pkg.as_str()).collect()
    }
}
