//! What brokers tell about a consumer group.

use std::time::Duration;

use rdkafka::{
    consumer::{BaseConsumer, Consumer as _},
    groups::{GroupInfo, GroupMemberInfo},
};

use super::wire::{take_i16, take_i32, take_text};
use crate::{
    SourceError,
    kafka::{config_error::misconfigured, observer::LastError, settings::KafkaSettings},
};

/// A consumer group as the brokers describe it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GroupState {
    /// Its state in Kafka's words, such as `Stable`; empty if it does not exist.
    pub state: String,
    /// What its members use it for: `consumer`, or another program's word. Empty without members.
    pub protocol_type: String,
    /// How its members share partitions, such as `cooperative-sticky`. Empty without members.
    pub protocol: String,
    /// Its members.
    pub members: Vec<MemberState>,
}

/// A member of a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberState {
    /// Its id, which the broker made of its client id or, if it has one, of its group instance id.
    pub id: String,
    /// Its client id.
    pub client_id: String,
    /// The address it is connected from, as the broker sees it.
    pub host: String,
    /// The topics it reads, as far as it tells.
    pub topics: Vec<String>,
}

impl MemberState {
    /// Whether the broker made its id of this group instance id.
    #[must_use]
    pub fn has_instance_id(&self, instance: &str) -> bool {
        self.id.strip_prefix(instance).and_then(|rest| rest.strip_prefix('-')).is_some_and(is_uuid)
    }
}

fn is_uuid(text: &str) -> bool {
    uuid::Uuid::try_parse(text).is_ok()
}

/// The group of the settings; this blocks for up to `timeout`.
///
/// # Errors
/// [`SourceError`] if the brokers do not answer in time.
pub(super) fn describe(settings: &KafkaSettings, timeout: Duration) -> Result<GroupState, SourceError> {
    let config = settings.observer("-doctor")?;
    let client: BaseConsumer<LastError> =
        config.create_with_context(LastError::default()).map_err(|error| misconfigured(&error))?;
    let group = &settings.group_id;
    let groups = client
        .fetch_group_list(Some(group), timeout)
        .map_err(|error| SourceError::Kafka(format!("the group {group} cannot be described: {error}")))?;
    Ok(groups.groups().iter().find(|found| found.name() == group).map(state).unwrap_or_default())
}

fn state(group: &GroupInfo) -> GroupState {
    GroupState {
        state: group.state().to_owned(),
        protocol_type: group.protocol_type().to_owned(),
        protocol: group.protocol().to_owned(),
        members: group.members().iter().map(member).collect(),
    }
}

fn member(member: &GroupMemberInfo) -> MemberState {
    MemberState {
        id: member.id().to_owned(),
        client_id: member.client_id().to_owned(),
        host: member.client_host().trim_start_matches('/').to_owned(),
        topics: member.metadata().and_then(subscribed).unwrap_or_default(),
    }
}

/// The topics in the metadata of a consumer: a version, and a list of names.
fn subscribed(metadata: &[u8]) -> Option<Vec<String>> {
    let mut rest = metadata;
    take_i16(&mut rest)?;
    let count = take_i32(&mut rest)?;
    (0..count).map(|_| take_text(&mut rest)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn topics_are_read_from_a_members_metadata() {
        let metadata = [&[0, 1, 0, 0, 0, 2, 0, 1][..], b"a", &[0, 3], b"b.c", &[0xff; 4]].concat();
        assert_eq!(subscribed(&metadata), Some(vec!["a".to_owned(), "b.c".to_owned()]));
        assert_eq!(subscribed(&metadata[..9]), None);
        assert_eq!(subscribed(&[]), None);
    }

    #[test]
    fn an_instance_id_is_recognised_in_a_members_id() {
        let member = |id: &str| MemberState {
            id: id.to_owned(),
            client_id: "voc-processor".to_owned(),
            host: "10.0.0.1".to_owned(),
            topics: Vec::new(),
        };
        let of_broker = member("voc-0-0c8a1d4e-1f0a-4c56-9f57-a4c1f29f2b11");
        assert!(of_broker.has_instance_id("voc-0"));
        assert!(!of_broker.has_instance_id("voc"));
        assert!(!member("voc-0-more").has_instance_id("voc-0"));
    }
}
