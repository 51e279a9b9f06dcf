//! Arrays and pretty-printed JSON: malformed and incomplete content.

use std::fs;

use voc_ingest::{PipelineError, SourceError, files::UnfinishedTail};
use voc_store::MemoryStore;

use crate::{
    forms::Layout,
    stage::{event, ids, read, read_whole, run, stored_ids},
};

#[tokio::test]
async fn offsets_are_the_numbers_of_events() {
    let data = tempfile::tempdir().unwrap();
    let file = data.path().join("events.json");
    let store = MemoryStore::new();
    let text = format!("[{},\n\n 7, {{\"a\":1}},\n{}]", event(0), event(1));
    fs::write(&file, &text).unwrap();
    read_whole(&file, data.path(), &store).await;
    let dead_letters: Vec<_> = store
        .dead_letters()
        .into_iter()
        .map(|dead_letter| (dead_letter.offset, dead_letter.payload.unwrap()))
        .collect();
    assert_eq!(dead_letters, [(1, b"7".to_vec()), (2, b"{\"a\":1}".to_vec())]);
    assert_eq!(store.texts("payload"), [event(0), event(1)]);
}

#[tokio::test]
async fn an_oversized_event_does_not_affect_the_others() {
    let data = tempfile::tempdir().unwrap();
    let file = data.path().join("events.json");
    let store = MemoryStore::new();
    let long = format!("{{\"a\":\"{}\"}}", "x".repeat(17 << 20));
    for (number, text) in [
        format!("[\n{},\n{long},\n{}\n]", event(0), event(1)),
        format!("{{\n\"a\":\"{}\"}}\n{}\n", "x".repeat(17 << 20), Layout::Pretty.text(2..4)),
    ]
    .iter()
    .enumerate()
    {
        fs::write(&file, text).unwrap();
        read_whole(&file, data.path(), &store).await;
        let dead_letters = store.dead_letters();
        assert_eq!((store.rows(), dead_letters.len()), (2 * number + 2, number + 1));
        assert_eq!(dead_letters[number].error_type, "too_large");
        assert!(dead_letters[number].error.contains("178258"), "{}", dead_letters[number].error);
    }
}

#[tokio::test]
async fn a_malformed_event_is_kept_and_later_ones_are_read() {
    let whole = event(1);
    for broken in ["{\"a\":tru}", "{\"a\":\"no end}", "{\"a\":1", "{\"a\":[1,2}", &event(0)[..60], "oops"] {
        let mut texts = vec![
            format!("[\n{broken},\n{whole},\n{}\n]", event(2)),
            format!("[\n  {broken},\n  {whole},\n  {}\n]", event(2)),
        ];
        if broken.starts_with('{') {
            texts.push(format!("[{broken}\n,{whole}\n,{}]", event(2)));
        }
        for text in texts {
            let data = tempfile::tempdir().unwrap();
            let file = data.path().join("events.json");
            let store = MemoryStore::new();
            fs::write(&file, &text).unwrap();
            read_whole(&file, data.path(), &store).await;
            assert_eq!(stored_ids(&store), ids(1..3), "{text}");
            assert!(!store.dead_letters().is_empty());
        }
    }
}

#[tokio::test]
async fn an_incomplete_event_is_one_dead_letter_and_an_intact_copy_resumes_there() {
    let whole = Layout::ArrayOnOneLine.text(0..30);
    // One event lacks a quotation mark, so it is undecidable which of the following is text.
    let lost = event(20).replacen("\"acme\"", "\"acme", 1);
    let broken = whole.replace(&event(20), &lost);
    for text in [broken.as_str(), &whole[..whole.len() - 20], &whole[..whole.len() - 1]] {
        let data = tempfile::tempdir().unwrap();
        let file = data.path().join("events.json");
        let store = MemoryStore::new();
        fs::write(&file, text).unwrap();
        let before = {
            let (_, _, outcome) = run(&file, UnfinishedTail::Take, data.path(), &store).await;
            let Err(PipelineError::Source(error @ SourceError::Incomplete { .. })) = outcome else {
                panic!("not the expected outcome: {outcome:?}");
            };
            let message = error.to_string();
            assert!(
                message.contains("events.json ends within") && message.contains("import a complete copy"),
                "{message}"
            );
            store.rows()
        };
        assert!(before >= 20);
        let dead_letters = store.dead_letters();
        assert_eq!(dead_letters.len(), usize::from(!text.ends_with('}') || text == broken));
        // Reported again, and nothing is taken twice.
        let (tally, _, outcome) = run(&file, UnfinishedTail::Take, data.path(), &store).await;
        assert!(outcome.is_err());
        assert_eq!((tally.consumed(), store.rows()), (0, before));
        fs::write(&file, &whole).unwrap();
        let (tally, _) = read_whole(&file, data.path(), &store).await;
        assert_eq!(tally.stored(), 30 - before as u64);
        assert_eq!(stored_ids(&store), ids(0..30));
    }
}

#[tokio::test]
async fn the_end_of_an_array_that_is_still_being_written_is_left() {
    let data = tempfile::tempdir().unwrap();
    let file = data.path().join("events.json");
    let store = MemoryStore::new();
    let whole = Layout::PrettyArray.text(0..10);
    for (length, rows) in [(whole.len() / 2 + 10, 5), (whole.len() - 20, 9), (whole.len(), 10), (whole.len(), 10)] {
        fs::write(&file, &whole[..length]).unwrap();
        read(&file, data.path(), &store).await;
        assert_eq!((store.rows(), store.dead_letters().len()), (rows, 0));
    }
}
