//! Settings of the Kafka clients.

use std::{collections::BTreeMap, fmt, fs::File, path::PathBuf, str::FromStr, time::Duration};

use rdkafka::ClientConfig;

use super::config_error::without_value;

/// How to connect to a cluster, and as which member of which group.
#[derive(Debug, Clone)]
pub struct KafkaSettings {
    /// Name of the consumed family, for metrics.
    pub family: &'static str,
    /// Bootstrap brokers: `host:port`, separated by commas.
    pub bootstrap_servers: String,
    /// Consumer group.
    pub group_id: String,
    /// Topics to read.
    pub topics: Vec<String>,
    /// Where to begin in a partition without a commit of the group.
    pub auto_offset_reset: OffsetReset,
    /// Name for logs and quotas of the brokers.
    pub client_id: String,
    /// Static membership: a restart within the session timeout takes its partitions back without a rebalance. Must be
    /// unique among members.
    pub group_instance_id: Option<String>,
    /// Transport and login.
    pub security: KafkaSecurity,
    /// How long a member may be silent until the group considers it dead. Default 30 s.
    pub session_timeout: Duration,
    /// Maximum time between two polls, and for a rebalance. Default 5 min.
    pub max_poll_interval: Duration,
    /// How long lanes may take to store and commit their records when their partitions move to another member or the
    /// source stops; after that they are abandoned. Default 20 s, must be below `max_poll_interval`.
    pub drain_timeout: Duration,
    /// Additional librdkafka properties by name. Properties that the guarantees of the source depend on are rejected.
    pub properties: BTreeMap<String, Secret>,
}

/// Where to begin without a committed offset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OffsetReset {
    /// At the oldest record.
    #[default]
    Earliest,
    /// After the newest record.
    Latest,
}

/// Transport and login.
#[derive(Debug, Clone)]
pub struct KafkaSecurity {
    /// Transport.
    pub protocol: SecurityProtocol,
    /// Login, for the SASL protocols.
    pub login: Option<SaslLogin>,
    /// File with trusted CA certificates; those of the system if `None`.
    pub ca_file: Option<PathBuf>,
    /// File with the client certificate.
    pub certificate_file: Option<PathBuf>,
    /// File with the private key of the certificate.
    pub key_file: Option<PathBuf>,
    /// Password of the private key.
    pub key_password: Option<Secret>,
    /// Whether the certificate of a broker must match its host name. Default yes.
    pub verify_host_name: bool,
}

impl Default for KafkaSecurity {
    fn default() -> Self {
        Self {
            protocol: SecurityProtocol::default(),
            login: None,
            ca_file: None,
            certificate_file: None,
            key_file: None,
            key_password: None,
            verify_host_name: true,
        }
    }
}

/// Transport.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SecurityProtocol {
    /// No encryption, no login.
    #[default]
    Plaintext,
    /// TLS, optionally with a client certificate as login.
    Ssl,
    /// SASL login without encryption.
    SaslPlaintext,
    /// SASL login over TLS.
    SaslSsl,
}

/// A SASL login.
#[derive(Debug, Clone)]
pub struct SaslLogin {
    /// How the password is sent to the broker.
    pub mechanism: SaslMechanism,
    /// User name.
    pub username: String,
    /// Password.
    pub password: Secret,
}

/// How a password is sent to the broker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SaslMechanism {
    /// In plain text; use it over TLS only.
    #[default]
    Plain,
    /// Salted challenge-response with SHA-256.
    ScramSha256,
    /// Salted challenge-response with SHA-512.
    ScramSha512,
}

/// A text that its `Debug` form hides.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Wraps a secret.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    pub(super) fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[hidden]")
    }
}

/// A setting outside the permitted values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected one of {expected}")]
pub struct ParseKafkaSettingError {
    /// The permitted values.
    pub expected: &'static str,
}

macro_rules! named_values {
    ($type:ident, $expected:literal, $($variant:ident = $name:literal),+) => {
        impl $type {
            /// The name that Kafka uses.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }
        }

        impl FromStr for $type {
            type Err = ParseKafkaSettingError;

            /// Parses the name that Kafka uses, ignoring case.
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                $(if text.eq_ignore_ascii_case($name) { return Ok(Self::$variant); })+
                Err(ParseKafkaSettingError { expected: $expected })
            }
        }
    };
}

named_values!(OffsetReset, "earliest, latest", Earliest = "earliest", Latest = "latest");
named_values!(
    SecurityProtocol,
    "PLAINTEXT, SSL, SASL_PLAINTEXT, SASL_SSL",
    Plaintext = "PLAINTEXT",
    Ssl = "SSL",
    SaslPlaintext = "SASL_PLAINTEXT",
    SaslSsl = "SASL_SSL"
);
named_values!(
    SaslMechanism,
    "PLAIN, SCRAM-SHA-256, SCRAM-SHA-512",
    Plain = "PLAIN",
    ScramSha256 = "SCRAM-SHA-256",
    ScramSha512 = "SCRAM-SHA-512"
);

impl SecurityProtocol {
    fn has_login(self) -> bool {
        matches!(self, Self::SaslPlaintext | Self::SaslSsl)
    }

    pub(super) fn has_tls(self) -> bool {
        matches!(self, Self::Ssl | Self::SaslSsl)
    }
}

/// Properties that have a setting of their own or that the guarantees of the source depend on.
const FIXED_PROPERTIES: [&str; 22] = [
    "bootstrap.servers",
    "metadata.broker.list",
    "client.id",
    "group.id",
    "group.instance.id",
    "group.protocol",
    "security.protocol",
    "auto.offset.reset",
    "session.timeout.ms",
    "max.poll.interval.ms",
    "enable.auto.commit",
    "enable.auto.offset.store",
    "enable.partition.eof",
    "debug",
    "partition.assignment.strategy",
    "isolation.level",
    "allow.auto.create.topics",
    "enable.idempotence",
    "acks",
    "request.required.acks",
    "message.max.bytes",
    "transactional.id",
];

