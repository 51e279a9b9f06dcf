//! The settings of a language model.

use std::time::Duration;

use crate::backends::ApiKey;
use crate::lexicon::TOPICS;

/// The API of the endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ChatApi {
    /// `POST {url}/chat/completions`, by OpenAI; vLLM, Ollama, llama.cpp and many others offer it too.
    OpenAi,
    /// `POST {url}/messages`, by Anthropic.
    Anthropic,
}

impl ChatApi {
    /// The address of the API's vendor, without the endpoint's own path.
    pub const fn default_url(self) -> &'static str {
        match self {
            Self::OpenAi => "https://api.openai.com/v1",
            Self::Anthropic => "https://api.anthropic.com/v1",
        }
    }
}

/// How to call a [`ChatModel`](super::ChatModel).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ChatSettings {
    /// The API of the endpoint.
    pub api: ChatApi,
    /// The address without the endpoint's own path, such as `http://localhost:11434/v1`.
    pub url: String,
    /// The service's name for the model.
    pub model: String,
    /// The key; self-hosted services often need none.
    pub key: Option<ApiKey>,
    /// Topics to choose from; an answer with any other topic counts as one without a topic.
    pub topics: Vec<String>,
    /// Timeout of a call.
    pub timeout: Duration,
    /// 0 gives the best answers; some models accept only their default, `None`.
    pub temperature: Option<f32>,
    /// Maximum number of characters sent of a text: the beginning and the end of a longer one.
    pub max_text_chars: usize,
}

impl ChatSettings {
    /// A model of the API's vendor, without a key: the built-in topics, a timeout of twenty seconds, temperature 0,
    /// and up to 4 000 characters of a text.
    pub fn new(api: ChatApi, model: impl Into<String>) -> Self {
        Self {
            api,
            url: api.default_url().to_owned(),
            model: model.into(),
            key: None,
            topics: TOPICS.iter().map(ToString::to_string).collect(),
            timeout: Duration::from_secs(20),
            temperature: Some(0.0),
            max_text_chars: 4_000,
        }
    }
}
