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

const MODEL: [&str; 4] = ["model.onnx", "onnx/model.onnx", "model_quantized.onnx", "onnx/model_quantized.onnx"];
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
        let model = MODEL.into_iter().map(|name| folder.join(name)).find(|path| path.is_file());
        let model = model.ok_or_else(|| bad_file(MODEL[0], format!("not found in {}", folder.display())))?;
        let tokenizer = folder.join(TOKENIZER);
        let config = folder.join(CONFIG);
        let text = fs::read_to_string(&config).map_err(|error| bad_file(CONFIG, error.to_string()))?;
        let read = serde_json::from_str(&text).map_err(|error| bad_file(CONFIG, error.to_string()))?;

        let mut digest = Sha256::new();
        for path in [&model, &tokenizer, &config] {
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
                format!("id2label holds {names:?}, of which it is not clear what is negative and positive"),
            )
        })
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
