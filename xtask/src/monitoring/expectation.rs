//! Which alerts a hurt must lead to, and which it may lead to.

use std::collections::BTreeMap;

use super::faster::LABEL;

/// An alert by its name and some of its labels.
#[derive(Debug, Clone)]
pub(super) struct Pattern {
    pub(super) alert: &'static str,
    labels: Vec<(&'static str, String)>,
}

impl Pattern {
    pub(super) fn new(alert: &'static str) -> Self {
        Self { alert, labels: Vec::new() }
    }

    pub(super) fn with(mut self, label: &'static str, value: impl Into<String>) -> Self {
        self.labels.push((label, value.into()));
        self
    }

    /// Whether an alert with these labels is meant, as it is shipped or as a faster copy.
    pub(super) fn matches(&self, labels: &BTreeMap<String, String>) -> bool {
        let has = |name: &str, value: &str| labels.get(name).is_some_and(|found| found == value);
        has("alertname", self.alert) && self.labels.iter().all(|(name, value)| has(name, value))
    }
}

impl std::fmt::Display for Pattern {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(self.alert)?;
        if self.labels.is_empty() {
            return Ok(());
        }
        let labels: Vec<String> = self.labels.iter().map(|(name, value)| format!("{name}={value}")).collect();
        write!(out, " {{{}}}", labels.join(", "))
    }
}

/// An alert that must fire, and be resolved.
#[derive(Debug, Clone)]
pub(super) struct Expected {
    pub(super) pattern: Pattern,
    /// Whether the shipped alert would be resolved much later, so that a faster copy of it is watched to its end.
    pub(super) ends_as_copy: bool,
}

impl Expected {
    /// Whether an alert with these labels shows that it fired, or was resolved.
    pub(super) fn matches(&self, labels: &BTreeMap<String, String>, as_copy: bool) -> bool {
        labels.contains_key(LABEL) == as_copy && self.pattern.matches(labels)
    }
}

/// An alert that may fire as well, and why.
#[derive(Debug, Clone)]
pub(super) struct SideEffect {
    pub(super) pattern: Pattern,
    pub(super) reason: &'static str,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn an_alert_matches_by_its_name_and_the_labels_that_are_given() {
        let pattern = Pattern::new("A").with("family", "voc");
        assert!(pattern.matches(&labels(&[("alertname", "A"), ("family", "voc"), ("tenant", "acme")])));
        assert!(!pattern.matches(&labels(&[("alertname", "A"), ("family", "product")])));
        assert!(!pattern.matches(&labels(&[("alertname", "B"), ("family", "voc")])));
        assert_eq!(pattern.to_string(), "A {family=voc}");
    }

    #[test]
    fn a_copy_is_told_from_what_is_shipped() {
        let expected = Expected { pattern: Pattern::new("A"), ends_as_copy: true };
        let (shipped, copy) = (labels(&[("alertname", "A")]), labels(&[("alertname", "A"), (LABEL, "10")]));
        assert!(expected.matches(&shipped, false) && !expected.matches(&copy, false));
        assert!(expected.matches(&copy, true) && !expected.matches(&shipped, true));
    }
}
