//! The annotation of texts: the fast stage alone, or with a model behind it.

use std::{path::PathBuf, time::Duration};

use voc_nlp::{
    AnnotatorBuilder, ModelBudget,
    backends::{ApiKey, ChatApi},
};
use voc_service::config::{Expected, Rejected, Setting, Spec, Values, parse};

const GROUP: &str = "Annotation";

const MODEL: Setting<Kind> = Setting::new(
    "nlp-model",
    &["NLP_MODEL"],
    "Model for texts on which the fast stage is uncertain: none, http, onnx, openai or anthropic",
    |value| {
        parse::one_of(
            value,
            &[
                ("none", Kind::None),
                ("http", Kind::Http),
                ("onnx", Kind::Onnx),
                ("openai", Kind::Chat(ChatApi::OpenAi)),
                ("anthropic", Kind::Chat(ChatApi::Anthropic)),
            ],
        )
    },
)
.group(GROUP)
.value_name("KIND")
.default("none");

const URL: Setting<String> = Setting::new(
    "nlp-model-url",
    &["NLP_MODEL_URL"],
    "For http, the address that accepts {\"texts\": [...]}; for openai and anthropic, the address before /chat/completions and /messages",
    parse::text,
)
.group(GROUP)
.value_name("URL")
.default_note("openai and anthropic: the service's address")
// An address may contain a password or a key.
.hidden();

const API_KEY: Setting<ApiKey> = Setting::new(
    "nlp-model-api-key",
    &["NLP_MODEL_API_KEY"],
    "Key of http, openai or anthropic; a flag is visible to other users of the machine, so prefer the variable",
    |value| ApiKey::new(value).map_err(|_| Expected::new("a key of visible ASCII characters")),
)
.group(GROUP)
.value_name("KEY")
.secret("nlp-model-api-key-file", &["NLP_MODEL_API_KEY_FILE"]);

const NAME: Setting<String> = Setting::new(
    "nlp-model-name",
    &["NLP_MODEL_NAME"],
    "The service's name for the model; for http, any name that distinguishes its versions",
    parse::text,
)
.group(GROUP)
.value_name("NAME")
.default_note("http: 1");

const PATH: Setting<PathBuf> = Setting::new(
    "nlp-model-path",
    &["NLP_MODEL_PATH"],
    "Folder of an exported model for onnx: model.onnx, tokenizer.json, config.json; ORT_DYLIB_PATH is the path of the runtime's library",
    parse::path,
)
.group(GROUP)
.value_name("DIR");

const THRESHOLD: Setting<f32> = Setting::new(
    "nlp-confidence-threshold",
    &["NLP_CONFIDENCE_THRESHOLD"],
    "The model is asked about texts whose confidence is below this, from 0 (never) to 1",
    share,
)
.group(GROUP)
.value_name("NUMBER")
.default("0.6");

const BATCH: Setting<usize> = Setting::new(
    "nlp-model-batch",
    &["NLP_MODEL_BATCH"],
    "Maximum number of texts in one call to the model",
    parse::whole::<usize, 1, 1024>,
)
.group(GROUP)
.value_name("TEXTS")
.default("32");

const WAIT: Setting<Duration> = Setting::new(
    "nlp-model-wait-ms",
    &["NLP_MODEL_WAIT_MS"],
    "Longest time a text waits for others to fill a call",
    milliseconds::<0>,
)
.group(GROUP)
.value_name("MS")
.default("5");

const TIMEOUT: Setting<Duration> = Setting::new(
    "nlp-model-timeout-ms",
    &["NLP_MODEL_TIMEOUT_MS"],
    "Longest time that up to 500 records wait for the model; then the fast stage's answers are kept",
    milliseconds::<1>,
)
.group(GROUP)
.value_name("MS")
.default_note("2000; openai and anthropic: 20000");

const QUEUE: Setting<usize> = Setting::new(
    "nlp-model-queue",
    &["NLP_MODEL_QUEUE"],
    "Maximum number of texts that wait for the model; others keep the fast stage's answer at once",
    parse::whole::<usize, 1, 1_000_000>,
)
.group(GROUP)
.value_name("TEXTS")
.default("2048");

