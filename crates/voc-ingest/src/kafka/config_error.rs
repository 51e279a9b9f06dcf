//! Errors that librdkafka reports for a configuration.

use rdkafka::error::KafkaError;

use crate::SourceError;

/// Formats an error about a property without its value, which may be secret.
pub(super) fn without_value(error: &KafkaError) -> String {
    match error {
        KafkaError::ClientConfig(_, description, name, _) => {
            format!("the property {name} cannot be set: {description}")
        }
        other => other.to_string(),
    }
}

/// Wraps an error from creating a client.
pub(super) fn misconfigured(error: &KafkaError) -> SourceError {
    SourceError::Misconfigured(format!("kafka: {}", without_value(error)))
}
