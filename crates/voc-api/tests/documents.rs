//! The description of the API, and whether it is true.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

#[expect(dead_code, reason = "shared with other tests, which use more of it")]
mod served;

use std::{collections::BTreeSet, fmt::Write as _, fs, path::PathBuf, sync::Arc};

use serde_json::{Map, Value};
use served::{FixedStore, Served};
use voc_api::ProblemKind;

fn served() -> Served {
    Served::start(Arc::new(FixedStore::default()), Vec::new())
}

fn document() -> Value {
    served().get("/openapi.json").body
}

/// Each operation with its path and method.
fn operations(document: &Value) -> Vec<(String, String, Value)> {
    let paths = document["paths"].as_object().unwrap();
    let of_path = |(path, item): (&String, &Value)| {
        let item = item.as_object().unwrap().clone().into_iter();
        let path = path.clone();
        item.map(move |(method, operation)| (path.clone(), method, operation)).collect::<Vec<_>>()
    };
    paths.iter().flat_map(of_path).collect()
}

/// What is described here, or where the reference leads.
fn resolved<'d>(document: &'d Value, described: &'d Value) -> &'d Value {
    let pointer = described["$ref"].as_str().and_then(|reference| reference.strip_prefix('#'));
    pointer.map_or(described, |pointer| document.pointer(pointer).unwrap())
}

/// Compares a file of docs/ with what it must be, or writes it.
fn check_file(name: &str, expected: &str) {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs").join(name);
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&file, expected).unwrap();
    }
    let actual = fs::read_to_string(&file).unwrap_or_default();
    assert!(actual == expected, "docs/{name} differs: run UPDATE_DOCS=1 cargo test -p voc-api --test documents");
}

#[test]
fn the_description_is_in_docs() {
    check_file("openapi.json", &(served().fetch("GET", "/openapi.json").text + "\n"));
}

#[test]
fn the_description_and_the_routes_agree() {
    let document = document();
    let described: BTreeSet<String> = document["paths"].as_object().unwrap().keys().cloned().collect();
    assert_eq!(described, voc_api::routes().map(|(path, _)| path.to_owned()).collect());
    let api = served();
    for (path, method, _) in operations(&document) {
        let answer = api.fetch(&method.to_uppercase(), &path.replace(['{', '}'], ""));
        assert!(!matches!(answer.status, 405 | 500), "{method} {path}: {answer:?}");
    }
}

/// A handler reads what its description says: an unknown parameter is answered with the known ones.
#[test]
fn the_description_names_the_parameters_that_handlers_read() {
    let api = served();
    let document = document();
    for (path, method, operation) in operations(&document) {
        let is_open = operation["tags"][0] == "service";
        if is_open || method != "get" {
            continue;
        }
        let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
        let query = parameters.iter().map(|parameter| resolved(&document, parameter));
        let query = query.filter(|parameter| parameter["in"] == "query");
        let described: BTreeSet<&str> = query.map(|parameter| parameter["name"].as_str().unwrap()).collect();
        let answer = api.get(&format!("{}?zzz=1", path.replace(['{', '}'], "")));
        assert_eq!(answer.status, 422, "{path}: {answer:?}");
        let mut messages =
            answer.body["detail"].as_array().unwrap().iter().filter_map(|mistake| mistake["msg"].as_str());
        let (_, known) = messages.find_map(|message| message.split_once("known: ")).unwrap();
        let known: BTreeSet<&str> = known.split(", ").map(|name| name.trim_matches('\'')).collect();
        let known = if known == BTreeSet::from(["none"]) { BTreeSet::new() } else { known };
        assert_eq!(described, known, "{path}");
    }
}

