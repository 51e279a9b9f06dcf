//! Lists of events, and what is searched for in them, have exactly the events of a plain fold.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    event::Event,
    fold::Asked,
    question::{Request, Subject},
    served::{Response, Served},
    transcripts::{LISTS, NUMBERS},
};

/// The fields that are compared.
fn fields() -> impl Iterator<Item = &'static str> {
    let of_event = ["event_id", "tenant_id", "timestamp", "sentiment", "topic", "agent_id", "duration_ms", "payload"];
    of_event.into_iter().chain(NUMBERS).chain(LISTS)
}

/// The page, the export in every format, and single events.
pub(crate) fn assert_listed(api: &Served, subject: &Subject, events: &[Event]) {
    let asked = subject.asked();
    let expected: BTreeSet<String> = events.iter().filter(|event| is_meant(&asked, event)).map(shown).collect();
    let names = fields().collect::<Vec<_>>().join(",");
    let fields = [("fields", names.as_str())];

    let lines = get(api, subject, "events.ndjson", &fields).text;
    let exported: Vec<String> = lines.lines().map(|line| of_answer(&serde_json::from_str(line).unwrap())).collect();
    assert_same(exported, &expected, subject);

    let csv = get(api, subject, "events.csv", &[("fields", "event_id")]).text;
    assert_eq!(csv.lines().count(), expected.len() + 1, "{subject:?}");

    for sort in ["timestamp", "-timestamp"] {
        let rows = pages(api, subject, "events", &[fields[0], ("sort", sort), ("limit", "7")]);
        let mut times: Vec<&str> = rows.iter().map(|row| row["timestamp"].as_str().unwrap()).collect();
        if sort.starts_with('-') {
            times.reverse();
        }
        assert!(times.is_sorted(), "{times:?}");
        assert_same(rows.iter().map(of_answer).collect(), &expected, subject);
    }

    if let Some(event) = events.iter().find(|event| is_meant(&asked, event)) {
        let found = api.get(&format!("/api/v1/events/{}?tenant_id={}", event.id(), event.tenant));
        assert_eq!(found.body["data"]["payload"], event.value(), "{found:?}");
        let other = if event.tenant == "acme" { "globex" } else { "acme" };
        let hidden = api.get(&format!("/api/v1/events/{}?tenant_id={other}", event.id()));
        assert_eq!(hidden.status, 404);
    }
}

/// Each event once.
fn assert_same(found: Vec<String>, expected: &BTreeSet<String>, subject: &Subject) {
    let count = found.len();
    let found: BTreeSet<String> = found.into_iter().collect();
    let (more, less) = (found.difference(expected).next(), expected.difference(&found).next());
    assert!(more.is_none() && less.is_none(), "{subject:?}\nfound    {more:?}\nexpected {less:?}");
    assert_eq!(count, found.len(), "{subject:?}");
}

/// All rows of a list, page by page.
pub(crate) fn pages(api: &Served, subject: &Subject, name: &str, more: &[(&str, &str)]) -> Vec<Value> {
    let (mut rows, mut cursor) = (Vec::new(), None);
    loop {
        let with_cursor: Vec<(&str, &str)> =
            more.iter().copied().chain(cursor.as_deref().map(|cursor| ("cursor", cursor))).collect();
        let page = get(api, subject, name, &with_cursor).json();
        rows.extend(page["data"].as_array().unwrap().iter().cloned());
        match page["meta"]["next"].as_str() {
            Some(next) => cursor = Some(next.to_owned()),
            None => return rows,
        }
    }
}

fn get(api: &Served, subject: &Subject, name: &str, more: &[(&str, &str)]) -> Response {
    let more = more.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let parameters = subject.parameters().into_iter().chain(more).collect();
    let request = Request { method: "GET", path: format!("/api/v1/{name}"), parameters, body: None };
    let response = api.fetch("GET", &request.uri(""));
    assert_eq!(response.status, 200, "{} {request:?}", response.text);
    response
}

pub(crate) fn is_meant(asked: &Asked, event: &Event) -> bool {
    asked.tenant.is_none_or(|tenant| tenant == event.tenant)
        && (asked.since..asked.until).contains(&event.millis)
        && asked.filters.iter().all(|filter| filter.holds(event))
}

/// What is compared of an event that was sent.
fn shown(event: &Event) -> String {
    let value = |field| match field {
        "event_id" => json!(event.id()),
        "timestamp" => event.value()["timestamp"].clone(),
        "payload" => event.value(),
        _ => event.field(field),
    };
    json!(fields().map(value).collect::<Vec<_>>()).to_string()
}

/// The same of a row.
fn of_answer(row: &Value) -> String {
    // A list of numbers may have whole ones.
    let number = |value: &Value| value.as_f64().map_or_else(|| value.clone(), |number| json!(number));
    let value = |field| match &row[field] {
        Value::Array(values) => values.iter().map(number).collect(),
        value => value.clone(),
    };
    json!(fields().map(value).collect::<Vec<_>>()).to_string()
}

impl Event {
    pub(crate) fn id(&self) -> Uuid {
        Uuid::from_u64_pair(9, self.number)
    }

    fn value(&self) -> Value {
        serde_json::from_str(&self.json()).unwrap()
    }
}
