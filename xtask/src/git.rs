//! The repository: what is asked of it, and what is done to it.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::job;

/// A repository, at its root.
pub(crate) struct Repository {
    root: PathBuf,
}

/// A commit that is not released.
pub(crate) struct Commit {
    pub(crate) subject: String,
    /// The files that it changes.
    pub(crate) paths: Vec<String>,
}

/// Separates commits in a log; no subject contains it.
const SEPARATOR: char = '\u{1e}';

impl Repository {
    pub(crate) fn at(root: &Path) -> Self {
        Self { root: root.to_owned() }
    }

    /// The branch; `HEAD` if there is none.
    pub(crate) fn branch(&self) -> Result<String> {
        self.line(&["rev-parse", "--abbrev-ref", "HEAD"])
    }

    /// The files that differ from the last commit.
    pub(crate) fn changed_files(&self) -> Result<Vec<String>> {
        Ok(lines(&self.git(&["status", "--porcelain"])?))
    }

    /// All files that belong to the repository.
    pub(crate) fn files(&self) -> Result<Vec<String>> {
        Ok(lines(&self.git(&["ls-files"])?))
    }

    pub(crate) fn has_tag(&self, tag: &str) -> Result<bool> {
        Ok(!self.git(&["tag", "--list", tag])?.is_empty())
    }

    /// The tag of the last release that this commit descends from.
    pub(crate) fn last_release(&self) -> Result<Option<String>> {
        let tags = self.git(&["tag", "--list", "v[0-9]*", "--merged", "HEAD", "--sort=-version:refname"])?;
        Ok(lines(&tags).into_iter().next())
    }

    /// The commits since a tag, the newest first.
    pub(crate) fn commits_since(&self, tag: &str) -> Result<Vec<Commit>> {
        let format = format!("--format={SEPARATOR}%s");
        let log = self.git(&["log", "--no-merges", "--name-only", &format, &format!("{tag}..HEAD")])?;
        let commits = log.split(SEPARATOR).skip(1).map(|commit| {
            let mut lines = lines(commit).into_iter();
            Commit { subject: lines.next().unwrap_or_default(), paths: lines.collect() }
        });
        Ok(commits.collect())
    }

    /// The files below a folder that differ between a tag and the last commit: with `kinds`, such as `A` for those
    /// that were added, only these.
    pub(crate) fn differing(&self, tag: &str, folder: &str, kinds: &str) -> Result<Vec<String>> {
        let filter = format!("--diff-filter={kinds}");
        let differing = self.git(&["diff", "--name-only", "--no-renames", &filter, tag, "HEAD", "--", folder])?;
        Ok(lines(&differing))
    }

    /// A file as it was at a tag; `None` if there was none.
    pub(crate) fn file_at(&self, tag: &str, path: &str) -> Result<Option<String>> {
        if self.git(&["ls-tree", "--name-only", tag, "--", path])?.is_empty() {
            return Ok(None);
        }
        self.git(&["show", &format!("{tag}:{path}")]).map(Some)
    }

    /// The commit that a revision, such as a tag, means.
    pub(crate) fn commit_of(&self, revision: &str) -> Result<String> {
        self.line(&["rev-parse", "--verify", "--end-of-options", &format!("{revision}^{{commit}}")])
    }

    /// Writes the files of a revision into a folder.
    pub(crate) fn extract(&self, revision: &str, folder: &Path) -> Result<()> {
        let archive = folder.join("revision.tar");
        let output = format!("--output={}", archive.display());
        self.git(&["archive", "--format=tar", &output, revision])?;
        let mut tar = Command::new("tar");
        job::output(tar.arg("-xf").arg(&archive).arg("-C").arg(folder), "tar")?;
        std::fs::remove_file(&archive).with_context(|| format!("cannot remove {}", archive.display()))
    }

    /// When the last commit was made, in seconds since 1970.
    pub(crate) fn commit_time(&self) -> Result<u64> {
        self.line(&["show", "--no-patch", "--format=%ct", "HEAD"])?.parse().context("git names no time")
    }

    /// Commits these files.
    pub(crate) fn commit(&self, paths: &[String], subject: &str) -> Result<()> {
        let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
        self.git(&[&["commit", "--quiet", "--message", subject, "--"], paths.as_slice()].concat()).map(drop)
    }

    /// Tags the last commit, with a text.
    pub(crate) fn tag(&self, tag: &str, text: &str) -> Result<()> {
        // Lines that begin with a hash are headings here, not comments.
        self.git(&["tag", "--annotate", "--cleanup=verbatim", "--message", text, tag]).map(drop)
    }

    /// Takes back what was written into these files and not committed.
    pub(crate) fn restore(&self, paths: &[String]) -> Result<()> {
        let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
        self.git(&[&["restore", "--staged", "--worktree", "--"], paths.as_slice()].concat()).map(drop)
    }

    fn line(&self, arguments: &[&str]) -> Result<String> {
        Ok(self.git(arguments)?.trim().to_owned())
    }

    fn git(&self, arguments: &[&str]) -> Result<String> {
        let mut git = Command::new("git");
        git.args(["-c", "core.quotePath=false"]).args(arguments).current_dir(&self.root);
        job::output(&mut git, &format!("git {}", arguments[0]))
    }
}

fn lines(text: &str) -> Vec<String> {
    text.lines().filter(|line| !line.is_empty()).map(str::to_owned).collect()
}
