//! Reports how weights from some of the texts perform on unseen ones.

use anyhow::Result;
use sha2::{Digest, Sha256};
use voc_nlp::Engine;

use crate::calibration;
use crate::corpus::{Domain, LabelledText};
use crate::evaluation::{Measured, measure_all_topics, measure_engine};
use crate::training::{Part, Targets, Trainer};

const FOLDS: u8 = 5;
/// The name of the line for the choice among all topics, after that for the choice among those in the rows.
pub(crate) const ALL_TOPICS: &str = "  all topics, and none";

pub(crate) fn print(trainer: &Trainer, domains: &[Domain]) -> Result<()> {
    println!("{}", Measured::heading());
    println!("the published splits, else a fifth of the texts: weights of the other texts of all domains");
    let splits: Vec<Option<&str>> = domains.iter().map(kept_out).collect();
    let is_out = |i: usize, text: &LabelledText| match splits[i] {
        Some(split) => text.split == split,
        None => fold(text) == 0,
    };
    let engine = engine_of(
        trainer,
        domains.iter().enumerate().map(|(i, domain)| part(domain, |text| !is_out(i, text))),
        Targets::All,
    )?;
    for (i, domain) in domains.iter().enumerate() {
        let out = part(domain, |text| is_out(i, text));
        print_line(domain, &measure_engine(&engine, &out.texts), measure_all_topics(&engine, &out.texts));
    }

    println!("unseen texts: each fifth by weights of the other four, of all domains");
    let mut answers: Vec<Vec<(Engine, Vec<&LabelledText>)>> = domains.iter().map(|_| Vec::new()).collect();
    for out in 0..FOLDS {
        let engine =
            engine_of(trainer, domains.iter().map(|domain| part(domain, |text| fold(text) != out)), Targets::All)?;
        for (domain, answers) in domains.iter().zip(&mut answers) {
            answers.push((engine.clone(), part(domain, |text| fold(text) == out).texts));
        }
    }
    for (domain, answers) in domains.iter().zip(&answers) {
        print_line(domain, &Measured::of_folds(answers), Measured::of_all_topics(answers));
    }

    println!("unseen domains: each by weights of all others");
    for (out, domain) in domains.iter().enumerate() {
        let others = domains.iter().enumerate().filter(|(i, _)| *i != out).map(|(_, domain)| Part::whole(domain));
        let what = if domain.is_topics() { Targets::Topics } else { Targets::Sentiments };
        let engine = engine_of(trainer, others, what)?;
        let texts: Vec<_> = domain.texts.iter().collect();
        print_line(domain, &measure_engine(&engine, &texts), measure_all_topics(&engine, &texts));
        if !domain.is_topics() {
            calibration::print(&engine, domain)?;
        }
    }
    Ok(())
}

fn print_line(domain: &Domain, measured: &Measured, all_topics: Option<Measured>) {
    println!("{:<34} {measured}", domain.name);
    if let Some(all_topics) = all_topics {
        println!("{ALL_TOPICS:<34} {all_topics}");
    }
}

fn engine_of<'a>(trainer: &Trainer, parts: impl Iterator<Item = Part<'a>>, what: Targets) -> Result<Engine> {
    Ok(Engine::load(&trainer.train(&parts.collect::<Vec<_>>(), what)?)?)
}

fn part(domain: &Domain, choice: impl Fn(&LabelledText) -> bool) -> Part<'_> {
    Part { domain, texts: domain.texts.iter().filter(|text| choice(text)).collect() }
}

/// The split of a domain that is held out: the one for tests, else the one for validation or development.
fn kept_out(domain: &Domain) -> Option<&'static str> {
    let has = |split: &&str| domain.texts.iter().any(|text| text.split == **split);
    ["test", "val", "dev"].into_iter().find(has)
}

/// The fold of a text: determined by its hash, so that equal texts are in the same fold.
fn fold(text: &LabelledText) -> u8 {
    Sha256::digest(text.text.as_bytes()).first().copied().unwrap_or_default() % FOLDS
}