impl KafkaSettings {
    /// Settings without security for topics of a cluster, with the documented defaults for all other fields.
    #[must_use]
    pub fn new(
        family: &'static str,
        bootstrap_servers: impl Into<String>,
        group_id: impl Into<String>,
        topics: impl IntoIterator<Item = impl Into<String>>,
    ) -> Self {
        Self {
            family,
            bootstrap_servers: bootstrap_servers.into(),
            group_id: group_id.into(),
            topics: topics.into_iter().map(Into::into).collect(),
            auto_offset_reset: OffsetReset::default(),
            client_id: "voc-processor".to_owned(),
            group_instance_id: None,
            security: KafkaSecurity::default(),
            session_timeout: Duration::from_secs(30),
            max_poll_interval: Duration::from_secs(300),
            drain_timeout: Duration::from_secs(20),
            properties: BTreeMap::new(),
        }
    }

    /// All errors in the settings that can be found without a broker; empty if there are none.
    #[must_use]
    pub fn configuration_errors(&self) -> Vec<String> {
        let mut configuration_errors = Vec::new();
        let mut require = |holds: bool, otherwise: &str| {
            if !holds {
                configuration_errors.push(otherwise.to_owned());
            }
        };
        let security = &self.security;
        require(!self.bootstrap_servers.trim().is_empty(), "no brokers: give host:port, separated by commas");
        require(!self.group_id.is_empty(), "the consumer group has no name");
        require(!self.topics.is_empty(), "no topics to read");
        require(
            self.drain_timeout < self.max_poll_interval,
            "the drain timeout must be below the maximum poll interval",
        );
        require(
            self.session_timeout <= self.max_poll_interval,
            "the session timeout must not be above the maximum poll interval",
        );
        require(
            security.protocol.has_login() || security.login.is_none(),
            "a SASL login needs the security protocol SASL_SSL or SASL_PLAINTEXT",
        );
        require(
            !security.protocol.has_login() || security.login.is_some(),
            "the security protocol needs a SASL user name and password",
        );
        require(
            security.protocol.has_tls()
                || (security.ca_file.is_none() && security.certificate_file.is_none() && security.key_file.is_none()),
            "TLS files need the security protocol SSL or SASL_SSL",
        );
        require(
            security.certificate_file.is_some() == security.key_file.is_some(),
            "a client certificate needs its private key, and vice versa",
        );
        let files = [
            ("the authorities", &security.ca_file),
            ("the client certificate", &security.certificate_file),
            ("the client key", &security.key_file),
        ];
        for (what, file) in files {
            if let Some(file) = file
                && let Err(error) = File::open(file)
            {
                configuration_errors.push(format!("the file of {what}, {}, cannot be read: {error}", file.display()));
            }
        }
        for topic in &self.topics {
            if !is_topic_name(topic) {
                configuration_errors.push(format!(
                    "{topic:?} cannot be a topic: 1 to 245 letters, digits, dots, underscores or hyphens"
                ));
            }
        }
        for (name, value) in &self.properties {
            if FIXED_PROPERTIES.contains(&name.as_str()) {
                configuration_errors
                    .push(format!("the property {name} cannot be set: it has a setting of its own or must not change"));
            } else if let Err(error) = ClientConfig::new().set(name, value.expose()).create_native_config() {
                configuration_errors.push(without_value(&error));
            }
        }
        configuration_errors
    }
}

/// Leaves four characters for `.dlq`.
fn is_topic_name(name: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    (1..=245).contains(&name.len()) && name.bytes().all(is_allowed) && name != "." && name != ".."
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings() -> KafkaSettings {
        KafkaSettings::new("voc", "localhost:9092", "group", ["voc.events"])
    }

    #[test]
    fn all_configuration_errors_are_reported_together() {
        let mut settings = settings();
        settings.bootstrap_servers = " ".to_owned();
        settings.topics = vec!["no such/topic".to_owned()];
        settings.drain_timeout = Duration::from_secs(600);
        settings.security.protocol = SecurityProtocol::SaslSsl;
        settings.security.key_file = Some("no-such-key.pem".into());
        for (name, value) in [("enable.auto.commit", "true"), ("no.such.property", "1"), ("fetch.min.bytes", "many")] {
            settings.properties.insert(name.to_owned(), Secret::new(value));
        }
        let configuration_errors = settings.configuration_errors();
        let about = [
            "no brokers",
            "the drain timeout",
            "SASL user name",
            "needs its private key",
            "the client key, no-such-key.pem",
            "\"no such/topic\"",
            "enable.auto.commit",
            "fetch.min.bytes",
            "no.such.property",
        ];
        assert_eq!(configuration_errors.len(), about.len(), "{configuration_errors:?}");
        for (error, about) in configuration_errors.iter().zip(about) {
            assert!(error.contains(about), "{error:?} is not about {about:?}");
        }
        assert!(matches!(settings.consumer(), Err(crate::SourceError::Misconfigured(_))));
    }

    #[test]
    fn names_are_read_as_kafka_writes_them() {
        assert_eq!("sasl_ssl".parse(), Ok(SecurityProtocol::SaslSsl));
        assert_eq!("SCRAM-SHA-256".parse(), Ok(SaslMechanism::ScramSha256));
        assert_eq!("Latest".parse(), Ok(OffsetReset::Latest));
        let error = "newest".parse::<OffsetReset>().unwrap_err();
        assert_eq!(error.to_string(), "expected one of earliest, latest");
    }
}
