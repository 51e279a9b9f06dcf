//! The topics: whether they exist, whether this client may read them, and whether Kafka still has what is to be read.

use std::{
    fmt::Write as _,
    time::{Duration, SystemTime},
};

use voc_events::{MAX_CLOCK_SKEW_MILLIS, Timestamp};
use voc_ingest::{
    SourceError, TopicPartition,
    kafka::{
        AddressedReader, DEAD_LETTER_TOPIC_SUFFIX, KafkaExaminer, KafkaSettings, MissingRight, OffsetReset,
        PartitionPosition, PartitionState, TopicState,
    },
};

use super::{
    acl,
    broker::Cluster,
    section::{Verdict, some_of},
};

/// Timeout per question.
const TIMEOUT: Duration = Duration::from_secs(4);

/// Whether a topic exists, and each of its partitions has a leader.
pub(super) async fn exists(settings: &KafkaSettings, topic: &str, cluster: &Cluster) -> Verdict<Vec<PartitionState>> {
    let examiner = KafkaExaminer::new(settings);
    let partitions = match examiner.topic(topic).await {
        Ok(TopicState::Found { partitions }) => partitions,
        Ok(TopicState::Missing) => {
            return Verdict::failed(
                "it does not exist",
                format!(
                    "create it (kafka-topics.sh --bootstrap-server {} --create --topic {topic} --partitions 6), or correct \
                     the setting that names it (KAFKA_TOPICS; with several families VOC_FAMILY_TOPICS)",
                    settings.bootstrap_servers
                ),
            );
        }
        Ok(TopicState::Hidden) => {
            return Verdict::failed(
                format!("{} may not even know whether it exists", acl::principal(settings)),
                acl::allow(settings, "Read", &["--topic", topic]),
            );
        }
        Ok(TopicState::Unclear { reason }) => return unclear(reason),
        Ok(_) => return unclear("the broker's answer is unknown".to_owned()),
        Err(error) => return unclear(error.to_string()),
    };
    let leaderless = numbers(partitions.iter().filter(|partition| !partition.has_leader));
    if !leaderless.is_empty() {
        return Verdict::failed(
            format!("no broker leads partition {leaderless}, which can be neither read nor written"),
            "start the brokers that have copies of it (kafka-topics.sh --describe names them)",
        );
    }
    let replicas = partitions.iter().map(|partition| partition.replicas).min().unwrap_or_default();
    let found = format!(
        "{}, {}",
        counted(partitions.len(), "partition", "partitions"),
        counted(replicas, "copy", "copies of each")
    );
    let behind = numbers(partitions.iter().filter(|partition| partition.in_sync < partition.replicas));
    if !behind.is_empty() {
        let found = format!("{found}; not all copies of partition {behind} are up to date");
        return Verdict::warning(found, "start the brokers that have the other copies", partitions);
    }
    if replicas == 1 && cluster.size() > 1 {
        let remedy = "raise its replication factor (kafka-reassign-partitions.sh): records are lost with their broker";
        return Verdict::warning(found, remedy, partitions);
    }
    Verdict::ok(found, partitions)
}

fn counted(count: usize, one: &str, several: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { several })
}

fn unclear<T>(reason: String) -> Verdict<T> {
    Verdict::failed(reason, "run it again; if it persists, the broker's log says why")
}

/// Whether the client may read a topic as a member of its group.
pub(super) async fn may_be_read(settings: &KafkaSettings, topic: &str) -> Verdict<()> {
    let group = &settings.group_id;
    let principal = acl::principal(settings);
    match KafkaExaminer::new(settings).missing_right_to_read(topic).await {
        Ok(None) => Verdict::ok(format!("{principal} may, in the group {group}"), ()),
        Ok(Some(MissingRight::ReadGroup)) => Verdict::failed(
            format!("{principal} lacks the right Read on the group {group}"),
            acl::allow(settings, "Read", &["--group", group]),
        ),
        Ok(Some(_)) => Verdict::failed(
            format!("{principal} lacks the right Read on the topic {topic}"),
            acl::allow(settings, "Read", &["--topic", topic]),
        ),
        Err(error) => unclear(error.to_string()),
    }
}

