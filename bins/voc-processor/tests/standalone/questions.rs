//! README's questions, answered about the demo's events.

use std::{fs, path::Path, process::Command};

use serde_json::Value;
use voc_testkit::{
    generator::{GeneratedFamily, GeneratorConfig},
    requirements::has_engine,
    service::ServiceProcess,
};

use crate::stage::{log, now_ms, standalone};

/// The demo's, so that each answer has what the question is about.
const EVENTS: [(&str, u64); 4] = [("activity", 5_000), ("product", 5_000), ("quality", 5_000), ("voc", 20_000)];

/// What is asked in plain words, and the command. The block is a script; each comment begins a question.
fn questions() -> Vec<(String, String)> {
    let readme = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../README.md")).unwrap();
    let (_, rest) = readme.split_once("```sh run\n").unwrap();
    let (script, _) = rest.split_once("```").unwrap();
    let questions = script.split("\n# ").skip(1).map(|question| question.split_once('\n').unwrap());
    questions.map(|(words, command)| (words.to_owned(), command.to_owned())).collect()
}

/// The rows of an answer; of a table, without its header.
fn rows(answer: &str) -> usize {
    match serde_json::from_str::<Value>(answer) {
        Ok(answer) => answer["data"].as_array().map_or(0, Vec::len),
        Err(_) => answer.lines().count() - 1,
    }
}

fn has_curl() -> bool {
    let is_there = Command::new("curl").arg("--version").output().is_ok();
    assert!(is_there || std::env::var_os("CI").is_none(), "curl is missing");
    is_there
}

#[test]
fn the_questions_of_the_readme_are_answered() {
    if !has_engine() || !has_curl() {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let data_dir = directory.path().join("data");
    for (family, events) in EVENTS {
        let generated: GeneratedFamily = family.parse().unwrap();
        let config = GeneratorConfig { events, ..GeneratorConfig::ending_at(now_ms()) };
        let lines: Vec<String> = generated.events(&config).map(|event| event.json).collect();
        let file = directory.path().join(format!("{family}.ndjson"));
        fs::write(&file, lines.join("\n") + "\n").unwrap();
        let output = standalone(&data_dir, &["--once", "--family", family, "--input"]).arg(&file).output().unwrap();
        assert!(output.status.success(), "{}", log(&output));
    }

    let service = ServiceProcess::start(standalone(&data_dir, &[]));
    let questions = questions();
    assert!(questions.len() >= 10, "{questions:?}");
    for (words, command) in questions {
        let mut shell = Command::new("sh");
        shell.args(["-ec", &command]).current_dir(&directory);
        shell.env("VOC_URL", format!("http://{}", service.address())).env("NO_PROXY", "*");
        let output = shell.output().unwrap();
        let answer = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{words}: {answer}{}", log(&output));
        if command.contains("-o calls.parquet") {
            let file = fs::read(directory.path().join("calls.parquet")).unwrap();
            assert!(file.starts_with(b"PAR1") && file.ends_with(b"PAR1"), "{words}");
        } else {
            assert!(rows(&answer) >= 3, "{words}: {answer}");
        }
    }
}
