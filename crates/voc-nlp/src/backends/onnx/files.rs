//! The files of an exported model.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use sha2::{Digest, Sha256};
use tokenizers::{Tokenizer, TruncationParams};

use super::labels::Labels;
use crate::backends::BackendError;

/// The names that exporters give a model, the best first: whole, with numbers of 8 bits.
const MODEL: [&str; 4] = ["model", "model_quantized", "model_int8", "model_uint8"];
/// The folders that they put it in.
const FOLDERS: [&str; 2] = ["", "onnx"];
const TOKENIZER: &str = "tokenizer.json";
const CONFIG: &str = "config.json";

/// Maximum number of tokens of a model whose configuration does not state one.
const USUAL_TOKENS: usize = 512;

/// The files of an exported model; only the small ones are read.
pub(super) struct ModelFiles {
    pub(super) model: PathBuf,
    /// The folder's name and a hash of all files.
    pub(super) version: String,
    tokenizer: PathBuf,
    config: Config,
}

#[derive(Deserialize)]
struct Config {
    #[serde(default)]
    id2label: BTreeMap<usize, String>,
    #[serde(default)]
    model_type: String,
    max_position_embeddings: Option<usize>,
    #[serde(default)]
    pad_token_id: u32,
}

impl ModelFiles {
    pub(super) fn read(folder: &Path) -> Result<Self, BackendError> {
        let model = model_in(folder)?;
        let tokenizer = folder.join(TOKENIZER);
        let config = folder.join(CONFIG);
        let text = fs::read_to_string(&config).map_err(|error| missing(folder, CONFIG, &error))?;
        let read = serde_json::from_str(&text).map_err(|error| bad_file(CONFIG, error.to_string()))?;
        if !tokenizer.is_file() {
            return Err(missing(folder, TOKENIZER, &io::ErrorKind::NotFound.into()));
        }

        // What is too large for one file is in a second one, "model.onnx_data".
        let mut data = model.clone().into_os_string();
        data.push("_data");
        let data = Some(PathBuf::from(data)).filter(|data| data.is_file());
        let mut digest = Sha256::new();
        for path in [&model, &tokenizer, &config].into_iter().chain(&data) {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let hash = File::open(path).and_then(|mut file| io::copy(&mut file, &mut Hashing(&mut digest)));
            hash.map_err(|error| bad_file(&name, error.to_string()))?;
        }
        let hash: String = digest.finalize().iter().take(4).map(|byte| format!("{byte:02x}")).collect();
        let name = folder.file_name().unwrap_or_default().to_string_lossy();
        Ok(Self { model, version: format!("{name}/{hash}"), tokenizer, config: read })
    }

    pub(super) fn labels(&self) -> Result<Labels, BackendError> {
        let names: Vec<&str> = self.config.id2label.values().map(String::as_str).collect();
        let in_order = self.config.id2label.keys().copied().eq(0..names.len());
        in_order.then(|| Labels::named(&names)).flatten().ok_or_else(|| {
            bad_file(
                CONFIG,
                format!(
                    "id2label holds {names:?}, of which it is not clear what is negative and positive: number all \
                     labels from 0 and name them negative, neutral and positive, or 1 star, 2 stars and so on, in the \
                     order of the model's outputs, as its documentation has it"
                ),
            )
        })
    }

    /// Checks that there is a label for each of the model's outputs, if their number is known.
    pub(super) fn check_labels(&self, labels: &Labels, outputs: Option<usize>) -> Result<(), BackendError> {
        match outputs {
            Some(outputs) if outputs != labels.len() => Err(bad_file(
                CONFIG,
                format!(
                    "id2label has {} labels, but the model has {outputs} outputs: take both from the same export",
                    labels.len()
                ),
            )),
            _ => Ok(()),
        }
    }

    pub(super) fn padding(&self) -> i64 {
        self.config.pad_token_id.into()
    }

    /// The tokenizer, which truncates texts to the model's limit.
    pub(super) fn tokenizer(&self, max_tokens: usize) -> Result<Tokenizer, BackendError> {
        let bad = |error: tokenizers::Error| bad_file(TOKENIZER, error.to_string());
        let mut tokenizer = Tokenizer::from_file(&self.tokenizer).map_err(bad)?;
        let max_length = max_tokens.min(self.max_tokens()).max(1);
        tokenizer.with_truncation(Some(TruncationParams { max_length, ..TruncationParams::default() })).map_err(bad)?;
        // A batch is padded to its own longest text.
        tokenizer.with_padding(None);
        Ok(tokenizer)
    }

    fn max_tokens(&self) -> usize {
        let positions = self.config.max_position_embeddings.unwrap_or(USUAL_TOKENS);
        // RoBERTa and similar models count positions from the one after padding.
        let is_shifted = ["roberta", "camembert", "mpnet"].iter().any(|kind| self.config.model_type.contains(kind));
        if is_shifted { positions.saturating_sub(self.config.pad_token_id as usize + 1) } else { positions }
    }
}

/// The file of the model itself.
fn model_in(folder: &Path) -> Result<PathBuf, BackendError> {
    let names = || MODEL.into_iter().map(|name| format!("{name}.onnx"));
    let mut paths = names().flat_map(|name| FOLDERS.map(|inner| folder.join(inner).join(&name)));
    paths.find(|path| path.is_file()).ok_or_else(|| {
        let inner = FOLDERS.map(|inner| folder.join(inner));
        let files = inner.iter().filter_map(|folder| fs::read_dir(folder).ok()).flatten().flatten();
        let others = files.map(|file| file.path()).filter(|path| path.extension().is_some_and(|end| end == "onnx"));
        let others: Vec<_> = others.filter_map(|path| Some(path.file_name()?.to_string_lossy().into_owned())).collect();
        let advice = if others.is_empty() {
            "export the model to this folder: optimum-cli export onnx --task text-classification -m MODEL FOLDER"
                .to_owned()
        } else {
            format!("name one of {} so", others.join(", "))
        };
        let first = names().next().unwrap_or_default();
        bad_file(&first, format!("not found in {}; {advice}", folder.display()))
    })
}

/// A file that cannot be read, with what to do if there is none.
fn missing(folder: &Path, file: &str, error: &io::Error) -> BackendError {
    if error.kind() != io::ErrorKind::NotFound {
        return bad_file(file, error.to_string());
    }
    let advice = if file == TOKENIZER {
        "write it with the Python package transformers: \
         AutoTokenizer.from_pretrained(FOLDER, use_fast=True).save_pretrained(FOLDER)"
    } else {
        "copy it from where the model was exported or downloaded"
    };
    bad_file(file, format!("not found in {}; {advice}", folder.display()))
}

fn bad_file(file: &str, problem: String) -> BackendError {
    BackendError::BadFile { file: file.to_owned(), problem }
}

struct Hashing<'d>(&'d mut Sha256);

impl io::Write for Hashing<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
