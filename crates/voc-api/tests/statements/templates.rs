//! Templates of a folder.

use std::{fs, path::Path};

use serde_json::json;
use voc_api::{Reports, ReportsError, access::Access};
use voc_testkit::requirements::engine_or_skip;

use crate::{
    post, rows,
    served::Served,
    stage::{Stage, date},
};

fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

const MINE: &str = "-- title: Mine\n-- description: Calls\n-- description: of a topic.\n\
    -- parameter: topic text -- Which topic.\n-- parameter: since time = \"2020-02-01T00:00:00Z\"\n\
    -- parameter: least number = -1\n-- parameter: loud boolean = true\n\n\
    SELECT if(:loud, upper(:topic), :topic) AS topic_name, count() AS calls\nFROM voc_events\n\
    WHERE topic = :topic AND ts >= :since AND ts >= :from AND ts < :to AND sentiment >= :least\n";

#[test]
fn a_template_of_a_folder_is_run() {
    let Some(engine) = engine_or_skip() else { return };
    let stage = Stage::new(&engine);
    let folder = folder(&[
        ("mine.sql", MINE),
        ("overview_stats.sql", "-- title: Another one\nSELECT count() AS n FROM ai_analytics_events"),
        ("notes.txt", "not a template"),
    ]);
    let reports = Reports::load(Some(folder.path())).unwrap();
    assert_eq!(reports.len(), 9);
    stage.runtime.block_on(reports.check(stage.store.as_ref())).unwrap();
    let api = Served::with_statements(&stage.store, Access::unrestricted(), reports);
    let listed = api.fetch("GET", "/report").json();
    let mine = listed["data"].as_array().unwrap().iter().find(|listed| listed["template"] == "mine").unwrap().clone();
    let expected = json!({"template": "mine", "title": "Mine", "description": "Calls of a topic.", "families": ["voc"],
    "parameters": [
        {"name": "topic", "type": "text", "required": true, "description": "Which topic."},
        {"name": "since", "type": "time", "required": false, "default": "2020-02-01T00:00:00.000Z",
            "description": ""},
        {"name": "least", "type": "number", "required": false, "default": -1.0, "description": ""},
        {"name": "loud", "type": "boolean", "required": false, "default": true, "description": ""},
    ]});
    assert_eq!(mine, expected);
    let run = |parameters: serde_json::Value| {
        let range = json!({"template": "mine", "from": date(-3), "to": date(5), "parameters": parameters});
        post(&api, "/report", None, &range)
    };
    let one = rows(&run(json!({"topic": "billing"}))).remove(0);
    assert_eq!(one["topic_name"], "BILLING");
    assert!(one["calls"].as_u64().unwrap() > 0);
    let none = rows(&run(json!({"topic": "' OR 1 = 1 --", "loud": false}))).remove(0);
    assert_eq!(none, json!({"topic_name": "' OR 1 = 1 --", "calls": 0}));
    assert_eq!(run(json!({})).status, 422);
    let replaced = post(&api, "/report", None, &json!({"template": "overview_stats", "days": 90}));
    assert_eq!(rows(&replaced)[0].as_object().unwrap().keys().collect::<Vec<_>>(), ["n"]);
}

#[test]
fn everything_wrong_is_named_with_its_file_and_line() {
    let title = "-- title: T\n";
    let folder = folder(&[
        ("a.sql", "SELECT 1 FROM voc_events"),
        ("b.sql", "-- title: T\n-- colour: red\nSELECT 1 FROM voc_events"),
        ("c.sql", &format!("{title}\nSELECT *\nFROM secrets")),
        ("d.sql", &format!("{title}-- parameter: limit whole = 1\nSELECT 1 FROM voc_events")),
        ("e.sql", &format!("{title}-- parameter: limit integer 1..9 = 10\nSELECT 1 FROM voc_events")),
        ("f.sql", &format!("{title}-- parameter: from time\nSELECT 1 FROM voc_events")),
        ("g.sql", &format!("{title}SELECT 1")),
        ("h.sql", &format!("{title}SELECT :lmit FROM voc_events")),
        ("i.sql", &format!("{title}-- period: next\nSELECT 1 FROM voc_events")),
        ("j.sql", &format!("{title}SELECT 1 FROM voc_events; SELECT 2")),
        ("K-1.sql", &format!("{title}SELECT 1 FROM voc_events")),
    ]);
    let error = Reports::load(Some(folder.path())).unwrap_err();
    let said = error.to_string();
    for expected in [
        "a.sql:1: there is no title; begin with '-- title: …'",
        "b.sql:2: unknown key 'colour'; known: title, description, period, parameter",
        "c.sql:4: unknown table 'secrets'; known: voc_events, ",
        "d.sql:2: found the kind 'whole', expected text, integer, number, boolean or time",
        "e.sql:2: the default 10 does not fit: ensure this value is between 1 and 9",
        "f.sql:2: there already is a parameter 'from'",
        "g.sql: a template reads a table of events at least",
        "h.sql:2: unknown placeholder ':lmit'; known: :from, :to, :timezone",
        "i.sql:2: period: found \"next\", expected 'previous', or no such line",
        "j.sql: there is a second statement; write one SELECT",
        "K-1.sql: a template's file is named after it",
    ] {
        assert!(said.contains(expected), "{expected}\n{said}");
    }
    assert_eq!(said.lines().count(), 11);
    let missing = Reports::load(Some(&folder.path().join("none"))).unwrap_err().to_string();
    assert!(missing.contains("none: the folder of templates cannot be read"), "{missing}");
}

#[test]
fn the_store_is_asked_whether_it_understands_a_template() {
    let Some(engine) = engine_or_skip() else { return };
    let stage = Stage::new(&engine);
    let folder = folder(&[("typo.sql", "-- title: T\nSELECT tpic FROM voc_events")]);
    let reports = Reports::load(Some(folder.path())).unwrap();
    let checked = stage.runtime.block_on(reports.check(stage.store.as_ref()));
    let Err(ReportsError::Templates(errors)) = checked else { panic!("{checked:?}") };
    let said = errors[0].to_string();
    assert!(said.contains("typo.sql: the store refuses it: Unknown expression"), "{said}");
    stage.runtime.block_on(Reports::load(None).unwrap().check(stage.store.as_ref())).unwrap();
}

/// The example of docs/operations.md.
#[test]
fn the_example_for_operators_is_a_template() {
    let Some(engine) = engine_or_skip() else { return };
    let stage = Stage::new(&engine);
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/operations.md");
    let page = fs::read_to_string(page).unwrap();
    let chapter = page.split("\n## Reports\n").nth(1).unwrap();
    let example = chapter.split("```sql\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    let folder = folder(&[("calls_about.sql", example)]);
    let reports = Reports::load(Some(folder.path())).unwrap();
    stage.runtime.block_on(reports.check(stage.store.as_ref())).unwrap();
    let api = Served::with_statements(&stage.store, Access::unrestricted(), reports);
    let body = json!({"template": "calls_about", "from": date(0), "parameters": {"topic": "billing"}});
    let days = rows(&post(&api, "/report", None, &body));
    assert_eq!(days[0].as_object().unwrap().keys().collect::<Vec<_>>(), ["calls", "day", "unhappy_calls"]);
}
