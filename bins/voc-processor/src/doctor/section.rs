//! Checks about one subject, in order: each has a verdict, and a value for the checks that depend on it.

use std::time::Duration;

use serde::Serialize;
use tokio::time::Instant;

/// Longest time for one check.
pub(super) const CHECK_LIMIT: Duration = Duration::from_secs(12);

/// The result of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Status {
    Ok,
    Warning,
    Failed,
    NotChecked,
}

/// A check that was made, or was not.
#[derive(Debug, Serialize)]
pub(super) struct Line {
    pub(super) check: String,
    pub(super) status: Status,
    /// What was found, or why nothing was.
    pub(super) found: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) remedy: Option<String>,
}

/// What a check found out; its value proves to other checks that they can be made.
pub(super) struct Verdict<T> {
    status: Status,
    found: String,
    remedy: Option<String>,
    value: Option<T>,
}

impl<T> Verdict<T> {
    /// All is well.
    pub(super) fn ok(found: impl Into<String>, value: T) -> Self {
        Self { status: Status::Ok, found: found.into(), remedy: None, value: Some(value) }
    }

    /// It works, and something should be done.
    pub(super) fn warning(found: impl Into<String>, remedy: impl Into<String>, value: T) -> Self {
        Self { status: Status::Warning, found: found.into(), remedy: Some(remedy.into()), value: Some(value) }
    }

    /// It does not work.
    pub(super) fn failed(found: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { status: Status::Failed, found: found.into(), remedy: Some(remedy.into()), value: None }
    }

    /// It could not be found out.
    pub(super) fn not_checked(why: impl Into<String>) -> Self {
        Self { status: Status::NotChecked, found: why.into(), remedy: None, value: None }
    }
}

/// The value of a check that did not fail, or the name of the check because of which there is none.
#[derive(Debug, Clone)]
pub(super) struct Known<T>(Result<T, String>);

impl<T> Known<T> {
    /// Known without a check.
    pub(super) fn given(value: T) -> Self {
        Self(Ok(value))
    }

    /// The value, if there is one.
    pub(super) fn value(&self) -> Option<&T> {
        self.0.as_ref().ok()
    }

    /// Both values, for a check that needs them.
    pub(super) fn with<'k, U>(&'k self, other: &'k Known<U>) -> Known<(&'k T, &'k U)> {
        match (&self.0, &other.0) {
            (Ok(one), Ok(another)) => Known(Ok((one, another))),
            (Err(cause), _) | (_, Err(cause)) => Known(Err(cause.clone())),
        }
    }
}

/// The checks of a subject.
#[derive(Debug)]
pub(super) struct Section {
    pub(super) subject: &'static str,
    pub(super) lines: Vec<Line>,
    deadline: Instant,
}

impl Section {
    /// A section whose checks end at an instant.
    pub(super) fn new(subject: &'static str, deadline: Instant) -> Self {
        Self { subject, lines: Vec::new(), deadline }
    }

    /// Makes a check of what another one found, within its limit of time. If there is nothing to check, the line says
    /// because of which check.
    pub(super) async fn check<N, T>(
        &mut self,
        name: impl Into<String>,
        need: &Known<N>,
        check: impl AsyncFnOnce(&N) -> Verdict<T>,
    ) -> Known<T> {
        let name = name.into();
        let needed = match &need.0 {
            Ok(needed) => needed,
            Err(cause) => {
                self.push(name, Verdict::<T>::not_checked(format!("because of {cause}")));
                return Known(Err(cause.clone()));
            }
        };
        let limit = self.deadline.min(Instant::now() + CHECK_LIMIT);
        let verdict = tokio::time::timeout_at(limit, check(needed)).await;
        let verdict = verdict.unwrap_or_else(|_elapsed| {
            Verdict::failed(
                "not finished in time",
                "something on the way accepts connections and does not answer: look at firewalls, proxies and the \
                 server's load, then run it again",
            )
        });
        self.add(name, verdict)
    }

    /// Adds a verdict that is already known.
    pub(super) fn add<T>(&mut self, name: impl Into<String>, verdict: Verdict<T>) -> Known<T> {
        let name = name.into();
        match self.push(name.clone(), verdict) {
            Some(value) => Known(Ok(value)),
            None => Known(Err(name)),
        }
    }

    fn push<T>(&mut self, check: String, verdict: Verdict<T>) -> Option<T> {
        let Verdict { status, found, remedy, value } = verdict;
        self.lines.push(Line { check, status, found, remedy });
        value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_depends_on_a_failed_check_is_not_made_and_names_it() {
        // The time is up, so that what does not end at once is ended.
        let mut section = Section::new("subject", Instant::now());
        let nothing = Known::given(());
        let first = section.check("first", &nothing, async |()| Verdict::ok("fine", 1)).await;
        let second: Known<i32> =
            section.check("second", &first, async |_| Verdict::failed("broken", "repair it")).await;
        let third = section.check("third", &second, async |_| Verdict::ok("never", ())).await;
        section.check("fourth", &first.with(&third), async |_| Verdict::ok("never", ())).await;
        section.check("slow", &first, async |_| std::future::pending::<Verdict<()>>().await).await;
        let lines: Vec<(Status, &str)> = section.lines.iter().map(|line| (line.status, line.found.as_str())).collect();
        assert_eq!(
            lines,
            [
                (Status::Ok, "fine"),
                (Status::Failed, "broken"),
                (Status::NotChecked, "because of second"),
                (Status::NotChecked, "because of second"),
                (Status::Failed, "not finished in time"),
            ]
        );
    }
}
