//! `cargo xtask sbom`: what a program is made of, and the licences of its parts.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::Args;
use serde::Deserialize;
use serde_json::{Value, json};
use spdx::Expression;

use crate::metadata::{Metadata, Package};
use crate::product;

/// How the names of files with licences begin, in upper case.
const LICENCE_FILES: [&str; 5] = ["LICENSE", "LICENCE", "COPYING", "COPYRIGHT", "NOTICE"];

/// Folders in folders that are searched for them: C libraries have theirs in `src/zlib`, for example.
const LICENCE_DEPTH: usize = 2;

#[derive(Args)]
pub(crate) struct SbomArgs {
    /// The package of the program, such as voc-query.
    #[arg(long)]
    package: String,
    /// The platform that it is built for.
    #[arg(long, default_value = "x86_64-unknown-linux-gnu")]
    target: String,
    /// Folder for PACKAGE.cdx.json and PACKAGE.licences.txt.
    #[arg(long)]
    output: PathBuf,
}

pub(crate) fn run(args: &SbomArgs) -> Result<()> {
    for path in write(&args.package, &args.target, &args.output)? {
        println!("{}", path.display());
    }
    Ok(())
}

/// Writes both files of a program into a folder; returns their paths.
pub(crate) fn write(package: &str, target: &str, output: &Path) -> Result<[PathBuf; 2]> {
    let metadata = Metadata::read(Some(target))?;
    let program = metadata.packages.iter().find(|found| found.source.is_none() && found.name == package);
    let program = program.with_context(|| format!("there is no package {package} in the workspace"))?;
    let parts = Parts::of(&metadata, program)?;
    fs::create_dir_all(output).with_context(|| format!("cannot create {}", output.display()))?;
    let paths = ["cdx.json", "licences.txt"].map(|end| output.join(format!("{package}.{end}")));
    let texts = [format!("{:#}\n", parts.bill_of_materials(&checksums()?)?), parts.licences()?];
    for (path, text) in paths.iter().zip(texts) {
        fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(paths)
}

/// A program and everything that is linked into it.
struct Parts<'m> {
    program: &'m Package,
    /// The others by their identifiers.
    linked: BTreeMap<&'m str, &'m Package>,
    /// What each needs.
    needs: BTreeMap<&'m str, Vec<&'m str>>,
}

impl<'m> Parts<'m> {
    fn of(metadata: &'m Metadata, program: &'m Package) -> Result<Self> {
        let by_id: HashMap<&str, &Package> =
            metadata.packages.iter().map(|package| (package.id.as_str(), package)).collect();
        let (mut linked, mut needs) = (BTreeMap::new(), BTreeMap::new());
        let mut open = vec![program.id.as_str()];
        while let Some(id) = open.pop() {
            if needs.contains_key(id) {
                continue;
            }
            let package = by_id.get(id).with_context(|| format!("cargo does not describe {id}"))?;
            linked.insert(id, *package);
            let mut needed = metadata.linked_into(id);
            needed.sort_unstable();
            open.extend(&needed);
            needs.insert(id, needed);
        }
        linked.remove(program.id.as_str());
        Ok(Self { program, linked, needs })
    }

