//! The command that annotates texts, `cargo run -p voc-nlp --example annotate`, from its user's perspective.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "helpers of tests may fail the test")]

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

/// `cargo test` builds examples beside the folder of the tests.
fn program() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let folder = test.ancestors().nth(2).unwrap();
    folder.join("examples").join(format!("annotate{}", std::env::consts::EXE_SUFFIX))
}

fn run(arguments: &[&str], input: &[u8]) -> Output {
    let mut command = Command::new(program());
    let mut child = command
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the example, which `cargo test` builds unless a target is selected");
    child.stdin.take().unwrap().write_all(input).unwrap();
    child.wait_with_output().unwrap()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

#[test]
fn each_line_becomes_an_object() {
    let input =
        b"I love it, thank you!\nA fatura veio errada, p\xc3\xa9ssimo\r\n\nbad \xff bytes\nthe last one has no end";
    let output = run(&["--jsonl"], input);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let lines: Vec<Value> = text(&output.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 5);
    let field = |name: &str| -> Vec<&Value> { lines.iter().map(|line| &line[name]).collect() };
    assert_eq!(field("label"), ["positive", "negative", "neutral", "negative", "neutral"]);
    assert_eq!(field("language")[..2], ["en", "pt"]);
    assert_eq!(field("topic")[1], "billing");
    for line in &lines {
        let number = |value: &Value| value.as_f64().unwrap();
        assert!((-1.0..=1.0).contains(&number(&line["score"])));
        let sum: f64 = line["p"].as_array().unwrap().iter().map(number).sum();
        assert!((sum - 1.0).abs() < 1e-3 || line["confidence"] == 0.0, "{line}");
        assert!(line["topics"].is_array() && line["truncated"] == false);
    }
}

#[test]
fn a_text_is_explained() {
    let output = run(&["What", "a", "waste", "of", "time"], b"");
    let shown = text(&output.stdout);
    assert!(shown.starts_with("What a [waste of time -") && shown.contains("\n  negative ("), "{shown}");

    let output = run(&["--call"], b"Agent: Good morning!\nCustomer: It is broken again, I am furious.\n");
    let shown = text(&output.stdout);
    assert!(shown.contains("Agent: Good morning!\n") && shown.contains("I am [furious -"), "{shown}");

    assert!(text(&run(&[], b"...").stdout).contains("no words"));
}

#[test]
fn help_and_errors() {
    let output = run(&["--help"], b"");
    assert!(output.status.success() && text(&output.stdout).contains("--jsonl"));
    let output = run(&["--json"], b"");
    assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0));
    assert!(text(&output.stderr).contains("--json is no option"));
}
