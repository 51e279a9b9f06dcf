//! Group and broker events that librdkafka reports, queued for the polling thread.
//!
//! librdkafka calls back while it is polled. A rebalance need not be answered in the callback: the polling thread
//! takes it from the queue and answers when the lanes have ended. Until then librdkafka fetches nothing for any
//! partition, but heartbeats, commits and the work of the other lanes continue.

use std::{
    collections::VecDeque,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use rdkafka::{
    ClientContext, TopicPartitionList,
    config::RDKafkaLogLevel,
    consumer::{BaseConsumer, Consumer as _, ConsumerContext},
    error::{KafkaError, KafkaResult},
    types::{RDKafkaErrorCode, RDKafkaRespErr},
};

/// Something the polling thread must act on.
pub(super) enum GroupEvent {
    /// Partitions were assigned; the answer is `incremental_assign`.
    Assigned(TopicPartitionList),
    /// Partitions must be released; the answer is `incremental_unassign`.
    Revoked {
        partitions: TopicPartitionList,
        /// Whether they belong to another member already.
        lost: bool,
    },
    /// The ID of a topic changed: it was deleted and recreated.
    TopicRecreated(String),
    /// A broker or the group reported an error.
    Error { code: RDKafkaErrorCode, reason: String },
}

/// The consumer's context.
///
/// librdkafka notices that a topic was recreated, but continues at the old offset. That is an error only if the new
/// log is shorter; otherwise records are skipped. The change is reported only in the log of librdkafka, among the
/// lines on metadata.
#[derive(Default)]
pub(super) struct GroupContext {
    events: Mutex<VecDeque<GroupEvent>>,
    callbacks: AtomicU64,
    closing: AtomicBool,
}

impl GroupContext {
    pub(super) fn next_event(&self) -> Option<GroupEvent> {
        self.events.lock().unwrap_or_else(PoisonError::into_inner).pop_front()
    }

    /// Whether the queue says that a topic was recreated.
    pub(super) fn is_recreated(&self, topic: &str) -> bool {
        let events = self.events.lock().unwrap_or_else(PoisonError::into_inner);
        events.iter().any(|event| matches!(event, GroupEvent::TopicRecreated(name) if name == topic))
    }

    /// How often librdkafka has called back. A poll that does not change this found nothing to report.
    pub(super) fn callbacks(&self) -> u64 {
        self.callbacks.load(Ordering::Relaxed)
    }

    fn called_back(&self) {
        self.callbacks.fetch_add(1, Ordering::Relaxed);
    }

    fn push(&self, event: GroupEvent) {
        self.events.lock().unwrap_or_else(PoisonError::into_inner).push_back(event);
    }

    /// Answers rebalances immediately from now on: no lane is left, and the consumer leaves the group.
    pub(super) fn close(&self) {
        self.closing.store(true, Ordering::Relaxed);
    }
}

impl ClientContext for GroupContext {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        self.called_back();
        if let Some(topic) = topic_recreated(message) {
            self.push(GroupEvent::TopicRecreated(topic.to_owned()));
        }
        log_line(level, facility, message);
    }

    fn error(&self, error: KafkaError, reason: &str) {
        self.called_back();
        let code = error.rdkafka_error_code().unwrap_or(RDKafkaErrorCode::Unknown);
        self.push(GroupEvent::Error { code, reason: reason.to_owned() });
    }
}

impl ConsumerContext for GroupContext {
    fn rebalance(&self, consumer: &BaseConsumer<Self>, change: RDKafkaRespErr, partitions: &mut TopicPartitionList) {
        self.called_back();
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

    fn commit_callback(&self, _result: KafkaResult<()>, _offsets: &TopicPartitionList) {
        self.called_back();
    }
}

/// The topic whose ID changed according to a log line, unless it had none before.
fn topic_recreated(message: &str) -> Option<&str> {
    const NONE: &str = "AAAAAAAAAAAAAAAAAAAAAA ";
    let (_, change) = message.split_once("Topic ")?;
    let (topic, from) = change.split_once(" changed id from ")?;
    (!from.starts_with(NONE)).then_some(topic)
}

/// Forwards log lines of librdkafka. Lines that are also reported as errors go to the debug level.
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
    fn a_log_line_on_a_new_topic_id_names_the_topic() {
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
