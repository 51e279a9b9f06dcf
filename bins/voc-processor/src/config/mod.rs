//! The processor's configuration, read from flags and variables in one pass.

mod adopt;
mod annotation;
mod batch;
mod deduplication;
mod dlq;
mod doctor;
mod families;
mod family;
mod http;
mod input;
mod kafka;
mod moment;
mod registry;
mod replay;
mod report;
mod retention;
mod topics;
mod verify;

use std::{ffi::OsString, path::PathBuf};

use voc_events::{DecodeOptions, families::FamilyInfo};
use voc_ingest::{RecentSettings, registry::RegistrySettings};
use voc_service::config::{
    ConfigCommand, Program, Rejected, Stop, Values, access::AccessSettings, clickhouse::ClickHouseSettings,
    erasure::EraseTask, health::HealthTask, http::HttpSettings, lifecycle::LifecycleSettings, logging::LoggingSettings,
    reports::REPORTS_DIR,
};

pub(crate) use self::{
    adopt::AdoptTask,
    annotation::{AnnotationConfig, ModelConfig, TenantsConfig},
    dlq::{DlqCommand, DlqTask},
    family::FamilyConfig,
    input::Input,
    replay::{Bound, ReplayTask},
    retention::RetentionTask,
    verify::VerifyTask,
};
use self::{
    annotation::AnnotationGroup, batch::BatchGroup, deduplication::ALLOW_NO_DEDUPLICATION, families::FamilyGroup,
    http::HTTP, input::InputGroup, kafka::KafkaGroup, registry::RegistryGroup,
};

/// What the program was started for.
#[derive(Debug)]
pub(crate) enum Invocation {
    /// Ask a running processor for its health, whatever its other settings are.
    Health(HealthTask),
    /// Print this about the configuration.
    Print(String),
    /// Do a task.
    Run(Box<Config>),
}

/// The complete configuration.
#[derive(Debug)]
pub(crate) struct Config {
    pub(crate) task: Task,
    pub(crate) store: StoreConfig,
    pub(crate) lifecycle: LifecycleSettings,
    pub(crate) logging: LoggingSettings,
}

/// What to do.
#[derive(Debug)]
pub(crate) enum Task {
    /// Process events and serve HTTP.
    Process(Box<ProcessConfig>),
    /// Adopt what the Python services have left.
    Adopt(Box<AdoptTask>),
    /// Run a one-shot command.
    Command(Command),
}

/// A one-shot command.
#[derive(Debug)]
pub(crate) enum Command {
    /// Compare Kafka, the ledger and the store.
    Verify(Box<VerifyTask>),
    /// Apply the missing migrations.
    MigrateUp,
    /// Show what applying the missing migrations would do.
    MigratePlan,
    /// Report which migrations are applied.
    MigrateStatus,
    /// Erase events.
    Erase(EraseTask),
    /// Show or change how long rows are kept.
    Retention(RetentionTask),
    /// Check the set-up.
    Doctor(Box<DoctorTask>),
    /// Work on dead letters.
    Dlq(Box<DlqTask>),
    /// Re-annotate a range.
    Replay(Box<ReplayTask>),
}

/// Settings of processing.
#[derive(Debug)]
pub(crate) struct ProcessConfig {
    pub(crate) input: Input,
    /// Where to serve HTTP. A run that ends with its input serves only if a port is configured, so that it never fails
    /// over a port.
    pub(crate) http: Option<HttpSettings>,
    /// Who may ask the API; `None` if there is none.
    pub(crate) access: Option<AccessSettings>,
    /// The folder of templates of reports, if there is one.
    pub(crate) reports_dir: Option<PathBuf>,
    /// The family of API requests that name none.
    pub(crate) default_family: FamilyInfo,
    pub(crate) recent: RecentSettings,
    pub(crate) options: DecodeOptions,
    pub(crate) registry: Option<RegistrySettings>,
    pub(crate) memory_bytes: usize,
    pub(crate) insert_slots: usize,
    pub(crate) tenant_metrics: usize,
    pub(crate) annotation: AnnotationConfig,
    pub(crate) data_dir: PathBuf,
    /// Whether to accept a store that would duplicate repeated inserts.
    pub(crate) allow_no_deduplication: bool,
}

/// What `doctor` checks, and how it reports.
#[derive(Debug)]
pub(crate) struct DoctorTask {
    pub(crate) process: ProcessConfig,
    /// Whether to write JSON.
    pub(crate) json: bool,
}

/// Where rows go.
#[derive(Debug)]
pub(crate) enum StoreConfig {
    /// The embedded engine on a data directory.
    Embedded(PathBuf),
    /// A ClickHouse server.
    ClickHouse(Box<ClickHouseSettings>),
}

/// Reads the configuration; `arguments` start with the program's name.
pub(crate) fn read(
    arguments: impl IntoIterator<Item = OsString>,
    environment: impl IntoIterator<Item = (OsString, OsString)>,
) -> Result<Invocation, Stop> {
    program().read(arguments, environment, invocation)
}

