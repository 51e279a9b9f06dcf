//! Tests against real brokers: `KAFKA_BOOTSTRAP` names one, and `VOC_TEST_KAFKA_LIBS` the folder of Kafka's own jars,
//! whose tools produce records independently of our client. Faults come from the simulated cluster of librdkafka and
//! need neither.

#![expect(clippy::expect_used, clippy::panic, reason = "a test that cannot continue has failed")]

mod addressed;
mod assignments;
mod codecs;
mod dead_letter_reader;
mod dead_letters;
mod examiner;
mod fairness;
mod families;
mod faults;
mod lag;
mod member;
mod offsets;
mod pressure;
mod raw_produce;
mod records;
mod recreated;
mod security;
mod support;
