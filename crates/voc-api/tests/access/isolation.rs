//! Attempts to see another tenant's rows.

use std::sync::Arc;

use serde_json::json;
use voc_api::access::{Scope, Tenants};

use crate::{
    served::FixedStore,
    stage::{KeyStage, ask, asked, only},
};

const BY_TENANT: [&str; 6] = [
    "/api/v1/summary",
    "/api/v1/topics",
    "/metrics/summary",
    "/api/v1/drivers",
    "/api/v1/repeat-contacts",
    "/api/v1/product",
];

#[test]
fn without_a_parameter_a_caller_gets_its_own_tenant() {
    let stage = KeyStage::new();
    let (acme, all) = (stage.reader("acme"), stage.reader_of_all());
    let store = Arc::new(FixedStore::default());
    let api = stage.serve_from(Arc::clone(&store));
    for path in BY_TENANT {
        assert_eq!(ask(&api, &acme, path).status, 200);
        assert_eq!(ask(&api, &acme, &format!("{path}?tenant_id=acme")).status, 200);
        assert_eq!(ask(&api, &all, path).status, 200);
        assert_eq!(ask(&api, &all, &format!("{path}?tenant_id=globex")).status, 200);
    }
    let expected = [Some("acme"), None, Some("globex")].repeat(BY_TENANT.len());
    assert_eq!(asked(&store), expected.into_iter().map(|tenant| tenant.map(str::to_owned)).collect::<Vec<_>>());
}

#[test]
fn a_caller_with_several_tenants_may_name_one() {
    let stage = KeyStage::new();
    let both = stage.create("both", [Scope::Read], only(&["globex", "acme"])).expose().to_owned();
    let store = Arc::new(FixedStore::default());
    let api = stage.serve_from(Arc::clone(&store));
    for path in BY_TENANT.into_iter().chain(["/api/v1/ledger"]) {
        assert_eq!(ask(&api, &both, &format!("{path}?tenant_id=globex")).status, 200);
        assert_eq!(ask(&api, &both, &format!("{path}?tenant_id=umbrella")).status, 403);
    }
    assert_eq!(asked(&store), [Some("globex".to_owned())]);
    for path in BY_TENANT {
        assert_eq!(ask(&api, &both, path).status, 200);
    }
    // The first one of both.
    assert_eq!(asked(&store), [Some("globex".to_owned()), Some("acme".to_owned())]);
    let unnamed = ask(&api, &both, "/api/v1/ledger");
    assert_eq!((unnamed.status, &unnamed.json()["detail"][0]["loc"]), (422, &json!(["query", "tenant_id"])));
}

/// The tag of an export changes with everybody's data.
#[test]
fn a_caller_with_a_tenant_gets_no_tag_of_an_export() {
    let stage = KeyStage::new();
    let (acme, all) = (stage.reader("acme"), stage.reader_of_all());
    let api = stage.serve_from(Arc::new(FixedStore::default().versioned()));
    let has_tag = |key: &str, path: &str| ask(&api, key, path).header("etag").is_some();
    assert!(has_tag(&all, "/api/v1/events.csv") && has_tag(&acme, "/api/v1/summary"));
    assert!(!has_tag(&acme, "/api/v1/events.csv"));
}

/// Whether a tenant exists cannot be told from the answer.
#[test]
fn another_tenant_is_refused_without_asking_the_store() {
    let stage = KeyStage::new();
    let acme = stage.reader("acme");
    let store = Arc::new(FixedStore::default());
    let api = stage.serve_from(Arc::clone(&store));
    let mut refusals = Vec::new();
    for path in BY_TENANT.into_iter().chain(["/api/v1/ledger"]) {
        for other in [
            "globex",
            "nobody",
            "ACME",
            "acme%20",
            "%20acme",
            "acme%2Cglobex",
            "acme'%20OR%201%3D1",
            "*",
            "%25",
            "all",
            "null",
            "a",
            "acm",
            "acmee",
            "acme%E2%80%8B",
            "%C3%A1cme",
            "acme%2F..%2Fglobex",
            "[]",
            "acme%3Bglobex",
            "0",
        ] {
            let refused = ask(&api, &acme, &format!("{path}?tenant_id={other}"));
            assert_eq!(refused.status, 403, "{path} {other}");
            let mut body = refused.json();
            body.as_object_mut().unwrap().remove("instance");
            refusals.push(body);
        }
        for malformed in [
            "tenant_id=acme&tenant_id=globex",
            "tenant_id=globex&tenant_id=acme",
            "tenant_id=",
            "tenant_id",
            "tenant_id=%00",
            "tenant_id=%20",
            "tenant=globex",
            "tenantId=globex",
            "TENANT_ID=globex",
            "tenant_id[]=globex",
            "tenant_id%5B%5D=globex",
            "tenant_ids=globex",
            "app_id=globex",
            "tenant_id=acme%00globex",
            "tenant_id=acme%0Aglobex",
        ] {
            let refused = ask(&api, &acme, &format!("{path}?{malformed}"));
            assert_eq!(refused.status, 422, "{path} {malformed}: {}", refused.text);
        }
    }
    refusals.dedup();
    assert_eq!(refusals.len(), 1, "{refusals:?}");
    assert!(store.asked().is_empty(), "{:?}", store.asked());
}

