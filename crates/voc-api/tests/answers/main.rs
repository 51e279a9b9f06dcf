//! Answers over HTTP from the embedded engine are those of a plain fold over the events: whatever is asked, in every
//! format, and before, during and after a replay.
#![expect(clippy::unwrap_used, clippy::panic, clippy::cast_precision_loss, reason = "helpers of tests")]

mod conversations;
mod customers;
mod event;
mod families;
mod fold;
mod formats;
#[expect(dead_code, reason = "shared with other tests, which use more of it")]
#[path = "../access/stage.rs"]
mod keys;
mod lists;
mod question;
mod reports;
mod search;
#[expect(dead_code, reason = "shared with other tests, which use more of it")]
#[path = "../served/mod.rs"]
mod served;
mod stage;
mod tenants;
mod transcripts;

use std::{collections::BTreeMap, time::Duration};

use proptest::{collection::vec, prelude::*, sample::select, test_runner::TestRunner};
use serde_json::{Value, json};
use voc_api::{Limits, Reports, access::Access};
use voc_testkit::requirements::engine_or_skip;

use crate::{
    event::{Annotation, ERAS, Event, annotation, batches},
    fold::{Asked, Expected, Row},
    formats::assert_formats,
    question::{Endpoint, Question, Request, Subject, question, subject},
    reports::{assert_reported, parameters},
    search::{assert_found, search},
    served::{Response, Served},
    stage::Stage,
};

#[test]
fn answers_are_those_of_a_fold() {
    let Some(engine) = engine_or_skip() else { return };
    let stage = Stage::new(&engine);
    // An insert is seen by the next question.
    let limits = Limits { staleness: Duration::ZERO, ..Limits::default() };
    let api = Served::limited(stage.store(), limits);
    let reporting = Served::with_statements(&stage.store(), Access::unrestricted(), Reports::load(None).unwrap());
    let mut runner = TestRunner::new(ProptestConfig {
        cases: 10,
        max_shrink_iters: 4,
        failure_persistence: None,
        ..ProptestConfig::default()
    });
    let case = select(ERAS.to_vec()).prop_flat_map(|era| {
        let again = vec(prop::option::of(annotation()), 20);
        let of_phases = (vec(vec(question(era), 4), 4), vec(subject(era), 4), vec(vec(search(era), 4), 4));
        (batches(era), again, of_phases, (question(era), parameters(), any::<bool>()))
    });
    runner
        .run(&case, |(batches, again, of_phases, (repeated, parameters, merging))| {
            let (questions, subjects, searches) = of_phases;
            stage.clear(merging);
            let mut events = BTreeMap::new();
            let offsets = stage.insert(&batches, &mut events);
            let check = |phase: usize, events: &BTreeMap<u64, Event>| {
                let events: Vec<Event> = events.values().cloned().collect();
                for question in &questions[phase] {
                    assert_answered(&api, question, &events);
                    assert_pages(&api, question, &events);
                }
                assert_formats(&api, &repeated, &assert_answered(&api, &repeated, &events));
                let subject = &subjects[phase];
                assert_agreement(&api, subject, &events);
                lists::assert_listed(&api, subject, &events);
                searches[phase].iter().for_each(|search| assert_found(&api, search, &events));
                customers::assert_shown(&api, subject, &events);
                assert_reported(&reporting, subject, parameters, &events);
            };
            check(0, &events);
            // A replay stores every third event again, in two parts.
            let replay = stage.open_replay(offsets);
            let revised: Vec<Event> = events.values().zip(again.iter().cycle()).step_by(3).map(revised).collect();
            let (first, rest) = revised.split_at(revised.len() / 2);
            for (phase, place, part) in [(1, 0, first), (2, first.len(), rest)] {
                stage.insert_again(part, place, &replay, &mut events);
                check(phase, &events);
            }
            stage.close_replay(&replay);
            check(3, &events);
            Ok(())
        })
        .unwrap();
}

/// A call with another annotation, or the same; other events have none.
fn revised((event, again): (&Event, &Option<Annotation>)) -> Event {
    let annotation = again.filter(|_| event.event_type == "call").unwrap_or(event.annotation);
    Event { annotation, ..event.clone() }
}

/// Asks a question, and returns the rows, which are those of the fold.
fn assert_answered(api: &Served, question: &Question, events: &[Event]) -> Vec<Row> {
    let request = question.request();
    let response = send(api, &request, "", "application/json");
    let context = || format!("{} {}?{:?} {:?}", request.method, request.path, request.parameters, request.body);
    assert_eq!(response.status, 200, "{}\n{}", response.text, context());
    let answer = response.json();
    let asked = question.asked(answer["meta"]["granularity"].as_str());
    let expected = completed(question, &asked, events);
    assert_eq!(answer["meta"]["truncated"], json!(expected.truncated), "{}", context());
    let found = rows(&answer["data"]);
    assert_rows(&found, &expected, &context);
    found
}

/// The pages of a list have the rows of the whole, in its order.
fn assert_pages(api: &Served, question: &Question, events: &[Event]) {
    if question.compare || !question.has_pages() {
        return;
    }
    let all = question.limited_to(10_000);
    let whole = send(api, &all.request(), "", "application/json").json();
    let asked = all.asked(whole["meta"]["granularity"].as_str());
    let expected = completed(&all, &asked, events);
    // Some pages, however long the list is.
    let size = expected.rows.len() / 4 + 1;
    let request = question.limited_to(size).request();
    let (mut found, mut cursor) = (Vec::new(), None::<String>);
    loop {
        let request = cursor.as_deref().map_or_else(|| request.clone(), |cursor| request.after(cursor));
        let page = send(api, &request, "", "application/json");
        assert_eq!(page.status, 200, "{} {request:?}", page.text);
        let page = page.json();
        let of_page = rows(&page["data"]);
        let next = page["meta"]["next"].as_str().map(str::to_owned);
        assert!(of_page.len() == size || (next.is_none() && of_page.len() <= size), "{page} {request:?}");
        found.extend(of_page);
        if next.is_none() {
            break;
        }
        cursor = next;
    }
    assert_rows(&found, &expected, &|| format!("pages of {request:?}"));
}