fn program() -> Program {
    Program::new(
        "voc-processor",
        env!("CARGO_PKG_VERSION"),
        "Consumes events of one family or several, annotates transcripts, and stores them.\n\n\
         By default it reads Kafka topics and writes to ClickHouse. With --standalone it needs no server at all: \
         files in, the embedded engine as the store, and the query API on the same port.",
    )
    .settings(InputGroup::specs())
    .settings(FamilyGroup::specs())
    .settings(KafkaGroup::specs())
    .settings(RegistryGroup::specs())
    .settings(ClickHouseSettings::specs())
    .settings(BatchGroup::specs())
    .settings(AnnotationGroup::specs())
    .settings(HTTP.specs())
    .settings(AccessSettings::specs())
    .settings([REPORTS_DIR.spec()])
    .settings(LifecycleSettings::specs())
    .settings([ALLOW_NO_DEDUPLICATION.spec()])
    .settings(LoggingSettings::specs())
    .known_variables(["VOC_ENGINE_LIB", "VOC_CACHE_DIR", "VOC_TEST_*"])
    .command(
        Program::new("migrate", env!("CARGO_PKG_VERSION"), "Shows or applies the store's migrations")
            .example("Example: voc-processor migrate up --clickhouse-host clickhouse")
            .command(Program::new("up", env!("CARGO_PKG_VERSION"), "Applies the migrations that are missing"))
            .command(Program::new(
                "plan",
                env!("CARGO_PKG_VERSION"),
                "Shows the SQL of the migrations that are missing; changes nothing",
            ))
            .command(Program::new("status", env!("CARGO_PKG_VERSION"), "Reports which migrations are applied")),
    )
    .command(ConfigCommand::program(env!("CARGO_PKG_VERSION")))
    .command(doctor::program())
    .command(dlq::program())
    .command(adopt::program())
    .command(EraseTask::program("voc-processor", env!("CARGO_PKG_VERSION")))
    .command(retention::program())
    .command(verify::program())
    .command(replay::program())
    .command(HealthTask::program(
        env!("CARGO_PKG_VERSION"),
        "Example, as a container's health check: voc-processor health --http-port 8000",
    ))
}

fn invocation(values: &mut Values) -> Result<Invocation, Rejected> {
    match values.command().as_slice() {
        ["health"] => HealthTask::read(values, &HTTP).map(Invocation::Health),
        command if let Some(command) = ConfigCommand::of(command) => {
            command.output(values, config).map(Invocation::Print)
        }
        _ => config(values).map(|config| Invocation::Run(Box::new(config))),
    }
}

fn config(values: &mut Values) -> Result<Config, Rejected> {
    // Each group is read before the first `?`, so that all errors are collected.
    let standalone = values.get(&input::STANDALONE);
    let is_standalone = standalone.as_ref().is_ok_and(|standalone| *standalone);
    let data_dir = values.get(&input::DATA_DIR);
    let clickhouse = if is_standalone { Ok(None) } else { ClickHouseSettings::read(values).map(Some) };
    let lifecycle = LifecycleSettings::read(values);
    let logging = LoggingSettings::read(values);
    let task = match values.command().as_slice() {
        ["migrate", "up"] => Ok(Task::Command(Command::MigrateUp)),
        ["migrate", "plan"] => Ok(Task::Command(Command::MigratePlan)),
        ["migrate", "status"] => Ok(Task::Command(Command::MigrateStatus)),
        ["erase"] => EraseTask::read(values).map(|task| Task::Command(Command::Erase(task))),
        ["retention", command] => {
            let command = (*command).to_owned();
            retention::read(values, &command).map(|task| Task::Command(Command::Retention(task)))
        }
        ["adopt"] => adopt::read(values, is_standalone).map(|task| Task::Adopt(Box::new(task))),
        ["verify"] => verify::read(values, is_standalone).map(|task| Task::Command(Command::Verify(Box::new(task)))),
        ["replay"] => replay::read(values, is_standalone).map(|task| Task::Command(Command::Replay(Box::new(task)))),
        ["doctor"] => {
            let json = values.get(&report::JSON);
            let process = process(values, is_standalone);
            process
                .and_then(|process| Ok(Task::Command(Command::Doctor(Box::new(DoctorTask { process, json: json? })))))
        }
        ["dlq", command] => {
            let command = (*command).to_owned();
            dlq::read(values, &command, is_standalone).map(|task| Task::Command(Command::Dlq(Box::new(task))))
        }
        _ => process(values, is_standalone).map(|process| Task::Process(Box::new(process))),
    };
    standalone?;
    let store = match clickhouse? {
        Some(settings) => StoreConfig::ClickHouse(Box::new(settings)),
        None => StoreConfig::Embedded(data_dir?),
    };
    Ok(Config { task: task?, store, lifecycle: lifecycle?, logging: logging? })
}

fn process(values: &mut Values, is_standalone: bool) -> Result<ProcessConfig, Rejected> {
    let input = InputGroup::read(values, is_standalone);
    let access = if is_standalone { AccessSettings::read(values).map(Some) } else { Ok(None) };
    let serves = !input.as_ref().is_ok_and(|(input, _)| input.ends_the_process()) || values.is_given(HTTP.port());
    let http = match &access {
        // What has no API serves no tenant's data, and must be reachable by what watches it.
        Ok(None) => HTTP.read(values, "0.0.0.0"),
        Ok(Some(access)) if serves => HTTP.read_for_api(values, access, "127.0.0.1"),
        _ => HTTP.read(values, "127.0.0.1"),
    };
    let (batch, annotation) = (BatchGroup::read(values), AnnotationGroup::read(values));
    let registry = RegistryGroup::read(values);
    let (data_dir, reports_dir) = (values.get(&input::DATA_DIR), values.get_optional(&REPORTS_DIR));
    let allow_no_deduplication = values.get(&ALLOW_NO_DEDUPLICATION);
    let ((input, default_family), batch) = (input?, batch?);
    Ok(ProcessConfig {
        input,
        http: Some(http?).filter(|_| serves),
        access: access?,
        reports_dir: reports_dir?,
        default_family,
        recent: batch.recent,
        options: batch.options,
        registry: registry?,
        memory_bytes: batch.memory_bytes,
        insert_slots: batch.insert_slots,
        tenant_metrics: batch.tenant_metrics,
        annotation: annotation?,
        data_dir: data_dir?,
        allow_no_deduplication: allow_no_deduplication?,
    })
}
