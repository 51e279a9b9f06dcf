//! Releases of a small workspace in a repository of its own.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use super::archives::{checksums, pack};
use super::places::{self, PLACES, PRODUCT};
use super::plan::{self, Plan, Wish};
use super::semver::Changes;
use super::version::{Bump, Change};
use super::{Place, refuse};
use crate::product;

const EVENTS: &str = "crates/voc-events/";
const MIGRATIONS: &str = "crates/voc-store/migrations/";

/// A workspace with two published crates and a program.
struct Workspace {
    place: Place,
    _dir: TempDir,
}

impl Workspace {
    /// Everything is committed, nothing is released.
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().join("workspace");
        let workspace = Self { place: Place { target_dir: dir.path().join("target"), root }, _dir: dir };
        for (file, patterns) in PLACES {
            workspace.write(file, &format!("\n{}\n", patterns.concat().replace('@', "0.1.0")));
        }
        workspace.write(
            "Cargo.toml",
            "[workspace]\nresolver = \"3\"\nmembers = [\"crates/voc-events\", \"crates/voc-nlp\", \"bins/voc-query\"]\n\n\
             [workspace.package]\nversion = \"0.1.0\"\n\n[workspace.dependencies]\n\
             voc-events = { path = \"crates/voc-events\", version = \"0.1.0\" }\n\
             voc-nlp = { path = \"crates/voc-nlp\", version = \"0.1.0\" }\n",
        );
        let mut lock = "version = 4\n".to_owned();
        for name in ["voc-events", "voc-nlp", "voc-query"] {
            lock += &format!("\n[[package]]\nname = \"{name}\"\nversion = \"0.1.0\"\n");
            let (folder, version) = match name {
                "voc-query" => ("bins", "version.workspace = true"),
                _ => ("crates", "version = \"0.1.0\""),
            };
            let about =
                "edition = \"2024\"\nlicense = \"MIT\"\ndescription = \"Words\"\nrepository = \"https://localhost\"";
            workspace.write(
                &format!("{folder}/{name}/Cargo.toml"),
                &format!("[package]\nname = \"{name}\"\n{version}\n{about}\n\n[features]\nmore = []\n"),
            );
            workspace.write(&format!("{folder}/{name}/src/lib.rs"), "pub fn first() {}\npub fn second() {}\n");
            workspace.write(&format!("{folder}/{name}/public-api.txt"), "pub fn first()\npub fn second()\n");
            workspace
                .write(&format!("{folder}/{name}/CHANGELOG.md"), "# Changelog\n\n## [Unreleased]\n\nEverything.\n");
        }
        workspace.write("Cargo.lock", &lock);
        workspace.write("CHANGELOG.md", "# Changelog\n\n## [Unreleased]\n\n### Added\n\n- Everything.\n");
        workspace.write(&format!("{MIGRATIONS}0001_first.sql"), "CREATE TABLE first;\n");
        workspace.git(&["init", "--quiet", "--initial-branch", "main"]);
        for (name, value) in
            [("user.name", "A"), ("user.email", "a@localhost"), ("commit.gpgSign", "false"), ("tag.gpgSign", "false")]
        {
            workspace.git(&["config", name, value]);
        }
        workspace.commit("Everything");
        workspace
    }

    /// After its first release.
    fn released() -> Self {
        let workspace = Self::new();
        workspace.release(&workspace.plan(None, &[]));
        workspace
    }

    fn write(&self, file: &str, text: &str) {
        let path = self.place.root.join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn read(&self, file: &str) -> String {
        fs::read_to_string(self.place.root.join(file)).unwrap()
    }

    fn git(&self, arguments: &[&str]) -> String {
        let mut git = Command::new("git");
        let output = git.args(arguments).current_dir(&self.place.root).output().unwrap();
        assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    fn commit(&self, subject: &str) {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--message", subject]);
    }

    /// Writes that something is new into these changelogs, and commits everything.
    fn note(&self, changelogs: &[&str]) {
        for file in changelogs {
            let text = self.read(file).replace("## [Unreleased]\n", "## [Unreleased]\n\n- More.\n");
            self.write(file, &text);
        }
        self.commit("Changelogs");
    }

    fn plan(&self, bump: Option<Bump>, crates: &[(&str, Bump)]) -> Plan {
        self.plan_with(bump, crates, &BTreeMap::new())
    }

    fn plan_with(
        &self,
        bump: Option<Bump>,
        crates: &[(&str, Bump)],
        further_changes: &BTreeMap<&'static str, Changes>,
    ) -> Plan {
        let crates: Vec<_> = crates.iter().map(|(name, bump)| ((*name).to_owned(), *bump)).collect();
        let wish = Wish { bump, crates: &crates, date: "2026-02-03", further_changes };
        Plan::make(&self.place.root, &self.place.repository(), &wish).unwrap()
    }

    fn release(&self, plan: &Plan) {
        refuse(plan).unwrap();
        self.place.release(plan).unwrap();
    }

    /// Why a release with these wishes is refused.
    fn refusal(&self, bump: Option<Bump>, crates: &[(&str, Bump)]) -> String {
        refuse(&self.plan(bump, crates)).unwrap_err().to_string()
    }
}

/// Versions of the parts of a release.
fn versions(plan: &Plan) -> Vec<String> {
    plan.parts.iter().map(|part| format!("{} {} {}", part.name, part.from, part.to)).collect()
}

#[test]
fn every_version_of_this_workspace_is_in_a_known_place() {
    let root = product::root();
    let files = crate::git::Repository::at(&root).files().unwrap();
    let found = places::forgotten(&root, &files, &plan::versions(&root).unwrap()).unwrap();
    assert!(found.is_empty(), "add these places to xtask/src/release/places.rs:\n{}", found.join("\n"));
}

#[test]
fn the_first_release_has_the_version_that_is_there() {
    let workspace = Workspace::new();
    let plan = workspace.plan(None, &[]);
    assert_eq!(versions(&plan), ["product 0.1.0 0.1.0", "voc-events 0.1.0 0.1.0", "voc-nlp 0.1.0 0.1.0"]);
    assert_eq!(workspace.git(&["status", "--porcelain"]), "", "a plan changes nothing");
    workspace.release(&plan);

    assert_eq!(workspace.git(&["status", "--porcelain"]), "");
    assert_eq!(workspace.git(&["log", "--format=%s", "--max-count=1"]).trim(), "Version 0.1.0");
    assert_eq!(workspace.git(&["cat-file", "-t", "v0.1.0"]).trim(), "tag");
    let text = workspace.git(&["tag", "--list", "--format=%(contents)", "v0.1.0"]);
    assert_eq!(text.trim(), "Version 0.1.0\n\n### Added\n\n- Everything.");
    for file in ["CHANGELOG.md", "crates/voc-events/CHANGELOG.md", "crates/voc-nlp/CHANGELOG.md"] {
        let text = workspace.read(file);
        assert!(text.starts_with("# Changelog\n\n## [Unreleased]\n\n## [0.1.0] - 2026-02-03\n\n"), "{text}");
    }
    let again = workspace.refusal(None, &[]);
    for part in ["nothing has changed since v0.1.0", "CHANGELOG.md says nothing under [Unreleased]"] {
        assert!(again.contains(part), "{again}");
    }
}

#[test]
fn only_what_has_changed_gets_a_version() {
    let workspace = Workspace::released();
    workspace.write(&format!("{EVENTS}src/lib.rs"), "pub fn first() {}\npub fn second() {}\npub fn third() {}\n");
    workspace.write(&format!("{EVENTS}public-api.txt"), "pub fn first()\npub fn second()\npub fn third()\n");
    // What others do not see is no reason to publish a crate.
    workspace.write("crates/voc-nlp/tests/first.rs", "");
    workspace.write(&format!("{MIGRATIONS}0002_second.sql"), "CREATE TABLE second;\n");
    workspace.note(&["CHANGELOG.md", "crates/voc-events/CHANGELOG.md"]);
    let plan = workspace.plan(None, &[]);
    assert_eq!(versions(&plan), ["product 0.1.0 0.2.0", "voc-events 0.1.0 0.1.1"]);
    workspace.release(&plan);

    assert_eq!(workspace.git(&["tag", "--list"]), "v0.1.0\nv0.2.0\n");
    for (file, patterns) in PLACES {
        let text = workspace.read(file);
        for pattern in patterns {
            assert!(text.contains(&pattern.replace('@', "0.2.0")), "{file}: {text}");
        }
    }
    assert!(workspace.read("crates/voc-events/Cargo.toml").contains("version = \"0.1.1\""));
    let manifest = workspace.read("Cargo.toml");
    assert!(manifest.contains("voc-events = { path = \"crates/voc-events\", version = \"0.1.1\" }"), "{manifest}");
    assert!(manifest.contains("voc-nlp = { path = \"crates/voc-nlp\", version = \"0.1.0\" }"), "{manifest}");
    let locked: Vec<_> = workspace
        .read("Cargo.lock")
        .lines()
        .filter_map(|line| Some(line.strip_prefix("version = \"")?.to_owned()))
        .collect();
    assert_eq!(locked, ["0.1.1\"", "0.1.0\"", "0.2.0\""]);
    let changelog = workspace.read("CHANGELOG.md");
    assert!(changelog.contains("## [0.2.0] - 2026-02-03\n\n- More.\n\n## [0.1.0] - 2026-02-03\n"), "{changelog}");
    // Wishes beyond what is needed are granted.
    workspace.write("bins/voc-query/src/lib.rs", "");
    workspace.note(&["CHANGELOG.md", "crates/voc-nlp/CHANGELOG.md"]);
    let plan = workspace.plan(Some(Bump::Major), &[("voc-nlp", Bump::Minor)]);
    assert_eq!(versions(&plan), ["product 0.2.0 1.0.0", "voc-nlp 0.1.0 0.2.0"]);
    refuse(&plan).unwrap();
}

#[test]
fn a_bump_that_is_too_small_is_refused_with_the_reasons() {
    let workspace = Workspace::released();
    workspace.write(&format!("{EVENTS}public-api.txt"), "pub fn first(u8)\npub fn second()\n");
    workspace.write("crates/voc-nlp/Cargo.toml", &workspace.read("crates/voc-nlp/Cargo.toml").replace("more", "less"));
    workspace.write(&format!("{MIGRATIONS}0002_second.sql"), "CREATE TABLE second;\n");
    workspace.note(&["CHANGELOG.md", "crates/voc-events/CHANGELOG.md", "crates/voc-nlp/CHANGELOG.md"]);
    let refusal = workspace.refusal(Some(Bump::Patch), &[("voc-events", Bump::Patch), ("voc-nlp", Bump::Patch)]);
    for part in [
        "v0.1.1 cannot be released",
        "--bump patch is too small, --bump minor is needed",
        "0002_second.sql",
        "--crate voc-events=patch is too small, voc-events=minor is needed",
        "- pub fn first()\n    + pub fn first(u8)",
        "--crate voc-nlp=patch is too small",
        "- feature more",
    ] {
        assert!(refusal.contains(part), "missing {part:?} in: {refusal}");
    }
    let plan = workspace.plan(None, &[]);
    assert_eq!(versions(&plan), ["product 0.1.0 0.2.0", "voc-events 0.1.0 0.2.0", "voc-nlp 0.1.0 0.2.0"]);
    refuse(&plan).unwrap();
}

#[test]
fn what_the_lists_do_not_show_raises_a_version_too() {
    let workspace = Workspace::released();
    workspace.write(&format!("{EVENTS}src/lib.rs"), "pub fn first() {}\npub fn second() { first() }\n");
    workspace.note(&["CHANGELOG.md", "crates/voc-events/CHANGELOG.md"]);
    assert_eq!(versions(&workspace.plan(None, &[])), ["product 0.1.0 0.1.1", "voc-events 0.1.0 0.1.1"]);
    let changes = Changes { kind: Change::Breaking, items: vec!["enum_variant_added: Kind::New".to_owned()] };
    let further = BTreeMap::from([("voc-events", changes)]);
    let plan = workspace.plan_with(None, &[], &further);
    assert_eq!(versions(&plan), ["product 0.1.0 0.1.1", "voc-events 0.1.0 0.2.0"]);
    let refusal = refuse(&workspace.plan_with(None, &[("voc-events", Bump::Patch)], &further)).unwrap_err().to_string();
    assert!(refusal.contains("enum_variant_added: Kind::New"), "{refusal}");
}

#[test]
fn another_dependency_is_a_change() {
    let workspace = Workspace::new();
    let (root, nlp) = (workspace.read("Cargo.toml"), workspace.read("crates/voc-nlp/Cargo.toml"));
    workspace.write("Cargo.toml", &format!("{root}memchr = \"2.7\"\n"));
    workspace.write("crates/voc-nlp/Cargo.toml", &format!("{nlp}\n[dependencies]\nmemchr.workspace = true\n"));
    workspace.commit("It needs something");
    workspace.git(&["tag", "v0.1.0"]);
    workspace.write("Cargo.toml", &format!("{root}memchr = \"2.8\"\n"));
    workspace.commit("It needs something newer");
    assert_eq!(versions(&workspace.plan(None, &[])), ["product 0.1.0 0.1.1", "voc-nlp 0.1.0 0.1.1"]);
}

#[test]
fn what_is_not_ready_is_refused_before_anything_changes() {
    let workspace = Workspace::released();
    workspace.git(&["switch", "--quiet", "--create", "other"]);
    let elsewhere = workspace.git(&["commit-tree", "HEAD^{tree}", "-m", "On another branch"]);
    workspace.git(&["tag", "v0.1.1", elsewhere.trim()]);
    workspace.write(&format!("{MIGRATIONS}0001_first.sql"), "CREATE TABLE other;\n");
    workspace.write("deploy/somewhere.yaml", "tag: v0.1.0\nother: 0.1.01\n");
    workspace
        .write("crates/voc-nlp/Cargo.toml", &workspace.read("crates/voc-nlp/Cargo.toml").replace("0.1.0", "0.1.3"));
    let replace = |file: &str, old: &str, new: &str| workspace.write(file, &workspace.read(file).replace(old, new));
    replace("Cargo.toml", "voc-nlp\", version = \"0.1.0\"", "voc-nlp\", version = \"0.1.3\"");
    replace("Cargo.lock", "name = \"voc-nlp\"\nversion = \"0.1.0\"", "name = \"voc-nlp\"\nversion = \"0.1.3\"");
    workspace.commit("Several things");
    workspace.write("README.md", "");
    let refusal = workspace.refusal(None, &[]);
    for part in [
        "changes that are not committed:\n    ?? README.md",
        "the branch is other; releases are made from main",
        "there is a tag v0.1.1 already",
        "CHANGELOG.md says nothing under [Unreleased]",
        "crates/voc-nlp/CHANGELOG.md says nothing",
        "have since v0.1.0:\n    crates/voc-store/migrations/0001_first.sql",
        "the version of voc-nlp is 0.1.3, but 0.1.0 at v0.1.0",
        "deploy/somewhere.yaml:1: tag: v0.1.0",
    ] {
        assert!(refusal.contains(part), "missing {part:?} in: {refusal}");
    }
    assert!(!refusal.contains("0.1.01") && !refusal.contains("voc-events"), "{refusal}");
    assert_eq!(workspace.git(&["status", "--porcelain"]), "?? README.md\n");
}

#[test]
fn a_file_without_the_version_it_should_have_is_an_error() {
    let workspace = Workspace::released();
    workspace.write("deploy/helm/voc/Chart.yaml", "\nversion: 0.1.0\nappVersion: 0.0.9\n");
    workspace.note(&["CHANGELOG.md"]);
    let wish = Wish { bump: None, crates: &[], date: "2026-02-03", further_changes: &BTreeMap::new() };
    let error = Plan::make(&workspace.place.root, &workspace.place.repository(), &wish).err().unwrap().to_string();
    assert!(error.contains("deploy/helm/voc/Chart.yaml does not contain \"\\nappVersion: 0.1.0\\n\""), "{error}");
}

#[test]
fn a_package_that_does_not_build_leaves_everything_as_it_was() {
    let workspace = Workspace::new();
    workspace.write("crates/voc-nlp/src/lib.rs", "pub fn first() { second() }\n");
    workspace.commit("It does not build");
    let plan = workspace.plan(None, &[]);
    let error = format!("{:#}", workspace.place.release(&plan).unwrap_err());
    assert!(error.contains("the files are as they were") && error.contains("cargo package failed"), "{error}");
    assert_eq!(workspace.git(&["status", "--porcelain"]), "");
    assert_eq!(workspace.git(&["tag", "--list"]), "");
    assert_eq!(workspace.git(&["log", "--format=%s"]), "It does not build\nEverything\n");
}

#[test]
fn drafts_of_changelogs_list_the_commits_since_the_last_release() {
    let workspace = Workspace::new();
    let first = workspace.place.draft_changelogs().unwrap_err().to_string();
    assert!(first.contains("the first release is summed up by hand"), "{first}");
    workspace.release(&workspace.plan(None, &[]));
    for (subject, file) in [
        ("Events have units", "crates/voc-events/src/units.rs"),
        ("The API is quicker", "crates/voc-api/src/lib.rs"),
        ("Tests are stricter", "crates/voc-nlp/tests/strict.rs"),
    ] {
        workspace.write(file, "");
        workspace.commit(subject);
    }
    workspace.place.draft_changelogs().unwrap();
    let expected = "## [Unreleased]\n\n### Events\n\n- Events have units.\n\n### API\n\n- The API is quicker.\n\n\
                    ### Tooling\n\n- Tests are stricter.\n\n## [0.1.0]";
    let changelog = workspace.read("CHANGELOG.md");
    assert!(changelog.contains(expected), "{changelog}");
    let of_events = workspace.read("crates/voc-events/CHANGELOG.md");
    assert!(of_events.contains("### Events\n\n- Events have units.\n\n## [0.1.0]"), "{of_events}");
    assert!(!workspace.read("crates/voc-nlp/CHANGELOG.md").contains("stricter"));
    // What somebody has written stays.
    workspace.place.draft_changelogs().unwrap();
    assert_eq!(workspace.read("CHANGELOG.md"), changelog);
}

#[test]
fn a_crate_is_wished_for_by_its_name() {
    assert_eq!(plan::wished_crate("voc-nlp=major").unwrap(), ("voc-nlp".to_owned(), Bump::Major));
    for (wrong, expected) in [
        ("voc-nlp", "NAME=BUMP"),
        ("voc-store=minor", "a published crate (voc-events, voc-nlp)"),
        ("voc-nlp=huge", "patch, minor or major"),
        (PRODUCT, "NAME=BUMP"),
    ] {
        let error = plan::wished_crate(wrong).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
}

#[test]
fn the_same_files_give_the_same_archive() {
    let dir = tempfile::tempdir().unwrap();
    let made = [("one", ["program", "README.md"], 0o700, 0o600), ("other", ["README.md", "program"], 0o775, 0o664)];
    let archives = made.map(|(place, names, program, document)| {
        let folder = dir.path().join(place).join("voc-query-0.1.0-x86_64-unknown-linux-gnu");
        fs::create_dir_all(&folder).unwrap();
        for name in names {
            let file = folder.join(name);
            fs::write(&file, name).unwrap();
            let mode = if name == "program" { program } else { document };
            fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
        }
        pack(&folder, 1_700_000_000).unwrap()
    });
    let [one, other] = archives.each_ref().map(|archive| fs::read(archive).unwrap());
    assert!(one == other, "the archives differ");
    let name = "voc-query-0.1.0-x86_64-unknown-linux-gnu";
    assert!(archives[0].ends_with(format!("{name}.tar.gz")), "{archives:?}");
    let mut list = Command::new("tar");
    list.args(["--utc", "--full-time", "-tvf"]).arg(&archives[0]);
    let listed = String::from_utf8(list.output().unwrap().stdout).unwrap();
    let listed: Vec<Vec<&str>> = listed.lines().map(|line| line.split_whitespace().collect()).collect();
    let fields = |field: usize| listed.iter().map(|line| line[field]).collect::<Vec<_>>();
    assert_eq!(fields(0), ["drwxr-xr-x", "-rw-r--r--", "-rwxr-xr-x"]);
    assert_eq!(fields(1), ["0/0"; 3]);
    assert_eq!(fields(3), ["2023-11-14"; 3]);
    assert_eq!(fields(4), ["22:13:20"; 3]);
    assert_eq!(fields(5), [format!("{name}/"), format!("{name}/README.md"), format!("{name}/program")]);

    let sums = archives[0].with_file_name("SHA256SUMS");
    fs::write(&sums, checksums(&archives[..1]).unwrap()).unwrap();
    let check = |sums: &Path| {
        let mut check = Command::new("sha256sum");
        check.args(["--check", "--strict"]).arg(sums).current_dir(sums.parent().unwrap());
        check.output().unwrap().status.success()
    };
    assert!(check(&sums));
    fs::write(&archives[0], "another").unwrap();
    assert!(!check(&sums));
}
