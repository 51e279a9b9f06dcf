//! Files of lines: checkpoints and repeated imports.

use std::{fs, io::Write as _, sync::Arc};

use tokio_util::sync::CancellationToken;
use voc_events::voc::Voc;
use voc_ingest::{
    BatchSettings, Pipeline, PipelineError, SourceError, StoreDeadLetters,
    files::{Checkpoints, UnfinishedTail},
};
use voc_nlp::Annotator;
use voc_store::MemoryStore;

use crate::stage::{event, ids, import_until_held, lines, open, open_until, read, read_whole, run, stored_ids};

#[tokio::test]
async fn every_line_is_an_event() {
    let data = tempfile::tempdir().unwrap();
    let file = data.path().join("events.ndjson");
    fs::write(&file, format!("\u{feff}{}\r\n\n  \n{}\u{feff}{}", event(0), lines(1..35), event(35))).unwrap();
    let store = MemoryStore::new();
    let (tally, skipped) = read_whole(&file, data.path(), &store).await;
    assert_eq!((tally.consumed(), tally.stored(), skipped), (36, 36, 0));
    assert_eq!(store.texts("payload")[0], event(0));
}

#[tokio::test]
async fn a_file_read_again_adds_nothing() {
    let data = tempfile::tempdir().unwrap();
    let file = data.path().join("events.ndjson");
    fs::write(&file, lines(0..35)).unwrap();
    let store = MemoryStore::new();
    read(&file, data.path(), &store).await;
    let renamed = data.path().join("renamed.ndjson");
    fs::rename(&file, &renamed).unwrap();
    let (tally, skipped) = read(&renamed, data.path(), &store).await;
    assert_eq!((tally.consumed(), skipped, store.rows()), (0, 35, 35));
}

#[tokio::test]
async fn a_grown_file_is_resumed() {
    let data = tempfile::tempdir().unwrap();
    let file = data.path().join("events.ndjson");
    fs::write(&file, lines(0..20)).unwrap();
    let store = MemoryStore::new();
    read(&file, data.path(), &store).await;
    fs::write(&file, lines(0..50)).unwrap();
    let (tally, skipped) = read(&file, data.path(), &store).await;
    assert_eq!((tally.stored(), skipped, store.rows()), (30, 20, 50));
}

#[tokio::test]
async fn other_content_under_an_old_name_is_another_file() {
    let data = tempfile::tempdir().unwrap();
    let file = data.path().join("events.ndjson");
    let store = MemoryStore::new();
    fs::write(&file, lines(0..20)).unwrap();
    read(&file, data.path(), &store).await;
    // The first line is the same, but the others differ.
    fs::write(&file, lines(0..1) + &lines(100..130)).unwrap();
    let (tally, skipped) = read(&file, data.path(), &store).await;
    assert_eq!((tally.consumed(), skipped), (31, 0));
    assert_eq!(store.rows(), 20 + 31, "equal line numbers of two files are different records");
}

#[tokio::test]
async fn an_empty_file_has_no_event() {
    let data = tempfile::tempdir().unwrap();
    let file = data.path().join("empty.ndjson");
    fs::write(&file, "").unwrap();
    let (tally, _) = read(&file, data.path(), &MemoryStore::new()).await;
    assert_eq!(tally.consumed(), 0);
}

#[tokio::test]
async fn an_unterminated_last_line_is_left_until_it_is_terminated() {
    let data = tempfile::tempdir().unwrap();
    let file = data.path().join("events.ndjson");
    let store = MemoryStore::new();
    for unfinished in ["{\"event_id\":", &event(20)] {
        fs::write(&file, lines(0..20) + unfinished).unwrap();
        read(&file, data.path(), &store).await;
        assert_eq!((store.rows(), store.dead_letters().len()), (20, 0));
    }
    fs::write(&file, lines(0..22)).unwrap();
    let (tally, skipped) = read(&file, data.path(), &store).await;
    assert_eq!((tally.stored(), skipped, store.rows()), (2, 20, 22));
}

