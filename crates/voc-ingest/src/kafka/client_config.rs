//! Configurations of the Kafka clients.

use rdkafka::{ClientConfig, config::RDKafkaLogLevel};

use super::settings::KafkaSettings;
use crate::SourceError;

/// How the members of a group share its partitions.
pub(super) const ASSIGNMENT_STRATEGY: &str = "cooperative-sticky";

impl KafkaSettings {
    /// The settings that all clients share.
    fn client(&self, role: &str) -> Result<ClientConfig, SourceError> {
        let configuration_errors = self.configuration_errors();
        if !configuration_errors.is_empty() {
            return Err(SourceError::Misconfigured(format!("kafka: {}", configuration_errors.join("; "))));
        }
        let mut config = ClientConfig::new();
        config
            .set("bootstrap.servers", &self.bootstrap_servers)
            .set("client.id", format!("{}{role}", self.client_id))
            .set("security.protocol", self.security.protocol.as_str())
            // Brokers close idle connections routinely.
            .set("log.connection.close", "false")
            .set("reconnect.backoff.max.ms", "3000");
        if let Some(login) = &self.security.login {
            config
                .set("sasl.mechanism", login.mechanism.as_str())
                .set("sasl.username", &login.username)
                .set("sasl.password", login.password.expose());
        }
        if self.security.protocol.has_tls() {
            let verified = if self.security.verify_host_name { "https" } else { "none" };
            config.set("ssl.endpoint.identification.algorithm", verified);
            let files = [
                ("ssl.ca.location", &self.security.ca_file),
                ("ssl.certificate.location", &self.security.certificate_file),
                ("ssl.key.location", &self.security.key_file),
            ];
            for (name, file) in files {
                if let Some(file) = file {
                    config.set(name, file.to_string_lossy());
                }
            }
            if self.security.ca_file.is_none() {
                config.set("ssl.ca.location", "probe");
            }
            if let Some(password) = &self.security.key_password {
                config.set("ssl.key.password", password.expose());
            }
        }
        Ok(config)
    }

    fn with_properties(&self, mut config: ClientConfig) -> ClientConfig {
        for (name, value) in &self.properties {
            config.set(name, value.expose());
        }
        config
    }

    /// The group member's configuration.
    pub(super) fn consumer(&self) -> Result<ClientConfig, SourceError> {
        let mut config = self.client("")?;
        config
            .set("group.id", &self.group_id)
            // Applies to an offset out of range. If nothing is committed, the source chooses the start itself.
            .set("auto.offset.reset", "earliest")
            // Reports when there is nothing more to read.
            .set("enable.partition.eof", "true")
            .set("enable.auto.commit", "false")
            .set("enable.auto.offset.store", "false")
            .set("partition.assignment.strategy", ASSIGNMENT_STRATEGY)
            .set("isolation.level", "read_committed")
            .set("allow.auto.create.topics", "false")
            .set("session.timeout.ms", self.session_timeout.as_millis().to_string())
            .set("heartbeat.interval.ms", (self.session_timeout.as_millis() / 3).min(3000).to_string())
            .set("max.poll.interval.ms", self.max_poll_interval.as_millis().to_string())
            // Prefetch per partition: 2 MiB plus one fetch of 1 MiB, or one record of any size.
            .set("queued.max.messages.kbytes", "2048")
            .set("fetch.message.max.bytes", "1048576")
            // The default of one second would cause a pause whenever the prefetched records are used up.
            .set("fetch.queue.backoff.ms", "10")
            // New partitions and topics are found within this time.
            .set("topic.metadata.refresh.interval.ms", "10000")
            // The log is the only place where librdkafka reports a new topic ID: see `GroupContext`.
            .set("debug", "metadata")
            .set_log_level(RDKafkaLogLevel::Debug);
        if let Some(instance) = &self.group_instance_id {
            config.set("group.instance.id", instance);
        }
        Ok(self.with_properties(config))
    }

