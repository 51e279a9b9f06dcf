//! From records to rows, the same for lanes and for replays.

use std::{marker::PhantomData, sync::Arc};

use voc_events::{Family, FamilyEvent, Invalid, Limits, record_text};
use voc_nlp::{Annotation, Annotator, DecidedBy};
use voc_store::{BatchBuilder, RowAnnotation};

/// Decodes records and annotates what they say.
pub(crate) struct RowMaker<F> {
    annotator: Arc<Annotator>,
    limits: Limits,
    provenance: Provenance,
    family: PhantomData<fn() -> F>,
}

/// A record's event.
pub(crate) struct Decoded<'r, F: Family> {
    pub(crate) event: F::Event<'r>,
    /// The record as received.
    payload: &'r str,
    offset: i64,
}

impl<F: Family> RowMaker<F> {
    pub(crate) fn new(annotator: Arc<Annotator>, limits: Limits) -> Self {
        let provenance = Provenance::of(annotator.version());
        Self { annotator, limits, provenance, family: PhantomData }
    }

    pub(crate) fn decode<'r>(&self, offset: i64, value: Option<&'r [u8]>) -> Result<Decoded<'r, F>, Invalid> {
        let bytes = value.ok_or_else(Invalid::tombstone)?;
        let payload = record_text(bytes, &self.limits)?;
        Ok(Decoded { event: F::decode(payload, &self.limits)?, payload, offset })
    }

    /// Annotates events, all at once, and appends their rows.
    pub(crate) fn push(&self, events: &[Decoded<'_, F>], rows: &mut BatchBuilder) {
        let texts: Vec<&str> = events.iter().filter_map(|decoded| decoded.event.text()).collect();
        let annotations = self.annotate(&texts);
        let mut annotations = annotations.iter();
        for Decoded { event, payload, offset } in events {
            let annotation = event.text().and_then(|_| annotations.next());
            let annotation = annotation.map_or_else(RowAnnotation::default, |found| self.provenance.row(found));
            rows.push(event, payload, &annotation, *offset);
        }
    }

    fn annotate(&self, texts: &[&str]) -> Vec<Annotation> {
        if texts.is_empty() {
            return Vec::new();
        }
        if self.annotator.has_model() {
            // A model may take its time; the other lanes need this thread's place meanwhile.
            return tokio::task::block_in_place(|| self.annotator.annotate_batch(texts));
        }
        self.annotator.annotate_batch(texts)
    }
}

/// `decided_by` values with the annotator's version, written once and not for every row.
struct Provenance {
    by_stage: [(DecidedBy, String); 4],
}

impl Provenance {
    fn of(version: &str) -> Self {
        let stages = [DecidedBy::Rules, DecidedBy::Model, DecidedBy::Cache, DecidedBy::Fallback];
        Self { by_stage: stages.map(|stage| (stage, format!("{stage}@{version}"))) }
    }

    fn row<'a>(&'a self, annotation: &'a Annotation) -> RowAnnotation<'a> {
        let decided_by = self
            .by_stage
            .iter()
            .find(|(stage, _)| *stage == annotation.decided_by)
            .map_or_else(|| annotation.decided_by.as_str(), |(_, name)| name);
        RowAnnotation {
            sentiment: annotation.sentiment,
            topic: annotation.topic.as_deref(),
            confidence: Some(annotation.confidence),
            language: annotation.language.as_str(),
            decided_by,
        }
    }
}
