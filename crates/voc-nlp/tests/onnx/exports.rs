//! Folders as exporters leave them: all the files that `optimum-cli export onnx` writes for a multilingual classifier
//! of the kind of XLM-RoBERTa, and the variants of them that are published.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use tempfile::TempDir;
use voc_nlp::Model;
use voc_nlp::backends::{BackendError, OnnxModel, OnnxSettings};

use super::{graph, has_runtime};

/// The pieces of words of the model, in the order of their numbers, and the logits that they stand for.
const PIECES: [(&str, [f32; 3]); 8] = [
    ("<s>", [0.0; 3]),
    ("<pad>", [100.0, 0.0, 0.0]),
    ("</s>", [0.0; 3]),
    ("<unk>", [0.0; 3]),
    ("▁p", [0.0; 3]),
    ("éssimo", [9.0, 0.0, 0.0]),
    ("▁ok", [0.0, 9.0, 0.0]),
    ("▁excellent", [0.0, 0.0, 9.0]),
];

/// The sentiment of a text of these numbers of pieces, by class, between a begin and an end.
fn expected(classes: [f32; 3], pieces: f32) -> f32 {
    let [negative, neutral, positive] = classes.map(|count| (9.0 * count / (pieces + 2.0)).exp());
    (positive - negative) / (negative + neutral + positive)
}

