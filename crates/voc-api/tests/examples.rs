//! The examples of docs/api.md and docs/python.md are run, and their answers have the shape that the page shows.
//!
//! A block ```` ```sh run ```` is a curl command. The block `answer` after it, if there is one, shows the answer: with
//! the status after it if it is not 200, and the language `json`, `ndjson` or `csv`. Values may differ; members and
//! the kinds of values may not.
#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

#[expect(dead_code, reason = "shared with other tests, which use more of it")]
mod served;
#[expect(dead_code, reason = "shared with other tests, which use more of it")]
#[path = "statements/stage.rs"]
mod stage;

use std::{
    fs,
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpListener},
    path::Path,
    process::{Command, Output},
    sync::Arc,
};

use serde_json::Value;
use served::{FixedStore, Served};
use stage::Stage;
use voc_api::access::Access;
use voc_testkit::requirements::engine_or_skip;

/// A fenced block: what is after the fence, and its lines.
struct Block {
    info: String,
    text: String,
    line: usize,
}

fn blocks(page: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut open: Option<Block> = None;
    for (index, line) in page.lines().enumerate() {
        match (&mut open, line.strip_prefix("```")) {
            (None, Some(info)) => open = Some(Block { info: info.to_owned(), text: String::new(), line: index + 1 }),
            (Some(_), Some(_)) => blocks.extend(open.take()),
            (Some(block), None) => {
                block.text.push_str(line);
                block.text.push('\n');
            }
            (None, None) => {}
        }
    }
    assert!(open.is_none(), "a block is not closed");
    blocks
}

/// What a curl command asks.
#[derive(Debug, PartialEq)]
struct Request {
    method: String,
    path: String,
    headers: Vec<(String, String)>,
    body: Option<String>,
}

/// The words of a command, as a shell cuts them; it knows only what the page uses.
fn words(command: &str) -> Vec<String> {
    let (mut words, mut word, mut quote) = (Vec::new(), String::new(), None);
    let mut in_word = false;
    for character in command.replace("\\\n", " ").trim().chars() {
        match (quote, character) {
            (None, '\'' | '"') => (quote, in_word) = (Some(character), true),
            (Some(open), close) if open == close => quote = None,
            (None, space) if space.is_whitespace() => {
                if std::mem::take(&mut in_word) {
                    words.push(std::mem::take(&mut word));
                }
            }
            (_, other) => {
                word.push(other);
                in_word = true;
            }
        }
    }
    assert!(quote.is_none(), "a quote is not closed: {command}");
    words.extend(in_word.then_some(word));
    words
}

fn request(command: &str) -> Request {
    let mut words = words(command).into_iter();
    assert_eq!(words.next().as_deref(), Some("curl"), "{command}");
    let mut request = Request { method: "GET".to_owned(), path: String::new(), headers: Vec::new(), body: None };
    while let Some(word) = words.next() {
        match word.as_str() {
            "-X" => request.method = words.next().unwrap(),
            "-H" => {
                let header = words.next().unwrap();
                let (name, value) = header.split_once(": ").unwrap();
                request.headers.push((name.to_owned(), value.to_owned()));
            }
            "-d" => {
                request.body = words.next();
                request.method = "POST".to_owned();
            }
            url => request.path = url.strip_prefix("$VOC_URL").unwrap_or_else(|| panic!("{url}")).to_owned(),
        }
    }
    request
}