const CALLS: Setting<usize> = Setting::new(
    "nlp-model-calls",
    &["NLP_MODEL_CALLS"],
    "Maximum number of concurrent calls to the model",
    parse::whole::<usize, 1, 256>,
)
.group(GROUP)
.value_name("CALLS")
.default("2");

const BUDGET: Setting<u32> = Setting::new(
    "nlp-model-budget-per-minute",
    &["NLP_MODEL_BUDGET_PER_MINUTE"],
    "Maximum number of texts per minute sent to the model; others keep the fast stage's answer",
    parse::whole::<u32, 1, 4_294_967_295>,
)
.group(GROUP)
.value_name("TEXTS")
.default_note("no bound");

const TEMPERATURE: Setting<Option<f32>> = Setting::new(
    "nlp-model-temperature",
    &["NLP_MODEL_TEMPERATURE"],
    "Temperature for openai and anthropic, or default for the model's own",
    temperature,
)
.group(GROUP)
.value_name("NUMBER")
.default("0");

const TOPICS: Setting<Vec<String>> = Setting::new(
    "nlp-model-topics",
    &["NLP_MODEL_TOPICS"],
    "Topics that openai and anthropic choose from, separated by commas",
    parse::list,
)
.group(GROUP)
.value_name("NAMES")
.default_note("the ten built-in ones");

const CACHE_ENTRIES: Setting<usize> = Setting::new(
    "nlp-cache-entries",
    &["NLP_CACHE_ENTRIES"],
    "Number of the model's answers that are cached; 0 disables the cache",
    parse::whole::<usize, 0, 100_000_000>,
)
.group(GROUP)
.value_name("ANSWERS")
.default("10000");

const REDACT: Setting<bool> = Setting::switch(
    "redact",
    &["VOC_REDACT"],
    "Store payloads without e-mail addresses, telephone numbers, card numbers and other personal data with a recognisable form",
)
.group(GROUP);

const TENANTS_DIR: Setting<PathBuf> = Setting::new(
    "tenants-dir",
    &["VOC_TENANTS_DIR"],
    "Folder of tenants' own words, brands, topics and choice of personal data to redact (TENANT.toml or TENANT.json), and \
     calibrations",
    parse::path,
)
.group(GROUP)
.value_name("DIR")
.default_note("no tenant has any");

const TENANTS_RELOAD: Setting<Duration> = Setting::new(
    "tenants-reload-seconds",
    &["VOC_TENANTS_RELOAD_SECONDS"],
    "How often the folder of tenants' files is checked for changes",
    |value| parse::whole::<u64, 1, 86_400>(value).map(Duration::from_secs),
)
.group(GROUP)
.value_name("SECONDS")
.default("30");

fn share(value: &str) -> Result<f32, Expected> {
    let number = value.trim().parse::<f32>().ok().filter(|number| (0.0..=1.0).contains(number));
    number.ok_or_else(|| Expected::new("a number from 0 to 1"))
}

fn milliseconds<const MIN: u64>(value: &str) -> Result<Duration, Expected> {
    parse::whole::<u64, MIN, 600_000>(value).map(Duration::from_millis)
}

fn temperature(value: &str) -> Result<Option<f32>, Expected> {
    let value = value.trim();
    if value.eq_ignore_ascii_case("default") {
        return Ok(None);
    }
    let number = value.parse::<f32>().ok().filter(|number| (0.0..=2.0).contains(number));
    number.map(Some).ok_or_else(|| Expected::new("a number from 0 to 2, or default"))
}

#[derive(Debug, Clone, Copy)]
enum Kind {
    None,
    Http,
    Onnx,
    Chat(ChatApi),
}

/// The settings of annotation.
#[derive(Debug, Clone)]
pub(crate) struct AnnotationConfig {
    pub(crate) model: ModelConfig,
    pub(crate) confidence_threshold: f32,
    pub(crate) batch: usize,
    pub(crate) wait: Duration,
    pub(crate) timeout: Duration,
    pub(crate) queue: usize,
    pub(crate) calls: usize,
    pub(crate) budget: Option<ModelBudget>,
    pub(crate) cache_entries: usize,
    /// Whether payloads are redacted before they are stored.
    pub(crate) redact: bool,
    pub(crate) tenants: Option<TenantsConfig>,
}

