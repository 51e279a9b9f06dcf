//! Callers of the API, who ask all the time.

use std::time::Duration;

use anyhow::{Result, bail};

use super::background::Background;
use crate::http;

/// Pause between two questions.
const INTERVAL: Duration = Duration::from_millis(200);

/// What is asked about a family: path and parameters. Some of the answers are kept.
const QUESTIONS: [(&str, &str); 5] = [
    ("summary", "&last=1h"),
    ("summary", "&last=7d"),
    ("trends", "&last=7d"),
    ("dead-letters", "&last=1d&limit=10"),
    ("ledger", ""),
];

/// A service that is asked.
pub(super) struct Asked {
    pub(super) url: String,
    pub(super) family: &'static str,
    pub(super) key: Option<String>,
    /// Questions in a round.
    pub(super) questions: usize,
}

impl Asked {
    /// Asks; fails if the question is refused. It must be right, whatever is broken.
    fn ask(&self, (path, parameters): (&str, &str)) -> Result<()> {
        let url = format!("{}/api/v1/{path}?family={}{parameters}", self.url, self.family);
        let answer = match &self.key {
            Some(key) => http::get_with_key(&url, key),
            None => http::get(&url),
        };
        match answer {
            Ok((status @ 400..500, body)) => bail!("{url} was refused with {status}: {body}"),
            // Services that are down or cannot answer are the point.
            _ => Ok(()),
        }
    }
}

/// Starts callers who ask these services in turn, until they are dropped; a question that is refused ends them.
pub(super) fn start(asked: Vec<Asked>) -> Background {
    let round: Vec<usize> =
        (0..asked.len()).flat_map(|place| std::iter::repeat_n(place, asked[place].questions)).collect();
    let mut questions = round.into_iter().cycle().zip(QUESTIONS.into_iter().cycle());
    let ask = move || questions.next().map_or(Ok(()), |(place, question)| asked[place].ask(question));
    Background::start(ask, INTERVAL)
}
