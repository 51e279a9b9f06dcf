//! The annotator: made of its settings, measured, watched.

use std::{sync::Arc, time::Duration};

use anyhow::Context as _;
use voc_nlp::{
    Annotator, AnnotatorStats, BreakerState, Model, Redactor,
    backends::{ChatModel, ChatSettings, OnnxModel, OnnxSettings, RemoteModel, RemoteSettings},
};
use voc_service::metrics::Metric;

use crate::{
    config::{AnnotationConfig, ModelConfig},
    tenants,
};

const TEXTS: &str = "voc_nlp_texts_total";
const CACHE_HITS: &str = "voc_nlp_cache_hits_total";
const MODEL_ANSWERS: &str = "voc_nlp_model_answers_total";
const MODEL_CALLS: &str = "voc_nlp_model_calls_total";
const MODEL_TEXTS: &str = "voc_nlp_model_texts_total";
const MODEL_FAILURES: &str = "voc_nlp_model_failures_total";
const MODEL_RETRIES: &str = "voc_nlp_model_retries_total";
const FALLBACKS: &str = "voc_nlp_fallbacks_total";
const BREAKER_OPEN: &str = "voc_nlp_model_breaker_open";

/// How often the log is told of failures of the model.
const WATCH_INTERVAL: Duration = Duration::from_secs(5);

/// What takes personal data out of payloads, if that is wanted.
pub(crate) fn redactor(config: &AnnotationConfig) -> Option<Redactor> {
    config.redact.then(Redactor::default)
}

/// Makes the annotator, and watches the folder of tenants' words and topics if there is one. The model itself may be down: texts have the fast stage's answers until it is there.
pub(crate) fn annotator(config: &AnnotationConfig) -> anyhow::Result<Arc<Annotator>> {
    let mut builder = Annotator::builder()
        .confidence_threshold(config.confidence_threshold)
        .cache_capacity(config.cache_entries)
        .max_model_batch(config.batch)
        .model_batch_wait(config.wait)
        .model_timeout(config.timeout)
        .model_queue(config.queue)
        .model_calls_at_once(config.calls);
    if let Some(budget) = config.budget {
        builder = builder.model_budget(budget);
    }
    if let Some(settings) = &config.tenants {
        let tenants = tenants::open(settings).context("cannot use the folder that VOC_TENANTS_DIR names")?;
        builder = builder.fast_stage(tenants);
    }
    if let Some(model) = model(config).context("cannot set up the model that NLP_MODEL names")? {
        builder = builder.model(model);
    }
    let annotator = Arc::new(builder.build());
    tracing::info!(version = annotator.version(), has_model = annotator.has_model(), "annotating");
    Ok(annotator)
}

fn model(config: &AnnotationConfig) -> anyhow::Result<Option<Arc<dyn Model>>> {
    let model: Arc<dyn Model> = match &config.model {
        ModelConfig::None => return Ok(None),
        ModelConfig::Http { url, version, key } => {
            let mut settings = RemoteSettings::new(url);
            settings.key.clone_from(key);
            settings.timeout = config.timeout;
            if let Some(version) = version {
                settings.version.clone_from(version);
            }
            Arc::new(RemoteModel::new(settings)?)
        }
        ModelConfig::Onnx { folder } => Arc::new(OnnxModel::open(&OnnxSettings::new(folder))?),
        ModelConfig::Chat { api, url, name, key, temperature, topics } => {
            let mut settings = ChatSettings::new(*api, name);
            settings.key.clone_from(key);
            settings.timeout = config.timeout;
            settings.temperature = *temperature;
            if let Some(url) = url {
                settings.url.clone_from(url);
            }
            if let Some(topics) = topics {
                settings.topics.clone_from(topics);
            }
            Arc::new(ChatModel::new(settings)?)
        }
    };
    Ok(Some(model))
}

/// What [`export`] tells.
pub(crate) fn metrics() -> Vec<Metric> {
    let reasons = AnnotatorStats::default().fallbacks().map(|(reason, _)| reason);
    vec![
        Metric::counter(TEXTS, "Texts annotated"),
        Metric::counter(CACHE_HITS, "Texts with a remembered answer of the model"),
        Metric::counter(MODEL_ANSWERS, "Texts that the model was asked about and answered"),
        Metric::counter(MODEL_CALLS, "Calls of the model"),
        Metric::counter(MODEL_TEXTS, "Texts in calls of the model"),
        Metric::counter(MODEL_FAILURES, "Calls of the model that failed or took too long"),
        Metric::counter(MODEL_RETRIES, "Calls of the model made once more because the connection was lost"),
        Metric::counter(FALLBACKS, "Texts with the fast stage's unsure answer, because the model had none")
            .by("reason", reasons),
        Metric::gauge(BREAKER_OPEN, "Whether the model is left alone because it failed: 1 or 0"),
    ]
}

/// Tells the metrics what the annotator counted.
pub(crate) fn export(annotator: &Annotator) {
    let stats = annotator.stats();
    for (name, value) in [
        (TEXTS, stats.texts),
        (CACHE_HITS, stats.cache_hits),
        (MODEL_ANSWERS, stats.model_answers),
        (MODEL_CALLS, stats.model_calls),
        (MODEL_TEXTS, stats.model_texts),
        (MODEL_FAILURES, stats.model_failures),
        (MODEL_RETRIES, stats.model_retries),
    ] {
        metrics::counter!(name).absolute(value);
    }
    for (reason, texts) in stats.fallbacks() {
        metrics::counter!(FALLBACKS, "reason" => reason).absolute(texts);
    }
    if annotator.has_model() {
        let is_open = stats.breaker != BreakerState::Closed;
        metrics::gauge!(BREAKER_OPEN).set(if is_open { 1.0 } else { 0.0 });
    }
}

/// Writes a line into the log from time to time while the model fails.
pub(crate) async fn watch(annotator: Arc<Annotator>) {
    let mut known = annotator.stats().model_failures;
    let mut interval = tokio::time::interval(WATCH_INTERVAL);
    loop {
        interval.tick().await;
        let stats = annotator.stats();
        if stats.model_failures > known
            && let Some(error) = &stats.last_failure
        {
            let (failures, breaker) = (stats.model_failures - known, stats.breaker.as_str());
            tracing::warn!(%error, failures, breaker, "calls of the model failed; the fast stage's answers stand");
        }
        known = stats.model_failures;
    }
}
