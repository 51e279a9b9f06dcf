//! Remedies for a file that does not accept dead letters.

use std::{path::Path, sync::Arc};

use voc_events::Timestamp;
use voc_ingest::{DeadLetterError, DeadLetterSink as _, DeliveryRemedy, FileDeadLetters};
use voc_store::DeadLetter;

async fn deliver(path: &Path) -> Result<(), DeadLetterError> {
    let dead_letter = DeadLetter {
        family: "voc",
        error_type: "invalid_json".to_owned(),
        error: String::new(),
        path: "$".to_owned(),
        tenant_id: String::new(),
        topic: "events.ndjson".to_owned(),
        partition: 0,
        epoch: 0,
        offset: 7,
        key: None,
        payload: None,
        headers: Vec::new(),
        failed_at: Timestamp::from_millis(0),
    };
    FileDeadLetters::new(path).deliver(Arc::new([dead_letter])).await
}

#[tokio::test]
async fn an_invalid_path_needs_a_repair() {
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("dead_letters.ndjson");
    deliver(&file).await.expect("a file is made");
    for path in [
        directory.path().join("missing/dead_letters.ndjson"),
        file.join("dead_letters.ndjson"),
        directory.path().to_owned(),
    ] {
        let error = deliver(&path).await.expect_err("no file can be created there");
        assert_eq!(error.target, path.display().to_string());
        assert!(matches!(error.remedy, DeliveryRemedy::Repair(what) if what.contains("path")), "{error:?}");
    }
}

#[tokio::test]
async fn a_truncated_line_does_not_affect_the_next_dead_letter() {
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("dead_letters.ndjson");
    deliver(&file).await.expect("a file is made");
    let whole = std::fs::read_to_string(&file).expect("a dead letter");
    std::fs::write(&file, &whole[..whole.len() / 2]).expect("half a dead letter");
    deliver(&file).await.expect("another dead letter");
    let lines = std::fs::read_to_string(&file).expect("dead letters");
    assert_eq!(lines.lines().collect::<Vec<_>>(), [&whole[..whole.len() / 2], whole.trim_end()]);
    let dead_letter: serde_json::Value = serde_json::from_str(&whole).expect("JSON");
    assert_eq!((&dead_letter["offset"], &dead_letter["line"]), (&7.into(), &8.into()));
    assert_eq!((&dead_letter["family"], &dead_letter["id"]), (&"voc".into(), &"events.ndjson/0/7".into()));
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_full_disk_is_waited_for() {
    let error = deliver(Path::new("/dev/full")).await.expect_err("it is full");
    assert_eq!(error.remedy, DeliveryRemedy::Wait, "{error:?}");
}
