//! The settings of Kafka.

use std::{collections::BTreeMap, path::PathBuf, str::FromStr, time::Duration};

use voc_events::families::{DEFAULT, FamilyInfo};
use voc_ingest::kafka::{
    KafkaSecurity, KafkaSettings, OffsetReset, ParseKafkaSettingError, SaslLogin, SaslMechanism, Secret as KafkaSecret,
    SecurityProtocol,
};
use voc_service::config::{Expected, Rejected, Secret, Setting, Spec, Values, parse};

use super::family::FamilyConfig;

const GROUP: &str = "Kafka";
const SECURITY: &str = "Kafka security";

const BOOTSTRAP: Setting<String> = Setting::new(
    "kafka-bootstrap",
    &["KAFKA_BOOTSTRAP", "KAFKA_BOOTSTRAP_SERVERS", "KAFKA_BROKERS"],
    "Bootstrap brokers, host:port separated by commas",
    brokers,
)
.group(GROUP)
.value_name("BROKERS")
.default("localhost:9092");

pub(super) const GROUP_ID: Setting<String> =
    Setting::new("kafka-group-id", &["KAFKA_GROUP_ID"], "Consumer group", parse::text)
        .group(GROUP)
        .value_name("NAME")
        .default_note("the family's, such as voc-processor");

pub(super) const TOPICS: Setting<Vec<String>> = Setting::new(
    "kafka-topics",
    &["KAFKA_TOPICS", "KAFKA_TOPIC"],
    "Topics to read, separated by commas; bad records of a topic go to TOPIC.dlq",
    parse::list,
)
.group(GROUP)
.value_name("TOPICS")
.default_note("the family's, such as voc.events");

const OFFSET_RESET: Setting<OffsetReset> = Setting::new(
    "kafka-auto-offset-reset",
    &["KAFKA_AUTO_OFFSET_RESET", "AUTO_OFFSET_RESET"],
    "Where to begin if the group has no committed offset: earliest or latest",
    kafka_name,
)
.group(GROUP)
.value_name("WHERE")
.default("earliest");

const READ_FROM_BEGINNING: Setting<bool> = Setting::switch(
    "read-from-beginning",
    &[],
    "The same as --kafka-auto-offset-reset earliest: a group with committed offsets resumes there, because nothing is stored \
     twice; to store records again, see `voc-processor replay`",
)
.group(GROUP);

const AUTO_COMMIT: Setting<bool> = Setting::new(
    "enable-auto-commit",
    &["ENABLE_AUTO_COMMIT"],
    "Accepted without effect: offsets are committed once their records are stored in any case",
    parse::boolean,
)
.group(GROUP)
.value_name("BOOL");

const CLIENT_ID: Setting<String> =
    Setting::new("kafka-client-id", &["KAFKA_CLIENT_ID"], "Name in the broker's logs and quotas", parse::text)
        .group(GROUP)
        .value_name("NAME")
        .default("voc-processor");

const INSTANCE_ID: Setting<String> = Setting::new(
    "kafka-group-instance-id",
    &["KAFKA_GROUP_INSTANCE_ID"],
    "Fixed identity in the group, so that a quick restart causes no rebalance; every process needs its own",
    parse::text,
)
.group(GROUP)
.value_name("NAME");

const SESSION_TIMEOUT: Setting<Duration> = Setting::new(
    "kafka-session-timeout-seconds",
    &["KAFKA_SESSION_TIMEOUT_SECONDS"],
    "Time without heartbeats after which the group considers this process dead",
    parse::seconds,
)
.group(GROUP)
.value_name("SECONDS")
.default("30");

const PROPERTIES: Setting<BTreeMap<String, KafkaSecret>> = Setting::new(
    "kafka-properties",
    &["KAFKA_PROPERTIES"],
    "Additional librdkafka properties, name=value separated by commas or line breaks",
    properties,
)
.group(GROUP)
.value_name("LIST")
.secret("kafka-properties-file", &["KAFKA_PROPERTIES_FILE"]);

const PROTOCOL: Setting<SecurityProtocol> = Setting::new(
    "kafka-security-protocol",
    &["KAFKA_SECURITY_PROTOCOL"],
    "PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL",
    kafka_name,
)
.group(SECURITY)
.value_name("PROTOCOL")
.default("PLAINTEXT");

const SASL_MECHANISM: Setting<SaslMechanism> = Setting::new(
    "kafka-sasl-mechanism",
    &["KAFKA_SASL_MECHANISM"],
    "PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512",
    kafka_name,
)
.group(SECURITY)
.value_name("MECHANISM")
.default("PLAIN");

