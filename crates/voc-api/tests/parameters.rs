//! Parameters of the query, and what is wrong with them.

#[expect(dead_code, reason = "shared with other tests, which use more of it")]
mod served;

use std::sync::Arc;

use proptest::prelude::*;
use serde_json::{Value, json};
use served::{FixedStore, Served};

fn served() -> Served {
    Served::start(Arc::new(FixedStore::default()), Vec::new())
}

/// An empty answer would look like one about a tenant without events.
#[test]
fn a_tenant_of_a_family_without_tenants_is_refused() {
    let api = served();
    for path in ["api/v1/summary", "api/v1/trends", "metrics/summary", "api/v1/ledger"] {
        for family in ["activity", "quality"] {
            let answer = api.get(&format!("/{path}?family={family}&tenant_id=acme"));
            let message = format!("value must not be given, because the family '{family}' has no tenants");
            let detail = json!([{"loc": ["query", "tenant_id"], "msg": message, "type": "value_error"}]);
            assert_eq!((answer.status, &answer.body["detail"]), (422, &detail), "{path}");
            assert_eq!(api.get(&format!("/{path}?family={family}")).status, 200);
        }
        assert_eq!(api.get(&format!("/{path}?family=product&tenant_id=acme")).status, 200);
    }
}

#[test]
fn all_wrong_parameters_are_named_at_once() {
    let api = served();
    let wrong = json!([
        {
            "loc": ["query", "tenant_id"],
            "msg": "ensure this value has at least 1 characters",
            "type": "value_error.any_str.min_length",
            "ctx": {"limit_value": 1},
        },
        {
            "loc": ["query", "days"],
            "msg": "ensure this value is less than or equal to 90",
            "type": "value_error.number.not_le",
            "ctx": {"limit_value": 90},
        },
    ]);
    for path in ["/api/v1/summary", "/api/v1/topics", "/metrics/summary"] {
        let answer = api.get(&format!("{path}?tenant_id=&days=91"));
        assert_eq!((answer.status, &answer.body["detail"]), (422, &wrong));
    }
}

#[test]
fn each_kind_of_wrong_parameter_has_its_message_and_type() {
    let api = served();
    let long = "x".repeat(257);
    let cases = [
        ("days=0", "days", "ensure this value is greater than or equal to 1", "value_error.number.not_ge", Some(1)),
        (
            "days=-99999999999999999999",
            "days",
            "ensure this value is greater than or equal to 1",
            "value_error.number.not_ge",
            Some(1),
        ),
        (
            "days=99999999999999999999",
            "days",
            "ensure this value is less than or equal to 90",
            "value_error.number.not_le",
            Some(90),
        ),
        ("days=", "days", "value is not a valid integer", "type_error.integer", None),
        ("days", "days", "value is not a valid integer", "type_error.integer", None),
        ("days=7.0", "days", "value is not a valid integer", "type_error.integer", None),
        ("days=week", "days", "value is not a valid integer", "type_error.integer", None),
        ("days=1&days=2", "days", "value is given 2 times, expected once", "value_error.duplicate", None),
        (
            "tenant_id=a&tenant_id=a",
            "tenant_id",
            "value is given 2 times, expected once",
            "value_error.duplicate",
            None,
        ),
        (
            &format!("tenant_id={long}"),
            "tenant_id",
            "ensure this value has at most 256 bytes",
            "value_error.any_str.max_length",
            Some(256),
        ),
        ("tenant_id=%20", "tenant_id", "value must not be only white space", "value_error", None),
        ("tenant_id=a%00", "tenant_id", "value must not contain control characters", "value_error", None),
        ("tenant_id=%", "tenant_id", "value is not percent-encoded UTF-8", "value_error.encoding", None),
        ("tenant_id=%zz", "tenant_id", "value is not percent-encoded UTF-8", "value_error.encoding", None),
        ("days=7&tenant_id=%ff", "tenant_id", "value is not percent-encoded UTF-8", "value_error.encoding", None),
    ];
    for (query, name, message, kind, limit) in cases {
        let mut expected = json!({"loc": ["query", name], "msg": message, "type": kind});
        if let Some(limit) = limit {
            expected["ctx"] = json!({"limit_value": limit});
        }
        let answer = api.get(&format!("/api/v1/summary?{query}"));
        assert_eq!((answer.status, &answer.body["detail"]), (422, &json!([expected])), "{query}");
    }
}

