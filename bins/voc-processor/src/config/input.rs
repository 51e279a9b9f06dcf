//! Where events come from: Kafka, or files.

use std::path::PathBuf;

use voc_events::{
    Table,
    families::{DEFAULT, FamilyInfo},
};
use voc_ingest::kafka::KafkaSettings;
use voc_service::config::{Rejected, Setting, Spec, Values, parse};

use super::{families::FamilyGroup, family::FamilyConfig, kafka::KafkaGroup};

const GROUP: &str = "Input";

pub(super) const STANDALONE: Setting<bool> = Setting::switch(
    "standalone",
    &["VOC_STANDALONE"],
    "Need no server: files in, rows in the embedded engine under the data directory, the query API on the HTTP port",
)
.group(GROUP);

const INPUT: Setting<String> = Setting::new(
    "input",
    &["VOC_INPUT"],
    "JSON to read instead of Kafka: an event a line, an array of events, or pretty-printed; in UTF-8 or UTF-16; packed \
     with gzip or Zstandard or not. A file, a folder (its *.ndjson, *.jsonl and *.json, also with .gz or .zst), a pattern \
     such as 'logs/**/*.log', - for standard input, a pipe, or several of these separated by commas. A file that was \
     read before goes on where it stopped; what cannot be read twice is read once",
    parse::text,
)
.group(GROUP)
.value_name("FILES|-");

const ONCE: Setting<bool> = Setting::switch(
    "once",
    &["VOC_ONCE"],
    "End when the input ends, and print a report as JSON on standard output; status 3 if nothing of it could be used. \
     Takes a last line without a line feed, which is left otherwise, as it may be half of one. HTTP is served meanwhile \
     only if --http-port is given",
)
.group(GROUP);

pub(super) const DATA_DIR: Setting<PathBuf> = Setting::new(
    "data-dir",
    &["VOC_DATA_DIR"],
    "Directory of the embedded engine's data, of the checkpoints of files, and of their dead letters",
    parse::path,
)
.group(GROUP)
.value_name("DIR")
.default("./.voc");

/// Where events come from.
#[derive(Debug)]
pub(crate) enum Input {
    /// Kafka topics, of each family its own.
    Kafka(Vec<(KafkaSettings, FamilyConfig)>),
    /// Files of a family, as they are written; `once` ends the process with their end.
    Files { input: String, once: bool, family: Box<FamilyConfig> },
    /// Nowhere: only what is stored is served.
    None,
}

impl Input {
    /// Whether the process ends with the input.
    pub(crate) fn ends_the_process(&self) -> bool {
        matches!(self, Self::Files { once: true, .. })
    }

    /// The families that are processed.
    pub(crate) fn families(&self) -> Vec<FamilyInfo> {
        match self {
            Self::Kafka(families) => families.iter().map(|(_, config)| config.family).collect(),
            Self::Files { family, .. } => vec![family.family],
            Self::None => Vec::new(),
        }
    }

    /// The tables that are written to.
    pub(crate) fn tables(&self) -> Vec<Table> {
        self.families().iter().map(|family| family.table).collect()
    }
}

/// The input's settings.
pub(super) struct InputGroup;

impl InputGroup {
    pub(super) fn specs() -> Vec<Spec> {
        vec![STANDALONE.spec(), INPUT.spec(), ONCE.spec(), DATA_DIR.spec()]
    }

    pub(super) fn read(values: &mut Values, is_standalone: bool) -> Result<(Input, FamilyInfo), Rejected> {
        let (input, once) = (values.get_optional(&INPUT), values.get(&ONCE));
        let families = match values.is_given(&INPUT) {
            true => FamilyGroup::read_one(values, "as one input has one family's events").map(|family| vec![family]),
            false => FamilyGroup::read(values),
        };
        // Read whether or not the families can be: all that is wrong is listed at once.
        let uses_kafka = !is_standalone && !values.is_given(&INPUT);
        let kafka = uses_kafka.then(|| KafkaGroup::read(values)).transpose();
        let (input, once, families, kafka) = (input?, once?, families?, kafka?);
        let first = families.first().map_or(DEFAULT, |config| config.family);
        let input = match (input, kafka) {
            (Some(input), _) => {
                let family = families.into_iter().next();
                family.map_or(Input::None, |family| Input::Files { input, once, family: Box::new(family) })
            }
            (None, _) if once => return Err(values.reject(&ONCE, "an --input that can end")),
            (None, Some(kafka)) => {
                let consumers = families.into_iter().map(|config| (kafka.consumer(&config), config));
                Input::Kafka(consumers.collect())
            }
            (None, None) => Input::None,
        };
        Ok((input, first))
    }
}
