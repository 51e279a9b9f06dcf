//! Topics that cannot be read, and groups that cannot be joined.

use tokio_util::sync::CancellationToken;
use voc_ingest::{
    MemoryBudget, Source as _,
    kafka::{KafkaSettings, KafkaSource},
};
use voc_testkit::kafka::Codec;

use crate::stage::{PATIENCE, Stage};

#[test]
fn a_topic_that_does_not_exist() {
    let Some(stage) = Stage::migrated() else { return };
    let missing = format!("{}-missing", stage.topic);
    let report = stage.examine(&[("KAFKA_TOPICS", &format!("{},{missing}", stage.topic))]);
    report.assert_cause(&format!("topic {missing}"), "does not exist", &format!("--create --topic {missing}"));
    report.assert_consequence(&format!("progress in {missing}"), &format!("topic {missing}"));
    assert_eq!(report.line(&format!("progress in {}", stage.topic))["status"], "ok");
}

#[test]
fn records_that_were_deleted_before_they_were_read() {
    let Some(stage) = Stage::migrated() else { return };
    let (tools, topic) = (&stage.tools, &stage.topic);
    tools.produce(topic, Codec::None, (0..10).map(|_| "{}"));
    tools.reset_offset(&stage.group, topic, 0, 3);
    let check = format!("progress in {topic}");
    let report = stage.examine(&[]);
    assert_eq!(report.assert_well(), Vec::<&str>::new());
    let found = report.line(&check)["found"].as_str().unwrap();
    assert!(found.starts_with("7 records are to be read; the oldest is "), "{found}");

    tools.delete_records_before(topic, 0, 7);
    let report = stage.examine(&[]);
    report.assert_cause(&check, "deleted 4 records before they were read", "--add-config retention.ms=");
    // It is also said for people, below what it is about.
    let text = stage.command(&["doctor"]).output().unwrap();
    assert_eq!(text.status.code(), Some(1));
    let text = String::from_utf8_lossy(&text.stdout).into_owned();
    let (_, after) = text.split_once(&format!("\n  FAILED       {check}")).unwrap();
    let (_, remedy) = after.split_once('\n').unwrap();
    assert!(remedy.trim_start().starts_with("to do: only their producers"), "{text}");
    assert!(text.ends_with(&format!("Begin with the first that failed: {check}.\n")), "{text}");
}

#[test]
fn an_offset_beyond_the_end_of_the_log() {
    let Some(stage) = Stage::migrated() else { return };
    let settings = KafkaSettings::new("voc", stage.kafka.open(), &stage.group, [&stage.topic]);
    let commit = async {
        let budget = MemoryBudget::new(1 << 20);
        let mut source = KafkaSource::connect(&settings, budget, 1, CancellationToken::new()).unwrap();
        let assignment = source.next_assignment().await.unwrap().unwrap();
        assignment.committer.commit(&assignment.partition, 500, None).await.unwrap();
    };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async { tokio::time::timeout(PATIENCE, commit).await }).unwrap();
    let check = format!("progress in {}", stage.topic);
    stage.examine(&[]).assert_cause(&check, "was read up to 500, and ends at 0", "--reset-offsets");
}

#[test]
fn a_group_that_another_program_uses() {
    let Some(stage) = Stage::migrated() else { return };
    stage.tools.produce(&stage.topic, Codec::None, ["{}"]);
    let _other = stage.tools.consume(&stage.topic, &stage.group);
    let report = stage.examine(&[]);
    report.assert_cause(&format!("group {}", stage.group), "unlike a processor: console-consumer", "KAFKA_GROUP_ID");
}
