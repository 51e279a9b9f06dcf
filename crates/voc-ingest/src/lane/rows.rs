//! Turns records into rows, for both lanes and replays.

use std::{
    any::Any,
    borrow::Cow,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use voc_events::{
    DecodeOptions, Envelope, Family, FamilyEvent, Invalid, InvalidKind, Limits, encodings::wire, record_text,
};
use voc_nlp::{AnnotatedCall, Annotation, Annotator, CallFacts, CallTiming, DecidedBy, Redactor, TopicScore};
use voc_store::{BatchBuilder, RowAnnotation, RowCall, RowCallTimes, RowTopic};

use super::redaction::{RedactedEvent, redact};
use crate::registry::KnownSchemas;

/// Decodes records and annotates their texts.
pub(crate) struct RowMaker<F> {
    annotator: Arc<Annotator>,
    /// Removes personal data from stored values, each tenant's as it has chosen.
    redactor: Option<Redactor>,
    decoder: TopicDecoder<F>,
    provenance: Provenance,
}

/// Why a record has no row.
#[derive(Debug, Clone)]
pub(crate) struct UnusableRecord {
    /// One of [`ERROR_TYPES`](crate::telemetry::ERROR_TYPES).
    pub(crate) error_type: &'static str,
    pub(crate) error: String,
    /// JSON path of the violation.
    pub(crate) path: String,
    /// The tenant, if it could be read.
    pub(crate) tenant_id: String,
}

/// A record as JSON.
pub(crate) struct RecordText<'r> {
    pub(crate) json: Cow<'r, str>,
    /// The schema it was written with, if it names one.
    schema_id: Option<u32>,
}

/// A decoded record.
pub(crate) struct DecodedRecord<'r, F: Family> {
    pub(crate) event: F::Event<'r>,
    /// The text it was decoded from.
    pub(crate) payload: &'r str,
    /// Fields that were accepted in a non-standard form.
    pub(crate) coerced: Vec<&'static str>,
    offset: i64,
}

impl<F: Family> RowMaker<F> {
    pub(crate) fn new(annotator: Arc<Annotator>, decoder: TopicDecoder<F>) -> Self {
        let provenance = Provenance::of(annotator.version());
        Self { annotator, redactor: None, decoder, provenance }
    }

    /// Sets the redactor for stored payloads, if any.
    pub(crate) fn with_redactor(self, redactor: Option<Redactor>) -> Self {
        Self { redactor, ..self }
    }

    /// The decoder of the records.
    pub(crate) fn decoder(&self) -> &TopicDecoder<F> {
        &self.decoder
    }

