//! Rules about the source tree that the compiler does not check, as plain tests.
//!
//! The rules on dependencies are those of docs/ARCHITECTURE.md.

mod circles;
mod items;
mod modules;
mod names;
mod paths;
mod width;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use toml::{Table, Value};

use crate::{job, product};

/// Crates of the workspace, with the other members that they may depend on.
const ARROWS: &[(&str, &[&str])] = &[
    ("voc-events", &[]),
    ("voc-nlp", &[]),
    ("voc-store", &["voc-events"]),
    ("voc-service", &["voc-events", "voc-store", "voc-api"]),
    ("voc-ingest", &["voc-events", "voc-nlp", "voc-store"]),
    ("voc-api", &["voc-events", "voc-nlp", "voc-store"]),
    ("voc-testkit", &["voc-events", "voc-nlp", "voc-store", "voc-ingest"]),
    ("voc-bench", &["voc-events", "voc-nlp", "voc-store", "voc-ingest", "voc-api", "voc-service", "voc-testkit"]),
    ("voc-train", &["voc-nlp"]),
    ("voc-chaos", &["voc-store", "voc-testkit"]),
    ("voc-processor", &["voc-events", "voc-nlp", "voc-service", "voc-store", "voc-ingest", "voc-api"]),
    ("voc-query", &["voc-events", "voc-service", "voc-store", "voc-api"]),
    ("xtask", &[]),
];

/// External packages that only some crates may use.
const CONFINED: &[(&str, &[&str])] = &[
    ("klickhouse", &["voc-store"]),
    ("libloading", &["voc-store"]),
    // The chaos harness must produce with an idempotent client other than ours.
    ("rdkafka", &["voc-ingest", "voc-chaos"]),
    ("rskafka", &["voc-ingest"]),
    ("actix-web", &["voc-api", "voc-processor", "voc-query"]),
];

/// Packages that the design names; each is used by a library or a service.
const DESIGNED: &[&str] = &[
    "actix-web",
    "aho-corasick",
    "anyhow",
    "clap",
    "klickhouse",
    "metrics",
    "metrics-exporter-prometheus",
    "moka",
    "rskafka",
    "serde",
    "serde_json",
    "thiserror",
    "time",
    "tokio",
    "uuid",
];

/// Crates that are neither a library of the product nor a service.
const TOOLS: &[&str] = &["voc-testkit", "voc-bench", "voc-chaos", "voc-train", "xtask"];

/// Crates that other teams import on their own, and the one that is compiled before everything else: they must not
/// depend on a runtime.
const WITHOUT_TOKIO: &[&str] = &["voc-events", "voc-nlp", "xtask"];

/// Crates that other teams build without a C compiler, with their default features.
const WITHOUT_C: &[&str] = &["voc-events", "voc-nlp"];

/// Features of published crates whose dependencies need a newer compiler than the crate states.
const WITH_NEWER_COMPILER: &[(&str, &str)] = &[("voc-nlp", "onnx")];

struct Member {
    name: String,
    dir: PathBuf,
    manifest: Table,
}

impl Member {
    /// Whether it is a crate for others.
    fn is_published(&self) -> bool {
        self.manifest["package"].get("publish") == Some(&Value::Boolean(true))
    }

    /// Names of its dependencies; dev-dependencies are not restricted.
    fn dependencies(&self) -> Vec<String> {
        let direct = ["dependencies", "build-dependencies"].map(|kind| self.manifest.get(kind));
        let targets = self.manifest.get("target").and_then(Value::as_table).into_iter().flat_map(Table::values);
        let by_target = targets.map(|target| target.get("dependencies"));
        let tables = direct.into_iter().chain(by_target).flatten().filter_map(Value::as_table);
        tables.flatten().map(|(name, value)| package_name(name, value).to_owned()).collect()
    }
}

/// The package behind a dependency's name, which may be an alias.
fn package_name<'a>(name: &'a str, value: &'a Value) -> &'a str {
    value.get("package").and_then(Value::as_str).unwrap_or(name)
}

fn members() -> Vec<Member> {
    let root = product::root();
    let folders = ["crates", "bins"].map(|folder| fs::read_dir(root.join(folder)).unwrap());
    let dirs = folders.into_iter().flatten().map(|entry| entry.unwrap().path()).chain([root.join("xtask")]);
    let members: Vec<_> = dirs
        .filter(|dir| dir.join("Cargo.toml").is_file())
        .map(|dir| {
            let manifest: Table = fs::read_to_string(dir.join("Cargo.toml")).unwrap().parse().unwrap();
            let name = manifest["package"]["name"].as_str().unwrap().to_owned();
            Member { name, dir, manifest }
        })
        .collect();
    assert!(members.iter().any(|member| member.name == "voc-store"), "{} is not the workspace", root.display());
    members
}

