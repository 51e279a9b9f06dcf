//! All attempts.

use std::collections::BTreeMap;

use serde_json::json;

use super::stage::{RANGE, filled, recent_range};
use crate::served::{Response, Served};

/// Paths that name something of a tenant, without the range.
pub(super) const PATHS: [&str; 91] = [
    "/api/v1/calls/{call}",
    "/api/v1/events/{event}",
    "/api/v1/customers/{customer}",
    "/api/v1/search?q={word}",
    "/api/v1/search?q=%22{word}%22",
    "/api/v1/search?q=sec*+{word}",
    "/api/v1/search?q={word}&speaker=customer",
    "/api/v1/search?q=hello&call_id={call}",
    "/api/v1/search?q=hello&customer_id={customer}",
    "/api/v1/search?q=hello&topic={topic}&topic=billing",
    "/api/v1/search.csv?q={word}",
    "/api/v1/search.ndjson?q={word}",
    "/api/v1/events?call_id={call}",
    "/api/v1/events?customer_id={customer}",
    "/api/v1/events?agent_id={agent}",
    "/api/v1/events?topic={topic}",
    "/api/v1/events?tool={tool}",
    "/api/v1/events?metric={metric}",
    "/api/v1/events?action={action}",
    "/api/v1/events?fields=payload&call_id={call}",
    "/api/v1/events?fields=tenant_id,event_id&agent_id={agent}",
    "/api/v1/events?sort=timestamp&topic={topic}",
    "/api/v1/events.csv?call_id={call}",
    "/api/v1/events.csv?call_id={call}&limit=10",
    "/api/v1/events.ndjson?customer_id={customer}",
    "/api/v1/events.parquet?customer_id={customer}",
    "/api/v1/events?format=csv&agent_id={agent}",
    "/api/v1/calls?call_id={call}",
    "/api/v1/calls?customer_id={customer}",
    "/api/v1/calls?agent_id={agent}",
    "/api/v1/calls?topic={topic}",
    "/api/v1/calls?sort=call_id&agent_id={agent}",
    "/api/v1/calls.csv?agent_id={agent}",
    "/api/v1/calls.ndjson?topic={topic}",
    "/api/v1/calls.parquet?call_id={call}",
    "/api/v1/summary?call_id={call}",
    "/api/v1/summary?customer_id={customer}",
    "/api/v1/summary?agent_id={agent}",
    "/api/v1/summary?topic={topic}",
    "/api/v1/summary?compare=true&topic={topic}",
    "/api/v1/summary.csv?agent_id={agent}",
    "/metrics/summary?topic={topic}",
    "/metrics/summary?agent_id={agent}",
    "/api/v1/trends?topic={topic}",
    "/api/v1/trends?by=agent_id&call_id={call}",
    "/api/v1/trends?by=customer_id&agent_id={agent}",
    "/api/v1/trends?metrics=unique_call_id&agent_id={agent}",
    "/api/v1/trends?granularity=hour&tool={tool}",
    "/api/v1/trends.csv?metric={metric}",
    "/api/v1/topics?agent_id={agent}",
    "/api/v1/topics?topic={topic}",
    "/api/v1/topics?compare=true&call_id={call}",
    "/api/v1/topics.csv?topic={topic}",
    "/api/v1/agents?agent_id={agent}",
    "/api/v1/agents?topic={topic}",
    "/api/v1/agents?compare=true&agent_id={agent}",
    "/api/v1/agents.csv?agent_id={agent}",
    "/api/v1/tools?tool={tool}",
    "/api/v1/tools?call_id={call}",
    "/api/v1/tools.ndjson?tool={tool}",
    "/api/v1/qos?metric={metric}",
    "/api/v1/qos?tag=region&metric={metric}",
    "/api/v1/qos?granularity=day&call_id={call}",
    "/api/v1/qos.csv?metric={metric}",
    "/api/v1/drivers?min_support=1&agent_id={agent}",
    "/api/v1/drivers?min_support=1&topic={topic}",
    "/api/v1/drivers.csv?min_support=1&call_id={call}",
    "/api/v1/repeat-contacts?customer_id={customer}",
    "/api/v1/repeat-contacts?by=agent_id&agent_id={agent}",
    "/api/v1/repeat-contacts?topic={topic}",
    "/api/v1/dead-letters?topic={topic}",
    "/api/v1/dead-letters?error_type={word}",
    "/api/v1/dead-letters.csv?error_type={word}",
    "/api/v1/ledger?topic={topic}",
    "/api/v1/product?user_id={user}",
    "/api/v1/product?event_type={kind}",
    "/api/v1/product?by=user_id&user_id={user}",
    "/api/v1/product?by=user_id&sort=user_id&limit=1",
    "/api/v1/product?by=tenant_id&event_type={kind}",
    "/api/v1/product?by=properties.content_id&event_type={kind}",
    "/api/v1/product?granularity=day&compare=true&user_id={user}",
    "/api/v1/product.csv?by=event_type&user_id={user}",
    "/api/v1/product.ndjson?by=user_id",
    "/api/v1/product.parquet?by=user_id&user_id={user}",
    "/api/v1/summary?family=product&user_id={user}",
    "/metrics/summary?family=product&user_id={user}",
    "/api/v1/trends?family=product&by=user_id&event_type={kind}",
    "/api/v1/events?family=product&user_id={user}",
    "/api/v1/events?family=product&fields=properties&event_type={kind}",
    "/api/v1/events.csv?family=product&user_id={user}",
    "/api/v1/events.parquet?family=product&event_type={kind}",
];

