//! The settings of `verify`: what to compare.

use voc_events::DecodeOptions;
use voc_ingest::{kafka::KafkaSettings, registry::RegistrySettings};
use voc_service::config::{Program, Rejected, Setting, Values, parse};

use super::{
    batch::BatchGroup, families::FamilyGroup, input, kafka::KafkaGroup, registry::RegistryGroup, report::JSON, topics,
};

const GROUP: &str = "Comparing";

const TOPIC: Setting<Vec<String>> = Setting::new(
    "topic",
    &[],
    "Topics to compare, separated by commas; by default all topics of the families",
    parse::list,
)
.group(GROUP)
.value_name("TOPICS");

/// What to compare, and how to report it.
#[derive(Debug)]
pub(crate) struct VerifyTask {
    /// What is read for each family.
    pub(crate) families: Vec<KafkaSettings>,
    /// Whether the topics were named for this comparison, so that each must exist.
    pub(crate) names_topics: bool,
    pub(crate) options: DecodeOptions,
    pub(crate) registry: Option<RegistrySettings>,
    /// Whether to write JSON.
    pub(crate) json: bool,
}

pub(super) fn program() -> Program {
    Program::new(
        "verify",
        env!("CARGO_PKG_VERSION"),
        "Compares Kafka's records with the ledger and with the stored rows, and names the offsets that differ.\n\n\
         For each partition: every record before the group's committed offset must be in the ledger, every row and dead letter \
         that the ledger counts must be there once, and every tenant's records must add up: consumed = stored + dead-lettered + \
         duplicates. Offsets without a record are looked up in Kafka. Of topics and partitions that Kafka does not have, the ledger \
         is compared with the stored rows alone. It only reads, and processors may run meanwhile.",
    )
    .settings([TOPIC.spec(), JSON.spec()])
    .example(
        "Example: voc-processor verify --topic voc.events --json\n\
         \n\
         Differences:\n\
         \x20 lost               counted in the ledger, but not stored\n\
         \x20 missing_or_merged  rows are missing; Kafka no longer has the records that would explain why\n\
         \x20 not_recorded       records that were committed but left no trace\n\
         \x20 doubled            stored more than once, until the engine merges them\n\
         \x20 not_erased         erased on request, and stored again\n\
         \x20 unknown            stored, but not in the ledger\n\
         \x20 overlap            offsets of more than one batch\n\
         \x20 unbalanced         a tenant whose records do not add up\n\
         \n\
         The status is 0 if everything agrees, and 1 if anything differs or could not be compared,\n\
         such as a topic given with --topic that Kafka does not have.",
    )
}

pub(super) fn read(values: &mut Values, is_standalone: bool) -> Result<VerifyTask, Rejected> {
    let kafka_only = input::check_not_standalone(values, is_standalone, "Kafka is compared with a ClickHouse server");
    let (families, batch) = (FamilyGroup::read(values), BatchGroup::read(values));
    let (topics, json) = (values.get_optional(&TOPIC), values.get(&JSON));
    let (registry, kafka) = (RegistryGroup::read(values), KafkaGroup::read(values));
    kafka_only?;
    let (families, topics, kafka) = (families?, topics?, kafka?);
    let mut settings: Vec<KafkaSettings> = families.iter().map(|family| kafka.consumer(family)).collect();
    if let Some(topics) = &topics {
        settings.iter_mut().for_each(|settings| settings.topics.clear());
        for topic in topics {
            let family = topics::family_of(values, &TOPIC, topic, &families)?.family.name;
            let of_family = settings.iter_mut().filter(|settings| settings.family == family);
            of_family.for_each(|settings| settings.topics.push(topic.clone()));
        }
        settings.retain(|settings| !settings.topics.is_empty());
    }
    let names_topics = topics.is_some();
    Ok(VerifyTask { families: settings, names_topics, options: batch?.options, registry: registry?, json: json? })
}
