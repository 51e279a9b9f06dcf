//! Checks about one subject, in order: each has a verdict, and a value for the checks that depend on it.

use std::{fmt, time::Duration};

use serde::Serialize;
use tokio::{task::JoinError, time::Instant};

/// Longest time for one check.
const CHECK_LIMIT: Duration = Duration::from_secs(12);
/// Longest time for the answer of one of several servers: shorter, so that the check of them all names who is silent.
const ANSWER_LIMIT: Duration = Duration::from_secs(10);
/// Maximum number of things that a line names.
const NAMED: usize = 3;

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

    /// What follows from the value.
    pub(super) fn map<U>(self, follow: impl FnOnce(T) -> U) -> Known<U> {
        Known(self.0.map(follow))
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
        let now = Instant::now();
        if now >= self.deadline {
            return self.add(name, Verdict::not_checked("the time for all checks was up"));
        }
        let limit = self.deadline.min(now + CHECK_LIMIT);
        let verdict = tokio::time::timeout_at(limit, check(needed)).await;
        let verdict = verdict.unwrap_or_else(|_elapsed| {
            Verdict::failed(
                "not finished in time",
                "run it again; if it persists, look at the log and the load of what it names, and at firewalls between",
            )
        });
        self.add(name, verdict)
    }

    /// Makes a check of several servers at the same time, of which one suffices: a line for each, and the values of
    /// the first that serves this client and of the others that do. `setting` names the servers.
    pub(super) async fn first_of<T: Send + 'static>(
        &mut self,
        name: &str,
        setting: &str,
        checks: Vec<(String, impl Future<Output = Verdict<T>> + Send + 'static)>,
    ) -> Known<(T, Vec<T>)> {
        let unanswered = |reason: NoAnswer| Verdict::failed(reason.to_string(), NoAnswer::REMEDY);
        let answers = ask_all(checks).await.into_iter();
        let verdicts: Vec<(String, Verdict<T>)> =
            answers.map(|(name, answer)| (name, answer.unwrap_or_else(unanswered))).collect();
        let is_served = verdicts.iter().any(|(_, verdict)| verdict.value.is_some());
        let (mut first, mut others, mut failure) = (None, Vec::new(), None);
        for (name, mut verdict) in verdicts {
            if is_served && verdict.status == Status::Failed {
                // The others suffice, until one of them is away.
                verdict.status = Status::Warning;
            }
            match self.add(name, verdict).0 {
                Ok(value) if first.is_none() => first = Some(value),
                Ok(value) => others.push(value),
                Err(name) => failure = failure.or(Some(name)),
            }
        }
        match (first, failure) {
            (Some(first), _) => Known(Ok((first, others))),
            (None, Some(name)) => Known(Err(name)),
            (None, None) => self.add(name, Verdict::failed("none is named", format!("name one in {setting}"))),
        }
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

/// Why a server has not answered.
#[derive(Debug)]
pub(super) enum NoAnswer {
    /// It keeps the client waiting.
    Silent,
    /// The question failed.
    Interrupted(JoinError),
}

impl fmt::Display for NoAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Silent => f.write_str("it does not answer in time"),
            Self::Interrupted(error) => write!(f, "the question was interrupted: {error}"),
        }
    }
}

impl NoAnswer {
    pub(super) const REMEDY: &str = "look at its log and load, and at what is between it and this host";
}

/// Asks several servers at the same time.
pub(super) async fn ask_all<K, A: Send + 'static>(
    asks: Vec<(K, impl Future<Output = A> + Send + 'static)>,
) -> Vec<(K, Result<A, NoAnswer>)> {
    let ask = |(server, ask)| (server, tokio::spawn(tokio::time::timeout(ANSWER_LIMIT, ask)));
    let asked: Vec<_> = asks.into_iter().map(ask).collect();
    let mut answers = Vec::new();
    for (server, answer) in asked {
        let answer = match answer.await {
            Ok(answer) => answer.map_err(|_elapsed| NoAnswer::Silent),
            Err(error) => Err(NoAnswer::Interrupted(error)),
        };
        answers.push((server, answer));
    }
    answers
}

/// The first of several things, as a line names them, and how many more there are.
pub(super) fn some_of(things: &[String]) -> String {
    let named = things[..things.len().min(NAMED)].join(", ");
    match things.len().saturating_sub(NAMED) {
        0 => named,
        more => format!("{named} and {more} more"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn what_depends_on_a_failed_check_is_not_made_and_names_it() {
        let mut section = Section::new("subject", Instant::now() + CHECK_LIMIT);
        let nothing = Known::given(());
        let first = section.check("first", &nothing, async |()| Verdict::ok("fine", 1)).await;
        let second: Known<i32> =
            section.check("second", &first, async |_| Verdict::failed("broken", "repair it")).await;
        let third = section.check("third", &second, async |_| Verdict::ok("never", ())).await;
        section.check("fourth", &first.with(&third), async |_| Verdict::ok("never", ())).await;
        section.check("slow", &first, async |_| std::future::pending::<Verdict<()>>().await).await;
        // The slow one has taken all the time.
        section.check("late", &first, async |_| Verdict::ok("never", ())).await;
        let lines: Vec<(Status, &str)> = section.lines.iter().map(|line| (line.status, line.found.as_str())).collect();
        assert_eq!(
            lines,
            [
                (Status::Ok, "fine"),
                (Status::Failed, "broken"),
                (Status::NotChecked, "because of second"),
                (Status::NotChecked, "because of second"),
                (Status::Failed, "not finished in time"),
                (Status::NotChecked, "the time for all checks was up"),
            ]
        );
    }

    #[tokio::test(start_paused = true)]
    async fn one_of_several_servers_suffices() {
        enum Server {
            Good,
            Bad,
            Silent,
            Broken,
        }
        async fn lines(servers: Vec<Server>) -> (Option<(usize, Vec<usize>)>, Vec<(Status, String)>) {
            let mut section = Section::new("subject", Instant::now() + CHECK_LIMIT);
            let check = |(number, server): (usize, Server)| {
                let check = async move {
                    match server {
                        Server::Good => Verdict::ok("serves", number),
                        Server::Bad => Verdict::failed("refuses", "repair it"),
                        Server::Silent => std::future::pending().await,
                        Server::Broken => panic!("a mistake"),
                    }
                };
                (format!("server {number}"), check)
            };
            let checks = servers.into_iter().enumerate().map(check).collect();
            let known = section.first_of("servers", "SERVERS", checks).await;
            let lines = section.lines.into_iter().map(|line| (line.status, format!("{}: {}", line.check, line.found)));
            (known.value().cloned(), lines.collect())
        }
        let line = |status, text: &str| (status, text.to_owned());
        let (served, found) = lines(vec![Server::Bad, Server::Good, Server::Silent, Server::Good]).await;
        assert_eq!(served, Some((1, vec![3])));
        assert_eq!(
            found,
            [
                line(Status::Warning, "server 0: refuses"),
                line(Status::Ok, "server 1: serves"),
                line(Status::Warning, "server 2: it does not answer in time"),
                line(Status::Ok, "server 3: serves"),
            ]
        );
        let (served, found) = lines(vec![Server::Broken, Server::Silent]).await;
        assert_eq!(served, None);
        assert!(found[0].0 == Status::Failed && found[0].1.contains("a mistake"), "{found:?}");
        assert_eq!(found[1], line(Status::Failed, "server 1: it does not answer in time"));
        assert_eq!(lines(Vec::new()).await, (None, vec![line(Status::Failed, "servers: none is named")]));
    }
}