const SASL_USERNAME: Setting<String> =
    Setting::new("kafka-sasl-username", &["KAFKA_SASL_USERNAME"], "User name for SASL", parse::text)
        .group(SECURITY)
        .value_name("NAME");

const SASL_PASSWORD: Setting<Secret> = Setting::new(
    "kafka-sasl-password",
    &["KAFKA_SASL_PASSWORD"],
    "Password for SASL; a flag is visible to other users of the machine, so prefer the variable",
    parse::secret,
)
.group(SECURITY)
.value_name("PASSWORD")
.secret("kafka-sasl-password-file", &["KAFKA_SASL_PASSWORD_FILE"]);

const CA_FILE: Setting<PathBuf> = Setting::new(
    "kafka-ssl-ca-location",
    &["KAFKA_SSL_CA_LOCATION"],
    "File of the accepted certificate authorities",
    parse::path,
)
.group(SECURITY)
.value_name("FILE")
.default_note("the system's");

const CERTIFICATE_FILE: Setting<PathBuf> = Setting::new(
    "kafka-ssl-certificate-location",
    &["KAFKA_SSL_CERTIFICATE_LOCATION"],
    "File of this client's certificate",
    parse::path,
)
.group(SECURITY)
.value_name("FILE");

const KEY_FILE: Setting<PathBuf> = Setting::new(
    "kafka-ssl-key-location",
    &["KAFKA_SSL_KEY_LOCATION"],
    "File of the certificate's private key",
    parse::path,
)
.group(SECURITY)
.value_name("FILE");

const KEY_PASSWORD: Setting<Secret> =
    Setting::new("kafka-ssl-key-password", &["KAFKA_SSL_KEY_PASSWORD"], "Password of the private key", parse::secret)
        .group(SECURITY)
        .value_name("PASSWORD")
        .secret("kafka-ssl-key-password-file", &["KAFKA_SSL_KEY_PASSWORD_FILE"]);

const VERIFY_HOST_NAME: Setting<bool> = Setting::new(
    "kafka-ssl-verify-host-name",
    &["KAFKA_SSL_VERIFY_HOST_NAME"],
    "Whether a broker's certificate must carry its host name",
    parse::boolean,
)
.group(SECURITY)
.value_name("BOOL")
.default("true");

fn kafka_name<T: FromStr<Err = ParseKafkaSettingError>>(value: &str) -> Result<T, Expected> {
    value.trim().parse().map_err(|error: ParseKafkaSettingError| Expected::new(format!("one of {}", error.expected)))
}

fn properties(value: &str) -> Result<BTreeMap<String, KafkaSecret>, Expected> {
    let pair = |pair: &str| {
        let (name, value) = pair.split_once('=')?;
        Some((name.trim().to_owned(), KafkaSecret::new(value.trim())))
    };
    let pairs: Option<BTreeMap<_, _>> =
        value.split([',', '\n']).filter(|part| !part.trim().is_empty()).map(pair).collect();
    pairs.ok_or_else(|| Expected::new("name=value separated by commas or line breaks"))
}

/// Kafka's settings.
pub(super) struct KafkaGroup;

impl KafkaGroup {
    pub(super) fn specs() -> Vec<Spec> {
        vec![
            BOOTSTRAP.spec(),
            GROUP_ID.spec(),
            TOPICS.spec(),
            OFFSET_RESET.spec(),
            READ_FROM_BEGINNING.spec(),
            AUTO_COMMIT.spec(),
            CLIENT_ID.spec(),
            INSTANCE_ID.spec(),
            SESSION_TIMEOUT.spec(),
            PROPERTIES.spec(),
            PROTOCOL.spec(),
            SASL_MECHANISM.spec(),
            SASL_USERNAME.spec(),
            SASL_PASSWORD.spec(),
            CA_FILE.spec(),
            CERTIFICATE_FILE.spec(),
            KEY_FILE.spec(),
            KEY_PASSWORD.spec(),
            VERIFY_HOST_NAME.spec(),
        ]
    }

