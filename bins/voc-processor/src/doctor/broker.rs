//! The brokers: whether they can be connected to, with the settings' transport and login, and as they advertise
//! themselves.

use std::{fmt, net::SocketAddr};

use voc_ingest::kafka::{BrokerAddress, BrokerObstacle, KafkaExaminer, KafkaSettings, SecurityProtocol};

use super::{
    network::{self, Unreachable},
    section::{Known, NoAnswer, Section, Verdict, ask_all},
};

const SETTING: &str = "KAFKA_BOOTSTRAP";

/// A cluster, as one of its brokers describes it.
#[derive(Debug)]
pub(super) struct Cluster {
    /// All brokers, as they want to be reached.
    brokers: Vec<(i32, BrokerAddress)>,
    /// The bootstrap brokers that serve this client.
    answered: Vec<BrokerAddress>,
    /// Where one of them is.
    pub(super) seen_at: SocketAddr,
}

impl Cluster {
    /// Number of its brokers.
    pub(super) fn size(&self) -> usize {
        self.brokers.len()
    }
}

/// Connects to each bootstrap broker, with a certificate that is valid: a line for each, and the cluster if one of
/// them serves this client.
pub(super) async fn bootstrap(
    section: &mut Section,
    certificate: &Known<()>,
    settings: &KafkaSettings,
) -> Known<Cluster> {
    if certificate.value().is_none() {
        return section.check("brokers", certificate, async |()| Verdict::not_checked("")).await;
    }
    let checks = KafkaExaminer::new(settings).bootstrap().into_iter().map(|address| {
        let (settings, name) = (settings.clone(), format!("broker {address}"));
        let check = async move {
            match ask(&settings, &address).await {
                Ok((seen_at, brokers)) => {
                    let found = format!("serves this client ({})", transport(&settings));
                    Verdict::ok(found, Cluster { brokers, answered: vec![address], seen_at })
                }
                Err(trouble) => Verdict::failed(trouble.to_string(), trouble.remedy(&settings)),
            }
        };
        (name, check)
    });
    let served = section.first_of("brokers", SETTING, checks.collect()).await;
    served.map(|(first, others)| {
        let answered = others.into_iter().flat_map(|other| other.answered);
        Cluster { answered: first.answered.iter().cloned().chain(answered).collect(), ..first }
    })
}

/// Connects to the brokers that are no bootstrap brokers, where they advertise themselves. Every client does the same,
/// after a bootstrap broker has named them.
pub(super) async fn advertised(settings: &KafkaSettings, cluster: &Cluster) -> Verdict<()> {
    let others = cluster.brokers.iter().map(|(_, address)| address);
    let others: Vec<BrokerAddress> = others.filter(|address| !cluster.answered.contains(address)).cloned().collect();
    let mut troubles = Vec::new();
    let asks = others.into_iter().map(|address| {
        let (settings, asked) = (settings.clone(), address.clone());
        (address, async move { ask(&settings, &asked).await })
    });
    for (address, answer) in ask_all(asks.collect()).await {
        let answer = answer.unwrap_or_else(|reason| Err(Trouble::NoAnswer(reason)));
        troubles.extend(answer.err().map(|trouble| (address, trouble)));
    }
    let Some((_, first)) = troubles.first() else {
        let addresses: Vec<String> = cluster.brokers.iter().map(|(_, address)| address.to_string()).collect();
        return Verdict::ok(format!("all of the cluster serve this client: {}", addresses.join(", ")), ());
    };
    let remedy = match first {
        Trouble::Unreachable(_) => {
            "a bootstrap broker only names the others, and clients then connect to what the brokers advertise: set \
             advertised.listeners of each broker to a name and a port that this host reaches (with Docker or \
             Kubernetes, one listener for each network), or make the name resolve here"
                .to_owned()
        }
        Trouble::Obstacle(BrokerObstacle::WrongName { .. }) => {
            "set advertised.listeners of the broker to a name that is in its certificate, or renew the certificate with \
             the advertised name"
                .to_owned()
        }
        other => other.remedy(settings),
    };
    let found = |(address, trouble): &(BrokerAddress, Trouble)| {
        let broker = cluster.brokers.iter().find(|(_, known)| known == address);
        let id = broker.map(|(id, _)| id.to_string()).unwrap_or_default();
        format!("broker {id} is advertised as {address}, but {trouble}")
    };
    Verdict::failed(troubles.iter().map(found).collect::<Vec<_>>().join("; "), remedy)
}

/// Where a broker is that serves this client, and the brokers that it names.
type Answer = (SocketAddr, Vec<(i32, BrokerAddress)>);

/// Why a broker does not serve this client.
enum Trouble {
    Unreachable(Unreachable),
    Obstacle(BrokerObstacle),
    NoAnswer(NoAnswer),
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreachable(unreachable) => unreachable.fmt(f),
            Self::Obstacle(obstacle) => obstacle.fmt(f),
            Self::NoAnswer(reason) => reason.fmt(f),
        }
    }
}

