//! Builds the annotator from its settings, exports its metrics, and logs failures of its model.

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

/// Every processor has this metric, and no other program.
pub(crate) const TEXTS: &str = "voc_nlp_texts_total";
const CACHE_HITS: &str = "voc_nlp_cache_hits_total";
const MODEL_ANSWERS: &str = "voc_nlp_model_answers_total";
const MODEL_CALLS: &str = "voc_nlp_model_calls_total";
const MODEL_TEXTS: &str = "voc_nlp_model_texts_total";
const MODEL_FAILURES: &str = "voc_nlp_model_failures_total";
const MODEL_RETRIES: &str = "voc_nlp_model_retries_total";
const FALLBACKS: &str = "voc_nlp_fallbacks_total";
const BREAKER_OPEN: &str = "voc_nlp_model_breaker_open";

/// How often failures of the model are logged.
const WATCH_INTERVAL: Duration = Duration::from_secs(5);

/// Redacts personal data from payloads, if configured.
pub(crate) fn redactor(config: &AnnotationConfig) -> Option<Redactor> {
    config.redact.then(Redactor::default)
}

/// Builds the annotator, and watches the folder of tenants' words and topics if there is one. The model may be down:
/// until it answers, texts have the fast stage's answers.
pub(crate) fn annotator(config: &AnnotationConfig) -> anyhow::Result<Arc<Annotator>> {
    let mut builder = Annotator::builder()
        .confidence_threshold(config.confidence_threshold)
        .cache_capacity(config.cache_entries)
        .max_model_batch(config.batch)
        .model_batch_wait(config.wait)
        .model_timeout(config.timeout)
        .model_queue(config.queue)
        .max_concurrent_calls(config.calls);
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

/// The metrics that [`export`] reports.
pub(crate) fn metrics() -> Vec<Metric> {
    let reasons = AnnotatorStats::default().fallbacks().map(|(reason, _)| reason);
    vec![
        Metric::counter(TEXTS, "Texts annotated"),
        Metric::counter(CACHE_HITS, "Texts answered from the cache of the model's answers"),
        Metric::counter(MODEL_ANSWERS, "Texts the model answered"),
        Metric::counter(MODEL_CALLS, "Calls to the model"),
        Metric::counter(MODEL_TEXTS, "Texts in calls to the model"),
        Metric::counter(MODEL_FAILURES, "Calls to the model that failed or timed out"),
        Metric::counter(MODEL_RETRIES, "Calls to the model repeated because the connection was lost"),
        Metric::counter(FALLBACKS, "Texts that kept the fast stage's uncertain answer because the model gave none")
            .by("reason", reasons),
        Metric::gauge(BREAKER_OPEN, "Whether calls to the model are suspended because it failed: 1 or 0"),
    ]
}

/// Exports the annotator's counters as metrics.
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

/// Logs failures of the model at intervals.
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
            tracing::warn!(%error, failures, breaker, "calls to the model failed; the fast stage's answers are kept");
        }
        known = stats.model_failures;
    }
}
