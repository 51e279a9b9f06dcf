//! Counts events by class of type and reports types that are probably misspelt.

use std::{
    collections::HashSet,
    sync::{Mutex, PoisonError},
};

use metrics::Counter;

use crate::telemetry;

/// Maximum number of reported types to remember. Further ones are only counted, because producers choose the names and
/// their number is unbounded.
const MAX_REPORTED: usize = 100;

/// Minimum length of names that count as misspelt when they differ by one letter.
const LONG_NAME: usize = 8;

/// Counts the events of a family by class of type, and warns once about each type that resembles a known one. Such
/// events are kept as they are, but have none of the known type's fields and no annotation.
pub(crate) struct EventTypes {
    known: &'static [&'static str],
    known_events: Counter,
    resembling_events: Counter,
    other_events: Counter,
    reported: Mutex<HashSet<String>>,
}

impl EventTypes {
    pub(crate) fn new(family: &'static str, known: &'static [&'static str]) -> Self {
        let counter =
            |class| metrics::counter!(telemetry::EVENTS_BY_TYPE_CLASS, "family" => family, "type_class" => class);
        let [known_class, resembling, other] = telemetry::TYPE_CLASSES;
        Self {
            known,
            known_events: counter(known_class),
            resembling_events: counter(resembling),
            other_events: counter(other),
            reported: Mutex::default(),
        }
    }

    /// Counts events by their types.
    pub(crate) fn count<'t>(&self, event_types: impl Iterator<Item = &'t str>) {
        let (mut known, mut resembling, mut other) = (0, 0, 0);
        for event_type in event_types {
            if self.known.contains(&event_type) {
                known += 1;
            } else if let Some(resembled) = resembled(event_type, self.known) {
                resembling += 1;
                self.report(event_type, resembled);
            } else {
                other += 1;
            }
        }
        self.known_events.increment(known);
        self.resembling_events.increment(resembling);
        self.other_events.increment(other);
    }

    fn report(&self, event_type: &str, resembled: &str) {
        let mut reported = self.reported.lock().unwrap_or_else(PoisonError::into_inner);
        if reported.len() >= MAX_REPORTED || reported.contains(event_type) {
            return;
        }
        reported.insert(event_type.to_owned());
        tracing::warn!(
            ?event_type,
            resembled,
            "events of an unknown type that resembles a known one are stored as they are, without the columns and \
             the annotation of that type; correct the producer"
        );
    }
}

/// The known type that was probably meant.
fn resembled<'k>(event_type: &str, known: &[&'k str]) -> Option<&'k str> {
    let letters = letters(event_type);
    known.iter().copied().find(|known| {
        let known = self::letters(known);
        letters == known || (known.len() >= LONG_NAME && strsim::osa_distance(&letters, &known) <= 1)
    })
}

/// A name without the parts that people write in different ways: case, separators, plural.
fn letters(name: &str) -> String {
    let mut letters: String = name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    if letters.ends_with('s') {
        letters.pop();
    }
    letters
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: &[&str] = &["call", "agent_action", "tool_invocation", "qos_metric"];

    #[test]
    fn spelling_variants_resemble_the_known_type() {
        for (written, meant) in [
            ("Call", "call"),
            ("CALL", "call"),
            ("call ", "call"),
            ("calls", "call"),
            ("agentAction", "agent_action"),
            ("agent-action", "agent_action"),
            ("AGENT_ACTIONS", "agent_action"),
            ("agent_acton", "agent_action"),
            ("tool invocation", "tool_invocation"),
            ("qosMetric", "qos_metric"),
            ("qos_metirc", "qos_metric"),
        ] {
            assert_eq!(resembled(written, KNOWN), Some(meant), "{written}");
        }
    }

    #[test]
    fn unrelated_types_resemble_nothing() {
        for other in ["survey", "recall", "ball", "call_ended", "agent", "metric", "", "???", "tool"] {
            assert_eq!(resembled(other, KNOWN), None, "{other}");
        }
        assert_eq!(resembled("call", &[]), None);
    }
}
