//! The settings of `replay`: which records to replay, and how.

use voc_events::{DecodeOptions, Timestamp};
use voc_ingest::{kafka::KafkaSettings, registry::RegistrySettings};
use voc_service::config::{Expected, Program, Rejected, Setting, Values, parse};

use super::{
    AnnotationConfig, annotation::AnnotationGroup, batch::BatchGroup, deduplication::ALLOW_NO_DEDUPLICATION,
    families::FamilyGroup, input, kafka::KafkaGroup, moment::moment, registry::RegistryGroup, topics,
};

const GROUP: &str = "Replay";

const TOPIC: Setting<String> =
    Setting::new("topic", &[], "Topic to read", parse::text).group(GROUP).value_name("TOPIC");

const PARTITION: Setting<i32> =
    Setting::new("partition", &[], "Partition to read", parse::whole::<i32, 0, 2_147_483_647>)
        .group(GROUP)
        .value_name("NUMBER");

const FROM: Setting<Bound> = Setting::new(
    "from",
    &[],
    "Where to begin: an offset, beginning, a time in RFC 3339, or how long ago such as 2h",
    bound,
)
.group(GROUP)
.value_name("WHERE");

const UNTIL: Setting<Bound> = Setting::new(
    "until",
    &[],
    "Where to end (exclusive): an offset, end, a time in RFC 3339, or how long ago such as 30m",
    bound,
)
.group(GROUP)
.value_name("WHERE");

const ID: Setting<String> = Setting::new(
    "id",
    &[],
    "Name of the replay: an interrupted one resumes under its name; another name replays the range again",
    parse::text,
)
.group(GROUP)
.value_name("NAME")
.default_note("derived from the range and the annotator's version");

const DRY_RUN: Setting<bool> =
    Setting::switch("dry-run", &[], "Read, decode and annotate, report what would change, and store nothing")
        .group(GROUP);

const NO_MERGE: Setting<bool> = Setting::switch(
    "no-merge",
    &[],
    "Leave the rows' earlier versions to later merges; until a later run merges them, queries of their hours are slower",
)
.group(GROUP);

const UNKNOWN_TOO: Setting<bool> = Setting::switch(
    "unknown-too",
    &[],
    "Also store records that are neither stored nor dead letters, including events sent twice",
)
.group(GROUP);

/// An end of a range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bound {
    /// The partition's oldest record.
    Beginning,
    /// Just past the partition's newest record.
    End,
    /// An offset.
    Offset(i64),
    /// The first record at or after this time.
    Time(Timestamp),
}

/// What to replay.
#[derive(Debug)]
pub(crate) struct ReplayTask {
    pub(crate) kafka: KafkaSettings,
    pub(crate) topic: String,
    pub(crate) partition: i32,
    pub(crate) from: Bound,
    pub(crate) until: Bound,
    pub(crate) id: Option<String>,
    pub(crate) dry_run: bool,
    pub(crate) merge: bool,
    pub(crate) unknown_too: bool,
    pub(crate) options: DecodeOptions,
    pub(crate) registry: Option<RegistrySettings>,
    pub(crate) annotation: AnnotationConfig,
    pub(crate) allow_no_deduplication: bool,
}

pub(super) fn program() -> Program {
    Program::new(
        "replay",
        env!("CARGO_PKG_VERSION"),
        "Re-annotates a range of a partition and stores it again, without touching the consumer group",
    )
    .settings([
        TOPIC.spec(),
        PARTITION.spec(),
        FROM.spec(),
        UNTIL.spec(),
        ID.spec(),
        DRY_RUN.spec(),
        NO_MERGE.spec(),
        UNKNOWN_TOO.spec(),
    ])
    .example(
        "Example: voc-processor replay --topic voc.events --partition 0 --from 7d --until end --dry-run\n\n\
         New rows replace the earlier ones. Counts are correct at every moment. An interrupted replay resumes when the\n\
         same command is run again with --id and the name that it logged.",
    )
}

pub(super) fn read(values: &mut Values, is_standalone: bool) -> Result<ReplayTask, Rejected> {
    let kafka_only = input::check_not_standalone(
        values,
        is_standalone,
        "a replay reads a topic of Kafka; to annotate files again, import them with a new --data-dir",
    );
    let (families, batch) = (FamilyGroup::read(values), BatchGroup::read(values));
    let (annotation, registry) = (AnnotationGroup::read(values), RegistryGroup::read(values));
    let kafka = KafkaGroup::read(values);
    let (topic, partition) = (values.get(&TOPIC), values.get(&PARTITION));
    let (from, until, id) = (values.get(&FROM), values.get(&UNTIL), values.get_optional(&ID));
    let (dry_run, no_merge, unknown_too) = (values.get(&DRY_RUN), values.get(&NO_MERGE), values.get(&UNKNOWN_TOO));
    let allow_no_deduplication = values.get(&ALLOW_NO_DEDUPLICATION);
    kafka_only?;
    let (families, topic) = (families?, topic?);
    let family = topics::family_of(values, &TOPIC, &topic, &families)?;
    Ok(ReplayTask {
        kafka: kafka?.consumer(family),
        topic,
        partition: partition?,
        from: from?,
        until: until?,
        id: id?,
        dry_run: dry_run?,
        merge: !no_merge?,
        unknown_too: unknown_too?,
        options: batch?.options,
        registry: registry?,
        annotation: annotation?,
        allow_no_deduplication: allow_no_deduplication?,
    })
}

fn bound(text: &str) -> Result<Bound, Expected> {
    match text.trim() {
        "beginning" => Ok(Bound::Beginning),
        "end" => Ok(Bound::End),
        text => match text.parse::<u64>() {
            Ok(offset) => i64::try_from(offset).map(Bound::Offset).map_err(|_| Expected::new("an offset")),
            Err(_) => moment(text).map(Bound::Time).map_err(|_| {
                Expected::new("an offset, beginning, end, a time in RFC 3339, or how long ago such as 2h")
            }),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_are_offsets_times_or_ends() {
        assert_eq!(bound("17"), Ok(Bound::Offset(17)));
        assert_eq!(bound("beginning"), Ok(Bound::Beginning));
        assert_eq!(bound("1970-01-01T00:00:01Z"), Ok(Bound::Time(Timestamp::from_millis(1000))));
        assert!(matches!(bound("2h"), Ok(Bound::Time(_))));
        for nonsense in ["", "-1", "start", "99999999999999999999999"] {
            assert!(bound(nonsense).is_err(), "{nonsense}");
        }
    }
}
