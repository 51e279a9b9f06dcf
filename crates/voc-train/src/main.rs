//! `voc-train`: trains the weights of voc-nlp and measures them, and makes calibrations of tenants. Run it with `cargo
//! xtask train`, `cargo xtask eval` and `cargo xtask calibrate`.

#![forbid(unsafe_code)]
#![expect(clippy::print_stdout, reason = "figures are this program's output")]

mod calibration;
mod corpus;
mod dialogues;
mod evaluation;
mod intents;
mod labelled_file;
mod lexicons;
mod report;
mod toy;
mod training;

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::{Args, Parser, Subcommand};
use voc_nlp::Engine;

use crate::evaluation::{Comparison, Measured};
use crate::training::{Part, Targets, Trainer};

/// Trains and measures the weights of voc-nlp, and makes calibrations of tenants.
#[derive(Parser)]
struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Train a file of weights on labelled texts.
    Train(TrainArgs),
    /// Measure an engine on labelled texts.
    Eval(EvalArgs),
    Calibrate(calibration::CalibrateArgs),
}

#[derive(Args)]
struct TrainArgs {
    /// The folder of the TSV files, with lexicons in its folder `lexicons`.
    dir: PathBuf,
    /// Where to write the weights; without it they are only measured.
    #[arg(long)]
    out: Option<PathBuf>,
    /// Ignore this file (its name without .tsv).
    #[arg(long, default_values_t = [String::from("pt_tweets_mg")])]
    without: Vec<String>,
    /// Do not measure how weights from parts of the texts perform on the others.
    #[arg(long)]
    no_report: bool,
}

#[derive(Args)]
struct EvalArgs {
    /// The folder of the TSV files.
    dir: PathBuf,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
    /// Measure these weights instead of the built-in ones.
    #[arg(long)]
    weights: Option<PathBuf>,
}

fn main() -> Result<()> {
    match Cli::parse().verb {
        Verb::Train(args) => train(&args),
        Verb::Eval(args) => eval(&args),
        Verb::Calibrate(args) => calibration::run(&args),
    }
}

fn train(args: &TrainArgs) -> Result<()> {
    let mut domains = corpus::read(&args.dir)?;
    domains.retain(|domain| !args.without.iter().any(|file| domain.file() == file));
    let trainer = Trainer::new(lexicons::read(&args.dir.join("lexicons"))?);
    if !args.no_report {
        report::print(&trainer, &domains)?;
    }
    if let Some(out) = &args.out {
        let parts: Vec<Part<'_>> = domains.iter().map(Part::whole).collect();
        let weights = trainer.train(&parts, Targets::All)?;
        fs::write(out, &weights).with_context(|| format!("cannot write {}", out.display()))?;
        println!("{}: {} bytes", out.display(), weights.len());
    }
    Ok(())
}

fn eval(args: &EvalArgs) -> Result<()> {
    let engine = match &args.weights {
        Some(path) => {
            let file = fs::File::open(path).with_context(|| format!("cannot open {}", path.display()))?;
            Engine::load_from(file).with_context(|| format!("cannot use {}", path.display()))?
        }
        None => Engine::built_in(),
    };
    let domains = corpus::read(&args.dir)?;
    let mut all: BTreeMap<&str, Comparison> = BTreeMap::new();
    for domain in &domains {
        let texts: Vec<_> = domain.texts.iter().collect();
        all.insert(&domain.name, evaluation::compare(&engine, &texts));
    }
    let calls = dialogues::measure(&args.dir, &engine)?;
    if args.json {
        let mut all: BTreeMap<&str, serde_json::Value> =
            all.iter().map(|(name, of)| Ok((*name, serde_json::to_value(of)?))).collect::<Result<_>>()?;
        for (name, of) in &calls {
            all.insert(name, serde_json::to_value(of)?);
        }
        println!("{}", serde_json::to_string(&all)?);
    } else {
        println!("{}", Measured::heading());
        for (name, Comparison { engine, keywords, all_topics }) in &all {
            println!("{name:<34} {engine}");
            println!("{:<34} {keywords}", "  keyword rules");
            if let Some(all_topics) = all_topics {
                println!("{:<34} {all_topics}", report::ALL_TOPICS);
            }
        }
        for (name, of) in &calls {
            println!("{name:<34} {of}");
        }
    }
    Ok(())
}
