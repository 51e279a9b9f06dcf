//! A broker of a test's own with TLS, logins and rights, started from Kafka's jars.
//!
//! `cargo xtask test` sets `VOC_TEST_KAFKA_LIBS` to the folder of the jars.

#![expect(clippy::expect_used, reason = "helpers of tests fail this way")]

use std::{
    fs::{self, File},
    io::{Read as _, Write as _},
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex, PoisonError, Weak},
    time::{Duration, Instant},
};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use tempfile::TempDir;

use crate::{kafka::KafkaTools, requirements::not_run};

/// Longest time until it answers: it takes 8 s on two idle cores.
const START_DEADLINE: Duration = Duration::from_secs(120);
/// How often it is polled meanwhile.
const POLL: Duration = Duration::from_millis(50);

/// Who may do everything: whoever does not log in, alice, and the client with the certificate.
const SUPER_USERS: &str = "User:ANONYMOUS;User:alice;User:CN=client";

/// A broker with several listeners, each for another way to connect; killed when dropped, with its data.
///
/// The user `alice` has the password `swordfish` with every mechanism and all rights; `bob` has the password `octopus`
/// with PLAIN, and only the rights that he is [given](KafkaTools::allow).
#[derive(Debug)]
pub struct SecureKafka {
    process: Child,
    directory: TempDir,
    libs: PathBuf,
    ports: Ports,
}

#[derive(Debug, Clone, Copy)]
struct Ports {
    open: u16,
    login: u16,
    certificate: u16,
    unencrypted: u16,
    astray: u16,
    controller: u16,
}

impl SecureKafka {
    /// The broker of all tests of this process that run now; [`None`] as [`start_or_skip`](Self::start_or_skip).
    ///
    /// # Panics
    /// As [`start_or_skip`](Self::start_or_skip).
    #[must_use]
    pub fn shared_or_skip() -> Option<Arc<Self>> {
        static RUNNING: Mutex<Weak<SecureKafka>> = Mutex::new(Weak::new());
        let mut running = RUNNING.lock().unwrap_or_else(PoisonError::into_inner);
        let kafka = running.upgrade().or_else(|| Self::start_or_skip().map(Arc::new))?;
        *running = Arc::downgrade(&kafka);
        Some(kafka)
    }

    /// Starts one; `None` if the environment does not name Kafka's jars: see [`not_run`].
    ///
    /// # Panics
    /// If `CI` is set and the jars are missing, or if the broker does not start.
    #[must_use]
    pub fn start_or_skip() -> Option<Self> {
        let Some(libs) = std::env::var_os("VOC_TEST_KAFKA_LIBS").filter(|folder| !folder.is_empty()) else {
            not_run("it needs Kafka's jars (VOC_TEST_KAFKA_LIBS): run `cargo xtask test`");
            return None;
        };
        let libs = PathBuf::from(libs);
        let directory = TempDir::with_prefix("voc-kafka-").expect("a directory");
        make_certificates(directory.path());
        // Held at the same time so that they differ, and released for the broker.
        let held = [0; 6].map(|_| TcpListener::bind("127.0.0.1:0").expect("a port"));
        let [open, login, certificate, unencrypted, astray, controller] =
            held.map(|port| port.local_addr().expect("an address").port());
        let ports = Ports { open, login, certificate, unencrypted, astray, controller };
        let properties = directory.path().join("server.properties");
        fs::write(&properties, server_properties(directory.path(), ports)).expect("a file");
        let scram = |name: &str| format!("{name}=[name=alice,password=swordfish]");
        let formatted = java(&libs, "kafka.tools.StorageTool")
            .args(["format", "--cluster-id", "voc-dev-kafka-clusterA", "--config"])
            .arg(&properties)
            .args(["--add-scram", &scram("SCRAM-SHA-256"), "--add-scram", &scram("SCRAM-SHA-512")])
            .output()
            .expect("java");
        assert!(formatted.status.success(), "{}", String::from_utf8_lossy(&formatted.stderr));
        let log = File::create(directory.path().join("kafka.log")).expect("a file");
        let process = java(&libs, "kafka.Kafka")
            .arg(&properties)
            .stdin(Stdio::null())
            .stdout(log.try_clone().expect("a handle"))
            .stderr(log)
            .spawn()
            .expect("java");
        let mut broker = Self { process, directory, libs, ports };
        broker.wait();
        Some(broker)
    }

    /// Waits until it answers.
    fn wait(&mut self) {
        let start = Instant::now();
        while !answers(&self.open()) {
            let log = || fs::read_to_string(self.directory.path().join("kafka.log")).unwrap_or_default();
            let ended = self.process.try_wait().expect("its status");
            assert!(ended.is_none(), "the broker ended while starting:\n{}", log());
            assert!(start.elapsed() < START_DEADLINE, "the broker does not answer:\n{}", log());
            std::thread::sleep(POLL);
        }
    }

    /// The address for clients without TLS and login, who may do everything.
    #[must_use]
    pub fn open(&self) -> String {
        format!("127.0.0.1:{}", self.ports.open)
    }

    /// The address for logins over TLS.
    #[must_use]
    pub fn login(&self) -> String {
        format!("localhost:{}", self.ports.login)
    }

    /// The address for clients with a certificate.
    #[must_use]
    pub fn certificate(&self) -> String {
        format!("localhost:{}", self.ports.certificate)
    }

