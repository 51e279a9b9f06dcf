//! `voc-train calibrate`, which `cargo xtask calibrate` runs, on generated texts.

#![expect(clippy::unwrap_used, reason = "helpers of tests may fail the test")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use voc_nlp::{Calibration, Engine, FastStage, Sentiment};

/// Texts in words that no lexicon has, all of them unhappy unless they say otherwise.
fn csv(texts: usize) -> String {
    let row = |i| match i % 5 {
        0 => format!("{i},\"I love it, really {i}\",positive\n"),
        _ => format!("{i},\"the parcel {i} is on the table, in room {i}\",negative\n"),
    };
    std::iter::once("id,text,label\n".to_owned()).chain((0..texts).map(row)).collect()
}

fn calibrate(folder: &Path, texts: &str, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_voc-train"));
    command.current_dir(folder).args(["calibrate", texts]).args(arguments).env("RUST_BACKTRACE", "0");
    command.output().unwrap()
}

fn calibrations(folder: &Path) -> Vec<PathBuf> {
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    paths.filter(|path| path.extension().is_some_and(|extension| extension == "calibration")).collect()
}

fn out(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn err(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn a_calibration_that_helps_is_written() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("texts.csv"), csv(100)).unwrap();
    let only_report = calibrate(folder.path(), "texts.csv", &["--tenant", "a/b", "--report-only"]);
    assert!(only_report.status.success(), "{}", err(&only_report));
    let report = out(&only_report);
    for part in ["100 labelled texts: 80 negative, 0 neutral, 20 positive", "macro-F1", "accuracy", "calibration error"]
    {
        assert!(report.contains(part), "{part}: {report}");
    }
    assert!(
        report.contains("warning: 100 texts are few") && report.contains("no text is labelled neutral"),
        "{report}"
    );
    assert_eq!(calibrations(folder.path()), Vec::<PathBuf>::new());

    let done = calibrate(folder.path(), "texts.csv", &["--tenant", "a/b"]);
    assert!(done.status.success(), "{}", err(&done));
    let [path] = &calibrations(folder.path())[..] else { panic!("one file: {}", out(&done)) };
    let name = path.file_name().unwrap().to_str().unwrap();
    assert!(out(&done).trim_end().ends_with(name), "{}", out(&done));
    let calibration = Calibration::read(&fs::read(path).unwrap()).unwrap();
    assert_eq!((calibration.tenant(), calibration.texts()), ("a/b", [80, 0, 20]));
    let engine = Engine::built_in().with_calibration(&calibration).unwrap();
    assert_eq!(engine.annotate("the box is on the chair").label(), Sentiment::Negative);
    // The same texts give the same file.
    let again = calibrate(folder.path(), "texts.csv", &["--tenant", "a/b"]);
    assert_eq!((out(&again), calibrations(folder.path()).len()), (out(&done), 1));
}

#[test]
fn one_that_does_not_help_is_not_written() {
    let folder = tempfile::tempdir().unwrap();
    // Most are labelled as the engine sees them anyway, and there is no sense in the others.
    let texts = ["I hate it, it is horrible", "the parcel is on the table", "I love it, it is wonderful"];
    let labels = ["negative", "neutral", "positive"];
    let lines = (0..60).map(|i| {
        let label = if [0, 4, 8].contains(&(i % 15)) { i + 1 } else { i };
        format!("{}\n", serde_json::json!({"text": format!("{} {i}", texts[i % 3]), "label": labels[label % 3]}))
    });
    fs::write(folder.path().join("texts.ndjson"), lines.collect::<String>()).unwrap();
    let arguments = ["--tenant", "acme", "--out", "."];
    let refused = calibrate(folder.path(), "texts.ndjson", &arguments);
    assert_eq!(refused.status.code(), Some(1), "{}{}", out(&refused), err(&refused));
    assert!(out(&refused).contains("it does not help"), "{}", out(&refused));
    assert!(err(&refused).contains("--even-if-useless"), "{}", err(&refused));
    assert!(calibrations(folder.path()).is_empty());
    let forced = calibrate(folder.path(), "texts.ndjson", &[&arguments[..], &["--even-if-useless"]].concat());
    assert!(forced.status.success(), "{}", err(&forced));
    assert_eq!(calibrations(folder.path()).len(), 1);
}

#[test]
fn the_words_of_the_tenant_count() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("texts.csv"), csv(60)).unwrap();
    fs::write(folder.path().join("acme.toml"), "[words]\nparcel = -4.0\n").unwrap();
    let done = calibrate(folder.path(), "texts.csv", &["--tenant", "acme", "--even-if-useless"]);
    assert!(done.status.success() && out(&done).contains("acme.toml"), "{}{}", out(&done), err(&done));
    let without = calibrate(folder.path(), "texts.csv", &["--tenant", "globex", "--report-only"]);
    let before = |output: &Output| out(output).lines().find(|line| line.starts_with("accuracy")).unwrap().to_owned();
    assert_ne!(before(&done), before(&without));
}

#[test]
fn mistakes_are_explained() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    write("labels.csv", "text,label\ngood,pos\nbad,negative\n,neutral\n");
    write("few.csv", &csv(10));
    write("texts.txt", "x");
    write("acme.toml", "[words");
    for (texts, arguments, expected) in [
        ("labels.csv", &["--tenant", "globex"][..], "line 2: the label is \"pos\""),
        ("labels.csv", &["--tenant", "globex"], "line 4: the text is empty"),
        ("few.csv", &["--tenant", "globex"], "10 labelled texts with words are too few"),
        ("few.csv", &["--tenant", "acme"], "cannot use"),
        ("few.csv", &["--tenant", ""], "--tenant is empty"),
        ("few.csv", &["--tenant", "globex", "--out", "nowhere"], "--out nowhere is not a folder"),
        ("texts.txt", &["--tenant", "globex"], ".csv, .tsv, .ndjson or .jsonl"),
        ("missing.csv", &["--tenant", "globex"], "cannot read missing.csv"),
    ] {
        let output = calibrate(folder.path(), texts, arguments);
        assert!(!output.status.success() && err(&output).contains(expected), "{expected}: {}", err(&output));
    }
    assert!(calibrations(folder.path()).is_empty());
}
