//! OpenAI's Chat Completions API, and compatible ones.

use serde::Deserialize;
use serde_json::json;

use super::settings::ChatSettings;
use crate::backends::ApiKey;
use crate::backends::client::Client;
use crate::model::ModelError;

pub(super) const PATH: &str = "chat/completions";

pub(super) fn headers(key: Option<&ApiKey>) -> Vec<(&'static str, String)> {
    key.map(|key| ("authorization", format!("Bearer {}", key.expose()))).into_iter().collect()
}

#[derive(Deserialize)]
struct Completion {
    choices: Vec<Choice>,
}

#[derive(Deserialize)]
struct Choice {
    message: Message,
}

#[derive(Deserialize)]
struct Message {
    content: Option<String>,
}

pub(super) fn ask(
    client: &Client,
    settings: &ChatSettings,
    instruction: &str,
    question: &str,
) -> Result<String, ModelError> {
    let mut request = json!({
        "model": settings.model,
        "response_format": {"type": "json_object"},
        "messages": [
            {"role": "system", "content": instruction},
            {"role": "user", "content": question},
        ],
    });
    if let (Some(temperature), Some(request)) = (settings.temperature, request.as_object_mut()) {
        request.insert("temperature".to_owned(), temperature.into());
    }
    let completion: Completion = client.post(&request)?;
    let content = completion.choices.into_iter().next().and_then(|choice| choice.message.content);
    content.ok_or_else(|| ModelError::BadAnswer("it has no content".to_owned()))
}