/// `tokenizer.json`: a unigram model whose words begin with `▁`, between `<s>` and `</s>`.
fn tokenizer() -> Value {
    let special = |id: usize| {
        let (content, _) = PIECES[id];
        json!({"id": id, "content": content, "single_word": false, "lstrip": false, "rstrip": false,
               "normalized": false, "special": true})
    };
    let vocabulary: Vec<_> = PIECES.iter().enumerate().map(|(id, (piece, _))| json!([piece, -(id as f64)])).collect();
    json!({
        "version": "1.0",
        "truncation": {"direction": "Right", "max_length": 512, "strategy": "LongestFirst", "stride": 0},
        "padding": {"strategy": "BatchLongest", "direction": "Right", "pad_to_multiple_of": null, "pad_id": 1,
                    "pad_type_id": 0, "pad_token": "<pad>"},
        "added_tokens": [special(0), special(1), special(2), special(3)],
        "normalizer": {"type": "NFKC"},
        "pre_tokenizer": {"type": "Sequence", "pretokenizers": [
            {"type": "WhitespaceSplit"},
            {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": true},
        ]},
        "post_processor": {
            "type": "TemplateProcessing",
            "single": [{"SpecialToken": {"id": "<s>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}},
                       {"SpecialToken": {"id": "</s>", "type_id": 0}}],
            "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 0}}],
            "special_tokens": {"<s>": {"id": "<s>", "ids": [0], "tokens": ["<s>"]},
                               "</s>": {"id": "</s>", "ids": [2], "tokens": ["</s>"]}},
        },
        "decoder": {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": true},
        "model": {"type": "Unigram", "unk_id": 3, "vocab": vocabulary, "byte_fallback": false},
    })
}

fn config(labels: &[&str]) -> Value {
    let id2label: serde_json::Map<String, Value> =
        labels.iter().enumerate().map(|(id, label)| (id.to_string(), (*label).into())).collect();
    let label2id: serde_json::Map<String, Value> =
        labels.iter().enumerate().map(|(id, label)| ((*label).to_owned(), id.into())).collect();
    json!({
        "architectures": ["XLMRobertaForSequenceClassification"], "model_type": "xlm-roberta",
        "bos_token_id": 0, "pad_token_id": 1, "eos_token_id": 2, "max_position_embeddings": 514,
        "hidden_size": 768, "num_hidden_layers": 12, "type_vocab_size": 1, "vocab_size": PIECES.len(),
        "id2label": id2label, "label2id": label2id, "problem_type": "single_label_classification",
        "torch_dtype": "float32", "transformers_version": "4.46.3",
    })
}

/// What `optimum-cli export onnx --task text-classification` writes.
fn export(labels: &[&str]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, content: &[u8]| fs::write(folder.path().join(name), content).unwrap();
    write("model.onnx", &graph::mean_of_embeddings(&PIECES.map(|(_, logits)| logits)));
    write("config.json", config(labels).to_string().as_bytes());
    write("tokenizer.json", tokenizer().to_string().as_bytes());
    let special = json!({"bos_token": "<s>", "eos_token": "</s>", "pad_token": "<pad>", "unk_token": "<unk>"});
    write("special_tokens_map.json", special.to_string().as_bytes());
    let settings = json!({"model_max_length": 512, "tokenizer_class": "XLMRobertaTokenizer"});
    write("tokenizer_config.json", settings.to_string().as_bytes());
    write("sentencepiece.bpe.model", b"\x0a\x0e\x0a\x05<unk>");
    let quantised = json!({"one_external_file": true, "optimization": {}, "quantization": {}});
    write("ort_config.json", quantised.to_string().as_bytes());
    folder
}

const LABELS: [&str; 3] = ["negative", "neutral", "positive"];

fn open(folder: &Path) -> Result<OnnxModel, BackendError> {
    OnnxModel::open(&OnnxSettings::new(folder))
}

/// Whether the model in the folder reads texts as it should.
fn check(folder: &Path) {
    let model = open(folder).unwrap();
    let answers = model.annotate_batch(&["excellent", "péssimo péssimo ok", "ｏｋ", "desconhecido"]).unwrap();
    let scores: Vec<_> = answers.iter().map(|answer| answer.sentiment).collect();
    let right = [
        expected([0.0, 0.0, 1.0], 1.0),
        // "pé" is not divided, so "péssimo" is two pieces.
        expected([2.0, 1.0, 0.0], 5.0),
        expected([0.0, 1.0, 0.0], 1.0),
        0.0,
    ];
    assert!(scores.iter().zip(right).all(|(found, right)| (found - right).abs() < 1e-4), "{scores:?}, not {right:?}");
}

#[test]
fn all_files_of_an_export() {
    if !has_runtime() {
        return;
    }
    check(export(&LABELS).path());
    check(export(&["LABEL_0", "LABEL_1", "LABEL_2"]).path());
    check(export(&["Negativo", "Neutro", "Positivo"]).path());
    check(export(&["1 star", "2 stars", "3 stars"]).path());
}

#[test]
fn published_names_of_models() {
    if !has_runtime() {
        return;
    }
    for name in [
        "onnx/model.onnx",
        "model_quantized.onnx",
        "onnx/model_quantized.onnx",
        "onnx/model_int8.onnx",
        "model_uint8.onnx",
    ] {
        let folder = export(&LABELS);
        let model = folder.path().join(name);
        fs::create_dir_all(model.parent().unwrap()).unwrap();
        fs::rename(folder.path().join("model.onnx"), &model).unwrap();
        check(folder.path());
        // The whole model takes precedence.
        fs::write(&model, "damaged").unwrap();
        fs::write(folder.path().join("model.onnx"), graph::mean_of_embeddings(&PIECES.map(|(_, logits)| logits)))
            .unwrap();
        check(folder.path());
    }
}

#[test]
fn weights_in_a_file_of_their_own_are_part_of_the_version() {
    if !has_runtime() {
        return;
    }
    let folder = export(&LABELS);
    let version = || open(folder.path()).unwrap().version().to_owned();
    let without = version();
    fs::write(folder.path().join("model.onnx_data"), "1").unwrap();
    let one = version();
    fs::write(folder.path().join("model.onnx_data"), "2").unwrap();
    assert!(one != without && one != version());
}

/// Errors say what is wrong and what to do; they need no runtime.
#[test]
fn errors_say_what_to_do() {
    let error = |change: &dyn Fn(&Path)| {
        let folder = export(&LABELS);
        change(folder.path());
        let error = open(folder.path()).unwrap_err().to_string();
        error.replace(folder.path().to_str().unwrap(), "FOLDER")
    };
    let remove = |name: &'static str| move |folder: &Path| fs::remove_file(folder.join(name)).unwrap();
    assert_eq!(
        error(&remove("model.onnx")),
        "model.onnx of the model: not found in FOLDER; export the model to this folder: optimum-cli export onnx \
         --task text-classification -m MODEL FOLDER"
    );
    assert_eq!(
        error(&|folder| fs::rename(folder.join("model.onnx"), folder.join("sentiment.onnx")).unwrap()),
        "model.onnx of the model: not found in FOLDER; name one of sentiment.onnx so"
    );
    assert_eq!(
        error(&remove("tokenizer.json")),
        "tokenizer.json of the model: not found in FOLDER; write it with the Python package transformers: \
         AutoTokenizer.from_pretrained(FOLDER, use_fast=True).save_pretrained(FOLDER)"
    );
    assert_eq!(
        error(&remove("config.json")),
        "config.json of the model: not found in FOLDER; copy it from where the model was exported or downloaded"
    );
    for (labels, quoted) in [(&["joy", "anger", "fear"][..], "\"joy\", \"anger\", \"fear\""), (&[], "[]")] {
        let said = error(&|folder| fs::write(folder.join("config.json"), config(labels).to_string()).unwrap());
        assert!(said.contains(quoted) && said.contains("name them negative, neutral and positive"), "{said}");
    }
}

#[test]
fn labels_of_another_model_are_refused() {
    if !has_runtime() {
        return;
    }
    let stars = ["1 star", "2 stars", "3 stars", "4 stars", "5 stars"];
    assert_eq!(
        open(export(&stars).path()).unwrap_err().to_string(),
        "config.json of the model: id2label has 5 labels, but the model has 3 outputs: take both from the same export"
    );
}