/// Filters of posted questions.
pub(super) const FILTERS: [&str; 16] = [
    r#"["is", "call_id", ["{call}"]]"#,
    r#"["is", "customer_id", ["{customer}"]]"#,
    r#"["is", "agent_id", ["{agent}", "own-agent"]]"#,
    r#"["contains", "agent_id", ["{agent}"]]"#,
    r#"["contains", "topic", ["{topic}"]]"#,
    r#"["is", "topics", ["{topic}"]]"#,
    r#"["is", "tool_name", ["{tool}"]]"#,
    r#"["is", "metric_name", ["{metric}"]]"#,
    r#"["is", "tags.region", ["{region}"]]"#,
    r#"["contains", "tags.region", ["{region}"]]"#,
    r#"["is", "event_id", ["{event}"]]"#,
    r#"["is", "action", ["{action}"]]"#,
    r#"["is", "payload.call_id", ["{call}"]]"#,
    r#"["contains", "payload.transcript", ["{word}"]]"#,
    r#"["is_not", "agent_id", ["{agent}"]]"#,
    r#"["contains_not", "call_id", ["{call}"]]"#,
];

/// The same about products.
pub(super) const FILTERS_OF_PRODUCTS: [&str; 5] = [
    r#"["is", "user_id", ["{user}"]]"#,
    r#"["contains", "user_id", ["{user}"]]"#,
    r#"["is", "event_type", ["{kind}"]]"#,
    r#"["is", "properties.content_id", ["{content}"]]"#,
    r#"["is_not", "properties.content_id", ["{content}"]]"#,
];