/// Where tenant-specific words and topics are read from.
#[derive(Debug, Clone)]
pub(crate) struct TenantsConfig {
    pub(crate) folder: PathBuf,
    /// How often the folder is checked for changes.
    pub(crate) reload: Duration,
}

/// The model behind the fast stage.
#[derive(Debug, Clone)]
pub(crate) enum ModelConfig {
    None,
    Http {
        url: String,
        version: Option<String>,
        key: Option<ApiKey>,
    },
    Onnx {
        folder: PathBuf,
    },
    Chat {
        api: ChatApi,
        url: Option<String>,
        name: String,
        key: Option<ApiKey>,
        temperature: Option<f32>,
        /// Replaces the built-in topics.
        topics: Option<Vec<String>>,
    },
}

/// The settings of annotation.
pub(super) struct AnnotationGroup;

impl AnnotationGroup {
    pub(super) fn specs() -> Vec<Spec> {
        vec![
            MODEL.spec(),
            URL.spec(),
            API_KEY.spec(),
            NAME.spec(),
            PATH.spec(),
            THRESHOLD.spec(),
            BATCH.spec(),
            WAIT.spec(),
            TIMEOUT.spec(),
            QUEUE.spec(),
            CALLS.spec(),
            BUDGET.spec(),
            TEMPERATURE.spec(),
            TOPICS.spec(),
            CACHE_ENTRIES.spec(),
            REDACT.spec(),
            TENANTS_DIR.spec(),
            TENANTS_RELOAD.spec(),
        ]
    }

    pub(super) fn read(values: &mut Values) -> Result<AnnotationConfig, Rejected> {
        let (kind, url, key) = (values.get(&MODEL), values.get_optional(&URL), values.get_optional(&API_KEY));
        let (name, path) = (values.get_optional(&NAME), values.get_optional(&PATH));
        let (threshold, batch, wait) = (values.get(&THRESHOLD), values.get(&BATCH), values.get(&WAIT));
        let (timeout, queue, calls) = (values.get_optional(&TIMEOUT), values.get(&QUEUE), values.get(&CALLS));
        let (budget, temperature) = (values.get_optional(&BUDGET), values.get(&TEMPERATURE));
        let topics = values.get_optional(&TOPICS);
        let (cache_entries, redact) = (values.get(&CACHE_ENTRIES), values.get(&REDACT));
        let (folder, reload) = (values.get_optional(&TENANTS_DIR), values.get(&TENANTS_RELOAD));

        let (url, key, name, path, temperature, topics) = (url?, key?, name?, path?, temperature?, topics?);
        let kind = kind?;
        let model = match kind {
            Kind::None => ModelConfig::None,
            Kind::Http => {
                let Some(url) = url else { return Err(values.reject(&URL, "the address of the model")) };
                ModelConfig::Http { url, version: name, key }
            }
            Kind::Onnx => {
                let Some(folder) = path else { return Err(values.reject(&PATH, "the folder of the model")) };
                ModelConfig::Onnx { folder }
            }
            Kind::Chat(api) => {
                let Some(name) = name else { return Err(values.reject(&NAME, "the name of the model")) };
                ModelConfig::Chat { api, url, name, key, temperature, topics }
            }
        };
        let reload = reload?;
        let usual_timeout = match kind {
            Kind::Chat(_) => Duration::from_secs(20),
            _ => AnnotatorBuilder::DEFAULT_MODEL_TIMEOUT,
        };
        Ok(AnnotationConfig {
            model,
            confidence_threshold: threshold?,
            batch: batch?,
            wait: wait?,
            timeout: timeout?.unwrap_or(usual_timeout),
            queue: queue?,
            calls: calls?,
            budget: budget?.map(ModelBudget::TextsPerMinute),
            cache_entries: cache_entries?,
            redact: redact?,
            tenants: folder?.map(|folder| TenantsConfig { folder, reload }),
        })
    }
}
