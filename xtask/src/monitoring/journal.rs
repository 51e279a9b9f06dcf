//! What the receiver was told, alert by alert.

use std::collections::BTreeMap;
use std::time::Instant;

use super::receiver::{Notification, Receiver, Status};

/// The history of one alert, which its labels identify.
pub(super) struct History {
    pub(super) labels: BTreeMap<String, String>,
    pub(super) annotations: BTreeMap<String, String>,
    /// When it began to fire for the first time.
    pub(super) fired: Instant,
    /// When it was resolved, unless it fires again.
    pub(super) resolved: Option<Instant>,
}

impl History {
    pub(super) fn name(&self) -> &str {
        self.labels.get("alertname").map_or("", String::as_str)
    }

    pub(super) fn annotation(&self, name: &str) -> &str {
        self.annotations.get(name).map_or("", String::as_str)
    }

    /// Its labels, apart from its name and those that all alerts have.
    pub(super) fn told_by(&self) -> String {
        let own = self.labels.iter().filter(|(name, _)| !matches!(name.as_str(), "alertname" | "severity"));
        own.map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(", ")
    }
}

/// The histories of all alerts that fired.
#[derive(Default)]
pub(super) struct Journal {
    read: usize,
    histories: Vec<History>,
}

impl Journal {
    /// Reads what is new; returns which histories it has changed.
    pub(super) fn read(&mut self, receiver: &Receiver) -> Vec<usize> {
        let news = receiver.after(self.read);
        self.read += news.len();
        news.into_iter().filter_map(|notification| self.note(notification)).collect()
    }

    fn note(&mut self, Notification { at, alert }: Notification) -> Option<usize> {
        let known = self.histories.iter().position(|history| history.labels == alert.labels);
        match (known, alert.status) {
            (None, Status::Firing) => {
                let (labels, annotations) = (alert.labels, alert.annotations);
                self.histories.push(History { labels, annotations, fired: at, resolved: None });
                Some(self.histories.len() - 1)
            }
            (Some(place), status) => {
                let history = &mut self.histories[place];
                let is_new = history.resolved.is_some() == (status == Status::Firing);
                history.resolved = (status == Status::Resolved).then(|| history.resolved.unwrap_or(at));
                is_new.then_some(place)
            }
            (None, Status::Resolved) => None,
        }
    }

    pub(super) fn histories(&self) -> &[History] {
        &self.histories
    }
}

#[cfg(test)]
mod tests {
    use super::super::receiver::Alert;
    use super::*;

    fn told(journal: &mut Journal, status: Status) -> Option<usize> {
        let labels = BTreeMap::from([("alertname".to_owned(), "A".to_owned())]);
        journal.note(Notification { at: Instant::now(), alert: Alert { status, labels, annotations: BTreeMap::new() } })
    }

    #[test]
    fn an_alert_fires_is_resolved_and_fires_again() {
        let mut journal = Journal::default();
        assert_eq!(told(&mut journal, Status::Resolved), None);
        assert_eq!(told(&mut journal, Status::Firing), Some(0));
        assert_eq!(told(&mut journal, Status::Firing), None, "a repetition is no news");
        let fired = journal.histories()[0].fired;
        assert_eq!(told(&mut journal, Status::Resolved), Some(0));
        let resolved = journal.histories()[0].resolved;
        assert_eq!(told(&mut journal, Status::Resolved), None);
        assert_eq!(journal.histories()[0].resolved, resolved);
        assert_eq!(told(&mut journal, Status::Firing), Some(0));
        assert_eq!((journal.histories()[0].resolved, journal.histories()[0].fired), (None, fired));
    }
}
