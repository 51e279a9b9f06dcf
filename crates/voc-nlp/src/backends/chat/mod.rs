//! A large language model behind a chat endpoint.

mod anthropic;
mod openai;
mod prompt;
mod settings;

use std::fmt;

use super::BackendError;
use super::client::Client;
use crate::model::{Model, ModelAnswer, ModelError};

pub use self::settings::{ChatApi, ChatSettings};

/// A large language model, instructed to answer with numbers and given labels.
///
/// A call sends one instruction and, as JSON, all texts of a batch. The answer must be JSON with a sentiment and a
/// confidence for each of them and nothing else, otherwise it is rejected as a whole. So a text that contains
/// instructions can at worst shift numbers of its batch, within their range, and choose among the given topics; with
/// batches of one it can only shift its own.
///
/// ```no_run
/// use std::sync::Arc;
/// use voc_nlp::{Annotator, ModelBudget, backends::{ApiKey, ChatApi, ChatModel, ChatSettings}};
///
/// let mut settings = ChatSettings::new(ChatApi::OpenAi, "small-model");
/// settings.url = "http://localhost:11434/v1".to_owned();
/// settings.key = Some(ApiKey::new("a key")?);
/// let model = Arc::new(ChatModel::new(settings)?);
/// let annotator = Annotator::builder().model(model).model_budget(ModelBudget::CallsPerMinute(60)).build();
/// # Ok::<(), voc_nlp::backends::BackendError>(())
/// ```
pub struct ChatModel {
    client: Client,
    settings: ChatSettings,
    version: String,
}

impl fmt::Debug for ChatModel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChatModel").field("version", &self.version).finish_non_exhaustive()
    }
}

impl ChatModel {
    /// A model with these settings. Nothing is sent yet.
    ///
    /// # Errors
    /// [`BackendError::BadUrl`].
    pub fn new(settings: ChatSettings) -> Result<Self, BackendError> {
        let (path, headers) = match settings.api {
            ChatApi::OpenAi => (openai::PATH, openai::headers(settings.key.as_ref())),
            ChatApi::Anthropic => (anthropic::PATH, anthropic::headers(settings.key.as_ref())),
        };
        let url = format!("{}/{path}", settings.url.trim().trim_end_matches('/'));
        let version = format!("{}/{}", settings.model, prompt::version(&settings.topics));
        Ok(Self { client: Client::new(&url, headers, settings.timeout)?, settings, version })
    }
}

impl Model for ChatModel {
    fn name(&self) -> &str {
        match self.settings.api {
            ChatApi::OpenAi => "openai",
            ChatApi::Anthropic => "anthropic",
        }
    }

    fn version(&self) -> &str {
        &self.version
    }

    fn annotate_batch(&self, texts: &[&str]) -> Result<Vec<ModelAnswer>, ModelError> {
        let instruction = prompt::instruction(&self.settings.topics);
        let question = prompt::question(texts, self.settings.max_text_chars)?;
        let answer = match self.settings.api {
            ChatApi::OpenAi => openai::ask(&self.client, &self.settings, &instruction, &question)?,
            ChatApi::Anthropic => anthropic::ask(&self.client, &self.settings, &instruction, &question, texts.len())?,
        };
        prompt::answers(&answer, texts.len(), &self.settings.topics)
    }
}
