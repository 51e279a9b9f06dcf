//! Kafka's own command-line tools, for tests that fill topics with a client other than ours.
//!
//! `cargo xtask test` starts a broker and sets `KAFKA_BOOTSTRAP` to its address and `VOC_TEST_KAFKA_LIBS` to the
//! folder of Kafka's jars. Each call runs a Java program for one to two seconds, so send many records at once.

use std::{
    io::{BufRead as _, BufReader, BufWriter, Write},
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
};

use crate::requirements::not_run;

const JVM: [&str; 2] = ["-Xmx256m", "-XX:TieredStopAtLevel=1"];

/// Represents a missing key or value in the console producer's input.
const NULL: &str = "<null>";

/// A broker for tests, and Kafka's tools to use it with.
#[derive(Debug, Clone)]
pub struct KafkaTools {
    bootstrap: String,
    libs: PathBuf,
}

/// Compression of record batches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Codec {
    /// None.
    None,
    /// gzip
    Gzip,
    /// snappy
    Snappy,
    /// lz4
    Lz4,
    /// zstd
    Zstd,
}

impl Codec {
    /// All codecs that Kafka has.
    pub const ALL: [Self; 5] = [Self::None, Self::Gzip, Self::Snappy, Self::Lz4, Self::Zstd];

    /// Its name in Kafka's configuration.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Gzip => "gzip",
            Self::Snappy => "snappy",
            Self::Lz4 => "lz4",
            Self::Zstd => "zstd",
        }
    }
}

/// A running consumer; killed when dropped.
#[derive(Debug)]
pub struct ConsoleConsumer(Child);

impl Drop for ConsoleConsumer {
    fn drop(&mut self) {
        // Both fail for a process that has already ended, which is fine.
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

impl KafkaTools {
    /// The broker and tools named in the environment; `None` if it names none: see [`not_run`].
    ///
    /// # Panics
    /// If `CI` is set and they are missing.
    #[must_use]
    pub fn from_env_or_skip() -> Option<Self> {
        let named = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
        match (named("KAFKA_BOOTSTRAP"), named("VOC_TEST_KAFKA_LIBS")) {
            (Some(bootstrap), Some(libs)) => Some(Self { bootstrap, libs: PathBuf::from(libs) }),
            _ => {
                not_run("it needs Kafka (KAFKA_BOOTSTRAP, VOC_TEST_KAFKA_LIBS): run `cargo xtask test`");
                None
            }
        }
    }

    /// A broker with that address, and the tools in a folder of Kafka's jars.
    #[must_use]
    pub fn at(bootstrap: impl Into<String>, libs: &Path) -> Self {
        Self { bootstrap: bootstrap.into(), libs: libs.to_owned() }
    }

    /// Address of the broker.
    #[must_use]
    pub fn bootstrap(&self) -> &str {
        &self.bootstrap
    }

    /// Creates a topic unless it exists.
    ///
    /// # Panics
    /// If Kafka's tool fails.
    pub fn create_topic(&self, topic: &str, partitions: u32) {
        let mut tool = self.java("TopicCommand");
        tool.args(["--create", "--if-not-exists", "--topic", topic, "--partitions", &partitions.to_string()]);
        expect_success(&run(&mut tool, |_| Ok(())));
    }

    /// Sends each text as a record without a key. The topic must exist; a text must not contain a line feed.
    ///
    /// # Panics
    /// If Kafka's console producer fails.
    pub fn produce<'a>(&self, topic: &str, codec: Codec, values: impl IntoIterator<Item = &'a str>) {
        expect_success(&run(&mut self.console_producer(topic, codec), |input| {
            values.into_iter().try_for_each(|value| writeln!(input, "{value}"))
        }));
    }

    /// Sends records with keys; a value of `None` is a tombstone. Neither may contain a tab or a line feed.
    ///
    /// # Panics
    /// If Kafka's console producer fails.
    pub fn produce_keyed<'a>(
        &self,
        topic: &str,
        codec: Codec,
        records: impl IntoIterator<Item = (Option<&'a str>, Option<&'a str>)>,
    ) {
        let mut tool = self.console_producer(topic, codec);
        tool.args(["--property", "parse.key=true", "--property", &format!("null.marker={NULL}")]);
        expect_success(&run(&mut tool, |input| {
            records
                .into_iter()
                .try_for_each(|(key, value)| writeln!(input, "{}\t{}", key.unwrap_or(NULL), value.unwrap_or(NULL)))
        }));
    }

    /// Runs the console producer with the given options on an unmodified input.
    ///
    /// # Panics
    /// If Kafka's console producer fails.
    pub fn produce_with(&self, topic: &str, codec: Codec, options: &[&str], input: &str) {
        let mut tool = self.console_producer(topic, codec);
        expect_success(&run(tool.args(options), |stdin| stdin.write_all(input.as_bytes())));
    }

    /// Number of records in a topic whose partitions have had none deleted: the sum of their end offsets.
    ///
    /// # Panics
    /// If Kafka's tool fails.
    #[must_use]
    #[expect(clippy::expect_used, reason = "only tests call it")]
    pub fn count(&self, topic: &str) -> u64 {
        let mut tool = self.java("GetOffsetShell");
        let output = run(tool.args(["--topic", topic]), |_| Ok(()));
        expect_success(&output);
        let text = String::from_utf8_lossy(&output.stdout);
        let end_offsets = text.lines().filter_map(|line| line.strip_prefix(topic)?.rsplit(':').next());
        end_offsets.map(|offset| offset.parse::<u64>().expect("an offset")).sum()
    }

