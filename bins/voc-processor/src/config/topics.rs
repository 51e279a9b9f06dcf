//! Which topics the families can read together, and which a command can name.

use voc_events::families::ALL;
use voc_ingest::kafka::{DEAD_LETTER_TOPIC_SUFFIX, KafkaSettings};
use voc_service::config::{Rejected, Setting, Values};

use super::family::FamilyConfig;

/// A family, and the setting that names its topics.
pub(super) type Named<'a> = (&'a FamilyConfig, &'static Setting<Vec<String>>);

/// Reports topics that cannot exist, that are read twice, and that receive the dead letters of another one.
pub(super) fn check(values: &mut Values, families: &[Named<'_>]) -> Result<(), Rejected> {
    let mut outcome = Ok(());
    for (place, (config, setting)) in families.iter().enumerate() {
        if let Some(expected) = bad_names(config).or_else(|| named_twice(&config.topics)) {
            outcome = Err(values.reject(setting, expected));
        }
        for topic in &config.topics {
            if let Some(other) = families[..place].iter().find(|(other, _)| other.topics.contains(topic)) {
                let expected =
                    |name: &str| format!("topics that no other family reads, but {name} reads {topic:?}, too");
                outcome = Err(reject_either(values, [(*config, *setting), *other], expected));
            }
            let is_source = |source: &String| topic.strip_suffix(DEAD_LETTER_TOPIC_SUFFIX) == Some(source);
            if let Some(other) = families.iter().find(|(other, _)| other.topics.iter().any(is_source)) {
                let expected =
                    |_: &str| format!("no topic of dead letters, but {topic:?} receives those of another topic");
                outcome = Err(reject_either(values, [(*config, *setting), *other], expected));
            }
        }
    }
    outcome
}

/// The family that reads a topic given to a command with `setting`. A single family may have read the topic under
/// another name, except for the preset topics of other families, whose events it would take for its own.
pub(super) fn family_of<'f, T>(
    values: &mut Values,
    setting: &Setting<T>,
    topic: &str,
    families: &'f [FamilyConfig],
) -> Result<&'f FamilyConfig, Rejected> {
    if let Some(config) = families.iter().find(|config| config.topics.iter().any(|known| known == topic)) {
        return Ok(config);
    }
    let names: Vec<&str> = families.iter().map(|config| config.family.name).collect();
    let owner = ALL.iter().find(|family| family.presets.topics.contains(&topic));
    let owner = owner.map(|family| family.name).filter(|name| !names.contains(name));
    let reason = match (families, owner) {
        ([single], None) => return Ok(single),
        (_, Some(owner)) => {
            format!("but {topic:?} is a topic of {owner}: set VOC_FAMILIES={owner} or --family {owner}")
        }
        (_, None) => format!("but {topic:?} is none: if one of them read it, name that one with --family"),
    };
    Err(values.reject(setting, format!("topics of {}, {reason}", names.join(" or "))))
}

/// Reports a conflict of two families for a setting that is given, because the topics of the other may be its presets.
/// `expected` gets the name of the other family.
fn reject_either(values: &mut Values, families: [Named<'_>; 2], expected: impl Fn(&str) -> String) -> Rejected {
    let [(later, setting), (earlier, other_setting)] = families;
    if values.is_given(setting) {
        values.reject(setting, expected(earlier.family.name))
    } else {
        values.reject(other_setting, expected(later.family.name))
    }
}

/// What is wrong with the names of topics, by the rules of Kafka; everything else in these settings is valid.
fn bad_names(config: &FamilyConfig) -> Option<String> {
    let settings = KafkaSettings::new(config.family.name, "localhost:9092", &config.group_id, &config.topics);
    let errors = settings.configuration_errors();
    (!errors.is_empty()).then(|| format!("names of topics: {}", errors.join("; ")))
}

fn named_twice(topics: &[String]) -> Option<String> {
    let mut places = topics.iter().enumerate();
    let (_, twice) = places.find(|(place, topic)| topics[..*place].contains(topic))?;
    Some(format!("each topic once, but {twice:?} is named twice"))
}
