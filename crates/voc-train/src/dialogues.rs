//! Measures how well scores of calls agree with the customers' opinions.
//!
//! A file of dialogues is JSON Lines: an object with `overall`, the customer's satisfaction, and `turns`, each with
//! `role` (customer or agent) and `text`. Lines without `overall` are skipped: other dialogues have no ratings.

use std::fmt;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use voc_nlp::{CallStage, Conversation, Engine, FastStage};

use crate::corpus;
use voc_nlp::train::metrics::spearman;

#[derive(Deserialize)]
struct Dialogue {
    overall: Option<f64>,
    turns: Vec<Turn>,
}

#[derive(Deserialize)]
struct Turn {
    role: Role,
    text: String,
}

#[derive(Deserialize, Clone, Copy, PartialEq)]
#[serde(rename_all = "snake_case")]
enum Role {
    Customer,
    Agent,
}

/// Spearman's rank correlations of scores with the customers' satisfaction.
#[derive(Serialize)]
pub(crate) struct MeasuredCalls {
    pub(crate) dialogues: usize,
    /// For the score of the call, turn by turn.
    pub(crate) call: f64,
    /// For the score of everything that was said, as one string.
    pub(crate) one_string: f64,
    /// For the score of everything the customer said, as one string.
    pub(crate) customer: f64,
    /// The share of dialogues whose roles are inferred rightly if speakers have no names but "SPEAKER_00" and
    /// "SPEAKER_01".
    pub(crate) inferred: f64,
    /// The share of dialogues whose label is another one then.
    pub(crate) changed: f64,
}

/// Measures the engine on each file of `dir` that has rated dialogues.
pub(crate) fn measure(dir: &Path, engine: &Engine) -> Result<Vec<(String, MeasuredCalls)>> {
    let mut measured = Vec::new();
    for path in corpus::paths(dir, "jsonl")? {
        let rated = read(&path).with_context(|| format!("cannot use {}", path.display()))?;
        if !rated.is_empty() {
            let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            measured.push((name, measure_file(&rated, engine)));
        }
    }
    Ok(measured)
}

fn read(path: &Path) -> Result<Vec<(f64, Vec<Turn>)>> {
    let file = fs::read_to_string(path)?;
    let mut rated = Vec::new();
    for (number, line) in file.lines().enumerate().filter(|(_, line)| !line.is_empty()) {
        let dialogue: Dialogue = serde_json::from_str(line).with_context(|| format!("line {}", number + 1))?;
        rated.extend(dialogue.overall.map(|overall| (overall, dialogue.turns)));
    }
    Ok(rated)
}

fn measure_file(rated: &[(f64, Vec<Turn>)], engine: &Engine) -> MeasuredCalls {
    let calls = CallStage::new(engine.clone());
    let score = |stage: &dyn FastStage, text: String| f64::from(stage.annotate(&text).sentiment.unwrap_or_default());
    let correlation = |score: &dyn Fn(&[Turn]) -> f64| {
        spearman(&rated.iter().map(|(overall, turns)| (score(turns), *overall)).collect::<Vec<_>>())
    };
    MeasuredCalls {
        dialogues: rated.len(),
        call: correlation(&|turns| score(&calls, transcript(turns))),
        one_string: correlation(&|turns| score(engine, words(turns, |_| true))),
        customer: correlation(&|turns| score(engine, words(turns, |role| role == Role::Customer))),
        inferred: share(rated, roles_are_inferred),
        changed: share(rated, |turns| {
            calls.annotate(&transcript(turns)).label() != calls.annotate(&anonymous(turns)).label()
        }),
    }
}

fn share(rated: &[(f64, Vec<Turn>)], is_one: impl Fn(&[Turn]) -> bool) -> f64 {
    rated.iter().filter(|(_, turns)| is_one(turns)).count() as f64 / rated.len().max(1) as f64
}

/// The transcript without the names of the roles.
fn anonymous(turns: &[Turn]) -> String {
    let first = turns.first().map(|turn| turn.role);
    let line = |turn: &Turn| format!("SPEAKER_0{}: {}\n", u8::from(Some(turn.role) != first), turn.text);
    turns.iter().map(line).collect()
}

fn roles_are_inferred(turns: &[Turn]) -> bool {
    let named = transcript(turns);
    let anonymous = anonymous(turns);
    let roles = |transcript: &str| -> Vec<voc_nlp::Role> {
        Conversation::parse(transcript).turns().iter().map(|turn| turn.role).collect()
    };
    roles(&named) == roles(&anonymous)
}

fn transcript(turns: &[Turn]) -> String {
    let line = |turn: &Turn| match turn.role {
        Role::Customer => format!("Customer: {}\n", turn.text),
        Role::Agent => format!("Agent: {}\n", turn.text),
    };
    turns.iter().map(line).collect()
}

fn words(turns: &[Turn], heard: impl Fn(Role) -> bool) -> String {
    turns.iter().filter(|turn| heard(turn.role)).map(|turn| format!("{}\n", turn.text)).collect()
}

impl fmt::Display for MeasuredCalls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:>6} dialogues; Spearman with the satisfaction: call {:.3}, as one string {:.3}, the customer's words as one string {:.3}; without names: roles right {:.3}, labels changed {:.3}",
            self.dialogues, self.call, self.one_string, self.customer, self.inferred, self.changed
        )
    }
}
