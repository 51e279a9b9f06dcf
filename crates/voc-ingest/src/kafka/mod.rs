//! Kafka: the group source, the dead-letter producer, dead letters found and sent again, bounded reads, the broker probe.
//!
//! [`KafkaSource`] is a member of a consumer group. One thread polls; every partition has a queue of its own inside librdkafka,
//! so a lane that is slow stops the reading of its partition and of no other, and nothing that was fetched is thrown away.
//! Offsets are committed by the lanes only, one partition at a time, and never for a partition that was given up.
//!
//! [`AddressedReader`] reads ranges of partitions as no member of a group; replays, comparisons and the [`LetterBox`] read by it. It is
//! the one that fetches through `rskafka` where it can. Everything else goes through librdkafka.

mod addressed;
mod client_config;
mod commit;
mod config_error;
mod dead_letter_topics;
mod dead_letters;
mod feed;
mod group;
mod handout;
mod lag;
mod letter_headers;
mod letters;
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
pub use dead_letters::KafkaDeadLetters;
pub use letters::{
    FoundLetters, Letter, LetterAddress, LetterBox, LetterFilter, Omitted, ParseLetterAddressError, Redrive,
    RedriveError, Redriver,
};
pub use probe::{KafkaProbe, check_broker};
pub use settings::{
    KafkaSecurity, KafkaSettings, OffsetReset, ParseKafkaSettingError, SaslLogin, SaslMechanism, Secret,
    SecurityProtocol,
};
pub use source::KafkaSource;
