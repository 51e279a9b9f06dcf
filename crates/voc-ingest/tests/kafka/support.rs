//! Brokers, topics and producers for the tests.

use std::{path::PathBuf, time::Duration};

use rdkafka::{
    ClientConfig,
    admin::{AdminClient, AdminOptions, NewTopic, TopicReplication},
    client::DefaultClientContext,
    producer::{FutureProducer, FutureRecord},
};
use voc_ingest::kafka::KafkaSettings;
use voc_testkit::requirements::not_run;

/// The bound on everything that is awaited; only reached by a test that fails.
pub(crate) const PATIENCE: Duration = Duration::from_secs(120);

/// A broker of the outside world.
#[derive(Clone)]
pub(crate) struct Cluster {
    pub(crate) bootstrap: String,
}

impl Cluster {
    /// The broker named by `KAFKA_BOOTSTRAP`; without one the test cannot run.
    pub(crate) fn get() -> Option<Self> {
        log();
        match std::env::var("KAFKA_BOOTSTRAP") {
            Ok(bootstrap) if !bootstrap.is_empty() => Some(Self { bootstrap }),
            _ => {
                not_run("KAFKA_BOOTSTRAP names no broker");
                None
            }
        }
    }

    pub(crate) fn client(&self) -> ClientConfig {
        let mut config = ClientConfig::new();
        config.set("bootstrap.servers", &self.bootstrap);
        config
    }

    /// Settings for a group of its own.
    pub(crate) fn settings(&self, topics: &[&str]) -> KafkaSettings {
        KafkaSettings::new(&self.bootstrap, unique("group"), topics.iter().copied())
    }

    pub(crate) async fn make_topic(&self, name: &str, partitions: i32, config: &[(&str, &str)]) {
        let admin: AdminClient<DefaultClientContext> = self.client().create().expect("an admin client");
        let mut topic = NewTopic::new(name, partitions, TopicReplication::Fixed(1));
        for (key, value) in config {
            topic = topic.set(key, value);
        }
        let made = admin.create_topics([&topic], &AdminOptions::new().operation_timeout(Some(PATIENCE))).await;
        made.expect("an answer")[0].as_ref().expect("a new topic");
    }

    pub(crate) async fn remove_topic(&self, name: &str) {
        let admin: AdminClient<DefaultClientContext> = self.client().create().expect("an admin client");
        let removed = admin.delete_topics(&[name], &AdminOptions::new().operation_timeout(Some(PATIENCE))).await;
        removed.expect("an answer")[0].as_ref().expect("a removed topic");
    }

    /// A topic with a name of its own.
    pub(crate) async fn fresh_topic(&self, partitions: i32) -> String {
        let name = unique("topic");
        self.make_topic(&name, partitions, &[]).await;
        name
    }

    pub(crate) fn producer(&self) -> FutureProducer {
        let mut config = self.client();
        config.set("message.max.bytes", "10000000").set("linger.ms", "5");
        config.create().expect("a producer")
    }

    /// Sends values to a partition, each with its number as the key.
    pub(crate) async fn fill(&self, topic: &str, partition: i32, values: impl IntoIterator<Item = Vec<u8>>) {
        let producer = self.producer();
        let mut under_way = Vec::new();
        for (number, value) in values.into_iter().enumerate() {
            let key = number.to_string();
            let mut record = FutureRecord::to(topic).partition(partition).key(&key).payload(&value);
            loop {
                match producer.send_result(record) {
                    Ok(sent) => break under_way.push(sent),
                    Err((_, again)) => {
                        record = again;
                        under_way.pop().expect("the queue is full").await.expect("an outcome").expect("delivery");
                    }
                }
            }
        }
        for sent in under_way {
            sent.await.expect("an outcome").expect("delivery");
        }
    }
}

/// Shows the log of a test that fails, as far as `RUST_LOG` asks for it.
pub(crate) fn log() {
    let format = tracing_subscriber::fmt().with_env_filter(tracing_subscriber::EnvFilter::from_default_env());
    // Another test may have been first.
    let _first = format.with_test_writer().try_init();
}

/// A name that no other test and no other run has.
pub(crate) fn unique(what: &str) -> String {
    format!("voc-test-{what}-{}", uuid::Uuid::new_v4().simple())
}

/// `count` values of about `bytes` bytes.
pub(crate) fn values(count: usize, bytes: usize) -> impl Iterator<Item = Vec<u8>> {
    (0..count).map(move |number| {
        let mut value = format!("{{\"number\":{number},\"padding\":\"").into_bytes();
        value.resize(bytes.max(value.len()), b'x');
        value
    })
}

/// The folder of Kafka's jars; without one the test cannot run.
pub(crate) fn kafka_libs() -> Option<PathBuf> {
    let folder = std::env::var_os("VOC_TEST_KAFKA_LIBS").filter(|folder| !folder.is_empty());
    if folder.is_none() {
        not_run("VOC_TEST_KAFKA_LIBS names no folder with Kafka's jars");
    }
    folder.map(PathBuf::from)
}