/// Whether Kafka has what the group is to read next.
pub(super) async fn progress(settings: &KafkaSettings, topic: &str, partitions: &[PartitionState]) -> Verdict<()> {
    let partitions: Vec<TopicPartition> =
        partitions.iter().map(|state| TopicPartition { topic: topic.into(), partition: state.partition }).collect();
    let positions = async { reader(settings)?.positions(&partitions).await };
    let positions = match positions.await {
        Ok(positions) => positions,
        Err(error) => return unclear(error.to_string()),
    };
    let deleted = |position: &&PartitionPosition| position.next_offset().is_some_and(|next| next < position.oldest);
    let lost: Vec<&PartitionPosition> = positions.iter().filter(deleted).collect();
    if !lost.is_empty() {
        return deleted_before_read(settings, topic, &lost);
    }
    let beyond: Vec<String> = positions
        .iter()
        .filter_map(|position| {
            let committed = position.next_offset().filter(|next| *next > position.end)?;
            Some(format!("{} was read up to {committed}, and ends at {}", position.partition, position.end))
        })
        .collect();
    if !beyond.is_empty() {
        return Verdict::failed(
            format!("the group has read more than there is: {}", some_of(&beyond)),
            format!(
                "the topic was recreated, or a broker lost records. The processor begins again where \
                 KAFKA_AUTO_OFFSET_RESET says ({}); to choose yourself, stop it and run kafka-consumer-groups.sh \
                 --bootstrap-server {} --group {} --topic {topic} --reset-offsets --to-earliest --execute",
                settings.auto_offset_reset.as_str(),
                settings.bootstrap_servers,
                settings.group_id
            ),
        );
    }
    lag(settings, topic, &positions).await
}

fn reader(settings: &KafkaSettings) -> Result<AddressedReader, SourceError> {
    AddressedReader::new(settings).map(|reader| reader.with_timeout(TIMEOUT))
}

fn deleted_before_read(settings: &KafkaSettings, topic: &str, lost: &[&PartitionPosition]) -> Verdict<()> {
    let missing = |position: &&PartitionPosition| position.oldest - position.next_offset().unwrap_or(position.oldest);
    let records: i64 = lost.iter().map(missing).sum();
    let of_partition = |position: &&PartitionPosition| {
        let committed = position.next_offset().unwrap_or_default();
        format!("{} was read up to {committed}, and begins at {}", position.partition, position.oldest)
    };
    let places: Vec<String> = lost.iter().map(of_partition).collect();
    Verdict::failed(
        format!("Kafka deleted {records} records before they were read: {}", some_of(&places)),
        format!(
            "only their producers can send them again; the processor goes on at the oldest record. Find out why it was \
             behind, and keep records for longer: kafka-configs.sh --bootstrap-server {} --alter --entity-type topics \
             --entity-name {topic} --add-config retention.ms=604800000",
            settings.bootstrap_servers
        ),
    )
}

/// How far the group is behind, compared with how long Kafka keeps records.
async fn lag(settings: &KafkaSettings, topic: &str, positions: &[PartitionPosition]) -> Verdict<()> {
    let next = |position: &PartitionPosition| match (position.next_offset(), settings.auto_offset_reset) {
        (Some(committed), _) => committed,
        (None, OffsetReset::Earliest) => position.oldest,
        (None, OffsetReset::Latest) => position.end,
    };
    let behind = |position: &PartitionPosition| position.end - next(position);
    let total: i64 = positions.iter().map(behind).sum();
    let mut found = match positions.iter().any(|position| position.committed.is_some()) {
        true => format!("{total} records are to be read"),
        false => {
            let start = settings.auto_offset_reset.as_str();
            format!("{total} records are to be read; the group has read none, and begins at the {start}")
        }
    };
    let Some(furthest) = positions.iter().max_by_key(|position| behind(position)).filter(|most| behind(most) > 0)
    else {
        return Verdict::ok(found, ());
    };
    let Some(time) = time_of(settings, &furthest.partition, next(furthest)).await else {
        return Verdict::ok(found, ());
    };
    let age = Timestamp::from(SystemTime::now()).as_millis() - time.as_millis();
    if age < -MAX_CLOCK_SKEW_MILLIS {
        return Verdict::warning(
            format!("{found}; the next one of {} is dated {} s ahead of this host", furthest.partition, -age / 1000),
            "set the clocks of this host, of the brokers and of the producers right (NTP)",
            (),
        );
    }
    let age = Duration::from_millis(age.max(0).unsigned_abs());
    let _ = write!(found, "; the oldest is {} old", readable(age));
    let limits = KafkaExaminer::new(settings).topic_limits(topic).await.ok().flatten().unwrap_or_default();
    match limits.retention {
        Some(retention) if age > retention / 2 => Verdict::warning(
            format!("{found}, and Kafka keeps records for {}", readable(retention)),
            format!(
                "records will be deleted unread unless the processor catches up: start it, give it more partitions or \
                 processors, or keep records for longer (kafka-configs.sh --bootstrap-server {} --alter --entity-type \
                 topics --entity-name {topic} --add-config retention.ms=…)",
                settings.bootstrap_servers
            ),
            (),
        ),
        _ => Verdict::ok(found, ()),
    }
}

