//! A local classifier, run by the ONNX Runtime.

mod files;
mod labels;

use std::fmt;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use ort::environment::Environment;
use ort::session::{Session, SessionInputValue};
use ort::value::Tensor;
use tokenizers::{Encoding, Tokenizer};

use self::files::ModelFiles;
use self::labels::Labels;
use super::BackendError;
use crate::model::{Model, ModelAnswer, ModelError};

/// The settings of an [`OnnxModel`].
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct OnnxSettings {
    /// The folder of the exported model, as `optimum-cli export onnx` writes it: `model.onnx`, `tokenizer.json` and
    /// `config.json`; its other files are not read. The model may also be in the folder `onnx` within it, and may be
    /// quantised: `model_quantized.onnx`, `model_int8.onnx` or `model_uint8.onnx`. If there are several, the first of
    /// these names is read.
    pub folder: PathBuf,
    /// The library of the ONNX Runtime, 1.18 or newer; by default the one that `ORT_DYLIB_PATH` names, or the
    /// system's. The first library loaded serves the whole process.
    pub library: Option<PathBuf>,
    /// Maximum number of tokens read of a text, if the model supports that many.
    pub max_tokens: usize,
    /// Threads per call; 0 for one per core.
    pub threads: usize,
}

impl OnnxSettings {
    /// A model in that folder, up to 512 tokens of a text, one thread.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into(), library: None, max_tokens: 512, threads: 1 }
    }
}

/// An exported model that classifies sequences by sentiment: DistilBERT, BERT, RoBERTa, XLM-R and similar ones.
///
/// The meaning of its labels comes from `id2label` in its `config.json`: names that contain negative, neutral and
/// positive, also with "very"; stars, as in `1 star` … `5 stars`; or two, three or five of `LABEL_0` …, from negative
/// to positive.
///
/// ```no_run
/// use std::sync::Arc;
/// use voc_nlp::{Annotator, backends::{OnnxModel, OnnxSettings}};
///
/// let model = OnnxModel::open(&OnnxSettings::new("models/sentiment"))?;
/// let annotator = Annotator::builder().model(Arc::new(model)).build();
/// # Ok::<(), voc_nlp::backends::BackendError>(())
/// ```
pub struct OnnxModel {
    session: Mutex<Session>,
    tokenizer: Tokenizer,
    labels: Labels,
    inputs: Vec<Input>,
    output: String,
    padding: i64,
    version: String,
}

/// An input that a model expects.
struct Input {
    name: String,
    kind: InputKind,
}

#[derive(Clone, Copy)]
enum InputKind {
    Ids,
    Mask,
    Types,
}

impl fmt::Debug for OnnxModel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OnnxModel").field("version", &self.version).finish_non_exhaustive()
    }
}

impl OnnxModel {
    /// Loads the runtime, unless it is already loaded, and a model.
    ///
    /// # Errors
    /// [`BackendError::BadFile`] if a file is missing, cannot be read or does not describe the model's sentiments;
    /// [`BackendError::Runtime`] if the runtime is missing or rejects the model.
    pub fn open(settings: &OnnxSettings) -> Result<Self, BackendError> {
        let files = ModelFiles::read(&settings.folder)?;
        let labels = files.labels()?;
        let tokenizer = files.tokenizer(settings.max_tokens)?;
        let environment = environment(settings.library.clone())?;
        let session = Session::builder(&environment)
            .and_then(|builder| builder.with_intra_threads(settings.threads).map_err(ort::Error::from))
            .and_then(|mut builder| builder.commit_from_file(&files.model))
            .map_err(|error| refusal(&error))?;
        let inputs = session.inputs().iter().map(|input| Input::named(input.name())).collect::<Result<_, _>>()?;
        let mut outputs = session.outputs().iter().map(|output| output.name());
        let first = outputs.next().unwrap_or("logits");
        let output = outputs.find(|name| *name == "logits").unwrap_or(first).to_owned();
        let logits = session.outputs().iter().find(|outlet| outlet.name() == output);
        let classes = logits.and_then(|outlet| outlet.dtype().tensor_shape()).and_then(|shape| shape.last().copied());
        // A size below 0 is known only when the model is run.
        files.check_labels(&labels, classes.and_then(|classes| usize::try_from(classes).ok()))?;
        Ok(Self {
            session: Mutex::new(session),
            tokenizer,
            labels,
            inputs,
            output,
            padding: files.padding(),
            version: files.version,
        })
    }

