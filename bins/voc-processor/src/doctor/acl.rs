//! Rights in Kafka: who a client is to the brokers, and the commands that give it a right.

use voc_ingest::kafka::KafkaSettings;

/// The name under which brokers give rights to this client.
pub(super) fn principal(settings: &KafkaSettings) -> String {
    match (&settings.security.login, &settings.security.certificate_file) {
        (Some(login), _) => format!("User:{}", login.username),
        (None, Some(file)) => format!("User:(the subject of the certificate in {})", file.display()),
        (None, None) => "User:ANONYMOUS".to_owned(),
    }
}

/// The command that allows this client an operation on something, such as `["--topic", "voc.events"]`.
pub(super) fn allow(settings: &KafkaSettings, operation: &str, on: &[&str]) -> String {
    format!(
        "kafka-acls.sh --bootstrap-server {} --add --allow-principal '{}' --operation {operation} {}",
        settings.bootstrap_servers,
        principal(settings),
        on.join(" ")
    )
}
