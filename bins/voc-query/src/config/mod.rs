//! The service's configuration, read from flags and variables in one pass.

mod keys;

use std::{ffi::OsString, path::PathBuf};

use voc_events::families;
use voc_service::config::{
    ConfigCommand, Program, Rejected, Stop, Values, access::AccessSettings, clickhouse::ClickHouseSettings,
    clickhouse::DATABASE, erasure::EraseTask, health::HealthTask, http::HttpGroup, http::HttpSettings,
    lifecycle::LifecycleSettings, logging::LoggingSettings, reports::REPORTS_DIR,
};

pub(crate) use self::keys::{KeysCommand, KeysTask, Which};

const HTTP: HttpGroup = HttpGroup::new("8001", "0.0.0.0; 127.0.0.1 without credentials");
const ALL_ADDRESSES: &str = "0.0.0.0";

/// Variables of our other programs, which may share an environment with this one.
const VARIABLES_OF_OTHERS: [&str; 19] = [
    "VOC_ALLOW_NO_DEDUPLICATION",
    "VOC_CACHE_DIR",
    "VOC_DATA_DIR",
    "VOC_ENGINE_LIB",
    "VOC_FAMILIES",
    "VOC_INPUT",
    "VOC_INSERT_SLOTS",
    "VOC_MAX_EVENT_BYTES",
    "VOC_MEMORY_MIB",
    "VOC_ONCE",
    "VOC_RECENT_EVENTS",
    "VOC_RECENT_SECONDS",
    "VOC_REDACT",
    "VOC_STANDALONE",
    "VOC_STRICT",
    "VOC_TENANTS_DIR",
    "VOC_TENANTS_RELOAD_SECONDS",
    "VOC_TENANT_METRICS",
    "VOC_TEST*",
];

/// What to do.
#[derive(Debug)]
pub(crate) enum Task {
    /// Answer questions.
    Serve(Box<Config>),
    /// Work on the file of API keys.
    Keys(KeysTask),
    /// Print the statements that create the users in ClickHouse.
    SetupSql { database: String },
    /// Erase events, or report about it.
    Erase(Box<EraseConfig>),
    /// Ask a running service for its health.
    Health(HealthTask),
    /// Print this about the configuration.
    Print(String),
}

/// The complete configuration of erasing.
#[derive(Debug)]
pub(crate) struct EraseConfig {
    pub(crate) task: EraseTask,
    pub(crate) clickhouse: ClickHouseSettings,
    pub(crate) lifecycle: LifecycleSettings,
    pub(crate) logging: LoggingSettings,
}

/// The complete configuration of the service.
#[derive(Debug)]
pub(crate) struct Config {
    pub(crate) clickhouse: ClickHouseSettings,
    pub(crate) http: HttpSettings,
    pub(crate) access: AccessSettings,
    /// The folder of templates of reports, if there is one.
    pub(crate) reports_dir: Option<PathBuf>,
    pub(crate) lifecycle: LifecycleSettings,
    pub(crate) logging: LoggingSettings,
}

/// Reads the configuration; `arguments` start with the program's name.
pub(crate) fn read(
    arguments: impl IntoIterator<Item = OsString>,
    environment: impl IntoIterator<Item = (OsString, OsString)>,
) -> Result<Task, Stop> {
    let about = "Answers questions about stored Voice-of-Customer events over HTTP, from ClickHouse";
    Program::new("voc-query", env!("CARGO_PKG_VERSION"), about)
        .settings(ClickHouseSettings::specs())
        .settings(HTTP.specs())
        .settings(AccessSettings::specs())
        .settings([REPORTS_DIR.spec()])
        .settings(LifecycleSettings::specs())
        .settings(LoggingSettings::specs())
        .known_variables(VARIABLES_OF_OTHERS)
        // Each family has its own variables.
        .known_variables(families::ALL.iter().map(|family| family_variables(family.name)))
        .command(ConfigCommand::program(env!("CARGO_PKG_VERSION")))
        .command(HealthTask::program(
            env!("CARGO_PKG_VERSION"),
            "Example, as a container's health check: voc-query health --http-port 8001",
        ))
        .command(keys::program())
        .command(EraseTask::program("voc-query", env!("CARGO_PKG_VERSION")))
        .command(
            Program::new(
                "setup-sql",
                env!("CARGO_PKG_VERSION"),
                "Prints the statements with which an administrator of ClickHouse creates the database, a user for voc-query, which may only \
                 read, and sees only the rows of the tenants that a statement is about, and one for voc-processor",
            )
            .example("Example: voc-query setup-sql --clickhouse-db voc > users.sql"),
        )
        .read(arguments, environment, task)
}

