//! A custom HTTP service.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::client::Client;
use super::{ApiKey, BackendError};
use crate::annotation::{Probabilities, Topic};
use crate::model::{Model, ModelAnswer, ModelError};

/// Maximum length of a topic's name from a service.
const MAX_TOPIC_BYTES: usize = 64;

/// The settings of a [`RemoteModel`].
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct RemoteSettings {
    /// The URL to post to.
    pub url: String,
    /// Distinguishes this model and its version from others; a change makes cached answers unreachable.
    pub version: String,
    /// Sent as `Authorization: Bearer …`.
    pub key: Option<ApiKey>,
    /// Timeout of a call.
    pub timeout: Duration,
}

impl RemoteSettings {
    /// An address without a key, with a timeout of two seconds.
    pub fn new(url: impl Into<String>) -> Self {
        Self { url: url.into(), version: "1".to_owned(), key: None, timeout: Duration::from_secs(2) }
    }
}

/// A service that accepts `{"texts": ["…", …]}` and answers `{"scores": [0.5, …]}`, a score from -1 to 1 for every
/// text, in order.
///
/// It may return more, each with one entry per text: `confidences`, from 0 to 1; `probabilities`, each `{"negative":
/// 0.1, "neutral": 0.2, "positive": 0.7}`; and `topics`, each a name or `null`. Without confidences, those of
/// [`ModelAnswer::from_score`] and [`ModelAnswer::from_probabilities`] apply. A score of `null` means no answer for
/// its text.
///
/// ```no_run
/// use std::sync::Arc;
/// use voc_nlp::{Annotator, backends::{RemoteModel, RemoteSettings}};
///
/// let mut settings = RemoteSettings::new("http://localhost:8080/sentiment");
/// settings.version = "2026-01".to_owned();
/// let annotator = Annotator::builder().model(Arc::new(RemoteModel::new(settings)?)).build();
/// # Ok::<(), voc_nlp::backends::BackendError>(())
/// ```
pub struct RemoteModel {
    client: Client,
    version: String,
}

impl fmt::Debug for RemoteModel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RemoteModel").field("version", &self.version).finish_non_exhaustive()
    }
}

impl RemoteModel {
    /// A model at this address. Nothing is sent yet.
    ///
    /// # Errors
    /// [`BackendError::BadUrl`].
    pub fn new(settings: RemoteSettings) -> Result<Self, BackendError> {
        let key = settings.key.map(|key| ("authorization", format!("Bearer {}", key.expose())));
        let client = Client::new(&settings.url, key.into_iter().collect(), settings.timeout)?;
        Ok(Self { client, version: settings.version })
    }
}

#[derive(Serialize)]
struct Request<'a> {
    texts: &'a [&'a str],
}

#[derive(Deserialize)]
struct Response {
    scores: Vec<Option<f32>>,
    confidences: Option<Vec<f32>>,
    probabilities: Option<Vec<Shares>>,
    topics: Option<Vec<Option<String>>>,
}

#[derive(Deserialize)]
struct Shares {
    negative: f32,
    neutral: f32,
    positive: f32,
}

impl Model for RemoteModel {
    fn name(&self) -> &str {
        "remote"
    }

    fn version(&self) -> &str {
        &self.version
    }

    fn annotate_batch(&self, texts: &[&str]) -> Result<Vec<ModelAnswer>, ModelError> {
        let Response { scores, confidences, probabilities, topics } = self.client.post(&Request { texts })?;
        let expected = texts.len();
        let lengths = [
            Some(scores.len()),
            confidences.as_ref().map(Vec::len),
            probabilities.as_ref().map(Vec::len),
            topics.as_ref().map(Vec::len),
        ];
        if let Some(got) = lengths.into_iter().flatten().find(|length| *length != expected) {
            return Err(ModelError::WrongCount { expected, got });
        }
        let mut confidences = confidences.into_iter().flatten();
        let mut probabilities = probabilities.into_iter().flatten();
        let mut topics = topics.into_iter().flatten();
        let answers = scores.into_iter().map(|score| {
            // NaN is rejected only for its own text.
            let score = score.unwrap_or(f32::NAN);
            let mut answer = match probabilities.next() {
                Some(Shares { negative, neutral, positive }) => ModelAnswer {
                    sentiment: score,
                    ..ModelAnswer::from_probabilities(Probabilities { negative, neutral, positive })
                },
                None => ModelAnswer::from_score(score),
            };
            if let Some(confidence) = confidences.next() {
                answer.confidence = confidence;
            }
            let topic = topics.next().flatten();
            answer.topic = topic.filter(|name| (1..=MAX_TOPIC_BYTES).contains(&name.len())).map(Topic::from);
            answer
        });
        Ok(answers.collect())
    }
}
