//! Brokers, topics and producers for the tests.

use std::{sync::OnceLock, time::Duration};

use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use rdkafka::{
    ClientConfig, Offset, TopicPartitionList,
    admin::{AdminClient, AdminOptions, NewPartitions, NewTopic, TopicReplication},
    client::DefaultClientContext,
    consumer::{BaseConsumer, CommitMode, Consumer as _},
    producer::{FutureProducer, FutureRecord},
};
use voc_ingest::kafka::KafkaSettings;
use voc_testkit::requirements::not_run;

/// Timeout of everything that is awaited; reached only by a failing test.
pub(crate) const PATIENCE: Duration = Duration::from_secs(120);

/// An external broker.
#[derive(Clone)]
pub(crate) struct Cluster {
    pub(crate) bootstrap: String,
}

impl Cluster {
    /// The broker named by `KAFKA_BOOTSTRAP`, which the test requires.
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

    /// Settings with a separate group.
    pub(crate) fn settings(&self, topics: &[&str]) -> KafkaSettings {
        KafkaSettings::new("voc", &self.bootstrap, unique("group"), topics.iter().copied())
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

    /// Deletes the records before an offset, as retention does.
    pub(crate) async fn delete_records_before(&self, topic: &str, partition: i32, offset: i64) {
        let admin: AdminClient<DefaultClientContext> = self.client().create().expect("an admin client");
        let mut before = TopicPartitionList::new();
        before.add_partition_offset(topic, partition, Offset::Offset(offset)).expect("an offset");
        let options = AdminOptions::new().operation_timeout(Some(PATIENCE));
        let deleted = admin.delete_records(&before, &options).await.expect("an answer");
        assert_eq!(deleted.elements()[0].offset(), Offset::Offset(offset));
    }

    /// Adds partitions to a topic.
    pub(crate) async fn add_partitions(&self, topic: &str, partitions: usize) {
        let admin: AdminClient<DefaultClientContext> = self.client().create().expect("an admin client");
        let options = AdminOptions::new().operation_timeout(Some(PATIENCE));
        let added = admin.create_partitions([&NewPartitions::new(topic, partitions)], &options).await;
        added.expect("an answer")[0].as_ref().expect("more partitions");
    }

    /// Commits an offset for a group without members, as an operator's tool does.
    pub(crate) fn commit_by_hand(&self, group: &str, topic: &str, partition: i32, offset: i64, metadata: &str) {
        let mut config = self.client();
        let consumer: BaseConsumer = config.set("group.id", group).create().expect("a client");
        let mut offsets = TopicPartitionList::new();
        let mut element = offsets.add_partition(topic, partition);
        element.set_offset(Offset::Offset(offset)).expect("an offset");
        element.set_metadata(metadata);
        tokio::task::block_in_place(|| consumer.commit(&offsets, CommitMode::Sync)).expect("a commit");
    }

    /// The commit of a group.
    pub(crate) fn committed(&self, group: &str, topic: &str, partition: i32) -> Option<(i64, String)> {
        let mut config = self.client();
        let consumer: BaseConsumer = config.set("group.id", group).create().expect("a client");
        let mut asked = TopicPartitionList::new();
        asked.add_partition(topic, partition);
        let found = tokio::task::block_in_place(|| consumer.committed_offsets(asked, PATIENCE)).expect("an answer");
        let element = &found.elements()[0];
        let offset = element.offset().to_raw().filter(|offset| *offset >= 0)?;
        Some((offset, element.metadata().to_owned()))
    }

    /// Waits until this many members share the partitions of a group and no member is joining or leaving.
    pub(crate) async fn until_group_is_stable(&self, group: &str, members: usize) {
        let consumer: BaseConsumer = self.client().create().expect("a client");
        let wait = async {
            loop {
                let list = tokio::task::block_in_place(|| consumer.fetch_group_list(Some(group), PATIENCE));
                let list = list.expect("an answer");
                if list.groups().iter().any(|found| found.state() == "Stable" && found.members().len() == members) {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(PATIENCE, wait).await.expect("a stable group");
    }

    /// The offset after a partition's last record or marker.
    pub(crate) fn end(&self, topic: &str, partition: i32) -> i64 {
        let consumer: BaseConsumer = self.client().create().expect("a client");
        tokio::task::block_in_place(|| consumer.fetch_watermarks(topic, partition, PATIENCE)).expect("an answer").1
    }

    /// Waits until a partition ends at this offset. The marker that ends a transaction is written after the
    /// transaction is reported as ended.
    pub(crate) async fn until_end(&self, topic: &str, partition: i32, end: i64) {
        let wait = async {
            while self.end(topic, partition) != end {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(PATIENCE, wait).await.expect("the end");
    }

    /// A topic with a unique name.
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

/// The value of a series on the metrics page.
pub(crate) fn metric(series: &str) -> Option<f64> {
    static PAGE: OnceLock<PrometheusHandle> = OnceLock::new();
    let page = PAGE.get_or_init(|| PrometheusBuilder::new().install_recorder().expect("the first recorder"));
    page.render().lines().find_map(|line| line.strip_prefix(series)?.trim_start().parse().ok())
}

/// Prints the log of a failing test, according to `RUST_LOG`.
pub(crate) fn log() {
    let format = tracing_subscriber::fmt().with_env_filter(tracing_subscriber::EnvFilter::from_default_env());
    // Another test may have done so before.
    let _first = format.with_test_writer().try_init();
}

/// A name that is unique across tests and runs.
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
