//! From records to rows, the same for lanes and for replays.

use std::{
    any::Any,
    borrow::Cow,
    marker::PhantomData,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use voc_events::{Family, FamilyEvent, Invalid, Limits, record_text};
use voc_nlp::{Annotation, Annotator, DecidedBy, Redactor};
use voc_store::{BatchBuilder, RowAnnotation};

use super::redaction::{Redacted, redact};

/// Decodes records and annotates what they say.
pub(crate) struct RowMaker<F> {
    annotator: Arc<Annotator>,
    /// Takes personal data out of what is stored.
    redactor: Option<Redactor>,
    limits: Limits,
    provenance: Provenance,
    family: PhantomData<fn() -> F>,
}

/// Why a record has no row.
#[derive(Debug, Clone)]
pub(crate) struct Unusable {
    /// One of [`ERROR_TYPES`](crate::telemetry::ERROR_TYPES).
    pub(crate) error_type: &'static str,
    pub(crate) error: String,
    /// JSON path of what is wrong.
    pub(crate) path: String,
    /// The tenant, where it could be read.
    pub(crate) tenant_id: String,
}

/// A record's event.
pub(crate) struct Decoded<'r, F: Family> {
    pub(crate) event: F::Event<'r>,
    /// The text it was decoded of.
    pub(crate) payload: &'r str,
    offset: i64,
}

impl<F: Family> RowMaker<F> {
    pub(crate) fn new(annotator: Arc<Annotator>, limits: Limits) -> Self {
        let provenance = Provenance::of(annotator.version());
        Self { annotator, redactor: None, limits, provenance, family: PhantomData }
    }

    /// The same with payloads stored without personal data, if there is a redactor.
    pub(crate) fn with_redactor(self, redactor: Option<Redactor>) -> Self {
        Self { redactor, ..self }
    }

    pub(crate) fn text<'r>(&self, value: Option<&'r [u8]>, length: usize) -> Result<Cow<'r, str>, Unusable> {
        text(&self.limits, value, length)
    }

    pub(crate) fn decode<'r>(&self, offset: i64, text: &'r str) -> Result<Decoded<'r, F>, Unusable> {
        decode::<F>(&self.limits, offset, text)
    }

    /// Annotates events, all at once, and appends their rows. Gives the offsets of those that cannot be annotated.
    pub(crate) fn push(&self, events: &[Decoded<'_, F>], rows: &mut BatchBuilder) -> Vec<(i64, Unusable)> {
        let texts: Vec<(&str, &str)> = events
            .iter()
            .filter_map(|decoded| decoded.event.text().map(|text| (decoded.event.tenant_id(), text)))
            .collect();
        let mut annotations = Vec::with_capacity(texts.len());
        self.annotate(&texts, &mut annotations);
        let mut annotations = annotations.iter();
        let mut failed = Vec::new();
        for Decoded { event, payload, offset } in events {
            let annotation = match event.text().and_then(|_| annotations.next()) {
                Some(Ok(found)) => self.provenance.row(found),
                Some(Err(message)) => {
                    failed.push((*offset, Unusable::failed("the annotator", message, event.tenant_id())));
                    continue;
                }
                None => RowAnnotation::default(),
            };
            match self.redactor {
                Some(redactor) => {
                    let event = Redacted { event, redactor, table: &F::TABLE };
                    rows.push(&event, &redact(redactor, payload), &annotation, *offset);
                }
                None => rows.push(event, payload, &annotation, *offset),
            }
        }
        failed
    }

    /// Annotates tenants' texts, in their order. Texts whose annotator panics are halved until the one at fault is found; for that one there is
    /// the panic's message.
    fn annotate(&self, texts: &[(&str, &str)], annotations: &mut Vec<Result<Annotation, String>>) {
        if texts.is_empty() {
            return;
        }
        let annotate = || caught(|| self.annotator.annotate_batch_for(texts));
        // A model may take its time; the other lanes need this thread's place meanwhile.
        let found = if self.annotator.has_model() { tokio::task::block_in_place(annotate) } else { annotate() };
        match found {
            Ok(found) => annotations.extend(found.into_iter().map(Ok)),
            Err(message) if texts.len() == 1 => annotations.push(Err(message)),
            Err(_) => {
                let (first, second) = texts.split_at(texts.len() / 2);
                self.annotate(first, annotations);
                self.annotate(second, annotations);
            }
        }
    }
}

/// A record's text, which its event borrows from, or why there is none. `length` is that of the whole value, of which
/// the source may have kept the beginning only.
pub(crate) fn text<'r>(limits: &Limits, value: Option<&'r [u8]>, length: usize) -> Result<Cow<'r, str>, Unusable> {
    let value = value.ok_or_else(Invalid::tombstone)?;
    if length > value.len() {
        return Err(Invalid::too_large(length, limits).into());
    }
    Ok(record_text(value, limits)?)
}

/// The event of a record's text, or why there is none; a decoder's panic is such a reason.
pub(crate) fn decode<'r, F: Family>(
    limits: &Limits,
    offset: i64,
    payload: &'r str,
) -> Result<Decoded<'r, F>, Unusable> {
    let decoded = caught(|| F::decode(payload, limits));
    let event = decoded.map_err(|message| Unusable::failed("the decoder", &message, ""))??;
    Ok(Decoded { event, payload, offset })
}

impl Unusable {
    fn failed(who: &str, message: &str, tenant_id: &str) -> Self {
        Self {
            error_type: "annotator_failed",
            error: format!("{who} failed: {message}"),
            path: "$".to_owned(),
            tenant_id: tenant_id.to_owned(),
        }
    }
}

impl From<Invalid> for Unusable {
    fn from(invalid: Invalid) -> Self {
        Self {
            error_type: invalid.kind.as_str(),
            error: invalid.to_string(),
            path: invalid.path().to_owned(),
            tenant_id: invalid.tenant_id.unwrap_or_default(),
        }
    }
}

/// The work's result, or its panic's message. The work changes nothing that others see half done: decoders are functions, and an
/// annotator's cache and counters are whole after every call.
fn caught<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|panic| message_of(&*panic).to_owned())
}

fn message_of(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("a panic without a message")
}

/// `decided_by` values with the annotator's version, written once and not for every row.
struct Provenance {
    by_stage: [(DecidedBy, String); 4],
}

impl Provenance {
    fn of(version: &str) -> Self {
        let stages = [DecidedBy::Fast, DecidedBy::Model, DecidedBy::Cache, DecidedBy::Fallback];
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
