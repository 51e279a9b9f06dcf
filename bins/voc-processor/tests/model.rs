//! A model behind the fast stage, as operators set it up: a service on this machine that the program calls.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail this way")]

use std::{
    fs,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{TcpListener, TcpStream},
    path::Path,
    process::Command,
    thread,
    time::Duration,
};

use serde_json::{Value, json};
use voc_testkit::{
    exposition::Page,
    generator::{Generator, GeneratorConfig},
    requirements::has_engine,
    service::{self, ServiceProcess},
};

/// The limit on everything that is awaited; only a failing test reaches it.
const PATIENCE: Duration = Duration::from_secs(60);
const KEY: &str = "sk-sesame-1234";

/// A service that answers every question this way; returns its address.
fn answering(answer: impl Fn(&Value) -> Value + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/sentiment", listener.local_addr().unwrap());
    thread::spawn(move || listener.incoming().for_each(|stream| drop(serve(&stream.unwrap(), &answer))));
    url
}

/// One that answers every text with the same score.
fn scoring(score: f32) -> String {
    answering(move |question| json!({"scores": vec![score; question["texts"].as_array().unwrap().len()]}))
}

/// Answers one request if the key is right.
fn serve(mut stream: &TcpStream, answer: impl Fn(&Value) -> Value) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    let (mut length, mut has_key) = (0, false);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        match line.trim_end().to_lowercase().split_once(": ") {
            Some(("content-length", value)) => length = value.parse().unwrap(),
            Some(("authorization", value)) => has_key = value == format!("bearer {KEY}"),
            Some(_) => {}
            None if line.trim().is_empty() => break,
            None => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let question: Value = serde_json::from_slice(&body)?;
    let body = if has_key { answer(&question) } else { json!({"error": "who are you?"}) };
    let body = body.to_string();
    write!(stream, "HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}", body.len())
}

/// The program on a file of a few calls, all with a transcript.
fn processing(directory: &Path, url: &str) -> (Command, u64) {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_millis();
    let config = GeneratorConfig { events: 400, ..GeneratorConfig::ending_at(i64::try_from(now).unwrap()) };
    let calls: Vec<String> = Generator::new(&config)
        .map(|event| event.json)
        .filter(|json| serde_json::from_str::<Value>(json).unwrap()["transcript"].is_string())
        .collect();
    let file = directory.join("events.ndjson");
    fs::write(&file, calls.join("\n") + "\n").unwrap();
    let mut command = service::command(env!("CARGO_BIN_EXE_voc-processor"), &["--standalone", "--input"]);
    command.arg(file).arg("--data-dir").arg(directory.join("data"));
    command.env("NLP_MODEL", "http");
    command.args(["--nlp-confidence-threshold", "1", "--nlp-model-url", url]);
    command.env("NLP_MODEL_API_KEY", KEY);
    (command, calls.len() as u64)
}

/// Runs until the file is stored; returns the service and its metrics.
fn processed(command: Command) -> (ServiceProcess, Page) {
    let service = ServiceProcess::start(command);
    service.wait_for(PATIENCE, ServiceProcess::log, |log| log.contains("the input has ended"));
    let page = Page::parse(&service.text("/metrics")).unwrap();
    (service, page)
}

#[test]
fn the_models_scores_are_stored() {
    if !has_engine() {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let (command, calls) = processing(directory.path(), &scoring(-0.75));
    let (service, page) = processed(command);
    let value = |name: &str| page.value(name, &[]).unwrap_or_default() as u64;
    assert_eq!(value("voc_nlp_texts_total"), calls);
    assert!(value("voc_nlp_model_answers_total") > calls / 2, "hardly any text is certain");
    let fallbacks = page.value("voc_nlp_fallbacks_total", &[("reason", "failed")]);
    assert_eq!((fallbacks, value("voc_nlp_model_failures_total")), (Some(0.0), 0));
    assert!(value("voc_nlp_model_calls_total") < value("voc_nlp_model_texts_total"), "calls have many texts");
    assert_eq!(page.value("voc_nlp_model_breaker_open", &[]), Some(0.0));
    let (_, body) = service.get("/api/v1/topics?days=90");
    let is_the_models = |topic: &Value| topic["avg_sentiment"].as_f64().is_some_and(|mean| mean < -0.3);
    assert!(body["data"].as_array().unwrap().iter().all(is_the_models), "{body}");
}

#[test]
fn a_language_model_chooses_among_the_topics_it_is_given() {
    if !has_engine() {
        return;
    }
    // It names the last of the topics at the end of its instruction.
    let url = answering(|question| {
        let content = |i: usize| question["messages"][i]["content"].as_str().unwrap();
        let topic = content(0).rsplit('"').nth(1).unwrap();
        let texts: Value = serde_json::from_str(content(1)).unwrap();
        let ids = texts["texts"].as_array().unwrap().iter().map(|text| text["id"].clone());
        let answers: Vec<Value> =
            ids.map(|id| json!({"id": id, "sentiment": 0.5, "confidence": 0.9, "topic": topic})).collect();
        json!({"choices": [{"message": {"content": json!({"answers": answers}).to_string()}}]})
    });
    let directory = tempfile::tempdir().unwrap();
    let (mut command, _) = processing(directory.path(), &url);
    command.env("NLP_MODEL", "openai");
    command.args(["--nlp-model-name", "small", "--nlp-model-topics", "billing, lost parcels"]);
    let (service, page) = processed(command);
    assert_eq!(page.value("voc_nlp_model_failures_total", &[]), Some(0.0), "{}", service.log());
    let (_, body) = service.get("/api/v1/topics?days=90");
    let topics: Vec<&str> = body["data"].as_array().unwrap().iter().filter_map(|row| row["topic"].as_str()).collect();
    assert!(topics.contains(&"lost parcels"), "{body}");
}

#[test]
fn a_model_that_is_down_costs_neither_rows_nor_readiness() {
    if !has_engine() {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let nobody = format!("http://127.0.0.1:{}/", service::unused_port());
    let (command, calls) = processing(directory.path(), &nobody);
    let (service, page) = processed(command);
    assert_eq!(service.get("/readyz").0, 200);
    assert_eq!(page.value("voc_events_processed_total", &[("family", "voc")]), Some(calls as f64));
    assert_eq!(page.value("voc_nlp_model_answers_total", &[]), Some(0.0));
    let fell_back = ["failed", "breaker_open", "stalled", "timed_out", "queue_full"]
        .map(|reason| page.value("voc_nlp_fallbacks_total", &[("reason", reason)]).unwrap());
    assert!(fell_back.iter().sum::<f64>() > calls as f64 / 2.0, "{fell_back:?}");
    service.wait_for(PATIENCE, ServiceProcess::log, |log| log.contains("connection refused"));
    assert!(!service.log().contains("sesame"));
}
