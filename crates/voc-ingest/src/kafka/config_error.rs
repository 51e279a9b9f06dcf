//! What librdkafka finds wrong with a configuration.

use rdkafka::error::KafkaError;

use crate::SourceError;

/// An error of librdkafka about a property, without the value, which may be a secret.
pub(super) fn without_value(error: &KafkaError) -> String {
    match error {
        KafkaError::ClientConfig(_, description, name, _) => {
            format!("the property {name} cannot be set: {description}")
        }
        other => other.to_string(),
    }
}

/// What librdkafka found wrong when a client was made.
pub(super) fn misconfigured(error: &KafkaError) -> SourceError {
    SourceError::Misconfigured(format!("kafka: {}", without_value(error)))
}
