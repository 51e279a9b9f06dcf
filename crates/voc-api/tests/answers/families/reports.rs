//! Built-in reports about the events of single families.

use serde_json::json;

use super::is;
use crate::{
    event::Event,
    fold::{Dimension, Filter, Row},
    question::{Subject, buckets_of},
    reports::some,
};

/// Null where there is nothing to add up is 0 in reports.
pub(super) fn with_zeros(mut rows: Vec<Row>, sums: &[&str]) -> Vec<Row> {
    for row in &mut rows {
        for (_, value) in row.iter_mut().filter(|(name, value)| value.is_null() && sums.contains(&name.as_str())) {
            *value = json!(0);
        }
    }
    rows
}

pub(super) fn present_field(field: &'static str) -> Filter {
    Filter { operator: "present", field, values: Vec::new() }
}

pub(super) fn activity_overview(subject: &Subject, events: &[Event]) -> Vec<Row> {
    let mut asked = subject.of_tenant(None).asked();
    asked.dimensions = vec![Dimension::Time(buckets_of("day", subject.zone))];
    asked.fill = false;
    asked.metrics = vec![
        some("events", "event_count", &[]),
        some("users", "unique_user_id", &[]),
        some("sessions", "unique_session_id", &[]),
        some("page_views", "event_count", &[is("event_type", json!("page_view"))]),
        some("logins", "event_count", &[is("event_type", json!("login"))]),
        some("avg_processing_ms", "avg_processing_ms", &[]),
    ];
    let day = |mut row: Row| {
        let time = row.remove("time").unwrap();
        row.insert("day".to_owned(), json!(time.as_str().unwrap()[..10]));
        row
    };
    asked.of(events).rows.into_iter().map(day).collect()
}

pub(super) fn overview_stats(subject: &Subject, events: &[Event]) -> Vec<Row> {
    let of_type = |name: &str| [is("event_type", json!(name))];
    let mut asked = subject.asked();
    asked.metrics = vec![
        some("events", "event_count", &[]),
        some("users", "unique_user_id", &[]),
        some("watch_seconds", "sum_properties.watch_time", &of_type("video_heartbeat")),
        some("viewers", "unique_user_id", &of_type("video_heartbeat")),
        some("content_views", "event_count", &of_type("content_view")),
        some("searches", "event_count", &of_type("search")),
        some("bufferings", "event_count", &of_type("video_buffering")),
        some("buffering_ms", "sum_properties.buffer_duration_ms", &of_type("video_buffering")),
        some("signups", "event_count", &of_type("signup")),
    ];
    with_zeros(asked.of(events).rows, &["watch_seconds", "buffering_ms"])
}

pub(super) fn search_analytics(subject: &Subject, limit: usize, events: &[Event]) -> Vec<Row> {
    let mut asked = subject.asked();
    asked.dimensions = vec![Dimension::Field("query")];
    asked.filters = vec![is("event_type", json!("search")), present_field("query")];
    asked.metrics = vec![
        some("searches", "event_count", &[]),
        some("users", "unique_user_id", &[]),
        some("without_results", "event_count", &[is("properties.results", json!(0))]),
        some("avg_results", "avg_properties.results", &[]),
    ];
    asked.order = Some(("searches".to_owned(), true));
    asked.limit = limit;
    let with_query = |event: &Event| {
        let mut event = event.clone();
        let query = event.field("properties.query").as_str().map(|query| query.trim().to_lowercase());
        event.sent.insert("query".to_owned(), json!(query));
        event
    };
    asked.of(&events.iter().map(with_query).collect::<Vec<_>>()).rows
}

pub(super) fn top_content(subject: &Subject, limit: usize, events: &[Event]) -> Vec<Row> {
    let watched = || is("event_type", json!("video_heartbeat"));
    let mut asked = subject.asked();
    asked.dimensions = vec![Dimension::Field("properties.content_id")];
    let types = vec![json!("video_heartbeat"), json!("content_view")];
    asked.filters =
        vec![Filter { operator: "is", field: "event_type", values: types }, present_field("properties.content_id")];
    asked.metrics = vec![
        some("watch_seconds", "sum_properties.watch_time", &[watched()]),
        some("viewers", "unique_user_id", &[watched()]),
        some("views", "event_count", &[is("event_type", json!("content_view"))]),
    ];
    let mut rows = with_zeros(asked.of(events).rows, &["watch_seconds"]);
    let number = |row: &Row, name: &str| row[name].as_f64().unwrap();
    rows.sort_by(|one, other| {
        let descending = |name| number(other, name).total_cmp(&number(one, name));
        let id = |row: &Row| row["properties.content_id"].to_string();
        descending("watch_seconds").then(descending("views")).then_with(|| id(one).cmp(&id(other)))
    });
    rows.truncate(limit);
    for row in &mut rows {
        let id = row.remove("properties.content_id").unwrap();
        row.insert("content_id".to_owned(), id);
    }
    rows
}

pub(super) fn quality_overview(subject: &Subject, events: &[Event]) -> Vec<Row> {
    let mut asked = subject.of_tenant(None).asked();
    asked.dimensions = vec![Dimension::Field("inspection_type")];
    asked.filters = vec![present_field("inspection_type")];
    asked.metrics = vec![
        some("completed", "event_count", &[is("event_type", json!("INSPECTION_COMPLETED"))]),
        some("failed", "event_count", &[is("event_type", json!("INSPECTION_FAILED"))]),
        some("batches", "unique_batch_id", &[]),
        some("scored", "count_quality_score", &[]),
        some("avg_quality_score", "avg_quality_score", &[]),
        some("min_quality_score", "min_quality_score", &[]),
        some("defects", "sum_defect_count", &[]),
        some("critical_defects", "sum_critical_count", &[]),
    ];
    asked.order = Some(("inspection_type".to_owned(), false));
    asked.of(events).rows
}
