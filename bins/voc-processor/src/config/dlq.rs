//! The settings of `dlq`: which dead letters to work on, and how.

use std::collections::HashSet;

use voc_events::{Timestamp, families::FamilyInfo};
use voc_ingest::kafka::{DeadLetterAddress, DeadLetterFilter, KafkaSettings, ParseDeadLetterAddressError};
use voc_service::config::{Expected, Program, Rejected, Setting, Spec, Values, parse};

use super::{families::FamilyGroup, input, kafka::KafkaGroup, moment::moment};

const GROUP: &str = "Dead letters";

const TOPIC: Setting<String> = Setting::new(
    "topic",
    &[],
    "Source topic whose dead letters, on TOPIC.dlq, are meant; by default all topics of the families",
    parse::text,
)
.group(GROUP)
.value_name("TOPIC");

const PARTITION: Setting<i32> =
    Setting::new("partition", &[], "Source partition", parse::whole::<i32, 0, 2_147_483_647>)
        .group(GROUP)
        .value_name("NUMBER");

const ERROR: Setting<String> =
    Setting::new("error", &[], "Class of the error, such as invalid_json", parse::text).group(GROUP).value_name("TYPE");

const SINCE: Setting<Timestamp> =
    Setting::new("since", &[], "Rejected at this time or later: RFC 3339, or how long ago, such as 2h", moment)
        .group(GROUP)
        .value_name("TIME");

const UNTIL: Setting<Timestamp> =
    Setting::new("until", &[], "Rejected before this time: RFC 3339, or how long ago, such as 30m", moment)
        .group(GROUP)
        .value_name("TIME");

const TENANT: Setting<String> =
    Setting::new("tenant", &[], "The event's tenant", parse::text).group(GROUP).value_name("TENANT");

const LIMIT: Setting<usize> =
    Setting::new("limit", &[], "Maximum number of dead letters", parse::whole::<usize, 1, 1_000_000>)
        .group(GROUP)
        .value_name("LETTERS")
        .default("1000");

const JSON: Setting<bool> = Setting::switch("json", &[], "One JSON object per line").group(GROUP);

const DRY_RUN: Setting<bool> =
    Setting::switch("dry-run", &[], "Report what would be sent, and send nothing").group(GROUP);

const ALL: Setting<bool> = Setting::switch("all", &[], "Send all dead letters; required without a filter").group(GROUP);

const AGAIN: Setting<bool> =
    Setting::switch("again", &[], "Also send dead letters whose record was sent again before").group(GROUP);

const DEAD_LETTER: Setting<DeadLetterAddress> = Setting::argument(
    "DEAD_LETTER",
    "TOPIC/PARTITION/OFFSET of the record at its source, or of the dead letter on its dead-letter topic",
    |text| text.parse().map_err(|error: ParseDeadLetterAddressError| Expected::new(error.to_string())),
);

/// What to do with dead letters.
#[derive(Debug)]
pub(crate) struct DlqTask {
    pub(crate) kafka: KafkaSettings,
    /// Whose dead letters to work on.
    pub(crate) families: Vec<FamilyInfo>,
    pub(crate) command: DlqCommand,
    /// Whether to write JSON.
    pub(crate) json: bool,
}

/// The commands.
#[derive(Debug)]
pub(crate) enum DlqCommand {
    /// List dead letters.
    List(DeadLetterFilter),
    /// Print everything about a dead letter.
    Show(DeadLetterAddress),
    /// Send records again.
    Redrive { filter: DeadLetterFilter, dry_run: bool },
}