/// Reports about events of tenants, with parameters.
pub(super) const REPORTS: [(&str, &str); 6] = [
    ("executive_overview", "{}"),
    ("agent_scorecard", r#"{"min_calls": 0}"#),
    ("topic_movers", r#"{"limit": 10000}"#),
    ("overview_stats", "{}"),
    ("search_analytics", r#"{"limit": 10000}"#),
    ("top_content", "{}"),
];

/// Statements that would show another tenant's rows, or something else that is none of the caller's.
pub(super) const STATEMENTS: [&str; 40] = [
    "SELECT * FROM voc_events",
    "SELECT payload FROM voc_events WHERE tenant_id = 'globex'",
    "SELECT call_id FROM voc_events WHERE tenant_id = 'acme' OR 1 = 1",
    "SELECT call_id FROM voc_events WHERE call_id = '{call}'",
    "SELECT count() FROM voc_events WHERE call_id = '{call}'",
    "SELECT tenant_id, call_id FROM voc_events UNION ALL SELECT tenant_id, call_id FROM voc_events",
    "SELECT call_id FROM (SELECT * FROM voc_events WHERE tenant_id != 'acme')",
    "WITH voc_events AS (SELECT 1 AS x) SELECT * FROM voc_events",
    "WITH everything AS (SELECT * FROM voc_events) SELECT call_id FROM everything",
    "SELECT a.call_id, b.call_id FROM voc_events AS a CROSS JOIN voc_events AS b",
    "SELECT b.call_id FROM voc_events AS a RIGHT JOIN voc_events AS b ON a.tenant_id = b.tenant_id",
    "SELECT a.call_id FROM voc_events AS a FULL JOIN ai_analytics_events AS b ON a.tenant_id = b.app_id",
    "SELECT user_id FROM ai_analytics_events",
    "SELECT user_id, properties FROM ai_analytics_events WHERE app_id = 'globex'",
    "SELECT user_id FROM ai_analytics_events WHERE user_id = '{user}'",
    "SELECT (SELECT max(call_id) FROM voc_events) AS call",
    "SELECT call_id FROM voc_events WHERE EXISTS (SELECT 1 FROM voc_events WHERE call_id = '{call}')",
    "SELECT call_id FROM voc_events WHERE call_id IN (SELECT call_id FROM voc_events)",
    "SELECT call_id FROM voc_events WHERE call_id IN (voc_events)",
    "SELECT groupArray(call_id) FROM voc_events GROUP BY ALL",
    "SELECT first_value(call_id) OVER (ORDER BY call_id DESC) FROM voc_events",
    "SELECT call_id FROM voc_events LIMIT 10 BY tenant_id",
    "SELECT call_id FROM voc_events ARRAY JOIN topics",
    "SELECT call_id FROM default.voc_events",
    "SELECT call_id FROM voc_events FINAL",
    "SELECT call_id FROM voc_events PREWHERE tenant_id = 'globex'",
    "SELECT call_id FROM voc_events SAMPLE 1",
    "SELECT call_id FROM voc_events SETTINGS additional_table_filters = {}",
    "SELECT call_id FROM voc_events FORMAT JSON",
    "SELECT * FROM merge('.*', 'voc_events')",
    "SELECT * FROM remote('localhost', currentDatabase(), 'voc_events')",
    "SELECT * FROM view(SELECT * FROM voc_events)",
    "SELECT * FROM file('/etc/passwd', 'LineAsString')",
    "SELECT * FROM system.query_log",
    "SELECT * FROM system.tables",
    "SELECT payload FROM dead_letter_events",
    "SELECT * FROM ingest_ledger",
    "SELECT dictGet('d', 'x', '{call}')",
    "SELECT call_id FROM voc_events; SELECT call_id FROM voc_events",
    "SELECT call_id /* */ FROM voc_events -- WHERE tenant_id = 'acme'",
];

#[derive(Debug, Clone)]
pub(super) struct Attempt {
    pub(super) method: &'static str,
    pub(super) uri: String,
    pub(super) body: Option<String>,
}

impl Attempt {
    pub(super) fn send(&self, api: &Served, key: &str, names: &BTreeMap<&'static str, String>) -> Response {
        let credential = format!("Bearer {key}");
        let headers = [("authorization", credential.as_str()), ("content-type", "application/json")];
        let body = self.body.as_ref().map(|body| filled(body, names));
        api.send(self.method, &filled(&self.uri, names), &headers, body.as_deref())
    }
}

pub(super) fn posted(uri: &str, body: String) -> Attempt {
    Attempt { method: "POST", uri: uri.to_owned(), body: Some(body) }
}

/// All attempts: each path as it is, and with the other tenant named in several ways.
pub(super) fn attempts() -> Vec<Attempt> {
    let mut attempts = Vec::new();
    let [recent_from, recent_to] = recent_range();
    let is_of_products = |text: &str| text.contains("product");
    for path in PATHS {
        // These have no range.
        let is_single = path.starts_with("/api/v1/calls/") || path.starts_with("/api/v1/events/");
        let separator = if path.contains('?') { '&' } else { '?' };
        let with_range = match () {
            () if is_single || path.starts_with("/api/v1/ledger") => path.to_owned(),
            () if is_of_products(path) => format!("{path}{separator}from={recent_from}&to={recent_to}"),
            () => format!("{path}{separator}{RANGE}"),
        };
        let separator = if with_range.contains('?') { '&' } else { '?' };
        for more in ["", "tenant_id=acme", "tenant_id=globex"] {
            let uri = if more.is_empty() { with_range.clone() } else { format!("{with_range}{separator}{more}") };
            attempts.push(Attempt { method: "GET", uri, body: None });
        }
    }
    for filter in FILTERS {
        for tenant in ["", r#""tenant_id": "globex", "#] {
            for dimensions in ["[]", r#"["tenant_id", "agent_id", "call_id"]"#] {
                attempts.push(posted(
                    "/api/v1/query",
                    format!(
                        r#"{{{tenant}"from": "2026-02-01", "to": "2026-02-28",
                        "metrics": ["event_count", "last_call_id"], "dimensions": {dimensions}, "filters": [{filter}]}}"#
                    ),
                ));
            }
        }
    }
    for filter in FILTERS_OF_PRODUCTS {
        for tenant in ["", r#""tenant_id": "globex", "#] {
            attempts.push(posted(
                "/api/v1/query",
                format!(
                    r#"{{{tenant}"family": "product", "from": "{recent_from}", "to": "{recent_to}",
                    "metrics": ["event_count", "last_user_id"], "dimensions": ["user_id"], "filters": [{filter}]}}"#
                ),
            ));
        }
    }
    for (template, parameters) in REPORTS {
        let is_of_voc = ["executive_overview", "agent_scorecard", "topic_movers"].contains(&template);
        let (from, to) = if is_of_voc { ("2026-02-01", "2026-02-28") } else { (&*recent_from, &*recent_to) };
        for more in ["", r#", "tenant_id": "acme""#, r#", "tenant_id": "globex""#, r#", "format": "csv""#] {
            attempts.push(posted(
                "/report",
                format!(
                    r#"{{"template": "{template}", "from": "{from}", "to": "{to}", "parameters": {parameters}{more}}}"#
                ),
            ));
        }
    }
    for sql in STATEMENTS {
        attempts.push(posted("/query", json!({"sql": sql}).to_string()));
        attempts.push(posted("/query", json!({"sql": sql, "tenant_id": "acme"}).to_string()));
        attempts.push(posted("/query", json!({"sql": sql, "tenant_id": "globex"}).to_string()));
    }
    attempts
}
