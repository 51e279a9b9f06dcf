//! The consumer group: whether its members can share partitions with this client.

use std::net::SocketAddr;

use voc_ingest::kafka::{GroupState, KafkaExaminer, KafkaSettings, MemberState};

use super::{
    network,
    section::{Verdict, some_of},
};

/// Whether all members of the group could be processors of this product, each with its own identity. A broker was seen
/// at an address.
pub(super) async fn shares(settings: &KafkaSettings, broker: SocketAddr) -> Verdict<()> {
    let group = match KafkaExaminer::new(settings).group().await {
        Ok(group) => group,
        Err(error) => return Verdict::not_checked(error.to_string()),
    };
    let other_group = "set KAFKA_GROUP_ID (with several families VOC_FAMILY_GROUP_ID) to a group of its own, or stop \
                       the other program";
    let members: Vec<&MemberState> = group.members.iter().collect();
    if !group.is_of_processors() {
        let uses = [group.protocol_type.as_str(), &group.protocol].join(", ");
        let found = format!("another program uses it ({uses}), unlike a processor: {}", names(&members));
        return Verdict::failed(found, other_group);
    }
    let strangers: Vec<&MemberState> = group.members.iter().filter(|member| reads_others(member, settings)).collect();
    if !strangers.is_empty() {
        let found = format!("members read other topics than {}: {}", settings.topics.join(", "), names(&strangers));
        let remedy = "give processors with other topics, and other programs, groups of their own (KAFKA_GROUP_ID)";
        return Verdict::warning(found, remedy, ());
    }
    if let Some(twin) = twin(&group, settings, broker) {
        return Verdict::warning(
            format!("{} has this KAFKA_GROUP_INSTANCE_ID, too", names(&[twin])),
            "give every process its own KAFKA_GROUP_INSTANCE_ID, such as the name of its pod: of two with the same, only \
             one can be a member",
            (),
        );
    }
    Verdict::ok(
        match members.len() {
            0 => "it has no members: no processor runs".to_owned(),
            1 => format!("one member: {}", names(&members)),
            count => format!("{count} members: {}", names(&members)),
        },
        (),
    )
}

fn reads_others(member: &MemberState, settings: &KafkaSettings) -> bool {
    member.topics.iter().any(|topic| !settings.topics.contains(topic))
}

/// A member with this client's instance id, on another host.
fn twin<'g>(group: &'g GroupState, settings: &KafkaSettings, broker: SocketAddr) -> Option<&'g MemberState> {
    let instance = settings.group_instance_id.as_deref()?;
    let own = network::own_address(broker)?.to_string();
    group.members.iter().find(|member| member.has_instance_id(instance) && member.host != own)
}

fn names(members: &[&MemberState]) -> String {
    some_of(&members.iter().map(ToString::to_string).collect::<Vec<_>>())
}
