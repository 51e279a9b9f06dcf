//! Which families are processed, and the settings of each.
//!
//! With a single family, the plain settings (topics, group, batches) are that family's. With several, each family has
//! its own, named after it, and the plain settings of batches are the default. A setting that would have no effect is
//! an error.

use std::{sync::LazyLock, time::Duration};

use voc_events::families::{ALL, FamilyInfo};
use voc_service::config::{Rejected, Setting, Spec, Values, parse};

use super::{batch, family::FamilyConfig, kafka, topics};

const GROUP: &str = "Families";

const FAMILIES: Setting<Vec<FamilyInfo>> = Setting::new(
    "family",
    &["VOC_FAMILIES"],
    "Families of events to process, separated by commas: voc (calls, agents, tools, quality of service), activity (users \
     of sites), product (applications), quality (manufacturing)",
    parse::families,
)
.group(GROUP)
.value_name("NAMES")
.default("voc");

/// The settings of each family when several are processed.
static OWN: LazyLock<Vec<OwnSettings>> =
    LazyLock::new(|| ALL.iter().map(|family| OwnSettings::of(family.name)).collect());

/// The settings of one family when several are processed.
struct OwnSettings {
    family: &'static str,
    topics: Setting<Vec<String>>,
    group_id: Setting<String>,
    batch_size: Setting<usize>,
    flush_after: Setting<Duration>,
}

impl OwnSettings {
    fn of(family: &'static str) -> Self {
        // The names are leaked, because settings need them for the life of the program; their number is that of the
        // families.
        let flag = |name: &str| -> &'static str { format!("{family}-{name}").leak() };
        let variables = |name: &str| -> &'static [&'static str] {
            let variable: &'static str = format!("VOC_{}_{name}", family.to_ascii_uppercase()).leak();
            vec![variable].leak()
        };
        Self {
            family,
            topics: Setting::new(
                flag("topics"),
                variables("TOPICS"),
                "Topics of the family, if several are processed",
                parse::list,
            )
            .group(GROUP)
            .value_name("TOPICS"),
            group_id: Setting::new(
                flag("group-id"),
                variables("GROUP_ID"),
                "Consumer group of the family, if several are processed",
                parse::text,
            )
            .group(GROUP)
            .value_name("NAME"),
            batch_size: Setting::new(
                flag("batch-size"),
                variables("BATCH_SIZE"),
                "Batch size of the family, if several are processed",
                parse::whole::<usize, 1, 1_000_000>,
            )
            .group(GROUP)
            .value_name("RECORDS"),
            flush_after: Setting::new(
                flag("flush-seconds"),
                variables("FLUSH_SECONDS"),
                "Longest time the first record of the family's batch waits, if several are processed",
                parse::seconds,
            )
            .group(GROUP)
            .value_name("SECONDS"),
        }
    }

    fn specs(&self) -> [Spec; 4] {
        [self.topics.spec(), self.group_id.spec(), self.batch_size.spec(), self.flush_after.spec()]
    }
}

/// The settings of families.
pub(super) struct FamilyGroup;

impl FamilyGroup {
    pub(super) fn specs() -> Vec<Spec> {
        let own = OWN.iter().flat_map(OwnSettings::specs);
        std::iter::once(FAMILIES.spec()).chain(own).collect()
    }

    /// Reads which families are processed, at least one, and the settings of each.
    pub(super) fn read(values: &mut Values) -> Result<Vec<FamilyConfig>, Rejected> {
        let families = values.get(&FAMILIES);
        let (topics, group_id) = (values.get_optional(&kafka::TOPICS), values.get_optional(&kafka::GROUP_ID));
        let batch = batch::read_sizes(values);
        let families = families?;
        let unused = check_unused(values, &families);
        let plain = match families.as_slice() {
            [family] => check_given_twice(values, family),
            families => check_plain(values, families),
        };
        let own: Vec<_> = families.iter().map(|family| read_own(values, family)).collect();
        let (topics, group_id, batch) = (topics?, group_id?, batch?);
        unused.and(plain)?;
        let mut configs = Vec::new();
        for (family, own) in families.into_iter().zip(own) {
            let (presets, own) = (family.presets, own?);
            configs.push(FamilyConfig {
                family,
                // The plain topics and group are given for a single family only.
                topics: topics.clone().or(own.topics).unwrap_or_else(|| owned(presets.topics)),
                group_id: group_id.clone().or(own.group_id).unwrap_or_else(|| presets.group_id.to_owned()),
                batch: batch.settings(own.batch_size, own.flush_after, &presets),
            });
        }
        let (groups, topics) = (check_groups(values, &configs), check_topics(values, &configs));
        groups.and(topics)?;
        Ok(configs)
    }

    /// Reads the single family to process.
    pub(super) fn read_one(values: &mut Values, why: &str) -> Result<FamilyConfig, Rejected> {
        let mut families = Self::read(values)?;
        match families.pop() {
            Some(family) if families.is_empty() => Ok(family),
            _ => Err(values.reject(&FAMILIES, format!("one family, {why}"))),
        }
    }
}