#[test]
fn every_operation_has_a_summary_a_description_of_its_answers_and_an_example() {
    let document = document();
    let mut ids = BTreeSet::new();
    for (path, method, operation) in operations(&document) {
        let name = format!("{method} {path}");
        assert!(ids.insert(operation["operationId"].as_str().unwrap().to_owned()), "{name}");
        assert!(!operation["summary"].as_str().unwrap().is_empty(), "{name}");
        assert!(operation["security"].is_array(), "{name}");
        for content in operation["requestBody"]["content"].as_object().into_iter().flat_map(Map::values) {
            let of_schema = &resolved(&document, &content["schema"])["example"];
            assert!(!content["example"].is_null() || !of_schema.is_null(), "{name}: an example of the body");
        }
        for (status, response) in operation["responses"].as_object().unwrap() {
            let response = resolved(&document, response);
            assert!(!response["description"].as_str().unwrap().is_empty(), "{name} {status}");
            let Some(content) = response["content"].as_object() else {
                assert!(response["description"].as_str().unwrap().ends_with("Without a body."), "{name} {status}");
                continue;
            };
            let is_self = path == "/openapi.json" || path.starts_with("/docs");
            assert!(is_self || content.values().any(|content| !content["example"].is_null()), "{name} {status}");
        }
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            let parameter = resolved(&document, parameter);
            let documented = ["description", "schema"].iter().all(|key| !parameter[*key].is_null());
            assert!(documented, "{name} {parameter}");
        }
    }
}

/// Names of schemas are types in clients.
#[test]
fn every_reference_leads_somewhere() {
    let document = document();
    let mut references = BTreeSet::new();
    collect_references(&document, &mut references);
    assert!(references.contains("#/components/schemas/Problem"));
    for reference in references {
        assert!(document.pointer(reference.trim_start_matches('#')).is_some(), "{reference}");
    }
}

fn collect_references(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            found.extend(members.get("$ref").and_then(Value::as_str).map(str::to_owned));
            members.values().for_each(|value| collect_references(value, found));
        }
        Value::Array(elements) => elements.iter().for_each(|value| collect_references(value, found)),
        _ => {}
    }
}

/// The query with the parameters that an operation requires, as in their examples.
fn required_parameters(document: &Value, operation: &Value) -> String {
    let parameters = operation["parameters"].as_array().into_iter().flatten();
    let parameters = parameters.map(|parameter| resolved(document, parameter));
    let required = parameters.filter(|parameter| parameter["in"] == "query" && parameter["required"] == true);
    let texts = |example: &Value| match example {
        Value::Array(texts) => texts.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        Value::String(text) => vec![text.clone()],
        other => vec![other.to_string()],
    };
    let of_parameter = |parameter: &Value| {
        let name = parameter["name"].as_str().unwrap_or_default();
        let given = texts(&parameter["example"]).iter().map(|text| format!("{name}={text}")).collect::<Vec<_>>();
        given.join("&")
    };
    let given: Vec<String> = required.map(of_parameter).collect();
    if given.is_empty() { String::new() } else { format!("?{}", given.join("&")) }
}

/// Examples are answers, so they have the members that the answers have.
#[test]
fn answers_have_the_members_of_their_examples() {
    let api = served();
    let document = document();
    for (path, method, operation) in operations(&document) {
        let example = &operation["responses"]["200"]["content"]["application/json"]["example"];
        if method == "get" && !path.contains('{') && example.is_object() && path != "/readyz" {
            let answer = api.get(&format!("{path}{}", required_parameters(&document, &operation)));
            assert_eq!(answer.status, 200, "{path}");
            let names = |members: &Map<String, Value>| members.keys().cloned().collect::<BTreeSet<_>>();
            assert_eq!(names(answer.body.as_object().unwrap()), names(example.as_object().unwrap()), "{path}");
        }
    }
}

#[test]
fn the_page_shows_every_operation_and_loads_nothing_from_elsewhere() {
    let api = served();
    let page = api.fetch("GET", "/docs");
    assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.starts_with("default-src 'none'; style-src 'self';"), "{policy}");
    for (path, _, operation) in operations(&document()) {
        let id = operation["operationId"].as_str().unwrap();
        assert!(page.text.contains(&format!("<h3 id=\"{id}\">")), "{path}");
        let beginning = path.split('{').next().unwrap();
        assert!(page.text.contains(&format!("$VOC_URL{beginning}")), "a command for {path}");
    }
    for kind in ProblemKind::ALL {
        assert!(page.text.contains(&format!("<code>{}</code>", kind.code)), "{}", kind.code);
    }
    assert!(!page.text.contains("<script") && !page.text.contains("style=") && !page.text.contains("://"));
    let style = page.text.split("href=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
    let style = api.fetch("GET", style);
    assert_eq!((style.status, style.header("content-type")), (200, Some("text/css; charset=utf-8")));
}