#[test]
fn headers_do_not_change_the_tenant() {
    let stage = KeyStage::new();
    let acme = format!("Bearer {}", stage.reader("acme"));
    let store = Arc::new(FixedStore::default());
    let api = stage.serve_from(Arc::clone(&store));
    for name in [
        "x-tenant-id",
        "tenant-id",
        "tenant_id",
        "x-forwarded-user",
        "x-original-url",
        "x-rewrite-url",
        "x-http-method-override",
    ] {
        for value in ["globex", "/api/v1/summary?tenant_id=globex"] {
            let answer = api.fetch_with("GET", "/api/v1/summary", &[("authorization", &acme), (name, value)]);
            assert_eq!(answer.status, 200, "{name}: {value}");
        }
    }
    assert_eq!(asked(&store), [Some("acme".to_owned())]);
}

#[test]
fn families_without_tenants_are_for_callers_for_all_tenants() {
    let stage = KeyStage::new();
    let (acme, all) = (stage.reader("acme"), stage.reader_of_all());
    let store = Arc::new(FixedStore::default());
    let api = stage.serve_from(Arc::clone(&store));
    for path in ["/api/v1/summary", "/metrics/summary"] {
        for family in ["activity", "quality"] {
            assert_eq!(ask(&api, &acme, &format!("{path}?family={family}")).status, 403, "{path} {family}");
            assert_eq!(ask(&api, &acme, &format!("{path}?family={family}&tenant_id=acme")).status, 422);
        }
        assert_eq!(ask(&api, &acme, &format!("{path}?family=product")).status, 200);
    }
    for path in ["/api/v1/activity", "/api/v1/activity/funnel?steps=a,b", "/api/v1/quality?by=station"] {
        let separator = if path.contains('?') { '&' } else { '?' };
        assert_eq!(ask(&api, &acme, path).status, 403, "{path}");
        assert_eq!(ask(&api, &acme, &format!("{path}{separator}tenant_id=acme")).status, 422, "{path}");
    }
    let tables = store.tables.lock().unwrap().clone();
    assert!(tables.iter().all(|table| *table == "ai_analytics_events"), "{tables:?}");
    for path in ["/api/v1/summary?family=quality", "/api/v1/quality", "/api/v1/activity/funnel?steps=a,b"] {
        assert_eq!(ask(&api, &all, path).status, 200, "{path}");
    }
}

/// Every operation that the service describes, also those that are added later.
#[test]
fn no_operation_is_open_or_crosses_tenants_by_mistake() {
    let stage = KeyStage::new();
    let acme = stage.reader("acme");
    let with = |name: &str, scopes: [Scope; 2]| stage.create(name, scopes, Tenants::All).expose().to_owned();
    let without_sql = with("without-sql", [Scope::Read, Scope::Report]);
    let without_report = with("without-report", [Scope::Read, Scope::Sql]);
    let without_read = with("without-read", [Scope::Report, Scope::Sql]);
    let store = Arc::new(FixedStore::default());
    let api = stage.serve_from(Arc::clone(&store));
    let document = api.fetch("GET", "/openapi.json").json();
    let mut guarded = 0;
    for (path, operations) in document["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            let schemes = operation["security"].as_array().unwrap();
            let is_open = schemes.iter().all(|scheme| scheme == &json!({}));
            let method = method.to_uppercase();
            let body =
                (method == "POST").then(|| json!({"metrics": ["event_count"], "tenant_id": "globex"}).to_string());
            // Identifiers in the path.
            let path = path.split('/').map(|part| if part.starts_with('{') { "x" } else { part });
            let path = path.collect::<Vec<_>>().join("/");
            let send = |credential: Option<&str>, path: &str| {
                let authorization = credential.map(|credential| format!("Bearer {credential}"));
                let mut headers = vec![("content-type", "application/json")];
                headers.extend(authorization.as_deref().map(|authorization| ("authorization", authorization)));
                api.send(&method, path, &headers, body.as_deref()).status
            };
            if is_open {
                assert_eq!(send(None, &path), 200, "{method} {path}");
                continue;
            }
            guarded += 1;
            assert_eq!(send(None, &path), 401, "{method} {path}");
            let without_scope = match path.as_str() {
                "/query" => &without_sql,
                "/report" => &without_report,
                _ => &without_read,
            };
            assert_eq!(send(Some(without_scope), &path), 403, "{method} {path}");
            let query = if method == "POST" { "" } else { "?tenant_id=globex" };
            let status = send(Some(&acme), &format!("{path}{query}"));
            assert!(matches!(status, 403 | 422), "{method} {path}: {status}");
            assert!(asked(&store).is_empty(), "{method} {path}: {:?}", asked(&store));
            send(Some(&acme), &path);
            assert!(asked(&store).iter().all(|tenant| tenant.as_deref() == Some("acme")), "{method} {path}");
            store.forget();
        }
    }
    assert!(guarded >= 8, "{guarded}");
}
