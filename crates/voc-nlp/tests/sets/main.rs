//! Measures the crate on sets of examples in `data`: what users write, transcripts in many formats, and texts to
//! redact. Each example says what is right, and why.
//!
//! Each set was written before the code that it measures, by others than the authors of that code, and split at random
//! into two halves. `tuning` is for whoever changes the code; `held-out` is not looked at, so that it shows how well a
//! change generalises. The tests print the shares of both by kind (`cargo test -p voc-nlp --test sets -- --nocapture`)
//! and the failures of `tuning`. They fail if the shares fall below what the model card says.

#![expect(clippy::print_stdout, reason = "shares and failures are what these tests are for")]
#![expect(clippy::panic, reason = "helpers of tests may fail the test")]

mod redaction;
mod score;
mod transcripts;
mod utterances;

use std::path::Path;

use serde::de::DeserializeOwned;

/// The halves of each set.
const HALVES: [&str; 2] = ["tuning", "held-out"];

/// Reads `data/NAME.HALF.toml`.
fn read<T: DeserializeOwned>(name: &str, half: &str) -> T {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/sets/data/{name}.{half}.toml"));
    let file = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    toml::from_str(&file).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
