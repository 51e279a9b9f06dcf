//! Kafka: the group source, the dead-letter producer, reading and redriving dead letters, bounded reads, the broker
//! probe.
//!
//! [`KafkaSource`] is a member of a consumer group. One thread polls, and every partition has its own queue inside
//! librdkafka. So a slow lane stops reading of its partition and no other, and no fetched record is discarded. Only
//! lanes commit offsets, one partition at a time, and never for a partition that was released.
//!
//! [`AddressedReader`] reads ranges of partitions without being a group member; replays, comparisons and the
//! [`DeadLetterReader`] use it. It fetches through `rskafka` where possible. Everything else uses librdkafka.
//!
//! [`KafkaExaminer`] says why a cluster cannot be used.

mod addressed;
mod client_config;
mod commit;
mod config_error;
mod dead_letter_headers;
mod dead_letter_producer;
mod dead_letter_reader;
mod dead_letter_topics;
mod examiner;
mod feed;
mod group;
mod handout;
mod lag;
mod observer;
mod ownership;
mod poll;
mod poller;
mod probe;
mod rebalance;
mod release;
mod settings;
mod source;
mod start;
mod takeover;

pub use addressed::{AddressedReader, AddressedRecord, AddressedRecords, PartitionPosition};
pub use dead_letter_producer::KafkaDeadLetters;
pub use dead_letter_reader::{
    DeadLetterAddress, DeadLetterFilter, DeadLetterReader, FoundDeadLetters, Omitted, ParseDeadLetterAddressError,
    PublishedDeadLetter, Redrive, RedriveError, Redriver,
};
pub use dead_letter_topics::DEAD_LETTER_TOPIC_SUFFIX;
pub use examiner::{
    BrokerAddress, BrokerObstacle, GroupState, KafkaExaminer, MemberState, MissingRight, PartitionState, TopicLimits,
    TopicState,
};
pub use probe::{KafkaProbe, check_broker};
pub use settings::{
    KafkaSecurity, KafkaSettings, OffsetReset, ParseKafkaSettingError, SaslLogin, SaslMechanism, Secret,
    SecurityProtocol,
};
pub use source::KafkaSource;
pub use takeover::{CommitOrigin, GroupTakeover};
