//! The settings of `adopt`: what to take over from the Python services, and how.

use std::time::Duration;

use voc_events::DecodeOptions;
use voc_ingest::kafka::KafkaSettings;
use voc_service::config::{Program, Rejected, Setting, Values, parse};

use super::{
    AnnotationConfig, annotation::AnnotationGroup, batch::BatchGroup, deduplication::ALLOW_NO_DEDUPLICATION,
    families::FamilyGroup, family::FamilyConfig, input, kafka::KafkaGroup, report::JSON,
};

const GROUP: &str = "Adoption";

/// The largest record that can be configured. The rows have been accepted once, and their service may have made them
/// longer, by what it added and by writing characters as escapes.
const MAX_ROW_BYTES: usize = 64 * 1024 * 1024;

const DRY_RUN: Setting<bool> =
    Setting::switch("dry-run", &[], "Count rows and events, report what would be done, and change nothing")
        .group(GROUP);

const REWIND: Setting<Duration> = Setting::new(
    "rewind",
    &[],
    "Set the group back, so that records of this time before its last commit are read again, such as 10m: for services \
     that committed before they stored. Events that are stored do not count twice. Done once, however often it is run",
    parse::span,
)
.group(GROUP)
.value_name("SPAN");

const NO_KAFKA: Setting<bool> =
    Setting::switch("no-kafka", &[], "Adopt tables only; whether the Python services have stopped is then not checked")
        .group(GROUP);

/// What to adopt.
#[derive(Debug)]
pub(crate) struct AdoptTask {
    /// The families, and how to read their topics unless Kafka is left out.
    pub(crate) families: Vec<(FamilyConfig, Option<KafkaSettings>)>,
    pub(crate) dry_run: bool,
    /// How far to set the groups back.
    pub(crate) rewind: Option<Duration>,
    pub(crate) options: DecodeOptions,
    pub(crate) memory_bytes: usize,
    pub(crate) annotation: AnnotationConfig,
    pub(crate) allow_no_deduplication: bool,
    /// Whether to write JSON.
    pub(crate) json: bool,
}

pub(super) fn program() -> Program {
    Program::new(
        "adopt",
        env!("CARGO_PKG_VERSION"),
        "Takes over the tables and the consumer groups of the Python services.\n\n\
         The table of a family (voc_events, ai_analytics_events) is set aside under another name, the tables of this program are \
         created, and every event of the old table is decoded, annotated and stored, once, however often it is in there. \
         Afterwards every event is looked up. The old table is kept. The processor then continues in Kafka where the group \
         has committed. Stop the Python services first.",
    )
    .settings([DRY_RUN.spec(), REWIND.spec(), NO_KAFKA.spec(), JSON.spec()])
    .example(
        "Example: voc-processor adopt --dry-run, and then voc-processor adopt\n\
         \n\
         It may be interrupted or killed at any time: the same command continues. Once everything is adopted, it only\n\
         compares again. The status is 0 if every event is stored or a dead letter, and 1 otherwise.\n\
         See docs/moving-from-python.md.",
    )
}

pub(super) fn read(values: &mut Values, is_standalone: bool) -> Result<AdoptTask, Rejected> {
    let server_only = input::check_not_standalone(
        values,
        is_standalone,
        "the Python services stored their events in a ClickHouse server",
    );
    let (families, batch, annotation) =
        (FamilyGroup::read(values), BatchGroup::read(values), AnnotationGroup::read(values));
    let (dry_run, rewind, json) = (values.get(&DRY_RUN), values.get_optional(&REWIND), values.get(&JSON));
    let allow_no_deduplication = values.get(&ALLOW_NO_DEDUPLICATION);
    let no_kafka = values.get(&NO_KAFKA)?;
    let kafka = (!no_kafka).then(|| KafkaGroup::read(values)).transpose();
    server_only?;
    let (families, rewind) = (families?, rewind?);
    if rewind.is_some() {
        check_rewind(values, no_kafka, &families)?;
    }
    let (batch, kafka) = (batch?, kafka?);
    let limits = batch.options.limits.clone().with_max_record_bytes(MAX_ROW_BYTES);
    Ok(AdoptTask {
        families: families
            .into_iter()
            .map(|family| {
                let kafka = kafka.as_ref().map(|kafka| kafka.consumer(&family));
                (family, kafka)
            })
            .collect(),
        dry_run: dry_run?,
        rewind,
        options: batch.options.with_limits(limits),
        memory_bytes: batch.memory_bytes,
        annotation: annotation?,
        allow_no_deduplication: allow_no_deduplication?,
        json: json?,
    })
}

/// Rejects a group that cannot be set back.
fn check_rewind(values: &mut Values, no_kafka: bool, families: &[FamilyConfig]) -> Result<(), Rejected> {
    if no_kafka {
        return Err(values.reject(&REWIND, "nothing, because --no-kafka is given"));
    }
    let without_identifiers = families.iter().find(|config| config.family.table.identifier.is_none());
    without_identifiers.map_or(Ok(()), |config| {
        let name = config.family.name;
        let expected = format!(
            "nothing for {name}: its events have no identifiers, so that those which are read again would count twice"
        );
        Err(values.reject(&REWIND, expected))
    })
}
