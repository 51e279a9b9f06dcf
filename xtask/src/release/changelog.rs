//! Changelogs in the form of Keep a Changelog: what is unreleased, and how it becomes a version's section.

use std::collections::BTreeMap;

use anyhow::{Context, Result};

use super::areas;
use super::version::Version;
use crate::git::Commit;

/// The heading of what is not released.
const UNRELEASED: &str = "## [Unreleased]\n";
/// How the heading of a version begins.
const VERSION: &str = "\n## ";
/// Maximum number of characters in a line.
const WIDTH: usize = 119;

/// A changelog's text around its section of what is unreleased.
pub(super) struct Changelog<'t> {
    before: &'t str,
    unreleased: &'t str,
    after: &'t str,
}

impl<'t> Changelog<'t> {
    /// `name` is the file's, for the error.
    pub(super) fn parse(name: &str, text: &'t str) -> Result<Self> {
        let missing = || format!("{name} has no section {:?}", UNRELEASED.trim_end());
        let (before, rest) = text.split_once(UNRELEASED).with_context(missing)?;
        let end = rest.find(VERSION).map_or(rest.len(), |end| end + 1);
        let (unreleased, after) = rest.split_at(end);
        Ok(Self { before, unreleased: unreleased.trim(), after })
    }

    /// What the next version's section will say; empty if nobody has written anything.
    pub(super) fn unreleased(&self) -> &'t str {
        self.unreleased
    }

    /// The text once a version is released.
    pub(super) fn released(&self, version: Version, date: &str) -> String {
        self.with(&format!("\n## [{version}] - {date}\n\n{}\n", self.unreleased))
    }

    /// The text with this as what is unreleased.
    pub(super) fn with_draft(&self, draft: &str) -> String {
        self.with(&format!("\n{draft}"))
    }

    fn with(&self, section: &str) -> String {
        let gap = if self.after.is_empty() { "" } else { "\n" };
        [self.before, UNRELEASED, section, gap, self.after].concat()
    }
}

/// A section that lists commits by area. It is a draft, because commits are for those who change the code.
pub(super) fn draft<'c>(commits: impl IntoIterator<Item = &'c Commit>) -> String {
    let mut by_area: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for commit in commits {
        by_area.entry(areas::of(&commit.paths)).or_default().push(&commit.subject);
    }
    let section = |area| {
        let items: String = by_area.get(area)?.iter().map(|subject| item(subject)).collect();
        Some(format!("### {area}\n\n{items}"))
    };
    areas::all().filter_map(section).collect::<Vec<_>>().join("\n")
}

/// An item of a list, in lines of limited width.
fn item(subject: &str) -> String {
    let (mut text, mut line) = (String::new(), "-".to_owned());
    let subject = format!("{}.", subject.trim().trim_end_matches('.'));
    for word in subject.split_whitespace() {
        if line.chars().count() + 1 + word.chars().count() > WIDTH {
            text += &line;
            text.push('\n');
            line = " ".to_owned();
        }
        line = format!("{line} {word}");
    }
    text + &line + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str =
        "# Changelog\n\nWords.\n\n## [Unreleased]\n\n### Added\n\n- More.\n\n## [0.1.0] - 2026-01-02\n\nThe first.\n";

    #[test]
    fn what_is_unreleased_becomes_the_section_of_a_version() {
        let changelog = Changelog::parse("CHANGELOG.md", TEXT).unwrap();
        assert_eq!(changelog.unreleased(), "### Added\n\n- More.");
        let released = changelog.released(Version::new(0, 2, 0), "2026-02-03");
        assert_eq!(
            released,
            "# Changelog\n\nWords.\n\n## [Unreleased]\n\n## [0.2.0] - 2026-02-03\n\n### Added\n\n- More.\n\n\
             ## [0.1.0] - 2026-01-02\n\nThe first.\n"
        );
        let next = Changelog::parse("CHANGELOG.md", &released).unwrap();
        assert_eq!(next.unreleased(), "");
        let drafted = next.with_draft("### Store\n\n- Faster.\n");
        let expected = released.replace("## [Unreleased]\n", "## [Unreleased]\n\n### Store\n\n- Faster.\n");
        assert_eq!(drafted, expected);
    }

    #[test]
    fn the_first_version_has_nothing_below_it() {
        let first = Changelog::parse("CHANGELOG.md", "# Changelog\n\n## [Unreleased]\n\nAll.\n").unwrap();
        let released = first.released(Version::new(0, 1, 0), "2026-01-02");
        assert_eq!(released, "# Changelog\n\n## [Unreleased]\n\n## [0.1.0] - 2026-01-02\n\nAll.\n");
        let error = Changelog::parse("crates/x/CHANGELOG.md", "# Changelog\n").err().unwrap().to_string();
        assert!(error.contains("crates/x/CHANGELOG.md has no section \"## [Unreleased]\""), "{error}");
    }

    #[test]
    fn a_draft_lists_commits_by_area_in_lines_of_limited_width() {
        let commit = |subject: &str, path: &str| Commit { subject: subject.to_owned(), paths: vec![path.to_owned()] };
        let long = "word ".repeat(40);
        let draft = draft(&[
            commit("The store reads less", "crates/voc-store/src/a.rs"),
            commit("Events have units.", "crates/voc-events/src/a.rs"),
            commit(&long, "crates/voc-store/src/b.rs"),
        ]);
        let beginning = "### Events\n\n- Events have units.\n\n### Store\n\n- The store reads less.\n- word word";
        assert!(draft.starts_with(beginning), "{draft}");
        assert!(draft.ends_with("word.\n") && draft.contains("\n  word"), "{draft}");
        assert!(draft.lines().all(|line| line.chars().count() <= WIDTH), "{draft}");
        assert_eq!(draft.matches("word").count(), 40);
    }
}
