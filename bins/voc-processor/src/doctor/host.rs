//! This host: its limits, the port of HTTP, and the files that the settings name.

use std::{
    fs,
    path::{Path, PathBuf},
};

use rustix::process::{Resource, getrlimit};
use tokio::{task::spawn_blocking, time::Instant};
use voc_api::{Reports, access::Access};
use voc_ingest::files::{Checkpoints, Selection};
use voc_service::config::http::HttpSettings;

use super::{
    data,
    http::Port,
    section::{Known, Section, Verdict},
};
use crate::{
    annotation,
    config::{AnnotationConfig, Input, ModelConfig, ProcessConfig},
    tenants,
};

/// Open files below which a busy processor may run out.
const FEW_FILES: u64 = 1024;
const MIB: u64 = 1 << 20;
/// What a row takes while it is inserted into a server, in bytes.
const ROW_BYTES: u64 = 2 << 10;
/// What the embedded engine takes.
const ENGINE_BYTES: u64 = 200 * MIB;

/// Checks what the process needs of its host. `port` is who has the port of HTTP, if it is needed.
pub(super) async fn examine(
    config: &ProcessConfig,
    is_embedded: bool,
    port: Option<&Port>,
    deadline: Instant,
) -> Section {
    let mut section = Section::new("host", deadline);
    let nothing = Known::given(());
    let is_running = port.is_some_and(Port::is_processor);
    section.add("open files", files());
    section.add("memory", memory(config, is_embedded, limit_of_memory()));
    if let (Some(http), Some(port)) = (&config.http, port) {
        section.add("HTTP port", port.verdict(http, "HTTP_PORT"));
        if let Some(port) = http.metrics_port {
            let http = HttpSettings { port, metrics_port: None, ..http.clone() };
            section
                .check("metrics port", &nothing, async |()| Port::of(&http).await.verdict(&http, "METRICS_PORT"))
                .await;
        }
    }
    if let Input::Files { input, .. } = &config.input {
        if !is_embedded {
            let directory = config.data_dir.clone();
            section.check("data directory", &nothing, async |()| data::directory(directory).await).await;
        }
        let (input, directory) = (input.clone(), config.data_dir.clone());
        section.check("input", &nothing, async |()| input_files(input, directory, is_running).await).await;
    }
    if let Some(settings) = &config.annotation.tenants {
        let folder = settings.folder.clone();
        section.check("words of tenants", &nothing, async |()| words_of_tenants(folder).await).await;
    }
    section.check("model", &nothing, async |()| model(&config.annotation, is_running).await).await;
    if let Some(access) = &config.access {
        section.add(
            "credentials of callers",
            match Access::new(&access.config) {
                Ok(_) => Verdict::ok(access.describe(), ()),
                Err(error) => Verdict::failed(
                    error.to_string(),
                    "correct the file that VOC_API_KEYS_FILE or the settings of tokens name",
                ),
            },
        );
    }
    if config.reports_dir.is_some() {
        section.add(
            "templates of reports",
            match Reports::load(config.reports_dir.as_deref()) {
                Ok(_) => Verdict::ok("they can be read", ()),
                Err(error) => Verdict::failed(error.to_string(), "correct these files, or VOC_REPORTS_DIR"),
            },
        );
    }
    section
}

fn files() -> Verdict<()> {
    // No limit is enough.
    let limit = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX);
    match limit {
        ..FEW_FILES => Verdict::warning(
            format!("this process may have {limit} open"),
            "raise the limit to 65536 (ulimit -n, LimitNOFILE of systemd, or the container runtime's)",
            (),
        ),
        u64::MAX => Verdict::ok("no limit", ()),
        limit => Verdict::ok(format!("this process may have {limit} open"), ()),
    }
}

/// Compares a limit of memory with what the settings may need.
fn memory(config: &ProcessConfig, is_embedded: bool, limit: Option<u64>) -> Verdict<()> {
    let budget = config.memory_bytes as u64;
    let rows = match &config.input {
        Input::Kafka(families) => families.iter().map(|(_, family)| family.batch.max as u64).max(),
        Input::Files { family, .. } => Some(family.batch.max as u64),
        Input::None => None,
    };
    let inserts = rows.filter(|_| !is_embedded).unwrap_or_default() * config.insert_slots as u64 * ROW_BYTES;
    let engine = if is_embedded { ENGINE_BYTES } else { 0 };
    let model = model_bytes(&config.annotation);
    let least = 2 * budget + engine + model;
    let most = 3 * budget + inserts + engine + model;
    let needs = format!("the settings need {} to {} MiB", least / MIB, most / MIB);
    let Some(limit) = limit else { return Verdict::ok(format!("no limit; {needs}"), ()) };
    let found = format!("the limit is {} MiB; {needs}", limit / MIB);
    let remedy = "raise the limit of the container, or lower VOC_MEMORY_MIB (and BATCH_MAX or VOC_INSERT_SLOTS): a \
                  process above its limit is killed";
    match limit {
        limit if limit < least => Verdict::failed(found, remedy),
        limit if limit < most => Verdict::warning(found, remedy, ()),
        _ => Verdict::ok(found, ()),
    }
}

