//! Several inputs: how a text selects them, and how they are read one after another.

use std::{
    fs,
    ops::Range,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    sync::Arc,
};

use tokio_util::sync::CancellationToken;
use voc_events::{Family as _, voc::Voc};
use voc_ingest::{
    MemoryBudget, Pipeline, PipelineError, SourceError, StoreDeadLetters,
    files::{Checkpoints, FileInput, FileSettings, FileSource, FileTally, Selection, SelectionError, UnfinishedTail},
};
use voc_nlp::Annotator;
use voc_store::MemoryStore;

use crate::{
    forms::{Layout, gzip},
    stage::{ids, lines, stored_ids},
};

/// Imports the inputs that a text selects.
async fn import(text: &str, data: &Path, store: &MemoryStore) -> (Arc<FileTally>, Result<(), PipelineError>) {
    let Selection { inputs, .. } = Selection::of(text, &[]).unwrap();
    let checkpoints = Checkpoints::open(data.join("checkpoints.ndjson"), Voc::NAME).unwrap();
    let settings =
        FileSettings { unfinished: UnfinishedTail::Take, chunk_records: 10, budget: MemoryBudget::new(1 << 20) };
    let source = FileSource::start(inputs, settings, &checkpoints, CancellationToken::new()).unwrap();
    let files = source.tally();
    let store = Arc::new(store.clone());
    let dead_letters = Arc::new(StoreDeadLetters::new(Arc::clone(&store) as Arc<_>));
    let outcome = Pipeline::<Voc>::new(store, Arc::new(Annotator::default()), dead_letters).run(source).await;
    (files, outcome)
}

