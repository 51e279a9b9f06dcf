//! Checks the licences of all dependencies against the policy in `deny.toml`.

use std::fs;

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use spdx::{Expression, Licensee, ParseMode};

use crate::metadata::{Metadata, Package};
use crate::{job, product};

/// Checks with cargo-deny if it is installed, otherwise by the same policy without it.
pub(crate) fn run() -> Result<()> {
    if job::output(product::cargo().args(["deny", "--version"]), "cargo deny").is_ok() {
        return check_with_cargo_deny();
    }
    let policy = fs::read_to_string(product::root().join("deny.toml")).context("cannot read deny.toml")?;
    let policy: Policy = toml::from_str(&policy).context("cannot understand deny.toml")?;
    let metadata = Metadata::read(None)?;

    let foreign: Vec<_> = metadata.packages.iter().filter(|package| package.source.is_some()).collect();
    let objections: Vec<_> = foreign.iter().filter_map(|package| policy.objection(package)).collect();
    if !objections.is_empty() {
        bail!("{} packages are against the policy in deny.toml:\n  {}", objections.len(), objections.join("\n  "));
    }
    println!("{} packages from elsewhere, all under licences that deny.toml allows", foreign.len());
    println!("advisories were not checked: that requires cargo-deny");
    Ok(())
}

fn check_with_cargo_deny() -> Result<()> {
    job::run(product::cargo().args(["deny", "check", "licenses", "bans", "sources"]), "cargo deny")?;
    if let Err(error) = job::output(product::cargo().args(["deny", "fetch", "db"]), "cargo deny fetch") {
        println!("advisories were not checked, their database cannot be fetched: {error:#}");
        return Ok(());
    }
    job::run(product::cargo().args(["deny", "check", "advisories"]), "cargo deny")
}

/// The part of cargo-deny's configuration that can be checked from cargo's metadata alone.
#[derive(Deserialize)]
struct Policy {
    licenses: Licences,
}

#[derive(Deserialize)]
struct Licences {
    allow: Vec<String>,
    #[serde(default)]
    exceptions: Vec<Exception>,
}

/// Licences allowed for only one package.
#[derive(Deserialize)]
struct Exception {
    #[serde(rename = "crate")]
    package: String,
    allow: Vec<String>,
}

impl Policy {
    /// The objection to a package, if any.
    fn objection(&self, package: &Package) -> Option<String> {
        let reason = self.refusal(package).err()?;
        Some(format!("{} {}: {reason:#}", package.name, package.version))
    }

    fn refusal(&self, package: &Package) -> Result<()> {
        if package.source.as_deref().is_some_and(|source| !source.starts_with("registry+")) {
            bail!("comes from {}, not from the registry", package.source.as_deref().unwrap_or_default());
        }
        let licence = package.license.as_deref().context("names no licence")?;
        let expression =
            Expression::parse_mode(licence, ParseMode::LAX).with_context(|| format!("cannot understand {licence}"))?;
        let exceptions = self.licenses.exceptions.iter().filter(|exception| exception.package == package.name);
        let allowed: Vec<Licensee> = exceptions
            .flat_map(|exception| &exception.allow)
            .chain(&self.licenses.allow)
            .map(|text| Licensee::parse(text).with_context(|| format!("deny.toml: cannot understand {text}")))
            .collect::<Result<_>>()?;
        if !expression.evaluate(|required| allowed.iter().any(|licensee| licensee.satisfies(required))) {
            bail!("{licence} is not allowed");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    fn objection(licence: Option<&str>, source: &str) -> Option<String> {
        let policy = r#"
            [licenses]
            allow = ["MIT", "Apache-2.0"]
            exceptions = [{ crate = "special", allow = ["MPL-2.0"] }]
        "#;
        let policy: Policy = toml::from_str(policy).unwrap();
        let package = |name: &str| Package {
            id: name.to_owned(),
            manifest_path: PathBuf::new(),
            name: name.to_owned(),
            version: "1.0.0".to_owned(),
            license: licence.map(str::to_owned),
            source: Some(source.to_owned()),
        };
        assert!(licence != Some("MPL-2.0") || policy.objection(&package("special")).is_none());
        policy.objection(&package("thing"))
    }

    #[test]
    fn licences_are_checked_against_the_policy() {
        for allowed in ["MIT", "MIT OR GPL-3.0-only", "MIT/Apache-2.0", "MIT AND Apache-2.0"] {
            assert_eq!(objection(Some(allowed), "registry+x"), None, "{allowed}");
        }
        for (refused, why) in [
            (Some("GPL-3.0-only"), "thing 1.0.0: GPL-3.0-only is not allowed"),
            (Some("MIT AND MPL-2.0"), "thing 1.0.0: MIT AND MPL-2.0 is not allowed"),
            (Some("MPL-2.0"), "thing 1.0.0: MPL-2.0 is not allowed"),
            (None, "thing 1.0.0: names no licence"),
        ] {
            assert_eq!(objection(refused, "registry+x").as_deref(), Some(why));
        }
        let from_git = objection(Some("MIT"), "git+x").unwrap();
        assert!(from_git.contains("not from the registry"), "{from_git}");
    }
}
