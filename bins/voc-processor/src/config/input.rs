//! The source of events: Kafka or files.

use std::path::{Path, PathBuf};

use voc_events::{
    Table,
    families::{DEFAULT, FamilyInfo},
};
use voc_ingest::{files, kafka::KafkaSettings};
use voc_service::config::{Rejected, Setting, Spec, Values, parse};

use super::{batch::MAX_EVENT_BYTES, families::FamilyGroup, family::FamilyConfig, kafka::KafkaGroup};

const GROUP: &str = "Input";

pub(super) const STANDALONE: Setting<bool> = Setting::switch(
    "standalone",
    &["VOC_STANDALONE"],
    "Run without servers: reads files, stores rows in the embedded engine under the data directory, serves the query API on the HTTP port",
)
.group(GROUP);

const INPUT: Setting<String> = Setting::new(
    "input",
    &["VOC_INPUT"],
    "JSON to read instead of Kafka: an event per line, an array of events, or pretty-printed; in UTF-8 or UTF-16; \
     optionally compressed with gzip or Zstandard. A file, a folder (its *.ndjson, *.jsonl and *.json, also with .gz or \
     .zst), a pattern such as 'logs/**/*.log', - for standard input, a pipe, or several of these separated by commas. \
     Reading of a file that was read before resumes where it stopped; pipes and standard input are read once",
    parse::text,
)
.group(GROUP)
.value_name("FILES|-");

const ONCE: Setting<bool> = Setting::switch(
    "once",
    &["VOC_ONCE"],
    "End when the input ends, and print a report as JSON on standard output; status 3 if no part of it could be used, \
     130 or 143 if SIGINT or SIGTERM ended it before that. Also reads a last line without a line feed, which is \
     otherwise left because it may be incomplete. HTTP is served meanwhile only if --http-port is given",
)
.group(GROUP);

pub(super) const DATA_DIR: Setting<PathBuf> = Setting::new(
    "data-dir",
    &["VOC_DATA_DIR"],
    "Directory for the embedded engine's data and for the checkpoints and dead letters of files",
    parse::path,
)
.group(GROUP)
.value_name("DIR")
.default("./.voc");

/// Rejects the embedded engine for a command that needs Kafka.
pub(super) fn check_not_standalone(values: &mut Values, is_standalone: bool, why: &str) -> Result<(), Rejected> {
    if is_standalone { Err(values.reject(&STANDALONE, format!("false, because {why}"))) } else { Ok(()) }
}

/// Rejects a limit of events that an event in a file would never reach.
fn check_bound_of_files(values: &mut Values) -> Result<(), Rejected> {
    if values.get(&MAX_EVENT_BYTES)? <= files::MAX_EVENT_BYTES || !values.is_given(&INPUT) {
        return Ok(());
    }
    let expected = format!("at most {} with --input: no more of an event in a file is read", files::MAX_EVENT_BYTES);
    Err(values.reject(&MAX_EVENT_BYTES, expected))
}

/// The source of events.
#[derive(Debug)]
pub(crate) enum Input {
    /// Kafka topics, separate for each family.
    Kafka(Vec<(KafkaSettings, FamilyConfig)>),
    /// Files of a family, followed as they grow; `once` ends the process at their end.
    Files { input: String, once: bool, family: Box<FamilyConfig> },
    /// None: only stored events are served.
    None,
}

impl Input {
    /// Whether the process ends with the input.
    pub(crate) fn ends_the_process(&self) -> bool {
        matches!(self, Self::Files { once: true, .. })
    }

    /// The journal of an import's checkpoints, in its data directory.
    pub(crate) fn checkpoints_in(data_dir: &Path) -> PathBuf {
        data_dir.join("checkpoints.ndjson")
    }

    /// The file of an import's dead letters, in its data directory.
    pub(crate) fn dead_letters_in(data_dir: &Path) -> PathBuf {
        data_dir.join("dead-letters.ndjson")
    }

    /// The file of the certificate that Kafka's brokers are shown.
    pub(crate) fn client_certificate(&self) -> Option<&Path> {
        match self {
            Self::Kafka(families) => families.iter().find_map(|(kafka, _)| kafka.security.certificate_file.as_deref()),
            Self::Files { .. } | Self::None => None,
        }
    }

    /// The families that are processed.
    pub(crate) fn families(&self) -> Vec<FamilyInfo> {
        match self {
            Self::Kafka(families) => families.iter().map(|(_, config)| config.family).collect(),
            Self::Files { family, .. } => vec![family.family],
            Self::None => Vec::new(),
        }
    }

    /// The tables that are written.
    pub(crate) fn tables(&self) -> Vec<Table> {
        self.families().iter().map(|family| family.table).collect()
    }
}

/// The settings of the input.
pub(super) struct InputGroup;

impl InputGroup {
    pub(super) fn specs() -> Vec<Spec> {
        vec![STANDALONE.spec(), INPUT.spec(), ONCE.spec(), DATA_DIR.spec()]
    }

    pub(super) fn read(values: &mut Values, is_standalone: bool) -> Result<(Input, FamilyInfo), Rejected> {
        let (input, once) = (values.get_optional(&INPUT), values.get(&ONCE));
        let families = match values.is_given(&INPUT) {
            true => {
                FamilyGroup::read_one(values, "because an input holds events of one family").map(|family| vec![family])
            }
            false => FamilyGroup::read(values),
        };
        // Read even if the families are invalid, so that all errors are listed at once.
        let uses_kafka = !is_standalone && !values.is_given(&INPUT);
        let kafka = uses_kafka.then(|| KafkaGroup::read(values)).transpose();
        let max_event_bytes = check_bound_of_files(values);
        let (input, once, families, kafka) = (input?, once?, families?, kafka?);
        max_event_bytes?;
        let first = families.first().map_or(DEFAULT, |config| config.family);
        let input = match (input, kafka) {
            (Some(input), _) => {
                let family = families.into_iter().next();
                family.map_or(Input::None, |family| Input::Files { input, once, family: Box::new(family) })
            }
            (None, _) if once => return Err(values.reject(&ONCE, "false, or an --input that can end")),
            (None, Some(kafka)) => {
                let consumers = families.into_iter().map(|config| (kafka.consumer(&config), config));
                Input::Kafka(consumers.collect())
            }
            (None, None) => Input::None,
        };
        Ok((input, first))
    }
}
