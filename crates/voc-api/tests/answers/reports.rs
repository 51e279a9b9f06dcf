//! Built-in reports say what a plain fold does.

use std::{cmp::Reverse, collections::BTreeMap};

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::{
    assert_rows,
    event::Event,
    fold::{Asked, Dimension, Expected, Filter, Metric, Row},
    formats::assert_written,
    question::{Request, Subject},
    rows, send,
    served::Served,
};

/// The parameters of reports.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Parameters {
    min_calls: usize,
    limit: usize,
}

pub(crate) fn parameters() -> impl Strategy<Value = Parameters> {
    (0..4_usize, prop_oneof![1..4_usize, Just(10_000)]).prop_map(|(min_calls, limit)| Parameters { min_calls, limit })
}

/// The reports about events of the family `voc`.
pub(crate) fn assert_reported(api: &Served, subject: &Subject, parameters: Parameters, events: &[Event]) {
    let subject = subject.of_all_events();
    let Parameters { min_calls, limit } = parameters;
    assert_report(api, "executive_overview", &subject, &json!({}), executive_overview(&subject, events));
    let of_scorecard = json!({"min_calls": min_calls, "limit": limit});
    assert_report(api, "agent_scorecard", &subject, &of_scorecard, scorecard(&subject, parameters, events));
    assert_report(api, "topic_movers", &subject, &json!({"limit": limit}), movers(&subject, limit, events));
}

/// A report has the rows, in every format.
pub(crate) fn assert_report(api: &Served, template: &str, subject: &Subject, parameters: &Value, expected: Vec<Row>) {
    let mut body = subject.body();
    body.as_object_mut().unwrap().remove("filters");
    body["template"] = json!(template);
    body["parameters"] = parameters.clone();
    let request = Request { method: "POST", path: "/report".to_owned(), parameters: Vec::new(), body: Some(body) };
    let answer = send(api, &request, "", "application/json");
    assert_eq!(answer.status, 200, "{} {request:?}", answer.text);
    let found = rows(&answer.json()["data"]);
    assert_rows(&found, &Expected { rows: expected, truncated: false }, &|| format!("{request:?}"));
    assert_written(api, &request, &found);
}

fn is(field: &'static str, values: &[&str]) -> Filter {
    Filter { operator: "is", field, values: values.iter().map(|value| json!(value)).collect() }
}

pub(crate) fn some(name: &'static str, measure: &'static str, filters: &[Filter]) -> Metric {
    Metric { name, measure, filters: filters.to_vec() }
}

fn transfers() -> Metric {
    some("transfers", "event_count", &[is("action", &["transfer", "transfer_call"])])
}

fn escalations() -> Metric {
    some("escalations", "event_count", &[is("action", &["escalate", "escalation"])])
}

/// The same about the period before.
fn before(asked: &Asked) -> Asked {
    let (since, until) = asked.previous();
    Asked { since, until, ..asked.clone() }
}

fn executive_overview(subject: &Subject, events: &[Event]) -> Vec<Row> {
    let calls = || is("event_type", &["call"]);
    let tools = || is("event_type", &["tool_invocation"]);
    let unhappy = Filter { operator: "less", field: "sentiment", values: vec![json!(-0.2)] };
    let mut asked = subject.asked();
    asked.metrics = vec![
        some("events", "event_count", &[]),
        some("calls", "unique_call_id", &[calls()]),
        some("customers", "unique_customer_id", &[calls()]),
        some("avg_sentiment", "avg_sentiment", &[calls()]),
        some("unhappy_calls", "unique_call_id", &[calls(), unhappy]),
        some("avg_duration_ms", "avg_duration_ms", &[calls()]),
        transfers(),
        escalations(),
        some("tool_invocations", "event_count", &[tools()]),
        some("tool_success_rate", "share_success", &[tools()]),
    ];
    let period = |(name, asked): (&str, Asked)| {
        let mut row = asked.of(events).rows.remove(0);
        let has_events = row.remove("events").unwrap() != json!(0);
        row.insert("period".to_owned(), json!(name));
        has_events.then_some(row)
    };
    let before = before(&asked);
    [("current", asked), ("previous", before)].into_iter().filter_map(period).collect()
}

fn scorecard(subject: &Subject, Parameters { min_calls, limit }: Parameters, events: &[Event]) -> Vec<Row> {
    let calls = || is("event_type", &["call"]);
    let present = |field| Filter { operator: "present", field, values: Vec::new() };
    let mut asked = subject.asked();
    asked.dimensions = vec![Dimension::Field("agent_id")];
    asked.filters = vec![present("agent_id")];
    asked.metrics = vec![
        some("calls", "unique_call_id", &[calls()]),
        some("avg_sentiment", "avg_sentiment", &[calls()]),
        some("avg_customer_sentiment", "avg_customer_sentiment", &[calls()]),
        some("avg_sentiment_change", "avg_sentiment_change", &[calls()]),
        some("avg_duration_ms", "avg_duration_ms", &[calls()]),
        transfers(),
        escalations(),
        some("calls_with_escalation_phrases", "unique_call_id", &[present("escalation_phrases")]),
    ];
    asked.order = Some(("calls".to_owned(), true));
    let mut rows = asked.of(events).rows;
    rows.retain(|row| row["calls"].as_u64().unwrap() >= min_calls as u64);
    rows.truncate(limit);
    rows
}

fn movers(subject: &Subject, limit: usize, events: &[Event]) -> Vec<Row> {
    let mut asked = subject.asked();
    asked.dimensions = vec![Dimension::Field("topic")];
    asked.filters = vec![Filter { operator: "present", field: "topic", values: Vec::new() }];
    asked.metrics = vec![some("events", "event_count", &[]), some("avg_sentiment", "avg_sentiment", &[])];
    let by_topic = |asked: &Asked| -> BTreeMap<String, (i64, Option<f64>)> {
        let of_row = |row: Row| {
            let topic = row["topic"].as_str().unwrap().to_owned();
            (topic, (row["events"].as_i64().unwrap(), row["avg_sentiment"].as_f64()))
        };
        asked.of(events).rows.into_iter().map(of_row).collect()
    };
    let (now, then) = (by_topic(&asked), by_topic(&before(&asked)));
    let mut topics: Vec<&String> = now.keys().chain(then.keys()).collect();
    topics.sort();
    topics.dedup();
    let of = |topic: &String| {
        let of_period = |period: &BTreeMap<String, (i64, Option<f64>)>| period.get(topic).copied().unwrap_or_default();
        (of_period(&now), of_period(&then))
    };
    topics.sort_by_key(|topic| {
        let ((events, _), (previous, _)) = of(topic);
        (Reverse((events - previous).abs()), Reverse(events))
    });
    topics.truncate(limit);
    let row = |topic: &String| {
        let ((events, sentiment), (previous, previous_sentiment)) = of(topic);
        let change = sentiment.zip(previous_sentiment).map(|(now, then)| now - then);
        let row = json!({"topic_name": topic, "events": events, "previous_events": previous,
            "change_events": events - previous, "avg_sentiment": sentiment,
            "previous_avg_sentiment": previous_sentiment, "change_avg_sentiment": change});
        row.as_object().unwrap().clone()
    };
    topics.into_iter().map(row).collect()
}
