//! Detects records that probably belong to another family.

use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
};

use serde_json::value::RawValue;
use voc_events::{
    DecodeOptions, Envelope, EventFields, Family,
    families::{self, FamilyVisitor},
};

/// Maximum number of refused records to inspect, and of accepted ones: if a topic or a file belongs to another family,
/// its first records show it.
const MAX_INSPECTED: usize = 100;

/// Maximum number of refused records to inspect of a chunk, and of accepted ones, so that one topic or file does not
/// use up the inspections of the others.
const MAX_OF_CHUNK: usize = 5;

/// How many more of an accepted event's members another family must have as fields. One may have the name of a field
/// by chance.
const MIN_LEAD_OF_ACCEPTED: usize = 2;

/// Warns once about records that look like events of another family: those that it decodes, and that have more of its
/// fields than of this family's.
///
/// They may have been accepted, because some families take events of any type with few required fields. That is not an
/// error, as a producer's own types and fields are allowed.
pub(crate) struct MisdirectedRecords {
    family: &'static str,
    types: &'static [&'static str],
    fields: EventFields,
    refused_to_inspect: AtomicUsize,
    accepted_to_inspect: AtomicUsize,
    is_reported: AtomicBool,
}

impl MisdirectedRecords {
    pub(crate) fn of<F: Family>() -> Self {
        let is_described = !F::FIELDS.common.is_empty();
        Self {
            family: F::NAME,
            types: F::TYPES,
            fields: F::FIELDS,
            refused_to_inspect: AtomicUsize::new(MAX_INSPECTED),
            accepted_to_inspect: AtomicUsize::new(if is_described { MAX_INSPECTED } else { 0 }),
            is_reported: AtomicBool::new(false),
        }
    }

    /// Inspects records of a chunk that this family has refused, by their texts.
    pub(crate) fn inspect_refused<'r>(&self, topic: &str, texts: impl Iterator<Item = &'r str>) {
        self.inspect(topic, texts, "refused", &self.refused_to_inspect, 1);
    }

    /// Inspects records of a chunk that this family has accepted, by their types and texts. Events of types that it
    /// knows are its own.
    pub(crate) fn inspect_accepted<'r>(&self, topic: &str, events: impl Iterator<Item = (&'r str, &'r str)>) {
        let texts = events.filter(|(event_type, _)| !self.types.contains(event_type)).map(|(_, text)| text);
        self.inspect(topic, texts, "stored", &self.accepted_to_inspect, MIN_LEAD_OF_ACCEPTED);
    }

    fn inspect<'r>(
        &self,
        topic: &str,
        texts: impl Iterator<Item = &'r str>,
        fate: &str,
        to_inspect: &AtomicUsize,
        min_lead: usize,
    ) {
        if to_inspect.load(Ordering::Relaxed) == 0 || self.is_reported.load(Ordering::Relaxed) {
            return;
        }
        let mut inspected = 0;
        let other = texts.take(MAX_OF_CHUNK).find_map(|text| {
            inspected += 1;
            self.better_family(topic, text, min_lead)
        });
        let reduced = |left: usize| Some(left.saturating_sub(inspected));
        let _ = to_inspect.fetch_update(Ordering::Relaxed, Ordering::Relaxed, reduced);
        if let Some(other) = other
            && !self.is_reported.swap(true, Ordering::Relaxed)
        {
            let this = self.family;
            tracing::warn!(
                topic,
                "records of {topic} are {fate} as {this} events and look like {other} events: is --family {other} meant?"
            );
        }
    }

    /// The other family that decodes the text and has the most of its members as fields, at least `min_lead` more than
    /// this family.
    fn better_family(&self, topic: &str, text: &str, min_lead: usize) -> Option<&'static str> {
        let members: Members<'_> = serde_json::from_str(text).ok()?;
        let least = count_fields(&self.fields, &members) + min_lead;
        let others = families::ALL.iter().map(|family| family.name).filter(|name| *name != self.family);
        others
            .filter_map(|name| Some((name, families::visit(name, FieldCount { topic, text, members: &members })??)))
            .filter(|(_, count)| *count >= least)
            .max_by_key(|(_, count)| *count)
            .map(|(name, _)| name)
    }
}

type Members<'r> = BTreeMap<String, &'r RawValue>;

/// Number of an event's members that are fields of a family.
fn count_fields(fields: &EventFields, members: &Members<'_>) -> usize {
    let event_type = members.get(fields.tag).and_then(|tag| serde_json::from_str::<String>(tag.get()).ok());
    let of_type = fields.types.iter().filter(|(name, _)| event_type.as_deref() == Some(name)).flat_map(|(_, own)| *own);
    fields.common.iter().chain(of_type).filter(|field| members.contains_key(field.name)).count()
}

/// [`count_fields`], if the family decodes the event.
struct FieldCount<'r> {
    topic: &'r str,
    text: &'r str,
    members: &'r Members<'r>,
}

impl FamilyVisitor for FieldCount<'_> {
    type Output = Option<usize>;

    fn visit<F: Family>(self) -> Self::Output {
        let family = F::for_topic(self.topic, &DecodeOptions::default());
        family.decode(self.text, &Envelope::default()).ok()?;
        Some(count_fields(&F::FIELDS, self.members))
    }
}