    /// Commits an offset for a group without members, as an operator would.
    ///
    /// # Panics
    /// If Kafka's tool fails.
    pub fn reset_offset(&self, group: &str, topic: &str, partition: i32, offset: i64) {
        let mut tool = self.java("consumer.group.ConsumerGroupCommand");
        tool.args(["--group", group, "--topic", &format!("{topic}:{partition}"), "--execute", "--reset-offsets"])
            .args(["--to-offset", &offset.to_string()]);
        expect_success(&run(&mut tool, |_| Ok(())));
    }

    /// Deletes a partition's records before an offset, as retention does.
    ///
    /// # Panics
    /// If Kafka's tool fails.
    #[expect(clippy::expect_used, reason = "only tests call it")]
    pub fn delete_records_before(&self, topic: &str, partition: i32, offset: u64) {
        let mut wish = tempfile::NamedTempFile::new().expect("a temporary file");
        let before = format!(r#"{{"topic": "{topic}", "partition": {partition}, "offset": {offset}}}"#);
        write!(wish, r#"{{"version": 1, "partitions": [{before}]}}"#).expect("a temporary file can be written");
        let mut tool = self.java("DeleteRecordsCommand");
        expect_success(&run(tool.arg("--offset-json-file").arg(wish.path()), |_| Ok(())));
    }

    /// Allows a user something, such as `Read` on `["--topic", "voc.events"]` or on `["--group", "voc"]`.
    ///
    /// # Panics
    /// If Kafka's tool fails.
    pub fn allow(&self, user: &str, operation: &str, on: [&str; 2]) {
        let mut tool = self.java("AclCommand");
        tool.args(["--add", "--allow-principal", &format!("User:{user}"), "--operation", operation]).args(on);
        expect_success(&run(&mut tool, |_| Ok(())));
    }

    /// Starts Kafka's console consumer as a member of a group, and waits until it has read a record of the topic.
    ///
    /// # Panics
    /// If it ends before that.
    #[must_use]
    #[expect(clippy::expect_used, reason = "only tests call it")]
    pub fn consume(&self, topic: &str, group: &str) -> ConsoleConsumer {
        let mut tool = self.java("consumer.ConsoleConsumer");
        tool.args(["--topic", topic, "--group", group, "--from-beginning"]);
        let tool = tool.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut consumer = ConsoleConsumer(tool.spawn().expect("cannot start java: is it installed?"));
        let output = consumer.0.stdout.as_mut().expect("its standard output is a pipe");
        let read = BufReader::new(output).read_line(&mut String::new()).expect("its output");
        assert_ne!(read, 0, "Kafka's console consumer ended");
        consumer
    }

    fn console_producer(&self, topic: &str, codec: Codec) -> Command {
        let mut tool = self.java("ConsoleProducer");
        tool.args(["--topic", topic, "--compression-codec", codec.name()])
            // Its defaults suit a person who types: on a busy machine, records are dropped after 1.5 s.
            .args(["--request-timeout-ms", "30000", "--producer-property", "max.request.size=5242880"]);
        tool
    }

    fn java(&self, tool: &str) -> Command {
        let java =
            std::env::var_os("JAVA_HOME").map_or_else(|| "java".into(), |home| Path::new(&home).join("bin/java"));
        let mut command = Command::new(java);
        command.args(JVM).arg("-cp").arg(self.libs.join("*")).arg(format!("org.apache.kafka.tools.{tool}"));
        command.args(["--bootstrap-server", &self.bootstrap]);
        command
    }
}

#[expect(clippy::expect_used, reason = "only tests call it")]
fn run(tool: &mut Command, feed: impl FnOnce(&mut dyn Write) -> std::io::Result<()>) -> Output {
    let mut child = tool
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("cannot start java: is it installed?");
    let mut input = BufWriter::new(child.stdin.take().expect("its standard input is a pipe"));
    // A failed tool stops reading; its output is more useful than the write error.
    let _ = feed(&mut input).and_then(|()| input.flush());
    drop(input);
    child.wait_with_output().expect("cannot wait for java")
}

/// The console producer continues after a record that could not be sent, and exits successfully; only its output
/// reveals the failure.
fn expect_success(output: &Output) {
    let said = [output.stderr.as_slice(), output.stdout.as_slice()].concat();
    let said = String::from_utf8_lossy(&said);
    assert!(output.status.success() && !said.contains("ERROR"), "Kafka's tool failed: {said}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_of_every_codec_arrive_and_so_do_tombstones() {
        let Some(kafka) = KafkaTools::from_env_or_skip() else { return };
        let topic = format!("testkit-{}", uuid::Uuid::new_v4());
        kafka.create_topic(&topic, 2);
        for codec in Codec::ALL {
            kafka.produce(&topic, codec, ["one", "two", "três"]);
        }
        kafka.produce_keyed(&topic, Codec::None, [(Some("key"), Some("value")), (Some("key"), None)]);
        assert_eq!(kafka.count(&topic), 17);
    }
}
