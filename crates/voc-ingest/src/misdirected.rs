//! Detects records that probably belong to another family.

use std::sync::{
    Mutex, PoisonError,
    atomic::{AtomicUsize, Ordering},
};

use voc_events::{
    DecodeOptions, Envelope, Family, FamilyEvent as _,
    families::{self, FamilyVisitor},
};

/// Maximum number of refused records to inspect: if a topic or a file belongs to another family, its first records
/// show it.
const MAX_LOOKED_AT: usize = 20;

/// Warns once if refused records decode as events of another family while none decode as this one.
pub(crate) struct MisdirectedRecords {
    family: &'static str,
    /// Refused records inspected so far; set to the maximum once a record was accepted.
    looked_at: AtomicUsize,
    found: Mutex<Option<&'static str>>,
}

impl MisdirectedRecords {
    pub(crate) fn new(family: &'static str) -> Self {
        Self { family, looked_at: AtomicUsize::new(0), found: Mutex::default() }
    }

    /// A record was accepted, so refused ones are defects of a producer and not events of another family.
    pub(crate) fn accepted(&self) {
        self.looked_at.store(MAX_LOOKED_AT, Ordering::Relaxed);
    }

    /// Inspects a record that this family has refused.
    pub(crate) fn look_at(&self, topic: &str, text: &str) {
        if self.looked_at.fetch_add(1, Ordering::Relaxed) >= MAX_LOOKED_AT {
            return;
        }
        let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        if found.is_some() {
            return;
        }
        let others = families::ALL.iter().map(|family| family.name).filter(|name| *name != self.family);
        let decoded = others.filter_map(|name| Some((name, families::visit(name, DecodeProbe { topic, text })??)));
        // A family that takes events of any type decodes those of others, too.
        *found = decoded.min_by_key(|(_, kind)| *kind).map(|(name, _)| name);
        if let Some(other) = *found {
            let this = self.family;
            tracing::warn!(
                topic,
                "records of {topic} are refused as {this} events and look like {other} events: is --family {other} meant?"
            );
        }
    }
}

/// How a family takes the type of an event that it decodes, the better one first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum EventTypeMatch {
    Known,
    AnyAllowed,
}

/// Tests whether a family decodes a text as it is.
struct DecodeProbe<'r> {
    topic: &'r str,
    text: &'r str,
}

impl FamilyVisitor for DecodeProbe<'_> {
    type Output = Option<EventTypeMatch>;

    fn visit<F: Family>(self) -> Self::Output {
        let options = DecodeOptions::default().strict(true);
        let family = F::for_topic(self.topic, &options);
        let event = family.decode(self.text, &Envelope::default()).ok()?.event;
        let is_known = F::TYPES.contains(&event.event_type());
        Some(if is_known { EventTypeMatch::Known } else { EventTypeMatch::AnyAllowed })
    }
}
