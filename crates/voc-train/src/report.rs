//! Reports how weights from some of the texts perform on unseen ones.

use anyhow::Result;
use sha2::{Digest, Sha256};
use voc_nlp::Engine;

use crate::corpus::{Domain, LabelledText};
use crate::evaluation::{Measured, measure_engine};
use crate::training::{Part, Targets, Trainer};

const FOLDS: u8 = 5;

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
        println!("{:<34} {}", domain.name, measure_engine(&engine, &out.texts));
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
        println!("{:<34} {}", domain.name, Measured::of_folds(answers));
    }

    println!("unseen domains: each by weights of all others");
    for (out, domain) in domains.iter().enumerate() {
        let others = domains.iter().enumerate().filter(|(i, _)| *i != out).map(|(_, domain)| Part::whole(domain));
        let what = if domain.is_topics() { Targets::Topics } else { Targets::Sentiments };
        let engine = engine_of(trainer, others, what)?;
        println!("{:<34} {}", domain.name, measure_engine(&engine, &domain.texts.iter().collect::<Vec<_>>()));
    }
    Ok(())
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