    /// Annotates events in one batch and appends their rows. Returns the offsets of those that could not be annotated.
    pub(crate) fn push(&self, events: &[DecodedRecord<'_, F>], rows: &mut BatchBuilder) -> Vec<(i64, UnusableRecord)> {
        let texts: Vec<(&str, &str)> = events
            .iter()
            .filter_map(|decoded| {
                let text = decoded.event.text()?;
                Some((decoded.event.tenant_id().unwrap_or_default(), text))
            })
            .collect();
        let mut annotations = Vec::with_capacity(texts.len());
        self.annotate(&texts, &mut annotations);
        let mut annotations = annotations.iter();
        let mut failed = Vec::new();
        for DecodedRecord { event, payload, offset, .. } in events {
            let tenant_id = event.tenant_id().unwrap_or_default();
            let (call, decided_by);
            let annotation = match event.text().and_then(|_| annotations.next()) {
                Some(Ok(AnnotatedCall { annotation, facts, .. })) => {
                    call = facts.as_ref().map(|facts| row_call(annotation, facts));
                    decided_by = self.provenance.decided_by(annotation);
                    RowAnnotation { call: call.as_ref(), ..row_annotation(annotation, &decided_by) }
                }
                Some(Err(message)) => {
                    let error = format!("the annotator failed: {message}");
                    failed.push((*offset, UnusableRecord::failed("annotator_failed", error, tenant_id)));
                    continue;
                }
                None => RowAnnotation::default(),
            };
            let pushed = match self.redactor {
                Some(redactor) => {
                    let redactor = self.annotator.redactor_for(tenant_id, redactor);
                    let event = RedactedEvent { event, redactor, columns: F::TABLE.promoted };
                    rows.push(&event, &redact(redactor, payload, &F::TABLE), &annotation, *offset)
                }
                None => rows.push(event, payload, &annotation, *offset),
            };
            if let Err(error) = pushed {
                failed.push((*offset, UnusableRecord::failed("row_failed", error.to_string(), tenant_id)));
            }
        }
        failed
    }

    /// Annotates the texts of tenants, in order. If the annotator panics, the texts are halved until the offending one
    /// is found, which yields the message of the panic.
    fn annotate(&self, texts: &[(&str, &str)], annotations: &mut Vec<Result<AnnotatedCall, String>>) {
        if texts.is_empty() {
            return;
        }
        let annotate = || caught(|| self.annotator.annotate_calls_for(texts));
        // A model call may take long; let other lanes use this thread meanwhile.
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

/// Decodes the records of one topic.
pub(crate) struct TopicDecoder<F> {
    family: F,
    limits: Limits,
}

impl<F: Family> TopicDecoder<F> {
    pub(crate) fn new(topic: &str, options: &DecodeOptions) -> Self {
        Self { family: F::for_topic(topic, options), limits: options.limits.clone() }
    }

    /// The text of a record, which its event borrows from, or why there is none. `length` is that of the whole value,
    /// which the source may have truncated; `schemas` are the writer schemas.
    pub(crate) fn text<'r>(
        &self,
        value: Option<&'r [u8]>,
        length: usize,
        schemas: &KnownSchemas,
    ) -> Result<RecordText<'r>, UnusableRecord> {
        let value = value.ok_or_else(Invalid::tombstone)?;
        if length > value.len().min(self.limits.max_record_bytes) {
            return Err(Invalid::too_large(length, &self.limits).into());
        }
        match wire::header(value).map_err(Invalid::from)? {
            None => Ok(RecordText { json: record_text(value, &self.limits)?, schema_id: None }),
            Some(header) => {
                let schema = schemas.of(&header)?;
                // A panic in a library on unexpected bytes must not affect other records.
                let json = caught(|| schema.event_json(header.body, &self.limits)).map_err(|message| {
                    UnusableRecord::failed("decoder_failed", format!("the decoder failed: {message}"), "")
                })?;
                let json = json.map_err(|invalid| of_schema(header.schema_id, invalid))?;
                Ok(RecordText { json, schema_id: Some(header.schema_id) })
            }
        }
    }

    /// Decodes the event from the text of a record. A panic of the decoder is reported as an unusable record.
    pub(crate) fn decode<'r>(
        &self,
        offset: i64,
        text: &'r Result<RecordText<'_>, UnusableRecord>,
        envelope: &Envelope<'_>,
    ) -> Result<DecodedRecord<'r, F>, UnusableRecord> {
        let RecordText { json: payload, schema_id } = text.as_ref().map_err(Clone::clone)?;
        let decoded = caught(|| self.family.decode(payload, envelope)).map_err(|message| {
            UnusableRecord::failed("decoder_failed", format!("the decoder failed: {message}"), "")
        })?;
        let decoded = decoded.map_err(|invalid| match schema_id {
            Some(id) => of_schema(*id, invalid),
            None => invalid,
        })?;
        Ok(DecodedRecord { event: decoded.event, payload, coerced: decoded.coerced, offset })
    }
}

/// Adds the ID of the schema that a refused record was written with to its error.
fn of_schema(id: u32, mut invalid: Invalid) -> Invalid {
    if let Some(first) = invalid.violations.first_mut() {
        first.found = format!("{} (written with schema {id})", first.found).into();
    }
    invalid
}

impl UnusableRecord {
    /// Whether the record is JSON but not an event of this family.
    pub(crate) fn is_another_event(&self) -> bool {
        self.error_type == InvalidKind::Schema.as_str()
    }