    /// The texts' logits, one row after the other.
    fn classify(&self, texts: &[&str]) -> Result<Vec<f32>, ModelError> {
        let encode = |text: &&str| self.tokenizer.encode_fast(*text, true);
        let encodings: Vec<Encoding> = texts
            .iter()
            .map(encode)
            .collect::<Result<_, _>>()
            // The original error would quote the text.
            .map_err(|_| ModelError::BadAnswer("a text cannot be tokenised".to_owned()))?;
        let width = encodings.iter().map(Encoding::len).max().unwrap_or_default().max(1);
        let inputs = self.inputs.iter().map(|input| {
            let rows = input.kind.rows(&encodings, width, self.padding);
            let tensor = Tensor::from_array(([texts.len(), width], rows)).map_err(|error| failure(&error))?;
            Ok((input.name.as_str(), SessionInputValue::from(tensor)))
        });
        let inputs: Vec<_> = inputs.collect::<Result<_, ModelError>>()?;

        let mut session = self.session.lock().unwrap_or_else(PoisonError::into_inner);
        let outputs = session.run(inputs).map_err(|error| failure(&error))?;
        let logits = outputs.get(&self.output).ok_or_else(|| ModelError::BadAnswer("it has no logits".to_owned()))?;
        let (shape, logits) = logits.try_extract_tensor::<f32>().map_err(|error| failure(&error))?;
        let expected = [texts.len() as i64, self.labels.len() as i64];
        if shape[..] != expected {
            return Err(ModelError::BadAnswer(format!("its logits are {:?}, not {expected:?}", &shape[..])));
        }
        Ok(logits.to_vec())
    }
}

impl Model for OnnxModel {
    fn name(&self) -> &str {
        "onnx"
    }

    fn version(&self) -> &str {
        &self.version
    }

    fn annotate_batch(&self, texts: &[&str]) -> Result<Vec<ModelAnswer>, ModelError> {
        let logits = self.classify(texts)?;
        Ok(logits.chunks_exact(self.labels.len()).map(|logits| self.labels.answer(logits)).collect())
    }
}

impl Input {
    fn named(name: &str) -> Result<Self, BackendError> {
        let kind = match name {
            "input_ids" => InputKind::Ids,
            "attention_mask" => InputKind::Mask,
            "token_type_ids" => InputKind::Types,
            _ => return Err(BackendError::Runtime(format!("the model expects an unknown input named {name}"))),
        };
        Ok(Self { name: name.to_owned(), kind })
    }
}

impl InputKind {
    /// One row per text, padded to the same width.
    fn rows(self, encodings: &[Encoding], width: usize, padding: i64) -> Vec<i64> {
        let mut rows = Vec::with_capacity(encodings.len() * width);
        for (number, encoding) in encodings.iter().enumerate() {
            let (row, filling) = match self {
                Self::Ids => (encoding.get_ids(), padding),
                Self::Mask => (encoding.get_attention_mask(), 0),
                Self::Types => (encoding.get_type_ids(), 0),
            };
            rows.extend(row.iter().map(|value| i64::from(*value)));
            rows.resize((number + 1) * width, filling);
        }
        rows
    }
}

/// The runtime: one per process, until its end.
fn environment(library: Option<PathBuf>) -> Result<Environment, BackendError> {
    static ONLY: Mutex<Option<Environment>> = Mutex::new(None);
    let mut only = ONLY.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(environment) = &*only {
        return Ok(environment.clone());
    }
    let named = || std::env::var_os("ORT_DYLIB_PATH").filter(|path| !path.is_empty()).map(PathBuf::from);
    let system = format!("{}onnxruntime{}", std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX);
    let library = library.or_else(named).unwrap_or_else(|| system.into());
    let builder = ort::init_from(library).map_err(|error| BackendError::Runtime(error.to_string()))?;
    let environment = builder.with_telemetry(false).build().map_err(|error| refusal(&error))?;
    Ok(only.insert(environment).clone())
}

fn refusal(error: &ort::Error) -> BackendError {
    BackendError::Runtime(error.to_string())
}

/// The runtime's messages are about shapes and operators, never about texts, because it sees only numbers.
fn failure(error: &ort::Error) -> ModelError {
    ModelError::BadAnswer(format!("the ONNX Runtime: {error}"))
}