/// All Rust files in a folder, with their contents.
fn sources(dir: &Path) -> Vec<(PathBuf, String)> {
    files(dir, "rs")
}

/// All files in a folder with this extension, with their contents.
fn files(dir: &Path, extension: &str) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut folders = vec![dir.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|own| own == extension) {
                let text = fs::read_to_string(&path).unwrap();
                found.push((path, text));
            }
        }
    }
    found
}

fn all_sources() -> Vec<(PathBuf, String)> {
    members().iter().flat_map(|member| sources(&member.dir)).collect()
}

#[test]
fn members_inherit_package_data_and_lints() {
    for member in members() {
        for key in ["version", "edition", "rust-version", "license"] {
            // Crates for others support older compilers than the services, and have versions of their own.
            if ["rust-version", "version"].contains(&key) && member.is_published() {
                assert!(
                    member.manifest["package"].get(key).is_some_and(Value::is_str),
                    "{}: package.{key}",
                    member.name
                );
                continue;
            }
            let inherited = member.manifest["package"].get(key).and_then(|value| value.get("workspace"));
            assert_eq!(inherited, Some(&Value::Boolean(true)), "{}: package.{key} is to be inherited", member.name);
        }
        let lints = member.manifest.get("lints").and_then(|lints| lints.get("workspace"));
        assert_eq!(lints, Some(&Value::Boolean(true)), "{}: lints are to be inherited", member.name);
    }
}

#[test]
fn dependencies_point_one_way() {
    let allowed: BTreeMap<_, _> = ARROWS.iter().copied().collect();
    let names: Vec<_> = members().iter().map(|member| member.name.clone()).collect();
    for member in members() {
        let Some(allowed) = allowed.get(member.name.as_str()) else {
            panic!("{} is new: say in xtask/src/tidy/mod.rs what it may depend on", member.name);
        };
        for dependency in member.dependencies().iter().filter(|dependency| names.contains(dependency)) {
            assert!(allowed.contains(&dependency.as_str()), "{} must not depend on {dependency}", member.name);
        }
    }
}

#[test]
fn confined_packages_stay_where_they_belong() {
    for member in members() {
        let dependencies = member.dependencies();
        for (package, at_home) in CONFINED {
            let uses = dependencies.iter().any(|dependency| dependency == package);
            assert!(!uses || at_home.contains(&member.name.as_str()), "{} must not know {package}", member.name);
        }
        let has_runtime = dependencies.iter().any(|dependency| dependency == "tokio");
        assert!(!has_runtime || !WITHOUT_TOKIO.contains(&member.name.as_str()), "{} is without tokio", member.name);
    }
}

#[test]
fn packages_of_the_design_are_used_by_the_product() {
    let product: Vec<_> = members().into_iter().filter(|member| !TOOLS.contains(&member.name.as_str())).collect();
    for package in DESIGNED {
        let name = format!("{}::", package.replace('-', "_"));
        let uses = |member: &&Member| {
            let is_direct = member.dependencies().iter().any(|dependency| dependency == package);
            is_direct && sources(&member.dir.join("src")).iter().any(|(_, text)| text.contains(&name))
        };
        assert!(product.iter().any(|member| uses(&member)), "no library or service uses {package}");
    }
}

#[test]
fn libraries_build_without_a_c_compiler() {
    for library in WITHOUT_C {
        let mut cargo = product::cargo();
        cargo.args(["tree", "--package", library, "--edges", "normal,build", "--prefix", "none", "--locked"]);
        let tree = job::output(&mut cargo, "cargo tree").unwrap();
        let names: Vec<_> = tree.lines().filter_map(|line| line.split(' ').next()).collect();
        assert!(names.contains(library), "{tree}");
        // Packages that build C code, find it, or bind to it.
        let is_of_c = |name: &str| ["cc", "cmake", "pkg-config", "bindgen"].contains(&name) || name.ends_with("-sys");
        assert!(!names.iter().any(|name| is_of_c(name)), "{library} needs C: {tree}");
    }
}

