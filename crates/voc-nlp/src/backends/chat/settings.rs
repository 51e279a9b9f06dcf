//! How a language model is asked.

use std::time::Duration;

use crate::backends::ApiKey;

/// Who defined the endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ChatApi {
    /// `POST {url}/chat/completions`, by OpenAI; vLLM, Ollama, llama.cpp and many others offer it too.
    OpenAi,
    /// `POST {url}/messages`, by Anthropic.
    Anthropic,
}

impl ChatApi {
    /// The address of the service itself, without the endpoint's own path.
    pub const fn default_url(self) -> &'static str {
        match self {
            Self::OpenAi => "https://api.openai.com/v1",
            Self::Anthropic => "https://api.anthropic.com/v1",
        }
    }
}

/// How a [`ChatModel`](super::ChatModel) is asked.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ChatSettings {
    /// Who defined the endpoint.
    pub api: ChatApi,
    /// The address without the endpoint's own path, such as `http://localhost:11434/v1`.
    pub url: String,
    /// The service's name for the model.
    pub model: String,
    /// The key; services on one's own machines often need none.
    pub key: Option<ApiKey>,
    /// Topics to choose from; an answer with another one has none.
    pub topics: Vec<String>,
    /// The longest time of a call.
    pub timeout: Duration,
    /// 0 is what the answers are best with; some models refuse any but their own, `None`.
    pub temperature: Option<f32>,
    /// Characters of a text that are sent: of a longer one its beginning and its end.
    pub max_text_chars: usize,
}

impl ChatSettings {
    /// A model of the service itself, without a key; the built-in topics, a time-out of twenty seconds, temperature 0, and up to 4 000
    /// characters of a text.
    pub fn new(api: ChatApi, model: impl Into<String>) -> Self {
        Self {
            api,
            url: api.default_url().to_owned(),
            model: model.into(),
            key: None,
            topics: ["billing", "technical", "account", "sales", "general"].map(str::to_owned).to_vec(),
            timeout: Duration::from_secs(20),
            temperature: Some(0.0),
            max_text_chars: 4_000,
        }
    }
}