impl Trouble {
    fn remedy(&self, settings: &KafkaSettings) -> String {
        match self {
            Self::Unreachable(unreachable) => unreachable.remedy(SETTING, "the broker"),
            Self::Obstacle(obstacle) => remedy(obstacle, settings),
            Self::NoAnswer(_) => NoAnswer::REMEDY.to_owned(),
        }
    }
}

async fn ask(settings: &KafkaSettings, address: &BrokerAddress) -> Result<Answer, Trouble> {
    let seen_at = network::reach(&address.host, address.port).await.map_err(Trouble::Unreachable)?;
    let brokers = KafkaExaminer::new(settings).brokers(address).await.map_err(Trouble::Obstacle)?;
    Ok((seen_at, brokers))
}

/// What to do about an obstacle.
fn remedy(obstacle: &BrokerObstacle, settings: &KafkaSettings) -> String {
    let has_login = settings.security.login.is_some();
    let with_tls = if has_login { SecurityProtocol::SaslSsl } else { SecurityProtocol::Ssl };
    let without_tls = if has_login { SecurityProtocol::SaslPlaintext } else { SecurityProtocol::Plaintext };
    match obstacle {
        BrokerObstacle::ExpectsTls => format!(
            "set KAFKA_SECURITY_PROTOCOL={} (and KAFKA_SSL_CA_LOCATION, if this machine does not trust the broker's \
             authority), or name the port without TLS in {SETTING}",
            with_tls.as_str()
        ),
        BrokerObstacle::NoTls => format!(
            "set KAFKA_SECURITY_PROTOCOL={}, or name the port with TLS in {SETTING}",
            without_tls.as_str()
        ),
        BrokerObstacle::UnknownAuthority => {
            "name the file with the certificate of the broker's authority in KAFKA_SSL_CA_LOCATION".to_owned()
        }
        BrokerObstacle::WrongName { .. } => format!(
            "name the broker in {SETTING} as its certificate does, or renew the certificate with this name; \
             KAFKA_SSL_VERIFY_HOST_NAME=false accepts any name of the trusted authority"
        ),
        BrokerObstacle::WrongTime { .. } => {
            "renew the broker's certificate, or set the clock of this host right".to_owned()
        }
        BrokerObstacle::ExpectsCertificate if settings.security.certificate_file.is_some() => {
            "the broker does not accept the certificate in KAFKA_SSL_CERTIFICATE_LOCATION: have it signed by an \
             authority in the broker's ssl.truststore, and renewed if it has expired"
                .to_owned()
        }
        BrokerObstacle::ExpectsCertificate => {
            "name this client's certificate and its key in KAFKA_SSL_CERTIFICATE_LOCATION and KAFKA_SSL_KEY_LOCATION"
                .to_owned()
        }
        BrokerObstacle::Tls { .. } => {
            "compare KAFKA_SSL_CA_LOCATION, KAFKA_SSL_CERTIFICATE_LOCATION and KAFKA_SSL_KEY_LOCATION with the broker's \
             ssl.* settings; its log has the other side of the reason"
                .to_owned()
        }
        BrokerObstacle::ExpectsLogin { .. } => format!(
            "set KAFKA_SECURITY_PROTOCOL={}, KAFKA_SASL_MECHANISM to one of these, KAFKA_SASL_USERNAME and \
             KAFKA_SASL_PASSWORD",
            if settings.security.protocol == SecurityProtocol::Ssl { "SASL_SSL" } else { "SASL_PLAINTEXT" }
        ),
        BrokerObstacle::NoLogin => format!(
            "set KAFKA_SECURITY_PROTOCOL={} without a user name, or name the port with logins in {SETTING}",
            if settings.security.protocol == SecurityProtocol::SaslSsl { "SSL" } else { "PLAINTEXT" }
        ),
        BrokerObstacle::Mechanism { .. } => {
            "set KAFKA_SASL_MECHANISM to one of these, if it is PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512, or allow one of \
             those in the broker's sasl.enabled.mechanisms"
                .to_owned()
        }
        BrokerObstacle::Login { .. } => {
            "correct KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD (or the file in KAFKA_SASL_PASSWORD_FILE), or create \
             the user on the broker for this mechanism"
                .to_owned()
        }
        BrokerObstacle::NotKafka { .. } => {
            format!("name the port of Kafka's own protocol in {SETTING}, usually 9092")
        }
        _ => format!("correct {SETTING} and the settings of Kafka; LOG_LEVEL=debug shows what the client sees"),
    }
}

fn transport(settings: &KafkaSettings) -> String {
    let protocol = settings.security.protocol.as_str();
    match &settings.security.login {
        Some(login) => format!("{protocol}, {} as {}", login.mechanism.as_str(), login.username),
        None => protocol.to_owned(),
    }
}
