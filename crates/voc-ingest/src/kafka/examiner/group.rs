//! What brokers tell about a consumer group.

use std::{fmt, time::Duration};

use rdkafka::groups::{GroupInfo, GroupMemberInfo};

use super::wire::{take_i16, take_i32, take_text};
use crate::{
    SourceError,
    kafka::{client_config::ASSIGNMENT_STRATEGY, observer::Observer},
};

/// What members of any consumer group use it for.
const CONSUMER: &str = "consumer";

/// A consumer group as the brokers describe it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GroupState {
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

impl GroupState {
    /// Whether its members can be processors of this program: consumers that share partitions in the same way.
    #[must_use]
    pub fn is_of_processors(&self) -> bool {
        // While members come and go, there is no protocol.
        let is_shared_alike = self.members.is_empty() || matches!(self.protocol.as_str(), "" | ASSIGNMENT_STRATEGY);
        matches!(self.protocol_type.as_str(), "" | CONSUMER) && is_shared_alike
    }
}

/// Names the program and its host.
impl fmt::Display for MemberState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at {}", self.client_id, self.host)
    }
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

/// A group; this blocks for up to `timeout`.
///
/// # Errors
/// [`SourceError`] if the brokers do not answer in time.
pub(super) fn describe(observer: &Observer, group: &str, timeout: Duration) -> Result<GroupState, SourceError> {
    let groups = observer.group(group, timeout)?;
    Ok(groups.groups().iter().find(|found| found.name() == group).map(state).unwrap_or_default())
}

fn state(group: &GroupInfo) -> GroupState {
    GroupState {
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