    /// CycloneDX 1.5. It has neither a time nor a serial number, so that the same parts give the same bytes.
    fn bill_of_materials(&self, checksums: &HashMap<(String, String), String>) -> Result<Value> {
        let component = |kind: &str, package: &Package| -> Result<Value> {
            let mut component = json!({
                "type": kind,
                "bom-ref": url(package),
                "name": package.name,
                "version": package.version,
                "purl": url(package),
                "licenses": [{"expression": licence(package)?}],
            });
            if let Some(checksum) = checksums.get(&(package.name.clone(), package.version.clone())) {
                component["hashes"] = json!([{"alg": "SHA-256", "content": checksum}]);
            }
            Ok(component)
        };
        let linked = self.linked.values().map(|package| component("library", package)).collect::<Result<Vec<_>>>()?;
        let all: BTreeMap<&str, &Package> = self
            .linked
            .iter()
            .map(|(id, package)| (*id, *package))
            .chain([(self.program.id.as_str(), self.program)])
            .collect();
        let urls =
            |ids: &[&str]| ids.iter().filter_map(|id| all.get(id)).map(|package| url(package)).collect::<BTreeSet<_>>();
        let needs = self
            .needs
            .iter()
            .filter_map(|(id, needed)| Some(json!({"ref": url(all.get(id)?), "dependsOn": urls(needed)})));
        Ok(json!({
            "bomFormat": "CycloneDX",
            "specVersion": "1.5",
            "version": 1,
            "metadata": {"component": component("application", self.program)?},
            "components": linked,
            "dependencies": needs.collect::<Vec<_>>(),
        }))
    }

    /// The texts of the licences of all packages from elsewhere. Equal texts are there once, with all that have them.
    fn licences(&self) -> Result<String> {
        let mut texts: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for package in self.linked.values().filter(|package| package.source.is_some()) {
            let name = format!("{} {} ({})", package.name, package.version, licence(package)?);
            let found = licence_texts(package)?;
            if found.is_empty() {
                texts.entry(format!("{}\n", licence(package)?)).or_default().insert(name);
                continue;
            }
            for text in found {
                texts.entry(text).or_default().insert(name.clone());
            }
        }
        let program = &self.program.name;
        let mut all = format!("Licences of the packages that {program} {} is built from.\n", self.program.version);
        for (text, names) in texts {
            let names: Vec<String> = names.into_iter().collect();
            write!(all, "\n{}\n{}\n\n{}\n", "=".repeat(80), names.join("\n"), text.trim_end())?;
        }
        Ok(all)
    }
}

/// The package URL.
fn url(package: &Package) -> String {
    format!("pkg:cargo/{}@{}", package.name, package.version)
}

/// The licence as a valid SPDX expression; some packages still separate alternatives by a slash.
fn licence(package: &Package) -> Result<String> {
    let Some(written) = &package.license else { bail!("{} {} names no licence", package.name, package.version) };
    let canonical = Expression::canonicalize(written)
        .with_context(|| format!("{} {}: cannot understand the licence {written}", package.name, package.version))?;
    Ok(canonical.unwrap_or_else(|| written.clone()))
}

fn licence_texts(package: &Package) -> Result<BTreeSet<String>> {
    let mut texts = BTreeSet::new();
    let folder = package.manifest_path.parent().unwrap_or(Path::new("."));
    collect_licence_texts(folder, LICENCE_DEPTH, &mut texts)?;
    Ok(texts)
}

fn collect_licence_texts(folder: &Path, depth: usize, texts: &mut BTreeSet<String>) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let path = entry?.path();
        if path.is_dir() {
            if depth > 0 {
                collect_licence_texts(&path, depth - 1, texts)?;
            }
            continue;
        }
        let name = path.file_name().unwrap_or_default().to_string_lossy().to_uppercase();
        if LICENCE_FILES.iter().any(|beginning| name.starts_with(beginning)) {
            let text = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
            texts.insert(String::from_utf8_lossy(&text).replace("\r\n", "\n"));
        }
    }
    Ok(())
}

/// The SHA-256 of packages by name and version, as `Cargo.lock` has them.
fn checksums() -> Result<HashMap<(String, String), String>> {
    #[derive(Deserialize)]
    struct Lock {
        package: Vec<Locked>,
    }
    #[derive(Deserialize)]
    struct Locked {
        name: String,
        version: String,
        checksum: Option<String>,
    }
    let text = fs::read_to_string(product::root().join("Cargo.lock")).context("cannot read Cargo.lock")?;
    let lock: Lock = toml::from_str(&text).context("cannot understand Cargo.lock")?;
    let checksum = |package: Locked| Some(((package.name, package.version), package.checksum?));
    Ok(lock.package.into_iter().filter_map(checksum).collect())
}
