//! A growing file that is imported repeatedly by processes that are killed: each of its events is stored once.

use std::{
    collections::BTreeSet,
    fs::{self, File},
    io::Write as _,
    path::Path,
};

use proptest::prelude::*;
use voc_ingest::{PipelineError, SourceError, files::UnfinishedTail};
use voc_store::MemoryStore;

use crate::stage::{import_in_a_process, stored_ids};

/// A line of the file.
#[derive(Debug, Clone)]
enum Line {
    Event { end: &'static str, text: &'static str },
    Bad(&'static str),
}

fn line() -> impl Strategy<Value = Line> {
    let end = prop::sample::select(vec!["\n", "\r\n", " \n", "\n\n", "\n \t\n"]);
    let text = prop::sample::select(vec!["", "olá, ação ✓", "a \\n b", "\\ud800"]);
    prop_oneof![
        8 => (end, text).prop_map(|(end, text)| Line::Event { end, text }),
        1 => prop::sample::select(vec!["# note\n", "{\"half\n", "\u{feff}\n", "{}{}\n"]).prop_map(Line::Bad),
    ]
}

/// One import of the file.
#[derive(Debug, Clone)]
struct Run {
    /// Bytes written in the meantime.
    grown: usize,
    unfinished: UnfinishedTail,
    /// Number of steps until the import is killed; `None` for its end.
    killed_after: Option<usize>,
    batch: usize,
}

fn interruption() -> impl Strategy<Value = Run> {
    let unfinished = prop::sample::select(vec![UnfinishedTail::Leave, UnfinishedTail::Take]);
    (0..600_usize, unfinished, prop::option::weighted(0.6, 0..60_usize), 1..6_usize)
        .prop_map(|(grown, unfinished, killed_after, batch)| Run { grown, unfinished, killed_after, batch })
}

fn content(lines: &[Line]) -> (Vec<u8>, BTreeSet<String>) {
    let (mut content, mut ids) = (String::new(), BTreeSet::new());
    for (number, line) in (1..).zip(lines) {
        match line {
            Line::Event { end, text } => {
                let id = uuid::Uuid::from_u128(number).to_string();
                content.push_str(&format!(
                    r#"{{"event_id":"{id}","tenant_id":"acme","timestamp":"2026-02-02T12:00:00Z","event_type":"note","n":"{text}"}}"#
                ));
                content.push_str(end);
                ids.insert(id);
            }
            Line::Bad(bad) => content.push_str(bad),
        }
    }
    (content.into_bytes(), ids)
}

/// Bad lines may change the framing of the file to values, which cannot end within one.
fn check(outcome: &Result<(), PipelineError>) {
    assert!(matches!(outcome, Ok(()) | Err(PipelineError::Source(SourceError::Incomplete { .. }))), "{outcome:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 250, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_event_is_stored_once(
        lines in prop::collection::vec(line(), 1..30),
        // A thousand and more in all cases together.
        runs in prop::collection::vec(interruption(), 4..9),
    ) {
        let data = tempfile::tempdir().unwrap();
        let path = data.path().join("events.ndjson");
        let mut file = File::create(&path).unwrap();
        let store = MemoryStore::new();
        let (content, ids) = content(&lines);
        let mut rest = content.as_slice();
        for run in &runs {
            let (written, left) = rest.split_at(run.grown.min(rest.len()));
            file.write_all(written).unwrap();
            rest = left;
            check(&import_in_a_process(&path, run.unfinished, data.path(), &store, run.batch, run.killed_after));
        }
        file.write_all(rest).unwrap();
        for _ in 0..2 {
            check(&import_in_a_process(&path, UnfinishedTail::Take, data.path(), &store, 3, None));
            prop_assert_eq!(stored_ids(&store), ids.iter().cloned().collect::<Vec<_>>());
        }
        prop_assert!(store.recorded().iter().all(voc_store::LedgerEntry::is_balanced));
        drop(fs::remove_file(&path));
    }

    /// Copies are made when an import has ended, and imported along with the file as it grows.
    #[test]
    fn copies_of_a_growing_file_add_nothing(
        lines in prop::collection::vec(line(), 10..30),
        runs in prop::collection::vec((interruption(), any::<bool>()), 2..6),
    ) {
        let data = tempfile::tempdir().unwrap();
        let path = data.path().join("events.ndjson");
        let mut file = File::create(&path).unwrap();
        let store = MemoryStore::new();
        let (content, ids) = content(&lines);
        let mut rest = content.as_slice();
        let mut inputs = vec![path.clone()];
        let import = |input: &Path, batch, killed_after| {
            check(&import_in_a_process(input, UnfinishedTail::Take, data.path(), &store, batch, killed_after));
        };
        for (number, (run, is_first)) in runs.iter().enumerate() {
            let (written, left) = rest.split_at(run.grown.min(rest.len()));
            file.write_all(written).unwrap();
            rest = left;
            inputs.iter().for_each(|input| import(input, run.batch, run.killed_after));
            import(&path, run.batch, None);
            let copy = data.path().join(format!("copy{number}.ndjson"));
            fs::copy(&path, &copy).unwrap();
            inputs.insert(if *is_first { 0 } else { inputs.len() }, copy);
        }
        file.write_all(rest).unwrap();
        for _ in 0..2 {
            inputs.iter().for_each(|input| import(input, 3, None));
            prop_assert_eq!(stored_ids(&store), ids.iter().cloned().collect::<Vec<_>>());
        }
    }
}