/// Today's typing error must not become tomorrow's answer about all tenants.
#[test]
fn an_unknown_parameter_is_refused_with_the_nearest_one() {
    let api = served();
    for (query, name, hint) in [
        ("tenant=x", "tenant", "did you mean 'tenant_id'? "),
        ("Tenant_ID=x", "Tenant_ID", "did you mean 'tenant_id'? "),
        ("day=7", "day", "did you mean 'days'? "),
        ("colour", "colour", ""),
        ("=7", "", ""),
        ("%20days=7", " days", "did you mean 'days'? "),
    ] {
        for (path, known) in [
            ("/api/v1/ledger", "known: 'family', 'partition', 'tenant_id', 'topic'"),
            ("/api/v1/summary", "known: 'action', 'agent_id', 'call_id', 'compare', 'customer_id', 'days', "),
            ("/metrics/summary", "known: 'action', 'agent_id', 'call_id', 'customer_id', 'days', "),
        ] {
            let answer = api.get(&format!("{path}?{query}"));
            let mistake = &answer.body["detail"][0];
            let expected = (422, &json!(["query", name]), &json!("value_error.extra"));
            assert_eq!((answer.status, &mistake["loc"], &mistake["type"]), expected, "{path}?{query}");
            // Another endpoint may not have the parameter that is meant.
            let hint = if path.ends_with("ledger") && hint.contains("days") { "" } else { hint };
            let message = format!("unknown parameter; {hint}{known}");
            assert!(mistake["msg"].as_str().unwrap().starts_with(&message), "{mistake}");
        }
    }
}

#[test]
fn unknown_and_invalid_parameters_are_named_together() {
    let answer = served().get("/api/v1/ledger?tenant=a&partition=-1&topik=b&topik=c&family=vox");
    let detail = answer.body["detail"].as_array().unwrap();
    let places: Vec<&str> = detail.iter().map(|mistake| mistake["loc"][1].as_str().unwrap()).collect();
    assert_eq!((answer.status, places), (422, vec!["family", "partition", "tenant", "topik", "topik"]));
    let permitted = "permitted: 'voc', 'activity', 'product', 'quality'; did you mean 'voc'?";
    assert_eq!(detail[0]["msg"], format!("value is not a valid enumeration member; {permitted}"));
}

/// Each unknown parameter is named, so their number is bounded.
#[test]
fn a_query_with_very_many_parameters_is_one_mistake() {
    let answer = served().get(&format!("/api/v1/summary?{}", "a&".repeat(201)));
    let expected = json!([{"loc": ["query"], "msg": "at most 200 parameters can be given", "type": "value_error"}]);
    assert_eq!((answer.status, &answer.body["detail"]), (422, &expected));
}

proptest! {
    #[test]
    fn days_must_be_whole_numbers_from_1_to_90(text in r"[+-]?[0-9]{1,3}|[ -~]{0,4}") {
        let query: String = text.bytes().map(|byte| format!("%{byte:02X}")).collect();
        let answer = SERVED.with(|api| api.get(&format!("/api/v1/topics?days={query}")));
        match text.trim().parse::<i64>() {
            Ok(days) if (1..=90).contains(&days) => {
                prop_assert_eq!(answer.status, 200);
                prop_assert_eq!(&answer.body["days"], &Value::from(days));
            }
            _ => {
                prop_assert_eq!(answer.status, 422);
                prop_assert_eq!(&answer.body["detail"][0]["loc"], &json!(["query", "days"]));
            }
        }
    }

    #[test]
    fn tenants_are_returned_as_given_or_refused(tenant in "\\PC{0,8}|.{0,3}") {
        let query: String = tenant.bytes().map(|byte| format!("%{byte:02X}")).collect();
        let answer = SERVED.with(|api| api.get(&format!("/api/v1/topics?tenant_id={query}")));
        if voc_events::TenantId::new(&tenant).is_ok() {
            prop_assert_eq!(answer.status, 200);
            prop_assert_eq!(&answer.body["tenant_id"], &Value::from(tenant));
        } else {
            prop_assert_eq!(answer.status, 422);
        }
    }

    #[test]
    fn no_query_breaks_the_server(query in "(days|tenant_id|[a-z%&=+.0-9-]){0,20}") {
        let answer = SERVED.with(|api| api.get(&format!("/api/v1/summary?{query}")));
        prop_assert!(matches!(answer.status, 200 | 422), "{answer:?}");
    }
}

thread_local! {
    /// One server for all cases of a property.
    static SERVED: Served = served();
}

