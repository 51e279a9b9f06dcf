//! Classifiers on the ONNX Runtime: a small one that this test writes itself, actually run.
//!
//! Needs the runtime's library: `cargo xtask onnxruntime` fetches it, `ORT_DYLIB_PATH` names it.

#![cfg(feature = "onnx")]
#![expect(clippy::unwrap_used, clippy::print_stderr, reason = "helpers of tests may fail the test")]

mod exports;
mod graph;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::{Value, json};
use tempfile::TempDir;
use voc_nlp::backends::{BackendError, OnnxModel, OnnxSettings};
use voc_nlp::{Annotator, DecidedBy, Model, ModelAnswer, Probabilities};

/// Words of the model and the logits they stand for: negative, neutral, positive. A text's logits are the means of its
/// words'.
const WORDS: [(&str, [f32; 3]); 5] = [
    ("[PAD]", [100.0, 100.0, 0.0]),
    ("[UNK]", [0.0, 0.0, 0.0]),
    ("bad", [4.0, 0.0, 0.0]),
    ("so", [0.0, 4.0, 0.0]),
    ("good", [0.0, 0.0, 4.0]),
];

const LABELS: [&str; 3] = ["negative", "neutral", "positive"];

/// An exported model in its own folder.
struct Exported(TempDir);

impl Exported {
    fn new(config: &Value) -> Self {
        let folder = Self(tempfile::tempdir().unwrap());
        fs::write(folder.path().join("model.onnx"), graph::mean_of_embeddings(&WORDS.map(|(_, logits)| logits)))
            .unwrap();
        fs::write(folder.path().join("tokenizer.json"), tokenizer().to_string()).unwrap();
        fs::write(folder.path().join("config.json"), config.to_string()).unwrap();
        folder
    }