fn send(api: &Served, request: &Request, extension: &str, accept: &str) -> Response {
    let headers = [("content-type", "application/json"), ("accept", accept)];
    let body = request.body.as_ref().map(Value::to_string);
    api.send(request.method, &request.uri(extension), &headers, body.as_deref())
}

/// The reference's answer with the columns that are computed of others.
fn completed(question: &Question, asked: &Asked, events: &[Event]) -> Expected {
    let mut expected = asked.of(events);
    match question.endpoint {
        Endpoint::Topics => {
            let all = Asked { dimensions: Vec::new(), compare: false, ..asked.clone() };
            let all = Asked { order: None, ..all };
            let (since, until) = asked.previous();
            let before = all_of(&Asked { since, until, ..all.clone() }, events);
            let now = all_of(&all, events);
            for row in &mut expected.rows {
                let share = |name: &str, all: f64| (all > 0.0).then(|| row[name].as_f64().unwrap() / all);
                let of_now = share("event_count", now);
                if asked.compare {
                    let of_before = share("previous_event_count", before);
                    let change = of_now.zip(of_before).map(|(now, before)| now - before);
                    row.insert("previous_share".to_owned(), json!(of_before));
                    row.insert("change_share".to_owned(), json!(change));
                }
                row.insert("share".to_owned(), json!(of_now));
            }
        }
        Endpoint::Agents => {
            for row in &mut expected.rows {
                let number = |name: &str| row[name].as_f64();
                let error =
                    number("stddev_sentiment").zip(number("scored_calls")).map(|(deviation, n)| deviation / n.sqrt());
                let bound = |side: f64| {
                    let distance = error.map(|error| side * 1.959_964 * error);
                    json!(
                        number("avg_sentiment")
                            .zip(distance)
                            .map(|(mean, distance)| (mean + distance).clamp(-1.0, 1.0))
                    )
                };
                let (low, high) = (bound(-1.0), bound(1.0));
                row.retain(|name, _| !name.ends_with("stddev_sentiment"));
                row.insert("sentiment_low".to_owned(), low);
                row.insert("sentiment_high".to_owned(), high);
            }
        }
        _ => {}
    }
    expected
}

fn all_of(asked: &Asked, events: &[Event]) -> f64 {
    asked.of(events).rows[0]["event_count"].as_f64().unwrap()
}

fn rows(data: &Value) -> Vec<Row> {
    data.as_array().unwrap().iter().map(|row| row.as_object().unwrap().clone()).collect()
}

fn assert_rows(found: &[Row], expected: &Expected, context: &dyn Fn() -> String) {
    let close = |one: &Value, other: &Value| match (one.as_f64(), other.as_f64()) {
        (Some(one), Some(other)) => (one - other).abs() <= 1e-9 * one.abs().max(1.0),
        _ => one == other,
    };
    let same_row = |one: &Row, other: &Row| {
        one.len() == other.len()
            && one.iter().all(|(name, value)| other.get(name).is_some_and(|other| close(value, other)))
    };
    let difference = found.iter().zip(&expected.rows).position(|(one, other)| !same_row(one, other));
    if found.len() == expected.rows.len() && difference.is_none() {
        return;
    }
    let place = difference.unwrap_or(found.len().min(expected.rows.len()));
    panic!(
        "row {place} of {} (expected {}):\nfound    {}\nexpected {}\n{}",
        found.len(),
        expected.rows.len(),
        json!(found.get(place)),
        json!(expected.rows.get(place)),
        context()
    );
}

/// All endpoints count the same events.
fn assert_agreement(api: &Served, subject: &Subject, events: &[Event]) {
    let sum = |path: &str, more: &[(&str, &str)]| {
        let more = more.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let parameters = subject.parameters().into_iter().chain(more).collect();
        let request = Request { method: "GET", path: path.to_owned(), parameters, body: None };
        total(&api.get(&request.uri("")).body)
    };
    let count = |filters: &[Value]| {
        let mut body = subject.body();
        body["filters"].as_array_mut().unwrap().extend(filters.iter().cloned());
        let headers = [("content-type", "application/json")];
        total(&api.send("POST", "/api/v1/query", &headers, Some(&body.to_string())).json())
    };
    let expected = all_of(&subject.asked(), events);
    let calls = lists::pages(api, subject, "calls", &[("limit", "5")]);
    let of_calls = count(&[json!(["is", "event_type", ["call"]]), json!(["present", "call_id"])]);
    assert_eq!(calls.iter().filter_map(|call| call["events"].as_f64()).sum::<f64>(), of_calls, "{subject:?}");
    let counts = [
        ("summary", sum("/api/v1/summary", &[])),
        ("trends", sum("/api/v1/trends", &[])),
        ("trends by day", sum("/api/v1/trends", &[("granularity", "day"), ("by", "event_type")])),
        ("topics and the rest", sum("/api/v1/topics", &[]) + count(&[json!(["absent", "topic"])])),
        ("query", count(&[])),
    ];
    for (name, found) in counts {
        assert_eq!(found, expected, "{name}: {subject:?}");
    }
}

/// The sum of `event_count` over all rows.
fn total(answer: &Value) -> f64 {
    assert_eq!(answer["meta"]["truncated"], json!(false), "{answer}");
    rows(&answer["data"]).iter().map(|row| row["event_count"].as_f64().unwrap()).sum()
}
