//! A file that grows while it is imported again and again, by processes that are killed: every event of it is stored
//! once.

#![expect(clippy::unwrap_used, reason = "helpers of tests end them this way")]

use std::{
    collections::BTreeSet,
    fs::{self, File},
    future::poll_fn,
    io::Write as _,
    path::Path,
    pin::pin,
    sync::Arc,
    task::Poll,
};

use proptest::prelude::*;
use tokio_util::sync::CancellationToken;
use voc_events::voc::Voc;
use voc_ingest::{
    BatchSettings, MemoryBudget, Pipeline, StoreDeadLetters,
    files::{Checkpoints, FileInput, FileSettings, FileSource, Unfinished},
};
use voc_nlp::Annotator;
use voc_store::MemoryStore;

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

/// One look at the file.
#[derive(Debug, Clone)]
struct Run {
    /// Bytes that were written meanwhile.
    grown: usize,
    unfinished: Unfinished,
    /// How often the import gets on before it is killed; to its end if it is none.
    killed_after: Option<usize>,
    batch: usize,
}

fn interruption() -> impl Strategy<Value = Run> {
    let unfinished = prop::sample::select(vec![Unfinished::Leave, Unfinished::Take]);
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

/// Imports the file as it is now, in a process that may be killed.
async fn import(file: &Path, data: &Path, store: &MemoryStore, run: &Run) {
    let batch = BatchSettings { size: run.batch, max: 2 * run.batch, ..BatchSettings::default() };
    let checkpoints = Checkpoints::open(data.join("checkpoints.ndjson")).unwrap();
    let settings =
        FileSettings { unfinished: run.unfinished, chunk_records: run.batch, budget: MemoryBudget::new(1 << 20) };
    let inputs = vec![FileInput::File(file.to_owned())];
    let source = FileSource::start(inputs, settings, &checkpoints, CancellationToken::new()).unwrap();
    let store: Arc<MemoryStore> = Arc::new(store.clone());
    let letters = Arc::new(StoreDeadLetters::new(Arc::clone(&store) as Arc<_>));
    let pipeline = Pipeline::<Voc>::new(store, Arc::new(Annotator::default()), letters).batch(batch);
    let mut running = pin!(pipeline.run(source));
    let mut polls = 0;
    poll_fn(|context| {
        if run.killed_after.is_some_and(|killed_after| polls >= killed_after) {
            return Poll::Ready(());
        }
        polls += 1;
        running.as_mut().poll(context).map(|outcome| outcome.unwrap())
    })
    .await;
}

/// Does its work on a runtime of its own, as in a process of its own: with it end all of its tasks, whatever they were
/// about to do.
fn in_a_process_of_its_own(work: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(work);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 250, ..ProptestConfig::default() })]

    #[test]
    fn every_event_is_stored_once(
        lines in prop::collection::vec(line(), 1..30),
        // Of all cases together a thousand and more.
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
            in_a_process_of_its_own(import(&path, data.path(), &store, run));
        }
        file.write_all(rest).unwrap();
        let to_the_end = Run { grown: 0, unfinished: Unfinished::Take, killed_after: None, batch: 3 };
        for _ in 0..2 {
            in_a_process_of_its_own(import(&path, data.path(), &store, &to_the_end));
            let mut stored: Vec<String> = store
                .texts("payload")
                .iter()
                .map(|payload| serde_json::from_str::<serde_json::Value>(payload).unwrap()["event_id"].as_str().unwrap().to_owned())
                .collect();
            stored.sort_unstable();
            prop_assert_eq!(stored, ids.iter().cloned().collect::<Vec<_>>());
        }
        prop_assert!(store.recorded().iter().all(voc_store::LedgerEntry::is_balanced));
        drop(fs::remove_file(&path));
    }
}
