//! Labelled texts in folders of TSV files.
//!
//! A file is UTF-8 with a header line and without quoting. Its columns determine its kind: `text` with `label` (neg,
//! neu or pos) or `mean_rating` (-4 to 4) for sentiment, or with `topic5_ours` for topics: one of the five that have
//! columns in the table of weights. `intent` says more about the topic, see [`intents`]. `split` separates parts,
//! `set` or `source` separates domains within the file; other columns are ignored.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use voc_nlp::Sentiment;
use voc_nlp::train::{SENTIMENTS, TOPICS_IN_ROWS, topic_names};

use crate::intents;

/// Texts of one kind.
pub(crate) struct Domain {
    /// The file's name without its extension, and the set or source within it.
    pub(crate) name: String,
    pub(crate) texts: Vec<LabelledText>,
}

/// A text with its label.
#[derive(Clone)]
pub(crate) struct LabelledText {
    pub(crate) text: String,
    pub(crate) split: String,
    pub(crate) gold: Gold,
}

#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Gold {
    Sentiment {
        label: Sentiment,
        /// From -4 to 4.
        rating: Option<f32>,
    },
    Topic {
        /// The topic's index.
        topic: Option<usize>,
        /// The index of the topic among those that have columns in the table of weights.
        in_rows: usize,
    },
}

/// Ratings this close to 0 are neutral: readers who see no sentiment seldom agree on 0, and one who sees some gives at
/// least 1.
const NEUTRAL_RATING: f32 = 1.0;
/// The difference in rating by which a sentiment becomes e times more likely than another.
const RATING_STEP: f32 = 0.35;

impl LabelledText {
    /// The class of the sentiment or the topic in the rows.
    pub(crate) fn class(&self) -> usize {
        match self.gold {
            Gold::Sentiment { label, .. } => label as usize,
            Gold::Topic { in_rows, .. } => in_rows,
        }
    }

    /// The topic, `None` if it has none.
    pub(crate) fn topic(&self) -> Option<usize> {
        match self.gold {
            Gold::Topic { topic, .. } => topic,
            Gold::Sentiment { .. } => None,
        }
    }

    /// The probability that each sentiment is what the writer meant. For a rating between two sentiments, both are
    /// likely.
    pub(crate) fn sentiments(&self) -> [f32; SENTIMENTS] {
        let mut likely = [0.0; SENTIMENTS];
        match self.gold {
            Gold::Sentiment { rating: Some(rating), .. } => {
                let above = |rating: f32| 1.0 / (1.0 + (-(rating - NEUTRAL_RATING) / RATING_STEP).exp());
                let (negative, positive) = (above(-rating), above(rating));
                likely = [negative, 1.0 - negative - positive, positive];
            }
            Gold::Sentiment { label, rating: None } => likely[label as usize] = 1.0,
            Gold::Topic { .. } => {}
        }
        likely
    }
}

impl Domain {
    /// The name of the file it comes from.
    pub(crate) fn file(&self) -> &str {
        self.name.split('/').next().unwrap_or_default()
    }

    pub(crate) fn is_topics(&self) -> bool {
        matches!(self.texts.first().map(|text| text.gold), Some(Gold::Topic { .. }))
    }
}

/// All domains of a folder's TSV files, in the order of the files' names and, within each, of first occurrence.
pub(crate) fn read(dir: &Path) -> Result<Vec<Domain>> {
    let paths = paths(dir, "tsv")?;
    ensure!(!paths.is_empty(), "{} has no TSV files", dir.display());
    let mut domains = Vec::new();
    for path in &paths {
        domains.extend(read_file(path).with_context(|| format!("cannot use {}", path.display()))?);
    }
    Ok(domains)
}

/// A folder's files with this extension, in the order of their names.
pub(crate) fn paths(dir: &Path, ending: &str) -> Result<Vec<PathBuf>> {
    let mut paths: Vec<PathBuf> = fs::read_dir(dir)
        .with_context(|| format!("cannot read {}", dir.display()))?
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<_>>()?;
    paths.retain(|path| path.extension().is_some_and(|of_path| of_path == ending));
    paths.sort();
    Ok(paths)
}

fn read_file(path: &Path) -> Result<Vec<Domain>> {
    let file = fs::read_to_string(path)?;
    let name = path.file_stem().unwrap_or_default().to_string_lossy();
    let mut lines = file.lines();
    let header: Vec<&str> = lines.next().unwrap_or_default().split('\t').collect();
    let column = |name: &str| header.iter().position(|column| *column == name);
    let text = column("text").context("it has no column text")?;
    let (label, rating, topic) = (column("label"), column("mean_rating"), column("topic5_ours"));
    ensure!(label.or(rating).or(topic).is_some(), "it has no column label, mean_rating or topic5_ours");
    let intent = column("intent");
    let (split, set) = (column("split"), column("set").or(column("source")));

    let topics = topic_names();
    let mut domains: Vec<Domain> = Vec::new();
    for (number, line) in lines.enumerate().filter(|(_, line)| !line.is_empty()) {
        let fields: Vec<&str> = line.split('\t').collect();
        let field = |at: Option<usize>| at.and_then(|at| fields.get(at)).copied();
        let gold = if let Some(topic) = field(topic) {
            let position = |topic: &str| topics.iter().position(|name| name == topic);
            position(topic).filter(|in_rows| *in_rows < TOPICS_IN_ROWS).map(|in_rows| Gold::Topic {
                topic: match field(intent).and_then(intents::topic) {
                    Some(of_intent) => of_intent.and_then(|topic| position(&topic)),
                    None => Some(in_rows),
                },
                in_rows,
            })
        } else if let Some(rating) = field(rating) {
            rating.parse().ok().map(|rating: f32| Gold::Sentiment { label: label_of(rating), rating: Some(rating) })
        } else {
            let label = match field(label) {
                Some("neg") => Some(Sentiment::Negative),
                Some("neu") => Some(Sentiment::Neutral),
                Some("pos") => Some(Sentiment::Positive),
                _ => None,
            };
            label.map(|label| Gold::Sentiment { label, rating: None })
        };
        let (Some(gold), Some(text)) = (gold, field(Some(text))) else {
            anyhow::bail!("line {} has no label or no text", number + 2);
        };
        let name = field(set).map_or(name.to_string(), |set| format!("{name}/{set}"));
        let labelled = LabelledText { text: text.to_owned(), split: field(split).unwrap_or_default().to_owned(), gold };
        match domains.iter_mut().find(|domain| domain.name == name) {
            Some(domain) => domain.texts.push(labelled),
            None => domains.push(Domain { name, texts: vec![labelled] }),
        }
    }
    Ok(domains)
}

fn label_of(rating: f32) -> Sentiment {
    if rating >= NEUTRAL_RATING {
        Sentiment::Positive
    } else if rating <= -NEUTRAL_RATING {
        Sentiment::Negative
    } else {
        Sentiment::Neutral
    }
}