#[tokio::test]
async fn an_unterminated_last_line_is_not_taken_again_once_terminated() {
    for ahead in [0, 20] {
        let data = tempfile::tempdir().unwrap();
        let file = data.path().join("events.ndjson");
        let store = MemoryStore::new();
        fs::write(&file, lines(0..ahead) + &event(ahead)).unwrap();
        read_whole(&file, data.path(), &store).await;
        assert_eq!(store.rows() as u128, ahead + 1);
        for end in ["", "\r", "\n", &("\r\n".to_owned() + &lines(ahead + 1..ahead + 5))] {
            fs::write(&file, lines(0..ahead) + &event(ahead) + end).unwrap();
            let (_, skipped) = read_whole(&file, data.path(), &store).await;
            assert_eq!(u128::from(skipped), ahead + 1, "{end:?}");
        }
        assert_eq!(store.rows() as u128, ahead + 5);
    }
}

#[tokio::test]
async fn an_incomplete_last_line_is_taken_once_complete() {
    for ahead in [0, 20] {
        let data = tempfile::tempdir().unwrap();
        let (file, half) = (data.path().join("events.ndjson"), &event(ahead)[..50]);
        let store = MemoryStore::new();
        for (content, rows, dead_letters) in [
            (lines(0..ahead) + half, ahead, 1),
            (lines(0..ahead) + half, ahead, 1),
            (lines(0..ahead + 7), ahead + 7, 1),
            (lines(0..ahead + 7), ahead + 7, 1),
        ] {
            fs::write(&file, content).unwrap();
            read_whole(&file, data.path(), &store).await;
            assert_eq!((store.rows() as u128, store.dead_letters().len()), (rows, dead_letters));
        }
        assert!(store.recorded().iter().all(voc_store::LedgerEntry::is_balanced));
    }
}

#[tokio::test]
async fn a_line_that_is_bad_incomplete_and_complete_is_kept_complete() {
    let data = tempfile::tempdir().unwrap();
    let file = data.path().join("events.ndjson");
    let store = MemoryStore::new();
    for bad in ["{\"half", "{\"half\":1}\n"] {
        fs::write(&file, lines(0..20) + bad).unwrap();
        read_whole(&file, data.path(), &store).await;
    }
    let kept: Vec<_> = store.dead_letters().into_iter().filter_map(|dead_letter| dead_letter.payload).collect();
    assert_eq!(kept, [b"{\"half".to_vec(), b"{\"half\":1}".to_vec()]);
}

#[tokio::test]
async fn a_resend_after_a_line_that_was_read_twice_is_recognised() {
    let data = tempfile::tempdir().unwrap();
    let file = data.path().join("events.ndjson");
    let store = MemoryStore::new();
    fs::write(&file, lines(0..20) + &event(20)[..50]).unwrap();
    read_whole(&file, data.path(), &store).await;
    fs::write(&file, lines(0..21) + &event(7)).unwrap();
    let (tally, _) = read_whole(&file, data.path(), &store).await;
    assert_eq!((tally.stored(), tally.duplicates(), store.rows()), (1, 1, 21));
}

#[tokio::test]
async fn a_removed_last_line_neither_loses_nor_doubles_events() {
    let data = tempfile::tempdir().unwrap();
    let file = data.path().join("events.ndjson");
    let store = MemoryStore::new();
    let half = &event(20)[..50];
    for (content, rows) in [
        (lines(0..20) + half, 20),
        (lines(0..20), 20),
        (lines(0..20) + &event(21), 21),
        (lines(0..20) + &lines(21..30), 29),
    ] {
        fs::write(&file, content).unwrap();
        read_whole(&file, data.path(), &store).await;
        assert_eq!(store.rows(), rows);
    }
}

#[tokio::test]
async fn a_line_completed_while_the_next_import_begins_is_not_skipped() {
    let data = tempfile::tempdir().unwrap();
    let file = data.path().join("events.ndjson");
    let store = MemoryStore::new();
    // Skipping this much takes long enough for the rest to be written before.
    let (ahead, whole) = (lines(0..1) + &" ".repeat(1 << 25) + "\n", event(1));
    fs::write(&file, ahead + &whole[..50]).unwrap();
    read_whole(&file, data.path(), &store).await;
    let source = open(&file, UnfinishedTail::Take, data.path(), 10);
    let files = source.tally();
    while files.skipped() == 0 {
        tokio::task::yield_now().await;
    }
    let mut rest = fs::OpenOptions::new().append(true).open(&file).unwrap();
    rest.write_all(format!("{}\n{}", &whole[50..], lines(2..3)).as_bytes()).unwrap();
    let shared = Arc::new(store.clone());
    let dead_letters = Arc::new(StoreDeadLetters::new(Arc::clone(&shared) as Arc<_>));
    Pipeline::<Voc>::new(shared, Arc::new(Annotator::default()), dead_letters).run(source).await.unwrap();
    read_whole(&file, data.path(), &store).await;
    assert_eq!(store.rows(), 3);
}

