//! Attempts to see another tenant's rows, each with the key of a tenant, against the engine.
//!
//! An attempt names what belongs to the other tenant. It is repeated with names that belong to nobody, and where the
//! other tenant has no rows at all: the answers must be the same. As a control, the other tenant's own key sees a
//! difference.
#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

mod costs;
#[expect(dead_code, reason = "shared with other tests, which use more of it")]
#[path = "../access/stage.rs"]
mod keys;
mod listed;
#[expect(dead_code, reason = "shared with other tests, which use more of it")]
#[path = "../served/mod.rs"]
mod served;
mod stage;

use std::{collections::BTreeMap, sync::Arc};

use keys::KeyStage;
use listed::{STATEMENTS, attempts, posted};
use serde_json::json;
use served::Response;
use stage::{ACME, GLOBEX, NOBODYS, OTHERS, RANGE, key_of, key_of_all, names, recent_range, serve, store};
use voc_testkit::requirements::engine_or_skip;

/// What a client sees, but for what differs from one request to the next.
fn seen(response: &Response, names: &BTreeMap<&'static str, String>) -> (u16, Vec<(String, String)>, String) {
    let id = response.header("x-request-id").unwrap_or("").to_owned();
    // A caller may be told what it has asked for.
    let without_names = |text: &str| {
        let text = text.replace(&id, "ID");
        names.iter().fold(text, |text, (name, value)| text.replace(value.as_str(), &format!("{{{name}}}")))
    };
    let differs = ["x-request-id", "date", "content-length", "ratelimit"];
    let headers = response.headers.iter().filter(|(name, _)| !differs.contains(&name.as_str()));
    let mut headers: Vec<_> = headers.map(|(name, value)| (name.clone(), without_names(value))).collect();
    headers.sort();
    (response.status, headers, without_names(&response.text))
}

#[test]
fn nothing_of_another_tenant_can_be_told_from_nothing() {
    let Some(engine) = engine_or_skip() else { return };
    let keys = KeyStage::new();
    let (acme, globex) = (key_of(&keys, "acme"), key_of(&keys, "globex"));
    // Two services with the same history, except for what is attempted: what an answer has cost depends on what was
    // asked before.
    let both = Arc::new(store(&engine, &[ACME, GLOBEX]));
    let [of_secrets, of_nothing] = [serve(&keys, &both), serve(&keys, &both)];
    let alone = serve(&keys, &Arc::new(store(&engine, &[ACME])));
    let (secret, nobodys) = (names("secret", OTHERS), names("absent", NOBODYS));
    let attempts = attempts();
    assert!(attempts.len() >= 450, "{} attempts", attempts.len());
    let mut controls = BTreeMap::new();
    for attempt in &attempts {
        // The other tenant's answers are kept when the attempt is made.
        let control = seen(&attempt.send(&of_secrets, &globex, &secret), &secret);
        assert_eq!(seen(&attempt.send(&of_nothing, &globex, &secret), &secret), control, "{attempt:?}");
        let mut found = seen(&attempt.send(&of_secrets, &acme, &secret), &secret);
        assert_eq!(found, seen(&attempt.send(&alone, &acme, &secret), &secret), "{attempt:?}");
        let mut of_nobody = seen(&attempt.send(&of_nothing, &acme, &nobodys), &nobodys);
        // A tag is also that of what was asked.
        for (_, headers, _) in [&mut found, &mut of_nobody] {
            headers.retain(|(name, _)| name != "etag");
        }
        assert_eq!(found, of_nobody, "{attempt:?}");
        assert!(!found.2.contains("secret"), "{attempt:?}: {}", found.2);
        let route = attempt.uri.split(['?', '.', '{']).next().unwrap().to_owned();
        *controls.entry(route).or_insert(0) += usize::from(control.0 == 200 && control != found);
        // A mistake is one for everybody; nothing else is run.
        if attempt.uri == "/query" {
            assert!(matches!(found.0, 403 | 422), "{attempt:?}: {}", found.2);
        }
    }
    // What can be found is found by those who may. SQL is for nobody who is bound to a tenant here.
    controls.retain(|_, seen| *seen == 0);
    assert!(controls.keys().all(|route| ["/api/v1/ledger", "/query"].contains(&route.as_str())), "{controls:?}");
}

