//! `cargo xtask archives`: the programs as archives, with their checksums.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use sha2::{Digest, Sha256};

use crate::git::Repository;
use crate::product::{self, Build, Programs};
use crate::progress::Step;
use crate::scratch::Scratch;
use crate::{cache, job, sbom};

const PROGRAMS: [&str; 2] = ["voc-processor", "voc-query"];
/// Files of the repository that are in each archive.
const DOCUMENTS: [&str; 4] = ["CHANGELOG.md", "LICENSE-APACHE", "LICENSE-MIT", "README.md"];
const CHECKSUMS: &str = "SHA256SUMS";

/// Builds the programs and their archives into `target/archives/vX.Y.Z`.
pub(crate) fn build() -> Result<()> {
    let root = product::root();
    let repository = Repository::at(&root);
    let is_committed = || {
        let changed = repository.changed_files()?;
        ensure!(changed.is_empty(), "archives are made of a commit, but there are changes: {}", changed.join(", "));
        Ok(())
    };
    is_committed()?;
    let programs = Programs::build(&PROGRAMS, Build::Release)?;
    is_committed()?;
    let (time, platform) = (repository.commit_time()?, platform()?);
    let step = Step::begin("packing the archives");
    let scratch = Scratch::new("archives")?;
    let version = version_of(&programs, PROGRAMS[0])?;
    let mut made = Vec::new();
    for program in PROGRAMS {
        let own = version_of(&programs, program)?;
        ensure!(own == version, "{program} has the version {own}, and {} has {version}", PROGRAMS[0]);
        let name = format!("{program}-{version}-{platform}");
        let content = scratch.join(&name);
        fs::create_dir(&content).with_context(|| format!("cannot create {}", content.display()))?;
        let binary = content.join(program);
        fs::copy(programs.path(program), &binary).with_context(|| format!("cannot copy {program}"))?;
        // Symbols are four fifths of it.
        job::output(Command::new("strip").arg("--strip-all").arg(&binary), "strip")?;
        for document in DOCUMENTS {
            fs::copy(root.join(document), content.join(document)).with_context(|| format!("cannot copy {document}"))?;
        }
        sbom::write(program, &platform, &content)?;
        made.push(pack(&content, time)?);
    }
    let folder = product::target_dir()?.join("archives").join(format!("v{version}"));
    cache::remove_dir(&folder)?;
    fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
    fs::write(folder.join(CHECKSUMS), checksums(&made)?)?;
    for archive in &made {
        let name = archive.file_name().context("an archive has a name")?;
        fs::copy(archive, folder.join(name)).with_context(|| format!("cannot copy {}", archive.display()))?;
    }
    step.done();
    for entry in fs::read_dir(&folder)? {
        println!("{}", entry?.path().display());
    }
    Ok(())
}

/// The version that a program says it has.
fn version_of(programs: &Programs, program: &str) -> Result<String> {
    let said = job::output(programs.command(program).arg("--version"), program)?;
    let version = said.trim().rsplit(' ').next().filter(|version| !version.is_empty());
    version.map(str::to_owned).with_context(|| format!("{program} says no version"))
}

/// Packs a folder into `FOLDER.tar.gz` beside it. The same files give the same bytes: they are sorted, belong to
/// nobody, and have this time, in seconds since 1970.
pub(super) fn pack(folder: &Path, time: u64) -> Result<PathBuf> {
    let (parent, name) = folder.parent().zip(folder.file_name()).context("a folder has a name")?;
    let tar_file = folder.with_added_extension("tar");
    let mut tar = Command::new("tar");
    tar.args(["--create", "--format=ustar", "--sort=name", "--numeric-owner", "--owner=0", "--group=0"]);
    tar.args(["--mode=u=rwX,go=rX", &format!("--mtime=@{time}"), "--file"]).arg(&tar_file);
    tar.arg("--directory").arg(parent).arg(name);
    job::output(&mut tar, "tar").context("GNU tar is needed")?;
    // Without the name and the time of the file.
    job::output(Command::new("gzip").args(["--best", "--no-name", "--force"]).arg(&tar_file), "gzip")?;
    Ok(tar_file.with_added_extension("gz"))
}

/// The hashes of files, as `sha256sum --check` reads them.
pub(super) fn checksums(files: &[PathBuf]) -> Result<String> {
    let mut lines = String::new();
    for file in files {
        let content = fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        for byte in Sha256::digest(content) {
            write!(lines, "{byte:02x}")?;
        }
        writeln!(lines, "  {name}")?;
    }
    Ok(lines)
}

/// The platform of this machine's programs, such as `x86_64-unknown-linux-gnu`.
fn platform() -> Result<String> {
    let mut rustc = Command::new(std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()));
    let said = job::output(rustc.arg("-vV"), "rustc")?;
    let host = said.lines().find_map(|line| line.strip_prefix("host: ")).context("rustc names no host")?;
    Ok(host.to_owned())
}