    /// A client for queries of metadata and offsets, without a group.
    pub(super) fn observer(&self, role: &str) -> Result<ClientConfig, SourceError> {
        let mut config = self.client(role)?;
        config.set("isolation.level", "read_committed").set("allow.auto.create.topics", "false");
        Ok(self.with_properties(config))
    }

    /// The same with a group, which the client does not join: to query commits, or to assign partitions manually.
    pub(super) fn outsider(&self, role: &str) -> Result<ClientConfig, SourceError> {
        let mut config = self.observer(role)?;
        config.set("group.id", &self.group_id).set("enable.auto.commit", "false");
        Ok(config)
    }

    /// The dead-letter producer's configuration.
    pub(super) fn producer(&self) -> Result<ClientConfig, SourceError> {
        let mut config = self.client("-dlq")?;
        config
            .set("enable.idempotence", "true")
            .set("compression.type", "lz4")
            .set("message.max.bytes", "67108864")
            .set("queue.buffering.max.kbytes", "131072")
            // A broker refuses all records of a batch that is too large, so only records that are large themselves may
            // form a large batch.
            .set("batch.size", "65536")
            .set("linger.ms", "5")
            .set("message.timeout.ms", "30000")
            // A granted permission or a created topic is noticed within this time, while dead letters are still
            // retried; the default is five minutes.
            .set("topic.metadata.refresh.interval.ms", "10000")
            // As in Java producers, so that the dead letters of a key share one partition, which has the same number
            // as that of its records.
            .set("partitioner", "murmur2_random");
        Ok(self.with_properties(config))
    }

    /// The configuration of a client that manages topics.
    pub(super) fn admin(&self) -> Result<ClientConfig, SourceError> {
        Ok(self.with_properties(self.client("-admin")?))
    }
}

#[cfg(test)]
mod tests {
    use crate::kafka::{KafkaSettings, SaslLogin, SaslMechanism, Secret, SecurityProtocol};

    fn with_login() -> KafkaSettings {
        let mut settings = KafkaSettings::new("voc", "localhost:9092", "group", ["voc.events"]);
        settings.security.protocol = SecurityProtocol::SaslSsl;
        settings.security.login = Some(SaslLogin {
            mechanism: SaslMechanism::ScramSha512,
            username: "alice".to_owned(),
            password: Secret::new("swordfish"),
        });
        settings.security.key_password = Some(Secret::new("swordfish"));
        settings.properties.insert("ssl.keystore.password".to_owned(), Secret::new("swordfish"));
        settings
    }

    #[test]
    fn secrets_are_passed_on_but_not_printed() {
        let settings = with_login();
        let config = settings.consumer().unwrap();
        for name in ["sasl.password", "ssl.key.password", "ssl.keystore.password"] {
            assert_eq!(config.get(name), Some("swordfish"));
        }
        assert!(!format!("{settings:?}").contains("swordfish"));
        assert!(format!("{settings:?}").contains("alice"));
    }

    #[test]
    fn settings_reach_the_client() {
        let mut settings = with_login();
        let ca_file = tempfile::NamedTempFile::new().unwrap();
        settings.security.ca_file = Some(ca_file.path().to_owned());
        settings.security.verify_host_name = false;
        settings.group_instance_id = Some("one".to_owned());
        settings.properties.insert("fetch.min.bytes".to_owned(), Secret::new("1000"));
        let config = settings.consumer().unwrap();
        let expected = [
            ("bootstrap.servers", "localhost:9092"),
            ("group.id", "group"),
            ("group.instance.id", "one"),
            ("security.protocol", "SASL_SSL"),
            ("sasl.mechanism", "SCRAM-SHA-512"),
            ("sasl.username", "alice"),
            ("ssl.ca.location", ca_file.path().to_str().unwrap()),
            ("ssl.endpoint.identification.algorithm", "none"),
            ("fetch.min.bytes", "1000"),
            ("session.timeout.ms", "30000"),
            ("enable.auto.commit", "false"),
        ];
        for (name, value) in expected {
            assert_eq!(config.get(name), Some(value), "{name}");
        }
    }
}
