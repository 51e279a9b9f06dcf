//! Fetches Apicurio Registry with Maven.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::progress::Step;
use crate::{cache, integrity, job};

const VERSION: &str = "2.6.13.Final";

/// Subresource integrity of the archive.
const INTEGRITY: &str =
    "sha512-EdNuc0DtjWIYdVpm0/84/m6cm9nHI+rp2hMdDhgR1NEgX9LD2k7AUvGhkz4H2WoHKtLGIKsIVNt17zy1ti7kDw==";

/// Returns the jar that runs the registry, with its libraries next to it, fetching them first if needed.
///
/// A jar named by `VOC_TEST_REGISTRY_JAR` is used unchecked, and nothing is fetched.
pub(crate) fn ensure() -> Result<PathBuf> {
    if let Some(jar) = std::env::var_os("VOC_TEST_REGISTRY_JAR").filter(|value| !value.is_empty()) {
        let jar = std::path::absolute(jar)?;
        if !jar.is_file() {
            bail!("VOC_TEST_REGISTRY_JAR names {}, which is not a file", jar.display());
        }
        return Ok(jar);
    }
    let folder = cache::root()?.join("registry").join(VERSION);
    cache::ensure(&folder, INTEGRITY, fetch)?;
    Ok(folder.join(format!("apicurio-registry-app-{VERSION}-runner.jar")))
}

fn fetch(into: &Path) -> Result<()> {
    let step = Step::begin(format!("fetching Apicurio Registry {VERSION} with Maven (142 MB, once)"));
    let mut maven = Command::new("mvn");
    // A single file without dependencies: it contains everything the registry needs.
    maven
        .args(["-q", "-B", "dependency:copy"])
        .arg(format!("-Dartifact=io.apicurio:apicurio-registry-app:{VERSION}:tar.gz:all"))
        .arg("-DoutputDirectory=.")
        .current_dir(into);
    job::run_silently(&mut maven, "mvn", &into.join("maven.log")).context(
        "cannot fetch the schema registry: install Maven and Java 17, or set VOC_TEST_REGISTRY_JAR to its jar",
    )?;
    let archive = into.join(format!("apicurio-registry-app-{VERSION}-all.tar.gz"));
    integrity::verify(&archive, INTEGRITY)?;
    job::run(Command::new("tar").args(["--no-same-owner", "-xzf"]).arg(&archive).arg("-C").arg(into), "tar")?;
    std::fs::remove_file(&archive)?;
    step.done();
    Ok(())
}
