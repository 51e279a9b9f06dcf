//! TLS and logins, against a broker started by the test.

use std::{
    fs,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use tempfile::TempDir;
use voc_ingest::{
    SourceError, TopicPartition,
    kafka::{
        AddressedReader, KafkaDeadLetters, KafkaSettings, SaslLogin, SaslMechanism, Secret, SecurityProtocol,
        check_broker,
    },
};

use crate::{
    addressed::read,
    member::{Journal, Member},
    support::{Cluster, PATIENCE, kafka_libs, values},
};

const TIMEOUT: Duration = Duration::from_secs(20);

/// A broker that requires a login on one port and a client certificate on another.
struct SecureBroker {
    process: Child,
    directory: TempDir,
    login_address: String,
    certificate_address: String,
    open_address: String,
    unencrypted_address: String,
}

impl SecureBroker {
    async fn start() -> Option<Self> {
        let libs = kafka_libs()?;
        let directory = TempDir::with_prefix("voc-kafka-").expect("a directory");
        let path = directory.path();
        make_certificates(path);
        // Held at the same time so that they differ, and released for the broker.
        let ports = [0; 5].map(|_| TcpListener::bind("127.0.0.1:0").expect("a port"));
        let [login, certificate, open, unencrypted, controller] =
            ports.map(|port| port.local_addr().expect("an address").port());
        let properties = path.join("server.properties");
        let place = path.display();
        let modules = [
            ("plain", "plain.PlainLoginModule required user_alice=\"swordfish\""),
            ("scram-sha-256", "scram.ScramLoginModule required"),
            ("scram-sha-512", "scram.ScramLoginModule required"),
        ];
        let logins: String = ["sasl_ssl", "sasl_plaintext"]
            .into_iter()
            .flat_map(|listener| modules.map(|(mechanism, module)| (listener, mechanism, module)))
            .map(|(listener, mechanism, module)| {
                format!(
                    "listener.name.{listener}.{mechanism}.sasl.jaas.config=\
                     org.apache.kafka.common.security.{module};\n"
                )
            })
            .collect();
        fs::write(
            &properties,
            format!(
                "process.roles=broker,controller\n\
                 node.id=1\n\
                 controller.quorum.voters=1@127.0.0.1:{controller}\n\
                 listeners=SASL_SSL://localhost:{login},SSL://localhost:{certificate},PLAINTEXT://127.0.0.1:{open},\
                 SASL_PLAINTEXT://localhost:{unencrypted},\
                 CONTROLLER://127.0.0.1:{controller}\n\
                 listener.security.protocol.map=SASL_SSL:SASL_SSL,SSL:SSL,SASL_PLAINTEXT:SASL_PLAINTEXT,PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT\n\
                 controller.listener.names=CONTROLLER\n\
                 inter.broker.listener.name=PLAINTEXT\n\
                 sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256,SCRAM-SHA-512\n\
                 {logins}\
                 ssl.keystore.type=PEM\n\
                 ssl.keystore.location={place}/server.pem\n\
                 ssl.truststore.type=PEM\n\
                 ssl.truststore.location={place}/ca.pem\n\
                 listener.name.ssl.ssl.client.auth=required\n\
                 log.dirs={place}/data\n\
                 group.initial.rebalance.delay.ms=0\n\
                 offsets.topic.replication.factor=1\n\
                 offsets.topic.num.partitions=1\n\
                 log.cleaner.dedupe.buffer.size=16777216\n"
            ),
        )
        .expect("a file");
        let scram = |name: &str| format!("{name}=[name=alice,password=swordfish]");
        let formatted = java(&libs, "kafka.tools.StorageTool")
            .args(["format", "--cluster-id", "voc-dev-kafka-clusterA", "--config"])
            .arg(&properties)
            .args(["--add-scram", &scram("SCRAM-SHA-256"), "--add-scram", &scram("SCRAM-SHA-512")])
            .output()
            .expect("java");
        assert!(formatted.status.success(), "{}", String::from_utf8_lossy(&formatted.stderr));
        let log = fs::File::create(path.join("kafka.log")).expect("a file");
        let process = java(&libs, "kafka.Kafka")
            .arg(&properties)
            .stdin(Stdio::null())
            .stdout(log.try_clone().expect("a handle"))
            .stderr(log)
            .spawn()
            .expect("java");
        let broker = Self {
            process,
            directory,
            login_address: format!("localhost:{login}"),
            certificate_address: format!("localhost:{certificate}"),
            open_address: format!("127.0.0.1:{open}"),
            unencrypted_address: format!("localhost:{unencrypted}"),
        };
        let settings = KafkaSettings::new("voc", &broker.open_address, "group", ["topic"]);
        check_broker(&settings, PATIENCE).await.expect("the broker starts");
        Some(broker)
    }

    fn file(&self, name: &str) -> Option<PathBuf> {
        Some(self.directory.path().join(name))
    }

    fn with_login(&self, mechanism: SaslMechanism, password: &str) -> KafkaSettings {
        let cluster = Cluster { bootstrap: self.login_address.clone() };
        let mut settings = cluster.settings(&["topic"]);
        settings.security.protocol = SecurityProtocol::SaslSsl;
        settings.security.ca_file = self.file("ca.pem");
        let (username, password) = ("alice".to_owned(), Secret::new(password));
        settings.security.login = Some(SaslLogin { mechanism, username, password });
        settings
    }

    fn unencrypted(&self, mechanism: SaslMechanism, password: &str) -> KafkaSettings {
        let mut settings = self.with_login(mechanism, password);
        settings.bootstrap_servers.clone_from(&self.unencrypted_address);
        settings.security.protocol = SecurityProtocol::SaslPlaintext;
        settings.security.ca_file = None;
        settings
    }

    fn with_certificate(&self) -> KafkaSettings {
        let cluster = Cluster { bootstrap: self.certificate_address.clone() };
        let mut settings = cluster.settings(&["topic"]);
        settings.security.protocol = SecurityProtocol::Ssl;
        settings.security.ca_file = self.file("ca.pem");
        settings.security.certificate_file = self.file("client.pem");
        settings.security.key_file = self.file("client.pem");
        settings
    }
}

impl Drop for SecureBroker {
    fn drop(&mut self) {
        self.process.kill().expect("the broker runs");
        self.process.wait().expect("the broker ends");
    }
}

fn java(libs: &Path, class: &str) -> Command {
    let mut java = Command::new("java");
    java.args(["-Xmx256m", "-XX:TieredStopAtLevel=1", "-cp"]).arg(libs.join("*")).arg(class);
    java
}

/// A CA (`ca.pem`), another one (`other-ca.pem`), and certificates with keys (`server.pem`, `client.pem`).
fn make_certificates(directory: &Path) {
    let parameters = |name: &str| {
        let mut parameters = CertificateParams::new(["localhost".to_owned()]).expect("a name");
        parameters.distinguished_name.push(DnType::CommonName, name);
        parameters
    };
    let authority = |name: &str| {
        let mut parameters = parameters(name);
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        CertifiedIssuer::self_signed(parameters, KeyPair::generate().expect("a key")).expect("a certificate")
    };
    let write = |name: &str, text: String| fs::write(directory.join(name), text).expect("a file");
    let ours = authority("ours");
    write("ca.pem", ours.pem());
    write("other-ca.pem", authority("another").pem());
    for name in ["server", "client"] {
        let key = KeyPair::generate().expect("a key");
        let certificate = parameters(name).signed_by(&key, &ours).expect("a certificate");
        write(&format!("{name}.pem"), key.serialize_pem() + &certificate.pem());
    }
}

fn assert_refused(outcome: Result<(), SourceError>, why: &str) {
    let error = outcome.expect_err(why);
    assert!(matches!(&error, SourceError::Misconfigured(reason) if reason.contains(why)), "{error:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn logins_and_certificates_are_presented_and_checked() {
    let Some(broker) = SecureBroker::start().await else { return };
    Cluster { bootstrap: broker.open_address.clone() }.make_topic("topic", 1, &[]).await;
    Cluster { bootstrap: broker.open_address.clone() }.fill("topic", 0, values(10, 100)).await;

    let mechanisms = [SaslMechanism::Plain, SaslMechanism::ScramSha256, SaslMechanism::ScramSha512];
    let accepted = mechanisms.map(|mechanism| broker.with_login(mechanism, "swordfish"));
    for settings in accepted.iter().chain([&broker.with_certificate()]) {
        check_broker(settings, TIMEOUT).await.expect("the broker accepts this client");
        KafkaDeadLetters::connect(settings).await.expect("a sink");
        let journal = Journal::default();
        let member = Member::join("only", settings, &journal);
        journal.until("all records", |state| state.committed.get(&0) == Some(&10)).await;
        member.stop().await;
    }

    let unencrypted = mechanisms.map(|mechanism| broker.unencrypted(mechanism, "swordfish"));
    for settings in unencrypted.iter().chain(&accepted).chain([&broker.with_certificate()]) {
        let reader = AddressedReader::new(settings).expect("a reader");
        let partition = TopicPartition { topic: "topic".into(), partition: 0 };
        assert_eq!(read(&reader, &partition, 0..10).await.len(), 10);
    }

    for mechanism in mechanisms {
        let mut records = AddressedReader::new(&broker.unencrypted(mechanism, "guess"))
            .expect("a reader")
            .with_timeout(Duration::from_secs(3))
            .read(&TopicPartition { topic: "topic".into(), partition: 0 }, 0..10);
        assert!(records.next().await.is_err());
        let wrong_password = broker.with_login(mechanism, "guess");
        assert_refused(check_broker(&wrong_password, TIMEOUT).await, "uthentication");
    }
    let mut wrong_authority = broker.with_login(SaslMechanism::Plain, "swordfish");
    wrong_authority.security.ca_file = broker.file("other-ca.pem");
    assert_refused(check_broker(&wrong_authority, TIMEOUT).await, "certificate verify failed");
    let mut wrong_name = broker.with_login(SaslMechanism::Plain, "swordfish");
    wrong_name.bootstrap_servers = wrong_name.bootstrap_servers.replace("localhost", "127.0.0.1");
    assert_refused(check_broker(&wrong_name, TIMEOUT).await, "certificate verify failed");
    let mut missing_file = broker.with_certificate();
    missing_file.security.ca_file = broker.file("missing.pem");
    assert_refused(check_broker(&missing_file, TIMEOUT).await, "missing.pem");
}