/// The size of a model in this process.
fn model_bytes(config: &AnnotationConfig) -> u64 {
    let ModelConfig::Onnx { folder } = &config.model else { return 0 };
    let files = fs::read_dir(folder).into_iter().flatten().flatten();
    files.filter_map(|file| file.metadata().ok()).filter(fs::Metadata::is_file).map(|file| file.len()).sum()
}

/// The smallest limit of memory of the control groups of this process, else the memory of the machine.
fn limit_of_memory() -> Option<u64> {
    let number = |path: &Path| fs::read_to_string(path).ok()?.trim().parse::<u64>().ok();
    let own = fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
    let own = own.lines().find_map(|line| line.strip_prefix("0::")).unwrap_or("/").trim_start_matches('/');
    // Version 2, from the process's own group to the root; then version 1.
    let second = Path::new("/sys/fs/cgroup").join(own);
    let second = second.ancestors().filter_map(|group| number(&group.join("memory.max")));
    let first = number(Path::new("/sys/fs/cgroup/memory/memory.limit_in_bytes"));
    let total = fs::read_to_string("/proc/meminfo").ok().and_then(|text| {
        let line = text.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
        line.trim().strip_suffix(" kB")?.parse::<u64>().ok().map(|kib| kib << 10)
    });
    // Version 1 has an absurdly large number for "no limit".
    second.chain(first).chain(total).min()
}

/// Whether the input can be found, which may be many files in many folders, and no other import reads it.
async fn input_files(input: String, data_dir: PathBuf, is_running: bool) -> Verdict<()> {
    const REMEDY: &str = "correct VOC_INPUT, or give this process the right to read it";
    if Checkpoints::is_open(&Input::checkpoints_in(&data_dir)) && !is_running {
        return Verdict::failed(
            format!("another import has {} open", data_dir.display()),
            "wait for its end, or name another directory in VOC_DATA_DIR",
        );
    }
    match spawn_blocking(move || Selection::of(&input, &[data_dir])).await {
        Ok(Ok(selection)) => Verdict::ok(format!("{} inputs", selection.inputs.len()), ()),
        Ok(Err(error)) => Verdict::failed(error.to_string(), REMEDY),
        Err(panic) => Verdict::failed(panic.to_string(), REMEDY),
    }
}

async fn words_of_tenants(folder: PathBuf) -> Verdict<()> {
    const REMEDY: &str = "correct these files, or VOC_TENANTS_DIR";
    match spawn_blocking(move || tenants::load(&folder)).await {
        Ok(Ok((tenants, _))) => Verdict::ok(format!("{} tenants have their own", tenants.len()), ()),
        Ok(Err(error)) => Verdict::failed(format!("{error:#}"), REMEDY),
        Err(panic) => Verdict::failed(panic.to_string(), REMEDY),
    }
}

/// Whether the model's files can be used. They are not loaded a second time beside a running processor, which may have
/// no memory for it.
async fn model(config: &AnnotationConfig, is_running: bool) -> Verdict<()> {
    match &config.model {
        ModelConfig::None => Verdict::ok("none: the fast stage annotates every text", ()),
        ModelConfig::Onnx { folder } if is_running => {
            Verdict::not_checked(format!("the running processor has loaded {}", folder.display()))
        }
        ModelConfig::Onnx { folder } => {
            let config = AnnotationConfig { tenants: None, ..config.clone() };
            let loaded = spawn_blocking(move || annotation::annotator(&config)).await;
            match loaded {
                Ok(Ok(_)) => Verdict::ok(format!("{} can be loaded", folder.display()), ()),
                Ok(Err(error)) => Verdict::failed(
                    format!("{error:#}"),
                    "correct NLP_MODEL_PATH, and ORT_DYLIB_PATH, which names the ONNX Runtime's library",
                ),
                Err(panic) => Verdict::failed(panic.to_string(), "correct NLP_MODEL_PATH"),
            }
        }
        // A question to a service may cost money.
        ModelConfig::Http { .. } | ModelConfig::Chat { .. } => Verdict::not_checked(
            "a service, which is not asked; texts it does not answer keep the fast stage's answers",
        ),
    }
}