    fn failed(error_type: &'static str, error: String, tenant_id: &str) -> Self {
        Self { error_type, error, path: "$".to_owned(), tenant_id: tenant_id.to_owned() }
    }
}

impl From<Invalid> for UnusableRecord {
    fn from(invalid: Invalid) -> Self {
        Self {
            error_type: invalid.kind.as_str(),
            error: invalid.to_string(),
            path: invalid.path().to_owned(),
            tenant_id: invalid.tenant_id.unwrap_or_default(),
        }
    }
}

/// Runs `work` and returns its result, or the message of its panic. `work` leaves no shared state half-changed:
/// decoders are pure functions, and an annotator's cache and counters are consistent after every call.
fn caught<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|panic| message_of(&*panic).to_owned())
}

fn message_of(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("a panic without a message")
}

/// What is known of a call, as stored in the row.
fn row_call<'a>(annotation: &'a Annotation, facts: &'a CallFacts) -> RowCall<'a> {
    let topic = |best: &'a TopicScore| RowTopic {
        topic: best.topic.as_str(),
        score: best.score,
        sentiment: facts.sentiment_towards(&best.topic),
    };
    RowCall {
        turns: facts.turns.into(),
        customer_words: facts.customer_words.into(),
        agent_words: facts.agent_words.into(),
        other_words: facts.other_words.into(),
        longest_monologue_words: facts.longest_monologue_words.into(),
        times: facts.timing.as_ref().map(row_times),
        customer_sentiment: facts.customer,
        agent_sentiment: facts.agent,
        first_quarter_sentiment: facts.first_quarter,
        last_quarter_sentiment: facts.last_quarter,
        sentiment_change: facts.change,
        worst_turn_sentiment: facts.worst_turn,
        topics: annotation.topics.iter().map(topic).collect(),
        escalation_phrases: facts.escalation_phrases.clone(),
        churn_phrases: facts.churn_phrases.clone(),
    }
}

/// What the times of a call reveal, as stored in the row.
fn row_times(timing: &CallTiming) -> RowCallTimes {
    let millis = |millis: u64| i64::try_from(millis).unwrap_or(i64::MAX);
    RowCallTimes {
        agent_talk_ms: millis(timing.agent_talk_ms),
        customer_talk_ms: millis(timing.customer_talk_ms),
        other_talk_ms: millis(timing.other_talk_ms),
        non_talk_ms: millis(timing.non_talk_ms),
        agent_interruptions: timing.agent_interruptions.into(),
        customer_interruptions: timing.customer_interruptions.into(),
        response_ms: timing.response_ms.map(millis),
    }
}

/// `decided_by` values with the version of the annotator, formatted once instead of per row.
struct Provenance {
    by_stage: [(DecidedBy, String); 4],
}

impl Provenance {
    fn of(version: &str) -> Self {
        let stages = [DecidedBy::Fast, DecidedBy::Model, DecidedBy::Cache, DecidedBy::Fallback];
        Self { by_stage: stages.map(|stage| (stage, format!("{stage}@{version}"))) }
    }

    /// The stage that decided, the version of what all tenants share, and the tenant's own calibration, if it has one.
    fn decided_by(&self, annotation: &Annotation) -> Cow<'_, str> {
        let shared = self
            .by_stage
            .iter()
            .find(|(stage, _)| *stage == annotation.decided_by)
            .map_or_else(|| annotation.decided_by.as_str(), |(_, name)| name);
        match annotation.calibration {
            None => Cow::Borrowed(shared),
            Some(calibration) => Cow::Owned(format!("{shared}+{calibration}")),
        }
    }
}

/// An annotation, as stored in the row.
fn row_annotation<'a>(annotation: &'a Annotation, decided_by: &'a str) -> RowAnnotation<'a> {
    RowAnnotation {
        sentiment: annotation.sentiment,
        topic: annotation.topic.as_deref(),
        confidence: Some(annotation.confidence),
        language: annotation.language.as_str(),
        decided_by,
        call: None,
    }
}
