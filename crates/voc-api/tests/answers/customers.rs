//! A customer has the conversations of a plain fold, and the numbers of all of them.

use serde_json::{Value, json};

use crate::{
    assert_rows,
    event::{CUSTOMERS, Event},
    fold::{Asked, Expected, Filter, Metric, Row},
    lists,
    question::{Request, Subject, calls_of},
    rows,
    served::Served,
};

/// The numbers of a customer, and what they mean.
const NUMBERS: [(&str, &str); 8] = [
    ("contacts", "unique_call_id"),
    ("first_contact", "first_event"),
    ("last_contact", "last_event"),
    ("sentiment", "avg_sentiment"),
    ("first_sentiment", "first_sentiment"),
    ("last_sentiment", "last_sentiment"),
    ("duration_ms", "sum_duration_ms"),
    ("last_topic", "last_topic"),
];

/// Each customer of a tenant, and one that there is not.
pub(crate) fn assert_shown(api: &Served, subject: &Subject, events: &[Event]) {
    let subject = subject.of_tenant(Some(subject.tenant.unwrap_or("acme")));
    for customer in CUSTOMERS.into_iter().chain(["nobody"]) {
        let mut asked = calls_of(&subject);
        asked.filters.push(Filter { operator: "is", field: "customer_id", values: vec![json!(customer)] });
        let name = format!("customers/{customer}");
        let conversations = asked.of(events);
        let path = format!("/api/v1/{name}");
        let request = Request { method: "GET", path, parameters: subject.parameters(), body: None };
        let answer = api.get(&request.uri(""));
        if conversations.rows.is_empty() {
            assert_eq!(answer.status, 404, "{answer:?} {request:?}");
            continue;
        }
        assert_eq!(answer.status, 200, "{answer:?} {request:?}");
        assert_rows(&rows(&answer.body["data"]), &conversations, &|| format!("{request:?}"));
        let numbers = Expected { rows: vec![numbers_of(customer, asked, events)], truncated: false };
        assert_rows(&rows(&json!([answer.body["customer"]])), &numbers, &|| format!("{request:?}"));
        let pages: Vec<Row> = rows(&Value::Array(lists::pages(api, &subject, &name, &[("limit", "3")])));
        assert_rows(&pages, &conversations, &|| format!("pages of {request:?}"));
    }
}

fn numbers_of(customer: &str, asked: Asked, events: &[Event]) -> Row {
    let metric = |(name, measure)| Metric { name, measure, filters: Vec::new() };
    let numbers = Asked { dimensions: Vec::new(), metrics: NUMBERS.map(metric).to_vec(), order: None, ..asked };
    let mut numbers = numbers.of(events).rows.remove(0);
    let time = |name: &str| numbers[name].as_str().unwrap().parse::<jiff::Timestamp>().unwrap().as_millisecond();
    let days = (time("last_contact") - time("first_contact")) as f64 / 86_400_000.0;
    let gaps = numbers["contacts"].as_f64().unwrap() - 1.0;
    numbers.insert("days_between_contacts".to_owned(), json!((gaps > 0.0).then(|| days / gaps)));
    numbers.insert("customer_id".to_owned(), json!(customer));
    numbers
}