    /// How to connect to Kafka, for consumers of any family.
    pub(super) fn read(values: &mut Values) -> Result<KafkaClient, Rejected> {
        let bootstrap = values.get(&BOOTSTRAP);
        let (offset_reset, client_id) = (values.get(&OFFSET_RESET), values.get(&CLIENT_ID));
        let (from_beginning, auto_commit) = (values.get(&READ_FROM_BEGINNING), values.get_optional(&AUTO_COMMIT));
        let (instance_id, session_timeout) = (values.get_optional(&INSTANCE_ID), values.get(&SESSION_TIMEOUT));
        let properties = values.get_optional(&PROPERTIES);
        let security = security(values);
        let offset_reset = offset_reset?;
        if from_beginning? && offset_reset == OffsetReset::Latest {
            return Err(values.reject(&OFFSET_RESET, "earliest, because --read-from-beginning is given"));
        }
        auto_commit?;
        let FamilyInfo { name, presets, .. } = DEFAULT;
        let settings = KafkaSettings {
            auto_offset_reset: offset_reset,
            client_id: client_id?,
            group_instance_id: instance_id?,
            security: security?,
            session_timeout: session_timeout?,
            properties: properties?.unwrap_or_default(),
            ..KafkaSettings::new(name, bootstrap?, presets.group_id, presets.topics.iter().copied())
        };
        // An inconsistency between settings has no single culprit, so it is reported for the protocol or the
        // properties.
        let errors = settings.configuration_errors();
        let (properties, others): (Vec<_>, Vec<_>) = errors.into_iter().partition(|text| text.contains("property"));
        let rejected = (!properties.is_empty()).then(|| values.reject(&PROPERTIES, properties.join("; ")));
        if !others.is_empty() {
            return Err(values.reject(&PROTOCOL, format!("settings that fit together: {}", others.join("; "))));
        }
        rejected.map_or(Ok(KafkaClient { settings }), Err)
    }
}

/// How to connect to Kafka.
pub(super) struct KafkaClient {
    /// With the topics and the group of the default family.
    settings: KafkaSettings,
}

impl KafkaClient {
    /// The settings of a family's consumer.
    pub(super) fn consumer(&self, family: &FamilyConfig) -> KafkaSettings {
        KafkaSettings {
            family: family.family.name,
            group_id: family.group_id.clone(),
            topics: family.topics.clone(),
            ..self.settings.clone()
        }
    }

    /// Settings to read topics without a group.
    pub(super) fn reader(self, topics: Vec<String>) -> KafkaSettings {
        KafkaSettings { topics, ..self.settings }
    }
}

fn security(values: &mut Values) -> Result<KafkaSecurity, Rejected> {
    let (protocol, mechanism) = (values.get(&PROTOCOL), values.get(&SASL_MECHANISM));
    let (username, password) = (values.get_optional(&SASL_USERNAME), values.get_optional(&SASL_PASSWORD));
    let (ca_file, certificate_file) = (values.get_optional(&CA_FILE), values.get_optional(&CERTIFICATE_FILE));
    let (key_file, key_password) = (values.get_optional(&KEY_FILE), values.get_optional(&KEY_PASSWORD));
    let verify_host_name = values.get(&VERIFY_HOST_NAME);
    let login = match (username?, password?) {
        (Some(username), Some(password)) => {
            Some(SaslLogin { mechanism: mechanism?, username, password: KafkaSecret::new(password.expose()) })
        }
        (Some(_), None) => return Err(values.reject(&SASL_PASSWORD, "the password for the user name")),
        (None, Some(_)) => return Err(values.reject(&SASL_USERNAME, "the user name for the password")),
        (None, None) => None,
    };
    Ok(KafkaSecurity {
        protocol: protocol?,
        login,
        ca_file: ca_file?,
        certificate_file: certificate_file?,
        key_file: key_file?,
        key_password: key_password?.map(|password| KafkaSecret::new(password.expose())),
        verify_host_name: verify_host_name?,
    })
}

/// Brokers as `host` or `host:port`. A URL might have a password in it, and is none.
fn brokers(value: &str) -> Result<String, Expected> {
    let is_broker = |broker: &String| {
        let (host, port) = match broker.rsplit_once(':') {
            Some((host, port)) if !host.contains(':') || host.ends_with(']') => (host, Some(port)),
            _ => (broker.as_str(), None),
        };
        let is_host = !host.is_empty() && !host.contains(['/', '@', ' ', '\t']);
        is_host && port.is_none_or(|port| port.parse::<u16>().is_ok_and(|port| port > 0))
    };
    let list = parse::list(value).ok().filter(|brokers| brokers.iter().all(is_broker));
    list.map(|brokers| brokers.join(",")).ok_or_else(|| {
        Expected::new("brokers as host:port without a scheme, separated by commas, such as kafka-1:9092,kafka-2:9092")
    })
}