#[test]
fn problems_are_in_docs() {
    let mut text = "# Problems\n\n".to_owned();
    text.push_str(
        "Every error of the HTTP API is answered with `application/problem+json` ([RFC 9457]):\n\n\
         - `code` never changes its meaning; programs decide by it.\n\
         - `type` identifies the same kind of problem as a URI: the code with hyphens, such as `/problems/not-found`.\n\
         - `title` is for people, and the same for all problems of a kind; `status` is the answer's status.\n\
         - `detail` says what is wrong with this request. For `invalid_parameters` it is a list of all mistakes, in the\n  \
         form of FastAPI with pydantic 1, which clients of the services before this one read.\n\
         - `instance` names the request: `/requests/` and the id in `x-request-id`, which is also in the log.\n\n\
         What does not become a request is answered without a body: with 400 if it is not HTTP or its URI is longer than\n\
         64 KiB, with 431 if its head is larger than 128 KiB, with 408 if its head does not arrive in time.\n\n\
         This file is written by a test (`UPDATE_DOCS=1 cargo test -p voc-api --test documents`) from\n\
         `crates/voc-api/src/problem_kind.rs`.\n\n\
         | status | code | title | meaning, and what to do |\n|---|---|---|---|\n",
    );
    for kind in ProblemKind::ALL {
        writeln!(text, "| {} | `{}` | {} | {} |", kind.status, kind.code, kind.title, kind.meaning).unwrap();
    }
    text.push_str("\n[RFC 9457]: https://www.rfc-editor.org/rfc/rfc9457\n");
    check_file("problems.md", &text);
    let document = document();
    let codes = document["components"]["schemas"]["Problem"]["properties"]["code"]["enum"].as_array().unwrap().len();
    assert_eq!(codes, ProblemKind::ALL.len());
}

/// A body's member says as much as the parameter of the same name.
#[test]
fn members_of_bodies_are_described_as_parameters_are_and_there_are_no_others() {
    let document = document();
    let mut compared = BTreeSet::new();
    for (path, _, operation) in operations(&document) {
        for content in operation["requestBody"]["content"].as_object().into_iter().flat_map(Map::values) {
            let body = resolved(&document, &content["schema"]);
            assert_eq!(body["additionalProperties"], false, "{path}");
            for (name, member) in body["properties"].as_object().unwrap() {
                let parameter = &document["components"]["parameters"][name]["schema"];
                for keyword in ["pattern", "minLength", "maxLength", "minimum", "maximum"] {
                    let is_list = parameter["type"] == "array";
                    assert!(is_list || member[keyword] == parameter[keyword], "{path} {name} {keyword}");
                    if !member[keyword].is_null() {
                        compared.insert(keyword);
                    }
                }
                for value in parameter["enum"].as_array().into_iter().flatten() {
                    assert!(member["enum"].as_array().unwrap().contains(value), "{path} {name} {value}");
                    compared.insert("enum");
                }
            }
        }
    }
    assert_eq!(compared.len(), 6, "{compared:?}");
}

#[test]
fn links_lead_to_operations_that_have_the_parameter() {
    let document = document();
    let all = operations(&document);
    let mut links = 0;
    for (path, _, operation) in &all {
        for link in operation["responses"]["200"]["links"].as_object().into_iter().flat_map(Map::values) {
            let (_, _, target) = all.iter().find(|(_, _, other)| other["operationId"] == link["operationId"]).unwrap();
            let parameters = target["parameters"].as_array().unwrap();
            for (name, value) in link["parameters"].as_object().unwrap() {
                assert!(parameters.iter().any(|parameter| parameter["name"] == *name), "{path} {name}");
                let pointer = value.as_str().unwrap().strip_prefix("$response.body#").unwrap();
                let example = &operation["responses"]["200"]["content"]["application/json"]["example"];
                assert!(example.pointer(pointer).is_some_and(Value::is_string), "{path} {pointer}");
                links += 1;
            }
        }
    }
    assert!(links > 0);
}
