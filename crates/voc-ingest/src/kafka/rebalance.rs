//! How rebalances are reported.

use rdkafka::{TopicPartitionList, error::KafkaError, topic_partition_list::TopicPartitionListElem};

use crate::SourceError;

/// The partitions of a list, for the log.
pub(super) fn names(list: &TopicPartitionList) -> String {
    let name = |element: &TopicPartitionListElem<'_>| format!("{}/{}", element.topic(), element.partition());
    list.elements().iter().map(name).collect::<Vec<_>>().join(" ")
}

pub(super) fn rebalance_failed(error: &KafkaError) -> SourceError {
    SourceError::Kafka(format!("rebalance failed: {error}"))
}
