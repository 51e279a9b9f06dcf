//! The report: a line for each check, for people or for programs.

use std::fmt::Write as _;

use serde::Serialize;
use serde_json::json;

use super::section::{Line, Section, Status};

/// The checks of all subjects, in order.
#[derive(Debug)]
pub(super) struct Report(pub(super) Vec<Section>);

/// A line with its subject.
#[derive(Serialize)]
struct Entry<'r> {
    subject: &'static str,
    #[serde(flatten)]
    line: &'r Line,
}

impl Report {
    /// The first check that failed: the cause, or the first of several.
    pub(super) fn first_failure(&self) -> Option<&str> {
        self.lines().find(|line| line.status == Status::Failed).map(|line| line.check.as_str())
    }

    /// Number of checks with a result.
    pub(super) fn count(&self, status: Status) -> usize {
        self.lines().filter(|line| line.status == status).count()
    }

    fn lines(&self) -> impl Iterator<Item = &Line> {
        self.0.iter().flat_map(|section| &section.lines)
    }

    /// The report as one JSON object.
    pub(super) fn to_json(&self) -> String {
        let checks: Vec<Entry<'_>> = self
            .0
            .iter()
            .flat_map(|Section { subject, lines, .. }| lines.iter().map(|line| Entry { subject, line }))
            .collect();
        let status = match (self.count(Status::Failed), self.count(Status::Warning)) {
            (0, 0) => Status::Ok,
            (0, _) => Status::Warning,
            _ => Status::Failed,
        };
        format!("{}\n", json!({"status": status, "first_failure": self.first_failure(), "checks": checks}))
    }

    /// The report for people: aligned lines, each remedy below what it is for.
    pub(super) fn to_text(&self) -> String {
        const INDENT: &str = "               ";
        let width = self.lines().map(|line| line.check.chars().count()).max().unwrap_or_default();
        let mut text = String::new();
        for Section { subject, lines, .. } in self.0.iter().filter(|section| !section.lines.is_empty()) {
            // Writing to a String cannot fail.
            let _ = writeln!(text, "{subject}");
            for Line { check, status, found, remedy } in lines {
                let _ = writeln!(text, "  {:<11}  {check:<width$}  {found}", status.word());
                if let Some(remedy) = remedy {
                    let _ = writeln!(text, "{INDENT}to do: {remedy}");
                }
            }
        }
        let (ok, warnings) = (self.count(Status::Ok), self.count(Status::Warning));
        let (failed, not_checked) = (self.count(Status::Failed), self.count(Status::NotChecked));
        let _ = writeln!(text, "\n{ok} ok, {warnings} warnings, {failed} failed, {not_checked} not checked");
        if let Some(first) = self.first_failure() {
            let _ = writeln!(text, "Begin with the first that failed: {first}.");
        }
        text
    }
}

impl Status {
    fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Failed => "FAILED",
            Self::NotChecked => "not checked",
        }
    }
}