#[test]
fn questions_about_subjects_and_families_name_what_is_wrong() {
    let api = served();
    for (question, name, message) in [
        ("drivers?min_suport=3", "min_suport", "unknown parameter; did you mean 'min_support'?"),
        (
            "drivers?kinds=topics",
            "kinds",
            "value is not a valid enumeration member; permitted: 'topic', 'agent', 'tool'",
        ),
        ("drivers?min_support=0", "min_support", "ensure this value is greater than or equal to 1"),
        ("search?q=refund&compare=true", "compare", "unknown parameter"),
        ("repeat-contacts?within=7", "within", "value is not a duration such as '90m', '24h', '7d' or '4w'"),
        ("repeat-contacts?within=3661d", "within", "value is not a duration"),
        ("repeat-contacts?by=topik", "by", "unknown field; did you mean 'topic'?"),
        ("repeat-contacts?by=topics", "by", "'topics' cannot be a dimension, because it is a list of texts"),
        ("activity?by=page", "by", "unknown field; did you mean 'page_url'?"),
        ("activity?topic=billing", "topic", "unknown parameter"),
        ("activity?tenant_id=acme", "tenant_id", "unknown parameter"),
        ("activity?granularity=decade", "granularity", "value is not a valid enumeration member"),
        ("activity/funnel", "steps", "field required"),
        ("activity/funnel?steps=a", "steps", "ensure this value has 2 to 10 items"),
        ("activity/funnel?steps=a,b,c,d,e,f,g,h,i,j,k", "steps", "ensure this value has 2 to 10 items"),
        ("activity/funnel?steps=a,", "steps", "ensure this value has at least 1 characters"),
        ("activity/funnel?steps=a,b&of=page", "of", "unknown field; did you mean 'page_url'?"),
        (
            "activity/funnel?steps=a,b&of=processing_ms",
            "of",
            "'processing_ms' is a whole number, and cannot be compared",
        ),
        ("activity/funnel?steps=a,b&per=person", "per", "value is not a valid enumeration member"),
        ("product?by=propertys.a", "by", "unknown field"),
        ("product?family=product", "family", "unknown parameter"),
        ("quality?by=payload", "by", "unknown field"),
        ("quality?sort=score", "sort", "unknown column"),
    ] {
        let answer = api.get(&format!("/api/v1/{question}"));
        assert_eq!(answer.status, 422, "{question}: {answer:?}");
        let detail = answer.body["detail"].as_array().cloned().unwrap_or_default();
        assert_eq!((detail.len(), &detail[0]["loc"]), (1, &json!(["query", name])), "{question}: {answer:?}");
        let found = detail[0]["msg"].as_str().unwrap_or_default();
        assert!(found.starts_with(message), "{question}: {found}");
    }
    for question in [
        "activity/funnel?steps=a&steps=b,c&steps=a",
        "activity/funnel?steps=/cart,/pay&of=page_url&per=user&within=2d",
        "quality?by=payload.metadata.line&granularity=hour&last=2d",
        "drivers?kinds=topic&kinds=quality&limit=5&sentiment_max=0",
    ] {
        assert_eq!(api.get(&format!("/api/v1/{question}")).status, 200, "{question}");
    }
}

/// A row repeats the names of all columns, so long ones make any answer large; and of two columns of one name, most
/// readers see one.
#[test]
fn columns_have_short_names_of_their_own() {
    let api = served();
    let long = "x".repeat(2100);
    for (body, part, message) in [
        (
            json!({"metrics": [{"metric": "event_count", "name": long}, {"metric": "last_event", "name": format!("{long}y")}]}),
            "metrics",
            "the names of all columns have 4201 bytes; at most are 4096",
        ),
        (
            json!({"dimensions": ["topic"], "metrics": [{"metric": "event_count", "name": "topic"}]}),
            "metrics",
            "two columns are named 'topic'; give the metric another name",
        ),
        (json!({"dimensions": ["topic", "topic"]}), "dimensions", "'topic' is named twice"),
    ] {
        let answer =
            api.send("POST", "/api/v1/query", &[("content-type", "application/json")], Some(&body.to_string()));
        let detail = &answer.json()["detail"][0];
        assert_eq!((answer.status, &detail["loc"], &detail["msg"]), (422, &json!(["body", part]), &json!(message)));
    }
    let answer = api.get("/api/v1/events?fields=payload,topic,payload");
    assert_eq!((answer.status, &answer.body["detail"][0]["msg"]), (422, &json!("'payload' is named twice")));
}

/// Without its offset, a time would silently be one of UTC, whatever the time zone of the question.
#[test]
fn times_in_a_body_have_their_offset() {
    let api = served();
    let status = |time: &str| {
        let body = json!({"timezone": "America/Sao_Paulo", "filters": [["at_least", "timestamp", time]]}).to_string();
        api.send("POST", "/api/v1/query", &[("content-type", "application/json")], Some(&body)).status
    };
    let found = ["2026-02-28T12:00:00-03:00", "2026-02-28T12:00:00"].map(status);
    assert_eq!(found, [200, 422]);
}