/// The settings given for one family.
#[derive(Default)]
struct Own {
    topics: Option<Vec<String>>,
    group_id: Option<String>,
    batch_size: Option<usize>,
    flush_after: Option<Duration>,
}

fn read_own(values: &mut Values, family: &FamilyInfo) -> Result<Own, Rejected> {
    let Some(settings) = OWN.iter().find(|own| own.family == family.name) else { return Ok(Own::default()) };
    let (topics, group_id) = (values.get_optional(&settings.topics), values.get_optional(&settings.group_id));
    let (batch_size, flush_after) =
        (values.get_optional(&settings.batch_size), values.get_optional(&settings.flush_after));
    Ok(Own { topics: topics?, group_id: group_id?, batch_size: batch_size?, flush_after: flush_after? })
}

/// Settings of a family that is not processed would have no effect: its name is missing or misspelled. A command may
/// be limited to some of the families that a processor has, with the same variables.
fn check_unused(values: &mut Values, families: &[FamilyInfo]) -> Result<(), Rejected> {
    if !is_about_processing(values) {
        return Ok(());
    }
    let mut outcome = Ok(());
    for own in OWN.iter().filter(|own| families.iter().all(|family| family.name != own.family)) {
        let expected = format!(
            "nothing, because the family {name} is not processed: add {name} to VOC_FAMILIES, or remove this setting",
            name = own.family
        );
        outcome = outcome
            .and(reject_given(values, &own.topics, &expected))
            .and(reject_given(values, &own.group_id, &expected))
            .and(reject_given(values, &own.batch_size, &expected))
            .and(reject_given(values, &own.flush_after, &expected));
    }
    outcome
}

/// Whether the settings are those of processing: they are processed with, or checked.
fn is_about_processing(values: &Values) -> bool {
    matches!(values.command().as_slice(), [] | ["doctor"] | ["config", ..])
}

/// With one family, its own settings and the plain ones mean the same, so one of the two would have no effect.
/// Commands have no batches, see [`check_unused`].
fn check_given_twice(values: &mut Values, family: &FamilyInfo) -> Result<(), Rejected> {
    let Some(own) = OWN.iter().find(|own| own.family == family.name) else { return Ok(()) };
    let is_processing = is_about_processing(values);
    let expected = |plain| format!("nothing, because {plain} is given and means the same: remove one of the two");
    let mut outcome = Ok(());
    if values.is_given(&kafka::TOPICS) {
        outcome = outcome.and(reject_given(values, &own.topics, &expected("KAFKA_TOPICS")));
    }
    if values.is_given(&kafka::GROUP_ID) {
        outcome = outcome.and(reject_given(values, &own.group_id, &expected("KAFKA_GROUP_ID")));
    }
    if is_processing && values.is_given(&batch::SIZE) {
        outcome = outcome.and(reject_given(values, &own.batch_size, &expected("BATCH_SIZE")));
    }
    if is_processing && values.is_given(&batch::FLUSH_AFTER) {
        outcome = outcome.and(reject_given(values, &own.flush_after, &expected("BATCH_FLUSH_SECONDS")));
    }
    outcome
}

/// With several families, the plain settings of topics and groups would belong to none of them.
fn check_plain(values: &mut Values, families: &[FamilyInfo]) -> Result<(), Rejected> {
    let expected = |what: &str| {
        let names: Vec<String> =
            families.iter().map(|family| format!("VOC_{}_{what}", family.name.to_ascii_uppercase())).collect();
        format!("nothing, as several families are processed: set {}", names.join(", "))
    };
    let topics = reject_given(values, &kafka::TOPICS, &expected("TOPICS"));
    let group_id = reject_given(values, &kafka::GROUP_ID, &expected("GROUP_ID"));
    topics.and(group_id)
}

fn reject_given<T>(values: &mut Values, setting: &Setting<T>, expected: &str) -> Result<(), Rejected> {
    if values.is_given(setting) { Err(values.reject(setting, expected)) } else { Ok(()) }
}

fn check_topics(values: &mut Values, configs: &[FamilyConfig]) -> Result<(), Rejected> {
    let is_single = configs.len() == 1;
    let mut families: Vec<topics::Named<'_>> = Vec::new();
    for config in configs {
        let Some(own) = OWN.iter().find(|own| own.family == config.family.name) else { continue };
        let is_plain = is_single && !values.is_given(&own.topics);
        families.push((config, if is_plain { &kafka::TOPICS } else { &own.topics }));
    }
    topics::check(values, &families)
}

/// Two families in one group would mistake each other's commits for their own.
fn check_groups(values: &mut Values, configs: &[FamilyConfig]) -> Result<(), Rejected> {
    let mut outcome = Ok(());
    for (place, config) in configs.iter().enumerate() {
        let Some(other) = configs[..place].iter().find(|other| other.group_id == config.group_id) else { continue };
        let Some(own) = OWN.iter().find(|own| own.family == config.family.name) else { continue };
        let expected = format!("a group other than that of {}, {:?}", other.family.name, other.group_id);
        outcome = Err(values.reject(&own.group_id, expected));
    }
    outcome
}

fn owned(topics: &[&str]) -> Vec<String> {
    topics.iter().map(|topic| (*topic).to_owned()).collect()
}