#[tokio::test]
async fn a_file_resumes_from_its_furthest_checkpoint() {
    let data = tempfile::tempdir().unwrap();
    let (file, copy) = (data.path().join("events.ndjson"), data.path().join("copy.ndjson"));
    let store = MemoryStore::new();
    // A copy of the beginning is a separate file.
    fs::write(&copy, lines(0..5)).unwrap();
    fs::write(&file, lines(0..10)).unwrap();
    read(&file, data.path(), &store).await;
    read(&copy, data.path(), &store).await;
    for known in 10..14 {
        fs::write(&file, lines(0..known + 1)).unwrap();
        let (_, skipped) = read(&file, data.path(), &store).await;
        assert_eq!(u128::from(skipped), known);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn complete_lines_of_a_pipe_do_not_wait_for_the_rest_of_another() {
    let data = tempfile::tempdir().unwrap();
    let pipe = data.path().join("pipe");
    rustix::fs::mkfifoat(rustix::fs::CWD, &pipe, rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR).unwrap();
    let source = open(&pipe, UnfinishedTail::Leave, data.path(), 10);
    let mut writer = tokio::task::spawn_blocking({
        let pipe = pipe.clone();
        move || fs::OpenOptions::new().write(true).open(pipe).unwrap()
    })
    .await
    .unwrap();
    // The first line is bad and does not wait for the second one either.
    writer.write_all(b"oops\n").unwrap();
    let store = Arc::new(MemoryStore::new());
    let dead_letters = Arc::new(StoreDeadLetters::new(Arc::clone(&store) as Arc<_>));
    let batch = BatchSettings { size: 1, ..BatchSettings::default() };
    let pipeline =
        Pipeline::<Voc>::new(Arc::clone(&store) as _, Arc::new(Annotator::default()), dead_letters).batch(batch);
    let running = tokio::spawn(pipeline.run(source));
    store.wait_until(|store| store.dead_letters().len() == 1).await;
    writer.write_all(format!("{}{}", lines(0..2), &event(2)[..50]).as_bytes()).unwrap();
    store.wait_until(|store| store.rows() == 2).await;
    writer.write_all(&event(2).as_bytes()[50..]).unwrap();
    drop(writer);
    running.await.unwrap().unwrap();
    assert_eq!((store.rows(), store.dead_letters().len()), (3, 1));
}

/// Two files may share every line that a checkpoint names and still differ.
#[tokio::test]
async fn files_that_share_their_first_and_last_lines_are_different() {
    let data = tempfile::tempdir().unwrap();
    let file = data.path().join("events.ndjson");
    let store = MemoryStore::new();
    let framed = |numbers| format!("# begin\n{}# end\n", lines(numbers));
    fs::write(&file, framed(0..20)).unwrap();
    read(&file, data.path(), &store).await;
    fs::write(&file, framed(100..120)).unwrap();
    let (tally, skipped) = read(&file, data.path(), &store).await;
    assert_eq!((tally.stored(), skipped, store.rows()), (20, 0, 40));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_input_that_cannot_be_read_twice_is_read_once_and_completely() {
    let data = tempfile::tempdir().unwrap();
    let pipe = data.path().join("pipe");
    rustix::fs::mkfifoat(rustix::fs::CWD, &pipe, rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR).unwrap();
    let store = MemoryStore::new();
    // Without a line feed, which cannot follow any more.
    let content = lines(0..2000) + &event(2000);
    let writing = std::thread::spawn({
        let pipe = pipe.clone();
        move || fs::write(pipe, content)
    });
    let (tally, skipped) = read(&pipe, data.path(), &store).await;
    writing.join().unwrap().unwrap();
    assert_eq!((tally.consumed(), tally.stored(), skipped), (2001, 2001, 0));
    assert!(!data.path().join("checkpoints.ndjson").exists(), "it cannot be resumed");
}

#[tokio::test(start_paused = true)]
async fn a_checkpoint_that_cannot_be_written_eventually_fails() {
    let data = tempfile::tempdir().unwrap();
    let file = data.path().join("events.ndjson");
    fs::write(&file, lines(0..20)).unwrap();
    // In the way of the first write.
    fs::create_dir(data.path().join("checkpoints.tmp")).unwrap();
    let (_, _, outcome) = run(&file, UnfinishedTail::Take, data.path(), &MemoryStore::new()).await;
    let error = outcome.unwrap_err().to_string();
    assert!(error.contains("checkpoint not written") && error.contains("this user may write to it"), "{error}");
}

#[test]
fn checkpoints_of_another_version_are_refused_with_advice() {
    let data = tempfile::tempdir().unwrap();
    let journal = data.path().join("checkpoints.ndjson");
    fs::write(&journal, "{\"topic\":\"a#1\",\"first_line\":\"00\",\"next_offset\":1,\"marks\":[]}\n").unwrap();
    let error = Checkpoints::open(&journal, "voc").unwrap_err().to_string();
    assert!(error.contains("line 1") && error.contains("repair the line"), "{error}");
}

#[test]
fn checkpoints_are_open_once_at_a_time() {
    let data = tempfile::tempdir().unwrap();
    let journal = data.path().join("checkpoints.ndjson");
    assert!(!Checkpoints::is_open(&journal));
    let first = Checkpoints::open(&journal, "voc").unwrap();
    let clone = first.clone();
    drop(first);
    // Another family would write to the same journal.
    let error = Checkpoints::open(&journal, "activity").unwrap_err().to_string();
    let lock = data.path().join("checkpoints.lock");
    assert!(error.contains(&format!("{} is locked", lock.display())), "{error}");
    assert!(error.contains("another data directory"), "{error}");
    assert!(Checkpoints::is_open(&journal));
    drop(clone);
    assert!(!Checkpoints::is_open(&journal));
    Checkpoints::open(&journal, "activity").unwrap();
}

#[tokio::test]
async fn an_array_among_lines_is_one_dead_letter() {
    let data = tempfile::tempdir().unwrap();
    let file = data.path().join("events.ndjson");
    let array = format!("[{},{}]", event(1), event(2));
    for (text, offset, stored) in [
        (format!("{}\n{array}\n{}\n", event(0), event(3)), 1, vec![event(0), event(3)]),
        (format!("{array}\n{}\n", event(3)), 0, vec![event(3)]),
    ] {
        let store = MemoryStore::new();
        fs::write(&file, text).unwrap();
        for _ in 0..2 {
            read_whole(&file, data.path(), &store).await;
            let dead_letters = store.dead_letters();
            assert_eq!((store.texts("payload"), dead_letters.len()), (stored.clone(), 1));
            assert_eq!(dead_letters[0].offset, offset);
            assert_eq!(dead_letters[0].payload.as_deref(), Some(array.as_bytes()));
            assert!(dead_letters[0].error.contains("found an array"), "{}", dead_letters[0].error);
        }
    }
}

#[tokio::test]
async fn an_overlong_line_is_reported_with_its_length() {
    let data = tempfile::tempdir().unwrap();
    let file = data.path().join("events.ndjson");
    let store = MemoryStore::new();
    let long = "x".repeat(17 * 1024 * 1024);
    fs::write(&file, format!("{}{long}\n{}", lines(0..2), lines(2..4))).unwrap();
    read(&file, data.path(), &store).await;
    let dead_letters = store.dead_letters();
    assert_eq!((store.rows(), dead_letters.len(), dead_letters[0].offset), (4, 1, 2));
    assert_eq!(dead_letters[0].error_type, "too_large");
    assert!(dead_letters[0].error.contains("17825792 bytes"), "{}", dead_letters[0].error);
}

/// What is not kept of an overlong line may be an event.
#[tokio::test]
async fn an_overlong_line_is_reported_even_if_it_begins_with_white_space() {
    let data = tempfile::tempdir().unwrap();
    let file = data.path().join("events.ndjson");
    for filling in [" ", "\0"] {
        let store = MemoryStore::new();
        fs::write(&file, format!("{}{}{}", event(0) + "\n", filling.repeat(17 << 20), lines(1..3))).unwrap();
        read(&file, data.path(), &store).await;
        let dead_letters = store.dead_letters();
        assert_eq!((stored_ids(&store), dead_letters.len()), ([ids(0..1), ids(2..3)].concat(), 1));
        assert_eq!((dead_letters[0].offset, dead_letters[0].error_type.as_str()), (1, "too_large"));
    }
}

#[tokio::test]
async fn a_hole_is_not_part_of_the_line_after_it() {
    let hole = "\0".repeat(5000);
    for (text, offset) in [
        // A writer goes on after a power failure.
        (format!("{}{hole}{}{}", lines(0..2), lines(2..4), "half\":1}\n"), 4),
        (format!("{hole}{}{hole}\n{hole}half\":1}}\n{}", lines(0..2), lines(2..4)), 3),
    ] {
        let data = tempfile::tempdir().unwrap();
        let file = data.path().join("events.ndjson");
        let store = MemoryStore::new();
        fs::write(&file, text).unwrap();
        for _ in 0..2 {
            read(&file, data.path(), &store).await;
            let dead_letters = store.dead_letters();
            assert_eq!((stored_ids(&store), dead_letters.len()), (ids(0..4), 1));
            assert_eq!((dead_letters[0].offset, dead_letters[0].error_type.as_str()), (offset, "invalid_json"));
            assert_eq!(dead_letters[0].payload.as_deref(), Some(&b"half\":1}"[..]));
        }
        assert_eq!(store.texts("payload")[2], event(2));
    }
}

#[tokio::test]
async fn a_missing_file_is_reported() {
    let data = tempfile::tempdir().unwrap();
    let nowhere = data.path().join("nowhere.ndjson");
    let (_, _, outcome) = run(&nowhere, UnfinishedTail::Take, data.path(), &MemoryStore::new()).await;
    match outcome {
        Err(PipelineError::Source(SourceError::Misconfigured(reason))) => {
            assert!(reason.contains("nowhere.ndjson"), "{reason}");
        }
        other => panic!("not the expected outcome: {other:?}"),
    }
}

/// What is missing must not count as read, and half of a line not as a whole one.
#[tokio::test]
async fn a_file_that_is_truncated_while_it_is_read_is_reported_and_an_intact_copy_resumes() {
    let data = tempfile::tempdir().unwrap();
    let file = data.path().join("events.ndjson");
    // Longer than what is read ahead.
    let content = lines(0..20_000);
    fs::write(&file, &content).unwrap();
    let store = MemoryStore::new();
    let source = open(&file, UnfinishedTail::Take, data.path(), 10);
    let (hold, running) = import_until_held(source, &store).await;
    fs::OpenOptions::new().write(true).open(&file).unwrap().set_len(1000).unwrap();
    drop(hold);
    let Err(PipelineError::Source(SourceError::Io { context, source })) = running.await.unwrap() else {
        panic!("not the expected outcome");
    };
    assert!(context.contains("events.ndjson"), "{context}");
    assert!(source.to_string().contains(&format!("it had {} bytes", content.len())), "{source}");
    assert!(source.to_string().contains("it ends after 1000 bytes"), "{source}");
    let stored = store.rows();
    assert!((10..20_000).contains(&stored), "{stored}");
    assert_eq!(store.dead_letters().len(), 0);
    fs::write(&file, content).unwrap();
    let (_, skipped) = read(&file, data.path(), &store).await;
    assert_eq!((skipped, stored_ids(&store)), (stored as u64, ids(0..20_000)));
}

#[tokio::test]
async fn a_stopped_import_resumes_where_it_stopped() {
    let data = tempfile::tempdir().unwrap();
    let file = data.path().join("events.ndjson");
    fs::write(&file, lines(0..1000)).unwrap();
    let store = MemoryStore::new();
    let stop = CancellationToken::new();
    let source = open_until(&file, UnfinishedTail::Leave, data.path(), 10, stop.clone());
    let (hold, running) = import_until_held(source, &store).await;
    stop.cancel();
    drop(hold);
    running.await.unwrap().unwrap();
    let stored = store.rows();
    assert!(stored < 1000, "the import was stopped too late to show anything");
    let (tally, skipped) = read(&file, data.path(), &store).await;
    assert_eq!((usize::try_from(skipped).unwrap(), store.rows()), (stored, 1000));
    assert_eq!(tally.stored(), 1000 - stored as u64);
}