pub(super) fn program() -> Program {
    const VERSION: &str = env!("CARGO_PKG_VERSION");
    Program::new("dlq", VERSION, "Lists dead letters, shows one, or sends their records again")
        .example("Example: voc-processor dlq list --kafka-bootstrap kafka:9092 --since 2h --error invalid_event")
        .command(
            Program::new("list", VERSION, "Lists the dead letters on the dead-letter topics")
                .settings(filters())
                .settings([JSON.spec()])
                .example("Example: voc-processor dlq list --topic voc.events --since 2h --tenant acme --json"),
        )
        .command(
            Program::new("show", VERSION, "Prints everything a dead letter holds, the payload included")
                .settings([DEAD_LETTER.spec(), JSON.spec()])
                .example("Example: voc-processor dlq show voc.events/3/1042"),
        )
        .command(
            Program::new(
                "redrive",
                VERSION,
                "Sends the records of dead letters to their source topics again, where they are processed like any record",
            )
            .settings(filters())
            .settings([ALL.spec(), AGAIN.spec(), DRY_RUN.spec(), JSON.spec()])
            .example(
                "Example: voc-processor dlq redrive --error invalid_event --since 1d --dry-run\n\
                 \n\
                 The records carry the header voc.redriven. A dead letter is sent once, unless --again is given.\n\
                 The status is not 0 if any record could not be sent.",
            ),
        )
}

fn filters() -> [Spec; 7] {
    [TOPIC.spec(), PARTITION.spec(), ERROR.spec(), SINCE.spec(), UNTIL.spec(), TENANT.spec(), LIMIT.spec()]
}

pub(super) fn read(values: &mut Values, command: &str, is_standalone: bool) -> Result<DlqTask, Rejected> {
    let kafka_only = input::check_not_standalone(
        values,
        is_standalone,
        "the dead letters of files are in dead-letters.ndjson in the data directory, and dlq works on Kafka's topics",
    );
    let (families, kafka, json) = (FamilyGroup::read(values), KafkaGroup::read(values), values.get(&JSON));
    let command = match command {
        "show" => values.get(&DEAD_LETTER).map(DlqCommand::Show),
        "redrive" => redrive(values),
        _ => filter(values).map(DlqCommand::List),
    };
    kafka_only?;
    // Dead letters are read by topic, without a group.
    let configured = families?;
    let families = configured.iter().map(|family| family.family).collect();
    let topics = each_once(configured.into_iter().flat_map(|family| family.topics));
    Ok(DlqTask { kafka: kafka?.reader(topics), families, command: command?, json: json? })
}

/// A topic that was read twice would list, and send, each of its dead letters twice.
fn each_once(topics: impl Iterator<Item = String>) -> Vec<String> {
    let mut seen = HashSet::new();
    topics.filter(|topic| seen.insert(topic.clone())).collect()
}

fn redrive(values: &mut Values) -> Result<DlqCommand, Rejected> {
    let (filter, dry_run) = (filter(values), values.get(&DRY_RUN));
    let (all, again) = (values.get(&ALL), values.get(&AGAIN));
    let filter = filter?;
    let is_filtered = DeadLetterFilter { limit: 0, ..filter.clone() } != DeadLetterFilter::default();
    if !all? && !is_filtered {
        return Err(values.reject(&ALL, "a filter such as --since 2h, or --all to send every dead letter"));
    }
    Ok(DlqCommand::Redrive { filter: DeadLetterFilter { waiting_only: !again?, ..filter }, dry_run: dry_run? })
}

fn filter(values: &mut Values) -> Result<DeadLetterFilter, Rejected> {
    let (topic, partition) = (values.get_optional(&TOPIC), values.get_optional(&PARTITION));
    let (error_type, tenant_id) = (values.get_optional(&ERROR), values.get_optional(&TENANT));
    let (since, until, limit) = (values.get_optional(&SINCE), values.get_optional(&UNTIL), values.get(&LIMIT));
    Ok(DeadLetterFilter {
        topic: topic?,
        partition: partition?,
        error_type: error_type?,
        since: since?,
        until: until?,
        tenant_id: tenant_id?,
        waiting_only: false,
        limit: limit?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn topics_are_read_once_in_their_order() {
        let topics = ["b", "a", "b", "c", "a"].map(str::to_owned);
        assert_eq!(each_once(topics.into_iter()), ["b", "a", "c"]);
    }
}
