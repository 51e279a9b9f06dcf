//! What librdkafka reports about the group and the brokers, queued for the polling thread.
//!
//! librdkafka calls back while it is polled. A rebalance need not be answered there: the polling thread takes it from the queue
//! and answers when the lanes have ended. Until then librdkafka fetches nothing, for no partition, while heartbeats, commits
//! and the other lanes' work go on.

use std::{
    collections::VecDeque,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use rdkafka::{
    ClientContext, TopicPartitionList,
    config::RDKafkaLogLevel,
    consumer::{BaseConsumer, Consumer as _, ConsumerContext},
    error::KafkaError,
    types::{RDKafkaErrorCode, RDKafkaRespErr},
};

/// Something the polling thread must act on.
pub(super) enum GroupEvent {
    /// Partitions are ours; waits for the answer `incremental_assign`.
    Assigned(TopicPartitionList),
    /// Partitions are to be given up; waits for the answer `incremental_unassign`.
    Revoked {
        partitions: TopicPartitionList,
        /// Whether they belong to somebody else already.
        lost: bool,
    },
    /// A topic has another identity than before: it was deleted and made anew.
    TopicRecreated(String),
    /// A broker or the group reported an error.
    Error { code: RDKafkaErrorCode, reason: String },
}

/// The consumer's context.
///
/// librdkafka notices that a topic was made anew, and goes on reading at the offset where it was. That is an error only if the new
/// log is shorter; else records are skipped. It tells of the change in its log alone, among the lines on metadata.
#[derive(Default)]
pub(super) struct GroupContext {
    events: Mutex<VecDeque<GroupEvent>>,
    closing: AtomicBool,
}

impl GroupContext {
    pub(super) fn next_event(&self) -> Option<GroupEvent> {
        self.events.lock().unwrap_or_else(PoisonError::into_inner).pop_front()
    }

    fn push(&self, event: GroupEvent) {
        self.events.lock().unwrap_or_else(PoisonError::into_inner).push_back(event);
    }

    /// From now on rebalances are answered at once: no lane is left, and the consumer leaves the group.
    pub(super) fn close(&self) {
        self.closing.store(true, Ordering::Relaxed);
    }
}

impl ClientContext for GroupContext {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        if let Some(topic) = topic_recreated(message) {
            self.push(GroupEvent::TopicRecreated(topic.to_owned()));
        }
        log_line(level, facility, message);
    }

    fn error(&self, error: KafkaError, reason: &str) {
        let code = error.rdkafka_error_code().unwrap_or(RDKafkaErrorCode::Unknown);
        self.push(GroupEvent::Error { code, reason: reason.to_owned() });
    }
}

impl ConsumerContext for GroupContext {
    fn rebalance(&self, consumer: &BaseConsumer<Self>, change: RDKafkaRespErr, partitions: &mut TopicPartitionList) {
        let assigned = change == RDKafkaRespErr::RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS;
        if self.closing.load(Ordering::Relaxed) {
            let answered = if assigned {
                consumer.incremental_assign(partitions)
            } else {
                consumer.incremental_unassign(partitions)
            };
            if let Err(error) = answered {
                tracing::debug!(%error, "rebalance while closing");
            }
            return;
        }
        let partitions = partitions.clone();
        self.push(if assigned {
            GroupEvent::Assigned(partitions)
        } else {
            GroupEvent::Revoked { partitions, lost: consumer.assignment_lost() }
        });
    }
}

/// The topic of which a line says that its identity has changed from one to another, and not from none.
fn topic_recreated(message: &str) -> Option<&str> {
    const NONE: &str = "AAAAAAAAAAAAAAAAAAAAAA ";
    let (_, change) = message.split_once("Topic ")?;
    let (topic, from) = change.split_once(" changed id from ")?;
    (!from.starts_with(NONE)).then_some(topic)
}

/// Passes librdkafka's own log lines on. What is also reported as an error is for a closer look only.
pub(super) fn log_line(level: RDKafkaLogLevel, facility: &str, message: &str) {
    match level {
        _ if matches!(facility, "FAIL" | "ERROR" | "CONFWARN") => {
            tracing::debug!(target: "librdkafka", facility, "{message}");
        }
        RDKafkaLogLevel::Emerg | RDKafkaLogLevel::Alert | RDKafkaLogLevel::Critical => {
            tracing::error!(target: "librdkafka", facility, "{message}");
        }
        RDKafkaLogLevel::Error | RDKafkaLogLevel::Warning => {
            tracing::warn!(target: "librdkafka", facility, "{message}");
        }
        RDKafkaLogLevel::Notice | RDKafkaLogLevel::Info | RDKafkaLogLevel::Debug => {
            tracing::debug!(target: "librdkafka", facility, "{message}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_on_a_new_identity_names_the_topic() {
        for (line, topic) in [
            (
                "[thrd:main]: Topic voc.events changed id from F5tWZmM3QoKFmKWXAXvRpw to JzUkVNGJRpmSg0bYBbZkBw",
                Some("voc.events"),
            ),
            ("[thrd:main]: Topic voc.events changed id from AAAAAAAAAAAAAAAAAAAAAA to JzUkVNGJRpmSg0bYBbZkBw", None),
            ("[thrd:main]: Topic voc.events [0] Leader 1 Epoch 0", None),
        ] {
            assert_eq!(topic_recreated(line), topic, "{line}");
        }
    }
}
