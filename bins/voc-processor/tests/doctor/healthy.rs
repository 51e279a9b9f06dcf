//! Set-ups that work.

use rustix::process::Signal;
use voc_testkit::{registry::TestRegistry, service::ServiceProcess};

use crate::stage::{PATIENCE, Stage};

#[test]
fn a_healthy_set_up_has_no_failure_and_nothing_is_left_behind() {
    let Some(stage) = Stage::migrated() else { return };
    let Some(registry) = TestRegistry::from_env_or_skip() else { return };
    registry.register(&format!("{}-value", stage.topic), "AVRO", r#""string""#, &[]);
    let (ca, secure) = (stage.kafka.file("ca.pem"), stage.kafka.login());
    let report = stage.examine(&[
        ("KAFKA_BOOTSTRAP", &secure),
        ("KAFKA_SECURITY_PROTOCOL", "SASL_SSL"),
        ("KAFKA_SASL_MECHANISM", "SCRAM-SHA-512"),
        ("KAFKA_SASL_USERNAME", "alice"),
        ("KAFKA_SASL_PASSWORD", "swordfish"),
        ("KAFKA_SSL_CA_LOCATION", ca.to_str().unwrap()),
        ("SCHEMA_REGISTRY_URL", registry.url()),
    ]);
    assert_eq!(report.assert_well(), Vec::<&str>::new(), "{}", report.said);
    assert!(!report.said.contains("swordfish"));
    assert_eq!(report.report["status"], "ok");
    assert_eq!(stage.tools.count(&format!("{}.dlq", stage.topic)), 0);
    let mut engine = stage.engine.engine().connect().unwrap();
    let probes =
        format!("SELECT name FROM system.tables WHERE database = '{}' AND name LIKE '%probe%'", stage.database);
    assert_eq!(engine.query(probes, "TabSeparated", &[]).unwrap().bytes(), b"");

    let text = stage.command(&["doctor"]).output().unwrap();
    let text = String::from_utf8_lossy(&text.stdout).into_owned();
    assert!(text.contains(&format!("\n  ok           topic {}", stage.topic)), "{text}");
    assert!(text.ends_with(" 0 failed, 0 not checked\n"), "{text}");
}

#[test]
fn what_a_running_processor_holds_is_no_failure() {
    let Some(stage) = Stage::migrated() else { return };
    let mut processor = ServiceProcess::start(stage.command(&[]));
    processor.wait_for(PATIENCE, ServiceProcess::log, |log| log.contains("partitions assigned"));
    processor.wait_for(PATIENCE, |processor| processor.get("/readyz").0, |status| *status == 200);
    let port = processor.address().rsplit_once(':').unwrap().1.to_owned();
    let report = stage.examine(&[("HTTP_PORT", &port), ("KAFKA_GROUP_INSTANCE_ID", "one")]);
    assert_eq!(report.assert_well(), Vec::<&str>::new(), "{}", report.said);
    let found = |check: &str| report.line(check)["found"].as_str().unwrap().to_owned();
    assert!(found("HTTP port").contains("running processor, which is ready"), "{}", report.said);
    assert!(found(&format!("group {}", stage.group)).starts_with("one member: voc-processor"), "{}", report.said);
    assert_eq!(processor.end(Signal::TERM).code(), Some(0));
}