    fn labelled(labels: [&str; 3]) -> Self {
        let [first, second, third] = labels;
        Self::new(&json!({"model_type": "distilbert", "id2label": {"0": first, "1": second, "2": third}}))
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn open(&self) -> Result<OnnxModel, BackendError> {
        OnnxModel::open(&OnnxSettings::new(self.path()))
    }
}

fn tokenizer() -> Value {
    let vocabulary: serde_json::Map<String, Value> =
        WORDS.iter().enumerate().map(|(id, (word, _))| ((*word).to_owned(), id.into())).collect();
    json!({
        "version": "1.0", "truncation": null, "padding": null, "added_tokens": [],
        "normalizer": {"type": "Lowercase"}, "pre_tokenizer": {"type": "Whitespace"},
        "post_processor": null, "decoder": null,
        "model": {"type": "WordLevel", "vocab": vocabulary, "unk_token": "[UNK]"},
    })
}

/// Whether there is a runtime. If the variable `CI` is set, a missing one fails the test.
fn has_runtime() -> bool {
    let named = std::env::var_os("ORT_DYLIB_PATH").map(PathBuf::from);
    let is_there = named.is_some_and(|library| library.is_file());
    if !is_there {
        let is_wanted = std::env::var_os("CI").is_some_and(|value| !value.is_empty());
        assert!(!is_wanted, "ORT_DYLIB_PATH names no library");
        eprintln!("NOT RUN: ORT_DYLIB_PATH names no library; cargo xtask onnxruntime fetches one");
    }
    is_there
}

/// The expected answer of the model for a text of these words.
fn expected(words: &[&str]) -> ModelAnswer {
    let logits = |word: &&str| WORDS.iter().find(|(known, _)| known == word).map_or([0.0; 3], |(_, logits)| *logits);
    let mut means = [0.0; 3];
    for word in words {
        means.iter_mut().zip(logits(word)).for_each(|(mean, logit)| *mean += logit / words.len() as f32);
    }
    let powers = means.map(f32::exp);
    let sum: f32 = powers.iter().sum();
    let [negative, neutral, positive] = powers.map(|power| power / sum);
    ModelAnswer::from_probabilities(Probabilities { negative, neutral, positive })
}

fn assert_close(found: &ModelAnswer, expected: &ModelAnswer) {
    let numbers = |answer: &ModelAnswer| {
        let Probabilities { negative, neutral, positive } = answer.probabilities;
        [answer.sentiment, answer.confidence, negative, neutral, positive]
    };
    let near =
        numbers(found).into_iter().zip(numbers(expected)).all(|(found, expected)| (found - expected).abs() < 1e-4);
    assert!(near, "{found:?} is not {expected:?}");
}

#[test]
fn known_texts_have_known_answers() {
    if !has_runtime() {
        return;
    }
    let model = Exported::labelled(LABELS).open().unwrap();
    let texts = ["good", "bad BAD good", "so", "xyzzy", ""];
    let answers = model.annotate_batch(&texts).unwrap();
    let words: [&[&str]; 5] = [&["good"], &["bad", "bad", "good"], &["so"], &["[UNK]"], &[]];
    // A text without tokens has a mean of nothing, which is NaN, or zeros; it is not tested.
    for (found, words) in answers.iter().zip(words).take(4) {
        assert_close(found, &expected(words));
    }
    assert!(answers[0].sentiment > 0.9 && answers[1].sentiment < -0.4);
}

#[test]
fn padding_changes_nothing() {
    if !has_runtime() {
        return;
    }
    let model = Exported::labelled(LABELS).open().unwrap();
    let texts = ["good", "so bad so bad so bad so bad", "bad", "good so"];
    let together = model.annotate_batch(&texts).unwrap();
    for (text, found) in texts.iter().zip(&together) {
        assert_close(found, &model.annotate_batch(&[text]).unwrap()[0]);
    }
}

#[test]
fn text_beyond_the_models_limit_is_cut_off() {
    if !has_runtime() {
        return;
    }
    let config = |kind: &str| {
        json!({"model_type": kind, "max_position_embeddings": 4, "pad_token_id": 0,
               "id2label": {"0": "negative", "1": "neutral", "2": "positive"}})
    };
    let text = "good good good bad bad bad bad bad";
    let model = Exported::new(&config("bert")).open().unwrap();
    assert_close(&model.annotate_batch(&[text]).unwrap()[0], &expected(&["good", "good", "good", "bad"]));
    // Its positions begin after padding's.
    let model = Exported::new(&config("xlm-roberta")).open().unwrap();
    assert_close(&model.annotate_batch(&[text]).unwrap()[0], &expected(&["good"; 3]));

    let exported = Exported::new(&config("bert"));
    let mut settings = OnnxSettings::new(exported.path());
    settings.max_tokens = 2;
    let model = OnnxModel::open(&settings).unwrap();
    assert_close(&model.annotate_batch(&["bad good good"]).unwrap()[0], &expected(&["bad", "good"]));
}

#[test]
fn labels_define_the_meaning_of_logits() {
    if !has_runtime() {
        return;
    }
    for (labels, sentiment) in [
        (["LABEL_0", "LABEL_1", "LABEL_2"], expected(&["good"]).sentiment),
        (["1 star", "2 stars", "3 stars"], expected(&["good"]).sentiment),
        (["POS", "NEU", "NEG"], -expected(&["good"]).sentiment),
    ] {
        let answers = Exported::labelled(labels).open().unwrap().annotate_batch(&["good"]).unwrap();
        assert!((answers[0].sentiment - sentiment).abs() < 1e-4, "{labels:?}");
    }
}

#[test]
fn an_annotator_calls_it() {
    if !has_runtime() {
        return;
    }
    let exported = Exported::labelled(LABELS);
    let model = Arc::new(exported.open().unwrap());
    let annotator = Annotator::builder().model(model).confidence_threshold(2.0).max_model_batch(2).build();
    let annotations = annotator.annotate_batch(&["good", "bad", "so", "bad good"]);
    for (annotation, words) in annotations.iter().zip([&["good"][..], &["bad"], &["so"], &["bad", "good"]]) {
        assert_eq!(annotation.decided_by, DecidedBy::Model);
        assert!((annotation.sentiment.unwrap() - expected(words).sentiment).abs() < 1e-4);
    }
    let folder = exported.path().file_name().unwrap().to_str().unwrap();
    assert!(annotator.version().contains(&format!("+onnx@{folder}/")), "{}", annotator.version());
}

#[test]
fn other_files_change_the_version() {
    if !has_runtime() {
        return;
    }
    let exported = Exported::labelled(LABELS);
    let first = exported.open().unwrap().version().to_owned();
    assert_eq!(exported.open().unwrap().version(), first);
    let logits = WORDS.map(|(_, [negative, neutral, positive])| [positive, neutral, negative]);
    fs::write(exported.path().join("model.onnx"), graph::mean_of_embeddings(&logits)).unwrap();
    assert_ne!(exported.open().unwrap().version(), first);
}

#[test]
fn folders_without_a_model_are_rejected() {
    if !has_runtime() {
        return;
    }
    let bad_file = |exported: &Exported| match exported.open().unwrap_err() {
        BackendError::BadFile { file, problem } => (file, problem),
        error => panic!("{error}"),
    };
    for missing in ["model.onnx", "tokenizer.json", "config.json"] {
        let exported = Exported::labelled(LABELS);
        fs::remove_file(exported.path().join(missing)).unwrap();
        assert_eq!(bad_file(&exported).0, missing);
    }
    for (file, content, problem) in [
        ("tokenizer.json", "{}", ""),
        ("config.json", "{", "EOF"),
        ("config.json", "{}", "id2label"),
        ("config.json", r#"{"id2label": {"0": "joy", "1": "anger"}}"#, "joy"),
        ("config.json", r#"{"id2label": {"1": "negative", "2": "positive"}}"#, "id2label"),
    ] {
        let exported = Exported::labelled(LABELS);
        fs::write(exported.path().join(file), content).unwrap();
        let (found, said) = bad_file(&exported);
        assert!(found == file && said.contains(problem), "{found}: {said}");
    }
    let exported = Exported::labelled(LABELS);
    fs::write(exported.path().join("model.onnx"), "no model").unwrap();
    assert!(matches!(exported.open(), Err(BackendError::Runtime(_))));
}

#[test]
fn fewer_labels_than_logits_are_an_error() {
    if !has_runtime() {
        return;
    }
    let exported = Exported::new(&json!({"id2label": {"0": "negative", "1": "positive"}}));
    let error = exported.open().unwrap_err();
    assert_eq!(
        error.to_string(),
        "config.json of the model: id2label has 2 labels, but the model has 3 outputs: take both from the same export"
    );
}