/// Whether a value has the members and kinds of an example; of a list, each element has those of the first one.
fn check_shape(place: &str, actual: &Value, example: &Value) {
    match (actual, example) {
        (Value::Object(actual), Value::Object(example)) => {
            let names = |members: &serde_json::Map<String, Value>| {
                let mut names: Vec<String> = members.keys().cloned().collect();
                names.sort();
                names
            };
            assert_eq!(names(actual), names(example), "{place}");
            actual.iter().for_each(|(name, actual)| check_shape(&format!("{place}.{name}"), actual, &example[name]));
        }
        (Value::Array(actual), Value::Array(example)) => {
            assert_eq!(actual.is_empty(), example.is_empty(), "{place}");
            let of_same_length = actual.len() == example.len();
            for (index, actual) in actual.iter().enumerate() {
                check_shape(&format!("{place}[{index}]"), actual, &example[if of_same_length { index } else { 0 }]);
            }
        }
        (Value::Null, _) | (_, Value::Null) => {}
        (actual, example) => {
            let kind = |value: &Value| (value.is_string(), value.is_number(), value.is_boolean());
            assert_eq!(kind(actual), kind(example), "{place}: {actual} in place of {example}");
        }
    }
}

fn check_answer(place: &str, language: &str, actual: &str, example: &str) {
    match language {
        "json" => check_shape(place, &serde_json::from_str(actual).unwrap(), &serde_json::from_str(example).unwrap()),
        "ndjson" => {
            let example = serde_json::from_str(example.lines().next().unwrap()).unwrap();
            assert!(!actual.is_empty(), "{place}");
            actual.lines().for_each(|line| check_shape(place, &serde_json::from_str(line).unwrap(), &example));
        }
        "csv" => assert_eq!(actual.lines().next(), example.lines().next(), "{place}"),
        other => panic!("{place}: an answer in {other}"),
    }
}

/// The service to ask: only one with an engine runs statements.
fn asked<'s>(path: &str, api: &'s Served, of_statements: Option<&'s Served>) -> Option<&'s Served> {
    if ["/report", "/query"].contains(&path) { of_statements } else { Some(api) }
}

#[test]
fn the_examples_of_the_page_are_true() {
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/api.md")).unwrap();
    let api = Served::start(Arc::new(FixedStore::default()), Vec::new());
    let engine = engine_or_skip();
    let stage = engine.as_ref().map(|engine| Stage::new(engine));
    let of_statements = stage.as_ref().map(|stage| stage.serve(Access::unrestricted()));
    let blocks = blocks(&page);
    let mut examples = 0;
    for (index, block) in blocks.iter().enumerate().filter(|(_, block)| block.info == "sh run") {
        let place = format!("docs/api.md:{}", block.line);
        let Request { method, path, headers, body } = request(&block.text);
        let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let Some(api) = asked(&path, &api, of_statements.as_ref()) else { continue };
        let answer = api.send(&method, &path, &headers, body.as_deref());
        let shown = blocks.get(index + 1).filter(|next| next.info.split(' ').nth(1) == Some("answer"));
        let status = shown.and_then(|shown| shown.info.split(' ').nth(2)).map_or(200, |status| status.parse().unwrap());
        assert_eq!(answer.status, status, "{place}: {answer:?}");
        if let Some(shown) = shown {
            check_answer(&place, shown.info.split(' ').next().unwrap(), &answer.text, &shown.text);
        }
        examples += 1;
    }
    assert!(examples >= 6, "{examples} examples");
}

/// The commands of the service's own page are run as they are.
#[test]
fn the_commands_of_the_page_of_operations_work() {
    let api = Served::start(Arc::new(FixedStore::default()), Vec::new());
    let engine = engine_or_skip();
    let stage = engine.as_ref().map(|engine| Stage::new(engine));
    let of_statements = stage.as_ref().map(|stage| stage.serve(Access::unrestricted()));
    let page = api.fetch("GET", "/docs").text;
    let commands = page.split("<pre>curl ").skip(1).map(|rest| rest.split("</pre>").next().unwrap());
    let mut count = 0;
    for command in commands {
        let command = command.replace("&quot;", "\"").replace("&#39;", "'").replace("&lt;", "<").replace("&gt;", ">");
        let Request { method, path, headers, body } = request(&format!("curl {}", command.replace("&amp;", "&")));
        let headers = headers.iter().filter(|(name, _)| name != "X-Api-Key");
        let headers: Vec<(&str, &str)> = headers.map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let Some(api) = asked(&path, &api, of_statements.as_ref()) else { continue };
        let status = api.send(&method, &path, &headers, body.as_deref()).status;
        assert_eq!(status, 200, "{method} {path}");
        count += 1;
    }
    assert!(count >= 10, "{count} commands");
}

