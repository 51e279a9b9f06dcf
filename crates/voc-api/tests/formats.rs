//! The formats of tables over HTTP.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

#[expect(dead_code, reason = "shared with other tests, which use more of it")]
mod served;

use std::sync::Arc;

use serde_json::{Value, json};
use served::{FixedStore, Response, Served};
use voc_api::Limits;

const CSV: &str = "event_type,event_count,avg_sentiment,first_event,last_event\r\n\
    call,1234,-0.5,2026-02-02T12:00:00.000Z,2026-02-02T12:00:00.001Z\r\n\
    agent_action,5678,,2026-02-02T12:00:00.000Z,2026-02-02T12:00:00.001Z\r\n";

fn served() -> Served {
    Served::start(Arc::new(FixedStore::default()), Vec::new())
}

fn content_type(response: &Response) -> &str {
    response.header("content-type").unwrap()
}

#[test]
fn the_format_is_that_of_the_extension_the_parameter_or_the_header() {
    let api = served();
    let by_header = |accept: &str| api.fetch_with("GET", "/api/v1/summary", &[("accept", accept)]);
    for csv in [
        api.fetch("GET", "/api/v1/summary.csv"),
        api.fetch("GET", "/api/v1/summary?format=csv"),
        api.fetch("GET", "/api/v1/summary.csv?days=7&format=csv"),
        by_header("text/csv"),
        by_header("application/json;q=0.5, text/*"),
        by_header("application/json;q=0, */*"),
    ] {
        assert_eq!((csv.status, csv.text.as_str()), (200, CSV));
        assert_eq!(content_type(&csv), "text/csv; charset=utf-8; header=present");
        assert_eq!(csv.header("content-disposition"), Some("attachment; filename=\"summary.csv\""));
        assert_eq!(csv.header("vary"), Some("Accept"));
        assert_eq!(csv.header("content-length"), Some(CSV.len().to_string().as_str()));
    }
    // The range is up to now, so only the rows are the same each time.
    let json = api.get("/api/v1/summary").body["data"].clone();
    for accept in ["*/*", "application/json", "text/html, */*;q=0.8", "text/csv;q=0.5, application/json", "nonsense"] {
        assert_eq!(by_header(accept).json()["data"], json, "{accept}");
    }
    assert_eq!(api.get("/api/v1/summary.json").body["data"], json);
    let lines = api.fetch("GET", "/api/v1/summary.ndjson");
    let rows: Vec<Value> = lines.text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((content_type(&lines), &json!(rows)), ("application/x-ndjson", &json));
    assert_eq!(content_type(&api.fetch("HEAD", "/api/v1/topics.parquet")), "application/vnd.apache.parquet");
}

#[test]
fn formats_that_there_are_not_are_refused() {
    let api = served();
    let refused = api.fetch_with("GET", "/api/v1/summary", &[("accept", "text/html, application/xml")]);
    assert_eq!((refused.status, &refused.json()["code"]), (406, &json!("not_acceptable")));
    assert_eq!(refused.json()["detail"], "the formats of this path are json, csv, ndjson, parquet");
    assert_eq!(api.get("/api/v1/summary.xml").status, 404);
    assert_eq!(api.get("/api/v1/ledger.csv").status, 404);
    assert_eq!(api.get("/api/v1/summary?format=xml").status, 422);
    let contradiction = api.get("/api/v1/summary.csv?format=json");
    let message = "value contradicts the path, which ends in '.csv'";
    let detail = json!([{"loc": ["query", "format"], "msg": message, "type": "value_error"}]);
    assert_eq!((contradiction.status, &contradiction.body["detail"]), (422, &detail));
}

#[test]
fn an_export_needs_one_slot() {
    let api = Served::limited(Arc::new(FixedStore::default()), Limits { running: 1, ..Limits::default() });
    assert_eq!(api.fetch("GET", "/api/v1/events.csv?fields=event_id").status, 200);
}

/// Before anything is sent, a failure is a problem in every format.
#[test]
fn problems_have_no_format() {
    let answer = served().fetch("GET", "/api/v1/summary.csv?days=0");
    assert_eq!((answer.status, content_type(&answer)), (422, "application/problem+json"));
}

#[test]
fn questions_about_subjects_and_families_have_all_formats() {
    let api = served();
    for (path, query, columns) in [
        (
            "drivers",
            "",
            "factor,value,support,share,mean_with,mean_without,difference,difference_low,difference_high,effect",
        ),
        (
            "repeat-contacts",
            "?by=topic",
            "topic,contacts,repeated,open,repeat_share,customers,returning_customers,open_customers,returning_share,\
             p50_return_ms",
        ),
        ("activity", "", "time,events,users,sessions"),
        ("activity", "?by=page_url", "page_url,events,users,sessions"),
        ("activity/funnel", "?steps=a,b", "step,name,count,share,share_of_previous,p50_ms"),
        (
            "product",
            "?by=properties.content_id",
            "properties.content_id,events,users,searches,searches_without_results,\
            watch_seconds",
        ),
        (
            "quality",
            "?by=station",
            "station,events,inspections,inspections_with_defects,defects,violations,scored,\
            avg_quality_score,min_quality_score,p10_quality_score,p50_quality_score,defect_rate",
        ),
    ] {
        let csv = api.fetch("GET", &format!("/api/v1/{path}.csv{query}"));
        assert_eq!((csv.status, csv.text.lines().next()), (200, Some(columns)), "{path}{query}");
        let rows = api.get(&format!("/api/v1/{path}{query}")).body["data"].clone();
        let lines = api.fetch("GET", &format!("/api/v1/{path}.ndjson{query}"));
        let lines: Vec<Value> = lines.text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(json!(lines), rows, "{path}{query}");
        let parquet = api.fetch("GET", &format!("/api/v1/{path}.parquet{query}"));
        assert_eq!((parquet.status, content_type(&parquet)), (200, "application/vnd.apache.parquet"), "{path}{query}");
    }
}
