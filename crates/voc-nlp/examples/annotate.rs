//! Annotates texts: `cargo run -p voc-nlp --example annotate`.
//!
//! The arguments together are a text, or else each line of standard input is one. It is shown with what speaks for its sentiment in
//! green and red (on a terminal; elsewhere in brackets), and with what it means. With `--jsonl` each line of standard input becomes one
//! JSON object on standard output, in the same order.

#![expect(clippy::print_stdout, reason = "an example talks to its user")]

use std::error::Error;
use std::io::{self, BufRead, BufWriter, IsTerminal, Write};

use serde_json::json;
use voc_nlp::{Annotation, Engine, Evidence, Explanation, FastStage, Probabilities};

fn main() -> Result<(), Box<dyn Error>> {
    let engine = Engine::built_in();
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.as_slice() {
        [] => {
            for text in io::stdin().lock().lines() {
                show(&engine, &text?);
            }
        }
        [flag] if flag == "--jsonl" => {
            let mut out = BufWriter::new(io::stdout().lock());
            for text in io::stdin().lock().lines() {
                serde_json::to_writer(&mut out, &line(&engine.annotate(&text?)))?;
                writeln!(out)?;
            }
            out.flush()?;
        }
        words => show(&engine, &words.join(" ")),
    }
    Ok(())
}

fn line(annotation: &Annotation) -> serde_json::Value {
    let Probabilities { negative, neutral, positive } = annotation.probabilities;
    json!({
        "score": annotation.sentiment.unwrap_or_default(),
        "label": annotation.label(),
        "p": [negative, neutral, positive],
        "confidence": annotation.confidence,
        "language": annotation.language,
        "topic": annotation.topic,
        "topics": annotation.topics,
        "truncated": annotation.truncated,
    })
}

fn show(engine: &Engine, text: &str) {
    let Explanation { annotation, evidence, .. } = engine.explain(text);
    let in_colour = io::stdout().is_terminal();
    let mut end = 0;
    for part in evidence {
        // A phrase may hold a word that was shown already.
        let Evidence { start, end: part_end, weight, .. } = part;
        let start = start.max(end);
        print!("{}", text.get(end..start).unwrap_or_default());
        let shown = text.get(start..part_end).unwrap_or_default();
        match (in_colour, weight > 0.0) {
            (true, true) => print!("\x1b[32m{shown}\x1b[0m"),
            (true, false) => print!("\x1b[31m{shown}\x1b[0m"),
            (false, _) => print!("[{shown} {weight:+.1}]"),
        }
        end = part_end.max(end);
    }
    println!("{}", text.get(end..).unwrap_or_default());

    let Probabilities { negative, neutral, positive } = annotation.probabilities;
    println!("  {} ({:.0} % sure)", annotation.label(), 100.0 * annotation.confidence);
    println!("  negative {negative:.2}, neutral {neutral:.2}, positive {positive:.2}");
    println!("  language {}", annotation.language);
    for best in annotation.topics.iter() {
        println!("  topic {} {:.2}", best.topic, best.score);
    }
}
