//! Anthropic's Messages API.

use serde::Deserialize;
use serde_json::json;

use super::settings::ChatSettings;
use crate::backends::ApiKey;
use crate::backends::client::Client;
use crate::model::ModelError;

pub(super) const PATH: &str = "messages";

/// The version of the API in use.
const VERSION: &str = "2023-06-01";
/// An answer about one text has about 30 tokens.
const TOKENS_PER_TEXT: usize = 80;

pub(super) fn headers(key: Option<&ApiKey>) -> Vec<(&'static str, String)> {
    let key = key.map(|key| ("x-api-key", key.expose().to_owned()));
    key.into_iter().chain([("anthropic-version", VERSION.to_owned())]).collect()
}

#[derive(Deserialize)]
struct Message {
    content: Vec<Block>,
}

#[derive(Deserialize)]
struct Block {
    /// Blocks of other kinds have no text.
    #[serde(default)]
    text: String,
}

pub(super) fn ask(
    client: &Client,
    settings: &ChatSettings,
    instruction: &str,
    question: &str,
    texts: usize,
) -> Result<String, ModelError> {
    let mut request = json!({
        "model": settings.model,
        "max_tokens": (texts + 1) * TOKENS_PER_TEXT,
        "system": instruction,
        "messages": [{"role": "user", "content": question}],
    });
    if let (Some(temperature), Some(request)) = (settings.temperature, request.as_object_mut()) {
        request.insert("temperature".to_owned(), temperature.into());
    }
    let message: Message = client.post(&request)?;
    Ok(message.content.into_iter().map(|block| block.text).collect())
}
