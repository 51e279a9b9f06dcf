//! With a key that is bound to a tenant, every answer is the one about that tenant.

use std::collections::BTreeMap;

use proptest::{collection::vec, prelude::*, sample::select, test_runner::TestRunner};
use serde_json::Value;
use voc_testkit::requirements::engine_or_skip;

use crate::{
    assert_rows, completed,
    event::{ERAS, batches},
    keys::KeyStage,
    question::{Request, question},
    rows,
    served::Served,
    stage::Stage,
};

#[test]
fn a_key_of_a_tenant_sees_that_tenant_only() {
    let Some(engine) = engine_or_skip() else { return };
    let stage = Stage::new(&engine);
    let keys = KeyStage::new();
    let all = keys.reader_of_all();
    let bound = ["acme", "globex"].map(|tenant| (tenant, keys.reader(tenant)));
    let mut runner = TestRunner::new(ProptestConfig {
        cases: 3,
        max_shrink_iters: 4,
        failure_persistence: None,
        ..ProptestConfig::default()
    });
    let case = select(ERAS.to_vec()).prop_flat_map(|era| (batches(era), vec(question(era), 12)));
    runner
        .run(&case, |(batches, questions)| {
            stage.clear(true);
            let mut events = BTreeMap::new();
            stage.insert(&batches, &mut events);
            let events: Vec<_> = events.into_values().collect();
            let api = keys.serve_from(stage.store());
            for mut question in questions {
                for (tenant, key) in &bound {
                    question.subject.tenant = Some(tenant);
                    let named = question.request();
                    let of_all = ask(&api, &all, &named);
                    assert_eq!(ask(&api, key, &named), of_all, "{named:?}");
                    let asked = question.asked(of_all["meta"]["granularity"].as_str());
                    let expected = completed(&question, &asked, &events);
                    assert_rows(&rows(&of_all["data"]), &expected, &|| format!("{named:?}"));

                    question.subject.tenant = None;
                    let unnamed = question.request();
                    let found = ask(&api, key, &unnamed);
                    assert_eq!(found["data"], of_all["data"], "{unnamed:?} as {tenant}");
                    assert_eq!(found["meta"], of_all["meta"], "{unnamed:?} as {tenant}");
                }
            }
            Ok(())
        })
        .unwrap();
}

fn ask(api: &Served, key: &str, request: &Request) -> Value {
    let credential = format!("Bearer {key}");
    let headers = [("content-type", "application/json"), ("authorization", credential.as_str())];
    let body = request.body.as_ref().map(Value::to_string);
    let response = api.send(request.method, &request.uri(""), &headers, body.as_deref());
    assert_eq!(response.status, 200, "{}: {request:?}", response.text);
    let mut answer = response.json();
    let meta = answer["meta"].as_object_mut().unwrap();
    // What an answer has cost depends on what was asked before.
    meta.remove("rows_read");
    // That of any version of the latest event; a merge leaves one of them.
    meta.remove("stored_at");
    answer
}
