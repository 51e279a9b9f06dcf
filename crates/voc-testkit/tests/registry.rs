//! The registry answers as clients expect, can be disconnected, and keeps its data over a restart.

use std::time::Duration;

use voc_testkit::registry::{Gate, Reference, Refusal, RegistryProcess, TestRegistry};

const CALL: &str = r#"{"type":"record","name":"Call","fields":[{"name":"id","type":"string"}]}"#;
/// A field without a default, which earlier calls do not have.
const INCOMPATIBLE: &str =
    r#"{"type":"record","name":"Call","fields":[{"name":"id","type":"string"},{"name":"agent","type":"string"}]}"#;

/// Longer than any answer takes.
const LONG: Duration = Duration::from_secs(60);
/// How long to wait before concluding that there is no answer.
const SHORT: Duration = Duration::from_millis(500);

fn subject(name: &str) -> String {
    format!("{name}-{}-value", uuid::Uuid::new_v4())
}

fn ask(agent: &ureq::Agent, url: &str, patience: Duration) -> Result<String, ureq::Error> {
    let request = agent.get(format!("{url}/subjects")).config().timeout_global(Some(patience)).build();
    request.call()?.into_body().read_to_string()
}

fn agent() -> ureq::Agent {
    ureq::Agent::config_builder().proxy(None).build().into()
}

#[test]
fn schemas_are_found_by_id_and_must_be_compatible() {
    let Some(registry) = TestRegistry::from_env_or_skip() else { return };
    let subject = subject("testkit");
    let id = registry.register(&subject, "AVRO", CALL, &[]);
    assert_eq!(registry.register(&subject, "AVRO", CALL, &[]), id, "the same schema has the same id");
    assert_eq!(registry.schema(id).unwrap()["schema"], CALL);

    let status = |refused: Refusal| refused.status;
    assert_eq!(registry.schema(u32::MAX >> 1).map_err(status), Err(404));
    assert_eq!(registry.try_register(&subject, "AVRO", INCOMPATIBLE, &[]).map_err(status), Err(409));
    assert_eq!(registry.try_register(&subject, "AVRO", "no schema", &[]).map_err(status), Err(422));
}

#[test]
fn protobuf_and_json_schemas_refer_to_others() {
    let Some(registry) = TestRegistry::from_env_or_skip() else { return };
    let (common, call) = (subject("common"), subject("call"));
    let agent = r#"syntax = "proto3"; package voc; message Agent { string name = 1; }"#;
    registry.register(&common, "PROTOBUF", agent, &[]);
    let text = r#"syntax = "proto3"; package voc; import "common.proto"; message Call { Agent agent = 1; }"#;
    let reference = Reference { name: "common.proto".to_owned(), subject: common.clone(), version: 1 };
    let found = registry.schema(registry.register(&call, "PROTOBUF", text, &[reference])).unwrap();
    assert_eq!(found["schemaType"], "PROTOBUF");
    assert_eq!(found["references"][0]["subject"], common.as_str());

    let text = r#"{"$schema":"http://json-schema.org/draft-07/schema#","type":"object"}"#;
    let id = registry.register(&subject("json"), "JSON", text, &[]);
    assert_eq!(registry.schema(id).unwrap()["schemaType"], "JSON");
}

#[test]
fn a_gate_refuses_hangs_and_opens_again() {
    let Some(registry) = TestRegistry::from_env_or_skip() else { return };
    let gate = Gate::new(&registry);
    let connected = agent();
    for _ in 0..2 {
        ask(&connected, gate.url(), LONG).unwrap();
        gate.close();
        for agent in [&agent(), &connected] {
            let failure = ask(agent, gate.url(), LONG).unwrap_err();
            assert!(matches!(&failure, ureq::Error::ConnectionFailed | ureq::Error::Io(_)), "{failure:?}");
        }
        gate.open();
        ask(&connected, gate.url(), LONG).unwrap();
        gate.hang();
        for agent in [&agent(), &connected] {
            let failure = ask(agent, gate.url(), SHORT).unwrap_err();
            assert!(matches!(&failure, ureq::Error::Timeout(_)), "{failure:?}");
        }
        gate.open();
    }
}

#[tokio::test]
async fn a_gate_serves_tests_with_a_runtime_too() {
    let Some(registry) = TestRegistry::from_env_or_skip() else { return };
    let gate = Gate::new(&registry);
    gate.close();
    gate.hang();
    assert!(ask(&agent(), gate.url(), SHORT).is_err());
    gate.close();
    assert!(ask(&agent(), gate.url(), LONG).is_err());
    gate.open();
    ask(&agent(), gate.url(), LONG).unwrap();
}

#[test]
fn an_own_registry_keeps_its_schemas_and_address_over_a_restart() {
    let Some(mut process) = RegistryProcess::start_or_skip() else { return };
    let registry = process.registry();
    let id = registry.register("own-value", "AVRO", CALL, &[]);
    process.stop();
    assert!(ask(&agent(), registry.url(), LONG).is_err());
    process.start();
    assert_eq!(registry.schema(id).unwrap()["schema"], CALL);
}