/// Runs a program, after the blocks of docs/python.md up to and including block `last`; `None` if there is no Python.
fn run_python(last: usize, program: &str, address: SocketAddr) -> Option<Output> {
    let Ok(version) = Command::new("python3").arg("--version").output() else {
        assert!(std::env::var_os("CI").is_none(), "Python is missing");
        let _ = writeln!(std::io::stderr(), "skipped: Python is missing");
        return None;
    };
    assert!(version.status.success(), "{version:?}");
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/python.md")).unwrap();
    let blocks = blocks(&page);
    let blocks: Vec<&str> =
        blocks.iter().filter(|block| block.info == "python run").map(|block| block.text.as_str()).collect();
    let program = format!("{}\n\n{program}", blocks[..=last].join("\n\n"));
    let folder = tempfile::tempdir().unwrap();
    let mut python = Command::new("python3");
    python.args(["-W", "error", "-c", &program]).current_dir(&folder);
    python.env("VOC_URL", format!("http://{address}")).env_remove("VOC_API_KEY").env("NO_PROXY", "*");
    Some(python.output().unwrap())
}

#[test]
fn the_python_client_works() {
    let api = Served::start(Arc::new(FixedStore::default()), Vec::new());
    let Some(ended) = run_python(3, "", api.address()) else { return };
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
    let said = String::from_utf8_lossy(&ended.stdout).into_owned();
    let mut lines: Vec<&str> = said.lines().collect();
    lines.sort_unstable();
    assert_eq!(lines, ["agent_action 5678", "call 1234"]);
}

/// An answer that breaks off is no answer, however it is read.
#[test]
fn the_python_client_notices_a_broken_answer() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for connection in listener.incoming() {
            let mut connection = connection.unwrap();
            let _ = connection.read(&mut [0; 4096]);
            let head = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
            let _ = write!(connection, "{head}8\r\n{{\"a\":1}}\n\r\n");
        }
    });
    for read in ["list(voc.rows('/x'))", "voc.save('/x', 'x')", "voc.get('/x')"] {
        let program = format!("voc = Voc(os.environ['VOC_URL'])\n{read}");
        let Some(ended) = run_python(0, &program, address) else { return };
        let said = String::from_utf8_lossy(&ended.stderr);
        assert!(said.contains("IncompleteRead"), "{read}: {said}");
    }
}

/// The checks above must be able to fail.
#[test]
fn a_false_example_is_noticed() {
    let differs = |language: &str, actual: &str, example: &str| {
        std::panic::catch_unwind(|| check_answer("here", language, actual, example)).is_err()
    };
    assert!(differs("json", r#"{"a":1}"#, r#"{"b":1}"#));
    assert!(differs("json", r#"{"a":[{"b":1},{"b":"x"}]}"#, r#"{"a":[{"b":1}]}"#));
    assert!(!differs("json", r#"{"a":[{"b":1},{"b":2}]}"#, r#"{"a":[{"b":7}]}"#));
    assert!(differs("csv", "a,b\r\n", "a,c\n"));
    assert!(differs("ndjson", "{\"a\":1}\n{\"b\":1}\n", "{\"a\":2}\n"));
    let posted = request("curl -H 'Content-Type: application/json' \\\n  \"$VOC_URL/x\" -d '{\"a\": \"b c\"}'");
    let headers = vec![("Content-Type".to_owned(), "application/json".to_owned())];
    let body = Some(r#"{"a": "b c"}"#.to_owned());
    assert_eq!(posted, Request { method: "POST".to_owned(), path: "/x".to_owned(), headers, body });
}