#[test]
fn published_crates_state_a_compiler_that_their_dependencies_support() {
    #[derive(serde::Deserialize)]
    struct Metadata {
        packages: Vec<Package>,
    }
    #[derive(serde::Deserialize)]
    struct Package {
        name: String,
        version: String,
        rust_version: Option<String>,
    }
    let mut cargo = product::cargo();
    cargo.args(["metadata", "--format-version", "1", "--all-features", "--locked"]);
    let metadata: Metadata = serde_json::from_str(&job::output(&mut cargo, "cargo metadata").unwrap()).unwrap();
    let by_package = metadata.packages.into_iter().map(|package| {
        let line = format!("{} v{}", package.name, package.version);
        (line, package.rust_version)
    });
    let by_package: BTreeMap<_, _> = by_package.collect();
    let minor = |version: &str| version.split('.').nth(1).and_then(|minor| minor.parse::<u32>().ok()).unwrap();
    for member in members().iter().filter(|member| member.is_published()) {
        let name = member.name.as_str();
        let stated = member.manifest["package"]["rust-version"].as_str().unwrap();
        let features = member.manifest["features"].as_table().unwrap().keys().map(String::as_str);
        let features: Vec<_> = features.filter(|feature| !WITH_NEWER_COMPILER.contains(&(name, feature))).collect();
        let mut cargo = product::cargo();
        cargo.args(["tree", "--package", name, "--edges", "normal,build", "--prefix", "none", "--locked"]);
        let tree = job::output(cargo.args(["--features", &features.join(",")]), "cargo tree").unwrap();
        for line in tree.lines() {
            // "(proc-macro)" and the like may follow.
            let package = line.split(' ').take(2).collect::<Vec<_>>().join(" ");
            let Some(needed) = &by_package[&package] else { continue };
            assert!(minor(needed) <= minor(stated), "{name} states Rust {stated}, but {package} needs {needed}");
        }
    }
}

#[test]
fn every_reminder_has_a_number() {
    // Assembled, so that this file does not match itself.
    let reminders = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X:")];
    for (path, text) in all_sources() {
        for (number, line) in text.lines().enumerate() {
            for reminder in reminders {
                let Some((_, rest)) = line.split_once(reminder) else { continue };
                let has_number = rest.trim_start_matches(['(', ' ', ':']).starts_with('#');
                assert!(has_number, "{}:{}: {reminder} without a number, as in #7", path.display(), number + 1);
            }
        }
    }
}

#[test]
fn only_the_binding_to_the_engine_and_counting_allocators_are_unsafe() {
    let keyword = concat!("un", "safe");
    let is_word = |character: char| character.is_alphanumeric() || character == '_';
    let uses = |text: &str| {
        let code = text.lines().filter_map(|line| line.split("//").next());
        code.flat_map(|line| line.split(|character| !is_word(character))).any(|word| word == keyword)
    };
    let files: Vec<_> = all_sources().into_iter().filter(|(_, text)| uses(text)).map(|(path, _)| path).collect();
    let counting = ["crates/voc-nlp/tests/allocations.rs", "crates/voc-events/tests/encodings_memory.rs"];
    let counting = counting.map(|file| product::root().join(file));
    let files: Vec<_> = files.into_iter().filter(|file| !counting.contains(file)).collect();
    assert_eq!(files.len(), 1, "{keyword} code belongs in one file, it is in {files:?}");
    assert!(files[0].starts_with(product::root().join("crates/voc-store/src")), "{files:?}");
}

#[test]
fn files_do_not_import_each_other_in_circles() {
    let root = product::root();
    let mut found = Vec::new();
    for member in members() {
        let files = sources(&member.dir.join("src")).into_iter();
        let files = files.map(|(path, text)| (path.strip_prefix(&root).unwrap().to_owned(), text)).collect();
        found.extend(circles::circles(&files));
    }
    assert!(found.is_empty(), "{} circles:\n{}", found.len(), found.join("\n"));
}

#[test]
fn prose_ends_before_column_120() {
    let root = product::root();
    let folders = ["crates", "bins", "docs", "deploy"].into_iter().map(|folder| root.join(folder));
    let of_folder = |folder: PathBuf| ["md", "sql", "toml"].map(|extension| files(&folder, extension)).concat();
    let mut texts: Vec<_> = folders.flat_map(of_folder).chain(all_sources()).collect();
    for entry in fs::read_dir(&root).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "md") {
            let text = fs::read_to_string(&path).unwrap();
            texts.push((path, text));
        }
    }
    let mut found = Vec::new();
    for (path, text) in &texts {
        let lines = width::too_wide(path, text).into_iter();
        found.extend(lines.map(|line| format!("{}:{line}", path.strip_prefix(&root).unwrap().display())));
    }
    assert!(found.is_empty(), "{} lines are too wide:\n{}", found.len(), found.join("\n"));
}
