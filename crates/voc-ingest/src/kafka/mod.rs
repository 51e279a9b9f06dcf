//! Kafka: the group source, the dead-letter producer, dead letters found and sent again, bounded reads, the broker probe.
//!
//! [`KafkaSource`] is a member of a consumer group. One thread polls; every partition has a queue of its own inside librdkafka,
//! so a lane that is slow stops the reading of its partition and of no other, and nothing that was fetched is thrown away.
//! Offsets are committed by the lanes only, one partition at a time, and never for a partition that was given up.
//!
//! [`AddressedReader`] reads ranges of partitions as no member of a group; replays, comparisons and the [`DeadLetterReader`] read by it. It is
//! the one that fetches through `rskafka` where it can. Everything else goes through librdkafka.

mod addressed;
mod client_config;
mod commit;
mod config_error;
mod dead_letter_headers;
mod dead_letter_producer;
mod dead_letter_reader;
mod dead_letter_topics;
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

pub use addressed::{AddressedReader, AddressedRecord, AddressedRecords};
pub use dead_letter_producer::KafkaDeadLetters;
pub use dead_letter_reader::{
    DeadLetterAddress, DeadLetterFilter, DeadLetterReader, FoundDeadLetters, Omitted, ParseDeadLetterAddressError,
    PublishedDeadLetter, Redrive, RedriveError, Redriver,
};
pub use probe::{KafkaProbe, check_broker};
pub use settings::{
    KafkaSecurity, KafkaSettings, OffsetReset, ParseKafkaSettingError, SaslLogin, SaslMechanism, Secret,
    SecurityProtocol,
};
pub use source::KafkaSource;
