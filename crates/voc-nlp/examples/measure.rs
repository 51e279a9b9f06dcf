//! Measures an exported classifier beside the fast stage:
//! `cargo run --release -p voc-nlp --features onnx --example measure -- FOLDER < texts.tsv`. Each line of the texts is
//! a label (negative, neutral or positive), a tab and a text.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "an example talks to its user")]

use std::error::Error;
use std::io::BufRead;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use voc_nlp::backends::{OnnxModel, OnnxSettings};
use voc_nlp::{Annotator, Sentiment};

const CLASSES: [Sentiment; 3] = [Sentiment::Negative, Sentiment::Neutral, Sentiment::Positive];
/// Confidences below which the model is asked: never, by default, often, always.
const THRESHOLDS: [f32; 5] = [0.0, 0.6, 0.75, 0.9, 1.1];
/// As many as a call to the model has by default.
const BATCH: usize = 32;

fn main() -> ExitCode {
    let Some(folder) = std::env::args().nth(1) else {
        eprintln!("usage: measure FOLDER < texts.tsv, where each line is a label, a tab and a text");
        return ExitCode::FAILURE;
    };
    match measure(&folder) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("measure: {error}");
            ExitCode::FAILURE
        }
    }
}

fn measure(folder: &str) -> Result<(), Box<dyn Error>> {
    let model = Arc::new(OnnxModel::open(&OnnxSettings::new(folder))?);
    let mut texts = Vec::new();
    for (number, line) in std::io::stdin().lock().lines().enumerate() {
        let line = line?;
        let labelled = line.split_once('\t').and_then(|(label, text)| Some((class_of(label)?, text.to_owned())));
        let expected = "not negative, neutral or positive, a tab and a text";
        texts.push(labelled.ok_or_else(|| format!("line {}: {expected}", number + 1))?);
    }
    if texts.is_empty() {
        return Err("there are no texts".into());
    }
    println!("threshold  asked  accuracy  macro-F1   a text");
    for threshold in THRESHOLDS {
        let annotator = Annotator::builder()
            .model(model.clone())
            .confidence_threshold(threshold)
            .max_model_batch(BATCH)
            .model_batch_wait(Duration::ZERO)
            .model_timeout(Duration::from_secs(600))
            .build();
        // Rows: the right classes; columns: those found.
        let mut found = [[0_u32; 3]; 3];
        let start = Instant::now();
        for batch in texts.chunks(BATCH) {
            let said: Vec<_> = batch.iter().map(|(_, text)| text.as_str()).collect();
            for ((right, _), annotation) in batch.iter().zip(annotator.annotate_batch(&said)) {
                let class = CLASSES.iter().position(|class| *class == annotation.label());
                let cell = found.get_mut(*right).zip(class).and_then(|(row, class)| row.get_mut(class));
                cell.into_iter().for_each(|count| *count += 1);
            }
        }
        let time = start.elapsed() / u32::try_from(texts.len())?;
        let asked = annotator.stats().model_answers as f64 / texts.len() as f64;
        let (accuracy, macro_f1) = (accuracy(&found), macro_f1(&found));
        println!("{threshold:9}  {:4.0} %  {accuracy:8.3}  {macro_f1:8.3}   {time:.1?}", 100.0 * asked);
    }
    Ok(())
}

fn class_of(label: &str) -> Option<usize> {
    CLASSES.iter().position(|class| class.as_str() == label.trim())
}

fn accuracy(found: &[[u32; 3]; 3]) -> f64 {
    let right: u32 = found.iter().enumerate().filter_map(|(class, row)| row.get(class)).sum();
    f64::from(right) / f64::from(found.iter().flatten().sum::<u32>())
}

/// The mean of the F1 of the classes that occur.
fn macro_f1(found: &[[u32; 3]; 3]) -> f64 {
    let f1 = |class: usize| {
        let row: u32 = found.get(class)?.iter().sum();
        let column: u32 = found.iter().filter_map(|row| row.get(class)).sum();
        let right = *found.get(class)?.get(class)?;
        (row > 0).then(|| 2.0 * f64::from(right) / f64::from(row + column))
    };
    let scores: Vec<f64> = (0..CLASSES.len()).filter_map(f1).collect();
    scores.iter().sum::<f64>() / scores.len() as f64
}