    /// The address for logins without TLS.
    #[must_use]
    pub fn unencrypted(&self) -> String {
        format!("localhost:{}", self.ports.unencrypted)
    }

    /// An address without TLS and login, whose clients are sent on to a name that does not resolve.
    #[must_use]
    pub fn astray(&self) -> String {
        format!("127.0.0.1:{}", self.ports.astray)
    }

    /// The authority of its certificate (`ca.pem`), another one (`other-ca.pem`), the certificate of a client with its
    /// key (`client.pem`), one that has expired (`expired.pem`), or one of the other authority (`stranger.pem`).
    #[must_use]
    pub fn file(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// Kafka's tools, as a client that may do everything.
    #[must_use]
    pub fn tools(&self) -> KafkaTools {
        KafkaTools::at(self.open(), &self.libs)
    }
}

impl Drop for SecureKafka {
    fn drop(&mut self) {
        // Both fail for a process that has already ended, which is fine.
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

fn server_properties(directory: &Path, ports: Ports) -> String {
    let place = directory.display();
    let Ports { open, login, certificate, unencrypted, astray, controller } = ports;
    let modules = [
        ("plain", "plain.PlainLoginModule required user_alice=\"swordfish\" user_bob=\"octopus\""),
        ("scram-sha-256", "scram.ScramLoginModule required"),
        ("scram-sha-512", "scram.ScramLoginModule required"),
    ];
    let logins: String = ["sasl_ssl", "sasl_plaintext"]
        .into_iter()
        .flat_map(|listener| modules.map(|(mechanism, module)| (listener, mechanism, module)))
        .map(|(listener, mechanism, module)| {
            format!(
                "listener.name.{listener}.{mechanism}.sasl.jaas.config=org.apache.kafka.common.security.{module};\n"
            )
        })
        .collect();
    let listeners = format!(
        "SASL_SSL://localhost:{login},SSL://localhost:{certificate},PLAINTEXT://127.0.0.1:{open},\
         SASL_PLAINTEXT://localhost:{unencrypted}"
    );
    format!(
        "process.roles=broker,controller\n\
         node.id=1\n\
         controller.quorum.voters=1@127.0.0.1:{controller}\n\
         listeners={listeners},ASTRAY://127.0.0.1:{astray},CONTROLLER://127.0.0.1:{controller}\n\
         advertised.listeners={listeners},ASTRAY://no-such-broker.invalid:{astray}\n\
         listener.security.protocol.map=SASL_SSL:SASL_SSL,SSL:SSL,SASL_PLAINTEXT:SASL_PLAINTEXT,PLAINTEXT:PLAINTEXT,\
         ASTRAY:PLAINTEXT,CONTROLLER:PLAINTEXT\n\
         controller.listener.names=CONTROLLER\n\
         inter.broker.listener.name=PLAINTEXT\n\
         sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256,SCRAM-SHA-512\n\
         {logins}\
         ssl.keystore.type=PEM\n\
         ssl.keystore.location={place}/server.pem\n\
         ssl.truststore.type=PEM\n\
         ssl.truststore.location={place}/ca.pem\n\
         listener.name.ssl.ssl.client.auth=required\n\
         authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer\n\
         super.users={SUPER_USERS}\n\
         log.dirs={place}/data\n\
         auto.create.topics.enable=false\n\
         group.initial.rebalance.delay.ms=0\n\
         offsets.topic.replication.factor=1\n\
         offsets.topic.num.partitions=1\n\
         log.cleaner.dedupe.buffer.size=16777216\n"
    )
}

fn java(libs: &Path, class: &str) -> Command {
    let java = std::env::var_os("JAVA_HOME").map_or_else(|| "java".into(), |home| Path::new(&home).join("bin/java"));
    let mut command = Command::new(java);
    command.args(["-Xmx256m", "-XX:TieredStopAtLevel=1", "-cp"]).arg(libs.join("*")).arg(class);
    command
}

/// A CA (`ca.pem`), another one (`other-ca.pem`), and certificates with keys (`server.pem`, `client.pem`,
/// `expired.pem`; of the other one, `stranger.pem`).
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
    let (ours, another) = (authority("ours"), authority("another"));
    write("ca.pem", ours.pem());
    write("other-ca.pem", another.pem());
    for (name, authority) in [("server", &ours), ("client", &ours), ("expired", &ours), ("stranger", &another)] {
        let key = KeyPair::generate().expect("a key");
        let mut parameters = parameters(name);
        if name == "expired" {
            parameters.not_after = rcgen::date_time_ymd(2020, 1, 1);
        }
        let certificate = parameters.signed_by(&key, authority).expect("a certificate");
        write(&format!("{name}.pem"), key.serialize_pem() + &certificate.pem());
    }
}

/// Whether a broker answers an ApiVersions request. It also listens before it can serve anything.
fn answers(address: &str) -> bool {
    let ask = || -> std::io::Result<[u8; 10]> {
        let mut stream = TcpStream::connect(address)?;
        stream.set_read_timeout(Some(Duration::from_secs(5)))?;
        // Length, API key 18, version 0, correlation id, no client id.
        stream.write_all(&[0, 0, 0, 10, 0, 18, 0, 0, b'v', b'o', b'c', b'x', 0xff, 0xff])?;
        // Length, correlation id, error code.
        let mut answer = [0; 10];
        stream.read_exact(&mut answer)?;
        Ok(answer)
    };
    ask().is_ok_and(|answer| answer[4..] == *b"vocx\0\0")
}
