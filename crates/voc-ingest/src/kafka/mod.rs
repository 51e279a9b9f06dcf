//! Kafka through librdkafka: the group source, the dead-letter producer, the broker probe.
