//! Schema registries that cannot be used.

use voc_testkit::registry::{Gate, TestRegistry};

use crate::stage::Stage;

#[test]
fn a_schema_registry_that_does_not_answer() {
    let Some(stage) = Stage::migrated() else { return };
    let Some(registry) = TestRegistry::from_env_or_skip() else { return };
    let gate = Gate::new(&registry);
    gate.close();
    let report = stage.examine(&[("SCHEMA_REGISTRY_URL", gate.url())]);
    report.assert_cause("registry", gate.url(), "correct SCHEMA_REGISTRY_URL");
    let elsewhere = format!("{}/elsewhere", registry.url());
    let report = stage.examine(&[("SCHEMA_REGISTRY_URL", &elsewhere)]);
    report.assert_cause("registry", "status 404", "correct the path in SCHEMA_REGISTRY_URL");
}