/// The time of the first record at or after an offset, if it can be read.
async fn time_of(settings: &KafkaSettings, partition: &TopicPartition, offset: i64) -> Option<Timestamp> {
    let mut records = reader(settings).ok()?.read(partition, offset..offset + 1);
    records.next().await.ok()??.first().map(|record| record.time)
}

fn readable(age: Duration) -> String {
    match age.as_secs() {
        seconds @ 0..=119 => format!("{seconds} s"),
        seconds @ 120..=7_199 => format!("{} min", seconds / 60),
        seconds @ 7_200..=172_799 => format!("{} h", seconds / 3600),
        seconds => format!("{} days", seconds / 86_400),
    }
}

/// Whether dead letters of a topic can be written.
pub(super) async fn takes_dead_letters(settings: &KafkaSettings, topic: &str) -> Verdict<()> {
    let examiner = KafkaExaminer::new(settings);
    let name = format!("{topic}{DEAD_LETTER_TOPIC_SUFFIX}");
    let may_not_write = || {
        Verdict::failed(
            format!("{} lacks the right Write on the topic {name}", acl::principal(settings)),
            acl::allow(settings, "Write", &["--topic", &name]),
        )
    };
    let partitions = match examiner.topic(&name).await {
        Ok(TopicState::Found { partitions }) => partitions,
        Ok(TopicState::Missing) => return may_be_created(settings, &name).await,
        Ok(TopicState::Hidden) => return may_not_write(),
        Ok(_) => return unclear("the broker's answer is unknown".to_owned()),
        Err(error) => return unclear(error.to_string()),
    };
    match examiner.missing_right_to_write(&name).await {
        Ok(None) => {}
        Ok(Some(_)) => return may_not_write(),
        // Not every broker refuses what is asked in the same way.
        Err(error) => return Verdict::not_checked(error.to_string()),
    }
    let limits = examiner.topic_limits(&name).await.ok().flatten().unwrap_or_default();
    let needed = limits.min_in_sync.unwrap_or(1);
    let short = numbers(partitions.iter().filter(|partition| partition.in_sync < needed));
    if !short.is_empty() {
        return Verdict::failed(
            format!("fewer than min.insync.replicas={needed} copies of partition {short} are up to date"),
            "start the brokers that have the other copies: no dead letter is accepted until then",
        );
    }
    Verdict::ok(format!("{name} takes them"), ())
}

async fn may_be_created(settings: &KafkaSettings, name: &str) -> Verdict<()> {
    match KafkaExaminer::new(settings).missing_right_to_create(name).await {
        Ok(None) => Verdict::ok(format!("{name} does not exist yet; the processor creates it when it starts"), ()),
        Ok(Some(_)) => Verdict::failed(
            format!("{name} does not exist, and {} may not create it", acl::principal(settings)),
            format!(
                "create it (kafka-topics.sh --bootstrap-server {} --create --topic {name}) and allow writing to it, or \
                 allow both: {}",
                settings.bootstrap_servers,
                acl::allow(settings, "Create --operation Write", &["--topic", name])
            ),
        ),
        Err(error) => Verdict::failed(
            error.to_string(),
            format!("create {name} yourself: the first record that cannot be stored would stop the processor"),
        ),
    }
}

/// The numbers of partitions, as a line names them; empty if there are none.
fn numbers<'p>(partitions: impl Iterator<Item = &'p PartitionState>) -> String {
    let numbers: Vec<String> = partitions.map(|partition| partition.partition.to_string()).collect();
    some_of(&numbers)
}