/// A pattern for the variables of a family. The names live as long as the program.
fn family_variables(family: &str) -> &'static str {
    format!("VOC_{}_*", family.to_ascii_uppercase()).leak()
}

fn task(values: &mut Values) -> Result<Task, Rejected> {
    match values.command().as_slice() {
        ["keys", command] => {
            let command = (*command).to_owned();
            keys::read(values, &command).map(Task::Keys)
        }
        ["erase"] => {
            let (task, clickhouse) = (EraseTask::read(values), ClickHouseSettings::read(values));
            let (lifecycle, logging) = (LifecycleSettings::read(values), LoggingSettings::read(values));
            let config = EraseConfig { task: task?, clickhouse: clickhouse?, lifecycle: lifecycle?, logging: logging? };
            Ok(Task::Erase(Box::new(config)))
        }
        ["health"] => HealthTask::read(values, &HTTP).map(Task::Health),
        ["setup-sql"] => values.get(&DATABASE).map(|database| Task::SetupSql { database }),
        command if let Some(command) = ConfigCommand::of(command) => command.output(values, config).map(Task::Print),
        _ => config(values).map(|config| Task::Serve(Box::new(config))),
    }
}

fn config(values: &mut Values) -> Result<Config, Rejected> {
    // Each group is read before the first `?`, so that all errors are collected.
    let (clickhouse, access) = (ClickHouseSettings::read(values), AccessSettings::read(values));
    let http = match &access {
        Ok(access) => HTTP.read_for_api(values, access, ALL_ADDRESSES),
        Err(_) => HTTP.read(values, ALL_ADDRESSES),
    };
    let reports_dir = values.get_optional(&REPORTS_DIR);
    let (lifecycle, logging) = (LifecycleSettings::read(values), LoggingSettings::read(values));
    Ok(Config {
        clickhouse: clickhouse?,
        http: http?,
        access: access?,
        reports_dir: reports_dir?,
        lifecycle: lifecycle?,
        logging: logging?,
    })
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use super::*;

    fn read_with(arguments: &[&str], environment: &[(&str, &str)]) -> Result<Task, Stop> {
        let environment = environment.iter().map(|(name, value)| (OsString::from(name), OsString::from(value)));
        read(["voc-query"].iter().chain(arguments).map(OsString::from), environment)
    }

    /// Both services often share an environment, so neither may report the other's variables as unknown.
    #[test]
    fn every_variable_of_the_processor_is_known() {
        let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("../voc-processor/src");
        let variables = own_variables(&sources);
        assert!(variables.contains("VOC_STANDALONE"), "found {variables:?} in {}", sources.display());
        for variable in variables {
            if let Err(stop) = read_with(&[], &[(&variable, "nonsense")]) {
                assert!(!stop.to_string().contains("unknown"), "{stop}");
            }
        }
        assert!(read_with(&[], &[("VOC_PRODUCT_TOPICS", "octane.events")]).is_ok());
        assert!(read_with(&[], &[("VOC_NOBODY_TOPICS", "octane.events")]).is_err());
    }

    /// The quoted names with our prefix in the Rust files of a folder.
    fn own_variables(folder: &Path) -> std::collections::BTreeSet<String> {
        let mut found = std::collections::BTreeSet::new();
        for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
            let path = entry.path();
            if path.is_dir() {
                found.append(&mut own_variables(&path));
                continue;
            }
            let source = fs::read_to_string(&path).unwrap();
            let quoted = source.split('"').filter(|text| text.starts_with("VOC_") && !text.contains(['*', '{']));
            found.extend(quoted.map(str::to_owned));
        }
        found
    }
}