#[tokio::test]
async fn each_file_of_a_folder_is_read_once() {
    let (data, folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let write = |name: &str, content: &[u8]| fs::write(folder.path().join(name), content).unwrap();
    write("a.ndjson", lines(0..10).as_bytes());
    write("b.json", Layout::PrettyArray.text(10..20).as_bytes());
    write("c.jsonl.gz", &gzip(lines(20..30).as_bytes()));
    // The same content again.
    write("d.ndjson.gz", &gzip(lines(0..10).as_bytes()));
    write("notes.txt", b"nothing");
    let store = MemoryStore::new();
    let text = folder.path().display().to_string();
    for (stored, skipped) in [(30, 10), (30, 40)] {
        let (files, outcome) = import(&text, data.path(), &store).await;
        outcome.unwrap();
        assert_eq!((store.rows(), files.files(), files.skipped()), (stored, 4, skipped));
    }
}

/// The content of a file with these events.
type Content<'c> = &'c dyn Fn(Range<u128>) -> Vec<u8>;

/// A copy of the beginning of a file, which the file continues, remains known when the file has grown.
#[tokio::test]
async fn a_folder_with_a_copy_of_the_beginning_of_a_file_can_be_imported_again() {
    let pretty = |numbers| Layout::Pretty.text(numbers).into_bytes();
    let listed = |numbers| lines(numbers).into_bytes();
    let unterminated = |numbers: Range<u128>| lines(numbers).trim_end().as_bytes().to_vec();
    let packed = |numbers| gzip(&listed(numbers));
    let layouts: [(Content<'_>, Content<'_>); 4] =
        [(&listed, &listed), (&unterminated, &listed), (&pretty, &pretty), (&packed, &packed)];
    for (copied, whole) in layouts {
        let (data, folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let write = |name: &str, content: Vec<u8>| fs::write(folder.path().join(name), content).unwrap();
        let store = MemoryStore::new();
        let text = folder.path().display().to_string();
        write("copy.json", copied(0..10));
        for events in [20, 20, 30, 30] {
            write("events.json", whole(0..events));
            import(&text, data.path(), &store).await.1.unwrap();
            assert_eq!(stored_ids(&store), ids(0..events));
        }
        // What the copy becomes on its own is another file.
        write("copy.json", copied(0..11));
        import(&text, data.path(), &store).await.1.unwrap();
        assert_eq!(store.rows(), 30 + 11);
    }
}

#[tokio::test]
async fn an_unreadable_input_does_not_affect_the_others() {
    let data = tempfile::tempdir().unwrap();
    let write = |name: &str, content: &[u8]| {
        fs::write(data.path().join(name), content).unwrap();
        data.path().join(name).display().to_string()
    };
    let archive = gzip(lines(100..200).as_bytes());
    let names = [
        write("table.csv", b"a,b\n1,2\n"),
        write("a.ndjson", lines(0..10).as_bytes()),
        write("cut.gz", &archive[..archive.len() - 4]),
        write("b.ndjson", lines(10..20).as_bytes()),
    ];
    let store = MemoryStore::new();
    let (files, outcome) = import(&names.join(","), data.path(), &store).await;
    let Err(PipelineError::Source(SourceError::Inputs { failed: 2, inputs: 4, foreign: 1 })) = outcome else {
        panic!("not the expected outcome: {outcome:?}");
    };
    assert_eq!((files.files(), store.rows()), (2, 120));
    // As the only input, its own error is returned.
    let (_, outcome) = import(&names[0], data.path(), &store).await;
    assert!(matches!(outcome, Err(PipelineError::Source(SourceError::Foreign { .. }))), "{outcome:?}");
    fs::write(&names[2], archive).unwrap();
    import(&names[1..].join(" , "), data.path(), &store).await.1.unwrap();
    assert_eq!(stored_ids(&store), ids(0..20).into_iter().chain(ids(100..200)).collect::<Vec<_>>());
}

#[tokio::test]
async fn links_that_lead_nowhere_are_reported_and_the_others_are_read() {
    let (data, folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    for (name, numbers) in [("a.ndjson", 0..10), ("z.ndjson", 10..20)] {
        fs::write(folder.path().join(name), lines(numbers)).unwrap();
    }
    symlink("nowhere.ndjson", folder.path().join("b.ndjson")).unwrap();
    symlink("c.ndjson", folder.path().join("c.ndjson")).unwrap();
    for text in [folder.path().to_owned(), folder.path().join("*")] {
        let store = MemoryStore::new();
        let data = tempfile::tempdir_in(data.path()).unwrap();
        let (files, outcome) = import(&text.display().to_string(), data.path(), &store).await;
        let Err(PipelineError::Source(SourceError::Inputs { failed: 2, inputs: 4, foreign: 0 })) = outcome else {
            panic!("not the expected outcome: {outcome:?}");
        };
        assert_eq!((files.files(), stored_ids(&store)), (2, ids(0..20)));
    }
}

/// A folder with these files.
fn folder(names: &[&str]) -> (tempfile::TempDir, impl Fn(&str) -> PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    for name in names {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "").unwrap();
    }
    let root = folder.path().to_owned();
    (folder, move |name| root.join(name))
}

fn files(paths: &[PathBuf]) -> Vec<FileInput> {
    paths.iter().cloned().map(FileInput::File).collect()
}

#[test]
fn a_text_selects_paths_folders_patterns_and_standard_input() {
    let names = ["b.jsonl", "a.ndjson", "C.JSON.GZ", "d.json.zst", "e.csv", "f.gz", "in/g.json", "x,y.json", "[1].log"];
    let (_folder, path) = folder(&names);
    let text = |name: &str| path(name).display().to_string();
    let root = text("");
    let root = root.trim_end_matches('/');
    let found = Selection::of(root, &[path("b.jsonl")]).unwrap();
    assert_eq!(found.inputs, files(&["C.JSON.GZ", "a.ndjson", "d.json.zst", "x,y.json"].map(&path)));
    assert_eq!(found.skipped_paths, ["[1].log", "e.csv", "f.gz", "in", "b.jsonl"].map(&path));
    // An existing path is taken literally.
    for name in ["x,y.json", "[1].log", "e.csv"] {
        assert_eq!(Selection::of(&text(name), &[]).unwrap().inputs, files(&[path(name)]));
    }
    let several = format!("{}, {},-,{},-", text("e.csv"), text("a.ndjson"), text("e.csv"));
    let expected = [FileInput::File(path("e.csv")), FileInput::File(path("a.ndjson")), FileInput::Stdin];
    assert_eq!(Selection::of(&several, &[]).unwrap().inputs, expected);
    let found = Selection::of(&format!("{root}/*.csv,{root}/**/*.json"), &[]).unwrap();
    assert_eq!(found.inputs, files(&["e.csv", "in/g.json", "x,y.json"].map(&path)));
    assert_eq!(Selection::of(&format!("{root}/*"), &[]).unwrap().skipped_paths, [path("in")]);
    assert_eq!(Selection::of("-", &[]).unwrap().inputs, [FileInput::Stdin]);
}

#[test]
fn everything_below_a_folder_of_the_program_is_skipped_unless_it_is_named() {
    let (_folder, path) = folder(&["a.json", "data/b.json", "data/engine/c.json", "data-of-others/d.json"]);
    let text = |name: &str| path(name).display().to_string();
    let of = |text: &str| Selection::of(text, &[path("data")]);
    let found = of(&text("**/*.json")).unwrap();
    assert_eq!(found.inputs, files(&["a.json", "data-of-others/d.json"].map(&path)));
    assert_eq!(found.skipped_paths, ["data/b.json", "data/engine/c.json"].map(&path));
    for only_own in ["data", "data/**/*.json"] {
        assert!(matches!(of(&text(only_own)), Err(SelectionError::OnlyOwn(name)) if name == text(only_own)));
    }
    assert_eq!(of(&text("data/b.json")).unwrap().inputs, files(&[path("data/b.json")]));
}

#[test]
fn a_text_that_selects_nothing_is_an_error_with_a_reason() {
    let (_folder, path) = folder(&["logs/a.log"]);
    let text = |name: &str| path(name).display().to_string();
    let error = |text: &str| Selection::of(text, &[]).unwrap_err();
    let listed = format!("{},{}", text("logs/a.log"), text("no.json"));
    assert!(matches!(error(&listed), SelectionError::Missing(name) if name == text("no.json")));
    assert!(matches!(error(&text("logs/*.json")), SelectionError::NoneFits(_)));
    assert!(error(&text("logs")).to_string().contains(".jsonl"), "{}", error(&text("logs")));
    assert!(matches!(error(&text("logs/[")), SelectionError::Pattern { .. }));
    symlink("nowhere.log", path("logs/link.log")).unwrap();
    assert!(error(&text("logs/link.log")).to_string().contains("is a link to a file that does not"));
    // What exists and cannot be read is not missing.
    assert!(
        matches!(error(&text("logs/a.log/b.log")), SelectionError::Io { path, .. } if path == text("logs/a.log/b.log"))
    );
}