/// What a statement says cannot widen what it is about.
#[test]
fn statements_about_a_tenant_show_nothing_of_another() {
    let Some(engine) = engine_or_skip() else { return };
    let keys = KeyStage::new();
    let all = key_of_all(&keys);
    let both = serve(&keys, &Arc::new(store(&engine, &[ACME, GLOBEX])));
    let alone = serve(&keys, &Arc::new(store(&engine, &[ACME])));
    let (secret, mut shown) = (names("secret", OTHERS), 0);
    for sql in STATEMENTS {
        let about = |tenant: Option<&str>| {
            let mut body = json!({"sql": sql});
            tenant.iter().for_each(|tenant| body["tenant_id"] = json!(tenant));
            posted("/query", body.to_string())
        };
        let found = about(Some("acme")).send(&both, &all, &secret);
        assert!(matches!(found.status, 200 | 422), "{sql}: {}", found.text);
        let rows = |response: &Response| response.json()["data"].clone();
        let found_alone = about(Some("acme")).send(&alone, &all, &secret);
        assert_eq!((found.status, rows(&found)), (found_alone.status, rows(&found_alone)), "{sql}");
        // A caller may be told what it has written.
        let seen = seen(&found, &secret).2;
        assert!(!seen.contains("secret") && (found.status == 422 || !seen.contains("globex")), "{sql}: {seen}");
        let control = about(None).send(&both, &all, &secret);
        shown += usize::from(control.status == 200 && control.text.contains("secret"));
    }
    assert!(shown >= 15, "{shown} statements show what there is to those who may see it");
}

#[test]
fn cursors_and_tags_of_another_tenant_are_of_no_use() {
    let Some(engine) = engine_or_skip() else { return };
    let keys = KeyStage::new();
    let (acme, globex, all) = (key_of(&keys, "acme"), key_of(&keys, "globex"), key_of_all(&keys));
    let api = serve(&keys, &Arc::new(store(&engine, &[ACME, GLOBEX])));
    let get = |key: &str, uri: &str, tag: Option<&str>| {
        let credential = format!("Bearer {key}");
        let headers = [("authorization", credential.as_str())];
        let tag = tag.map(|tag| ("if-none-match", tag));
        api.fetch_with("GET", uri, &headers.into_iter().chain(tag).collect::<Vec<_>>())
    };
    let [recent_from, recent_to] = recent_range();
    let of_products = format!("from={recent_from}&to={recent_to}");
    let lists = [
        ("events?", RANGE),
        ("calls?", RANGE),
        ("search?q=hello&", RANGE),
        ("topics?", RANGE),
        ("agents?", RANGE),
        ("customers/secretcustomer?", RANGE),
        ("dead-letters?", RANGE),
        ("product?by=user_id&", &of_products),
        ("events?family=product&", &of_products),
    ];
    for (list, range) in lists {
        for owner in [&globex, &all] {
            let uri = format!("/api/v1/{list}limit=1&{range}");
            let first = get(owner, &uri, None);
            assert_eq!(first.status, 200, "{uri} {}", first.text);
            let body = first.json();
            let next = body["meta"]["next"].as_str();
            let next = next.unwrap_or_else(|| panic!("no cursor: {uri} {body}"));
            assert_eq!(get(owner, &format!("{uri}&cursor={next}"), None).status, 200, "{uri}");
            // A customer that acme has not is not there, whatever the page.
            let is_single = list.contains("secret");
            let page = get(&acme, &format!("{uri}&cursor={next}"), None);
            assert_eq!(page.status, if is_single { 404 } else { 400 }, "{uri} {}", page.text);
            let forged = get(&acme, &format!("{uri}&tenant_id=globex&cursor={next}"), None);
            assert!(matches!(forged.status, 400 | 403), "{uri} {}", forged.text);

            let tag = first.header("etag").unwrap_or_else(|| panic!("no tag: {uri}"));
            let own = get(&acme, &uri, Some(tag));
            assert_eq!(own.status, if is_single { 404 } else { 200 }, "{uri}");
            assert!(!own.text.contains("secret"), "{uri} {}", own.text);
            assert_eq!(get(owner, &uri, Some(tag)).status, 304, "{uri}");
        }
    }
    // The tag of an export of everybody's.
    for export in [format!("events.csv?{RANGE}"), format!("events.ndjson?family=product&{of_products}")] {
        let uri = format!("/api/v1/{export}");
        let tag = get(&all, &uri, None).header("etag").unwrap().to_owned();
        assert_eq!(get(&all, &uri, Some(&tag)).status, 304, "{uri}");
        let own = get(&acme, &uri, Some(&tag));
        assert_eq!((own.status, own.text.contains("secret")), (200, false), "{uri}");
    }
}
