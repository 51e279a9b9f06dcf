//! What the program reports about its configuration before it does anything else.

use std::{net::TcpListener, process::Command};

use voc_testkit::service;

fn voc_processor(arguments: &[&str]) -> Command {
    service::command(env!("CARGO_BIN_EXE_voc-processor"), arguments)
}

#[test]
fn every_error_is_listed_at_once_and_before_a_port_opens() {
    // A service that tried to listen would report that the port is taken.
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let output = voc_processor(&["--http-host", "127.0.0.1", "--http-port", &port, "--bach-size", "5"])
        .env("BATCH_FLUSH_SECONDS", "soon")
        .env("CLICKHOUSE_PORT", "8123")
        .env("KAFKA_AUTO_OFFSET_RESET", "yesterday")
        .env("KAFKA_SASL_USERNAME", "voc")
        .env("VOC_BATCH", "7")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(String::from_utf8_lossy(&output.stdout), "");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    for expected in [
        "6 errors in the configuration of voc-processor:",
        "--bach-size: unknown, did you mean --batch-size?",
        "BATCH_FLUSH_SECONDS: found \"soon\", expected a number of seconds",
        "CLICKHOUSE_PORT: found \"8123\", expected the port of the native protocol",
        "KAFKA_AUTO_OFFSET_RESET: found \"yesterday\", expected one of earliest, latest",
        "--kafka-sasl-password",
        "VOC_BATCH: unknown",
    ] {
        assert!(said.contains(expected), "missing {expected:?} in:\n{said}");
    }
}

#[test]
fn conflicting_settings_are_rejected() {
    for (arguments, expected) in [
        (&["--once"][..], "an --input that can end"),
        (&["--standalone", "--batch-size", "100", "--batch-max", "10"], "at least the batch size, 100"),
        (&["--input", "-", "--max-event-bytes", "16777217"], "at most 16777216 with --input"),
        (&["--kafka-bootstrap", ",,"], "expected brokers as host:port without a scheme"),
        (&["--kafka-bootstrap", "a:99999"], "expected brokers as host:port without a scheme"),
        (&["--kafka-bootstrap", "http://ana:hunter2@kafka:9092"], "found a value with a login, which is not shown"),
        (&["--clickhouse-host", "ana:hunter2@clickhouse"], "found a value with a login, which is not shown"),
        (&["--kafka-security-protocol", "SASL_SSL"], "SASL user name and password"),
        (&["--nlp-model", "http"], "--nlp-model-url (or NLP_MODEL_URL): not given, expected the address of the model"),
        (&["--nlp-model", "onnx"], "the folder of the model"),
        (&["--nlp-model", "openai"], "the name of the model"),
        (&["--nlp-model", "oracle"], "none, http, onnx, openai or anthropic"),
        (&["--nlp-confidence-threshold", "60"], "a number from 0 to 1"),
        (&["--nlp-model-temperature", "hot"], "a number from 0 to 2, or default"),
        (&["--nlp-model-topics", " , "], "one or more names separated by commas"),
        (&["--kafka-properties", "group.id=x"], "the property group.id cannot be set"),
        (&["--schema-registry-url", "ftp://x"], "begin with http:// or https://, without user names and passwords"),
        (&["--schema-registry-token", "two\nlines"], "line breaks"),
        (&["dlq", "redrive"], "--all: not given, expected a filter such as --since 2h"),
        (&["dlq", "redrive"], "Try voc-processor dlq redrive --help."),
        (&["--standalone", "dlq", "list"], "the dead letters of files are in dead-letters.ndjson"),
        (&["--standalone", "replay"], "a replay reads a topic of Kafka"),
        (&["--standalone", "verify"], "Kafka is compared with a ClickHouse server"),
    ] {
        let output = voc_processor(arguments).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains(expected) && !said.contains("hunter2"), "missing {expected:?} in:\n{said}");
    }
}

/// A setting without effect would leave records unread, and a topic read twice would store them twice.
#[test]
fn settings_of_families_that_contradict_each_other_are_rejected() {
    const MEANS_THE_SAME: &str = "is given and means the same: remove one of the two";
    let several = ("VOC_FAMILIES", "voc,product");
    for (variables, name, reason) in [
        (
            &[("VOC_QUALITY_TOPICS", "a")][..],
            "VOC_QUALITY_TOPICS",
            "the family quality is not processed: add quality to",
        ),
        (&[several, ("VOC_QUALITY_GROUP_ID", "g")], "VOC_QUALITY_GROUP_ID", "is not processed"),
        (&[several, ("VOC_ACTIVITY_BATCH_SIZE", "9")], "VOC_ACTIVITY_BATCH_SIZE", "is not processed"),
        (&[several, ("VOC_ACTIVITY_FLUSH_SECONDS", "9")], "VOC_ACTIVITY_FLUSH_SECONDS", "is not processed"),
        (&[("KAFKA_TOPICS", "a"), ("VOC_VOC_TOPICS", "b")], "VOC_VOC_TOPICS", MEANS_THE_SAME),
        (&[("KAFKA_GROUP_ID", "a"), ("VOC_VOC_GROUP_ID", "b")], "VOC_VOC_GROUP_ID", MEANS_THE_SAME),
        (&[("BATCH_SIZE", "1"), ("VOC_VOC_BATCH_SIZE", "2")], "VOC_VOC_BATCH_SIZE", MEANS_THE_SAME),
        (&[("BATCH_FLUSH_SECONDS", "1"), ("VOC_VOC_FLUSH_SECONDS", "2")], "VOC_VOC_FLUSH_SECONDS", MEANS_THE_SAME),
        (&[("KAFKA_TOPICS", "a,b,a")], "KAFKA_TOPICS", "\"a\" is named twice"),
        (&[("KAFKA_TOPICS", "a,a.dlq")], "KAFKA_TOPICS", "\"a.dlq\" receives those of another topic"),
        (&[("KAFKA_TOPICS", "bad/topic")], "KAFKA_TOPICS", "\"bad/topic\" cannot be a topic"),
        (&[("VOC_VOC_TOPICS", "bad/topic")], "VOC_VOC_TOPICS", "\"bad/topic\" cannot be a topic"),
        (&[several, ("VOC_PRODUCT_TOPICS", "a b")], "VOC_PRODUCT_TOPICS", "\"a b\" cannot be a topic"),
        (&[several, ("VOC_PRODUCT_TOPICS", "voc.events")], "VOC_PRODUCT_TOPICS", "voc reads \"voc.events\", too"),
        (&[several, ("VOC_VOC_TOPICS", "octane.events")], "VOC_VOC_TOPICS", "product reads \"octane.events\", too"),
        (&[several, ("VOC_PRODUCT_TOPICS", "voc.events.dlq")], "VOC_PRODUCT_TOPICS", "no topic of dead letters"),
        (&[several, ("VOC_VOC_TOPICS", "octane.events.dlq")], "VOC_VOC_TOPICS", "no topic of dead letters"),
    ] {
        // What checks the settings says the same as the start.
        for arguments in [&[][..], &["config", "check"], &["doctor"]] {
            let output = voc_processor(arguments).envs(variables.iter().copied()).output().unwrap();
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            assert_eq!(output.status.code(), Some(2), "{variables:?}: {said}");
            let is_named = said.contains(&format!("{name}: found"));
            assert!(is_named && said.contains(reason), "missing {reason:?} in:\n{said}");
        }
    }
}

/// Each would otherwise be found by another start.
#[test]
fn one_error_does_not_hide_another() {
    let output = voc_processor(&[])
        .env("VOC_FAMILIES", "voc,product")
        .env("KAFKA_TOPICS", "events")
        .env("KAFKA_GROUP_ID", "group")
        .env("VOC_QUALITY_TOPICS", "inspections")
        .env("VOC_VOC_BATCH_SIZE", "none")
        .env("VOC_PRODUCT_BATCH_SIZE", "0")
        .env("SCHEMA_REGISTRY_USER", "voc")
        .env("SCHEMA_REGISTRY_URL", "http://registry:8081,ftp://registry,http://,http://voc:sesame@registry")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2));
    for expected in [
        "7 errors in",
        "KAFKA_TOPICS: found \"events\", expected nothing, as several families are processed: set VOC_VOC_TOPICS, VOC_PRODUCT_",
        "KAFKA_GROUP_ID: found \"group\", expected nothing, as several families",
        "VOC_QUALITY_TOPICS: found \"inspections\"",
        "VOC_VOC_BATCH_SIZE: found \"none\"",
        "VOC_PRODUCT_BATCH_SIZE: found \"0\"",
        "SCHEMA_REGISTRY_PASSWORD",
        "unlike \"ftp://registry\", \"http://\", \"http://…@registry\"",
    ] {
        assert!(said.contains(expected), "missing {expected:?} in:\n{said}");
    }
    assert!(!said.contains("sesame"), "{said}");
}

/// Commands run with the variables of a processor, which may have more families.
#[test]
fn a_command_can_be_limited_to_one_of_several_families() {
    let output = voc_processor(&["dlq", "list", "--family", "voc", "--limit", "none"])
        .envs([("BATCH_SIZE", "1"), ("VOC_VOC_BATCH_SIZE", "2"), ("VOC_PRODUCT_TOPICS", "apps")])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2));
    assert!(said.contains("1 error") && said.contains("--limit: found \"none\""), "{said}");
}

/// Another family would store the events as its own, or compare them with a table that has none of them.
#[test]
fn a_command_refuses_topics_of_families_that_are_not_configured() {
    let range = ["--partition", "0", "--from", "beginning", "--until", "end"];
    let replay = |topic| [&["replay", "--topic", topic], &range[..]].concat();
    for (families, arguments, expected) in [
        ("voc", vec!["verify", "--topic", "voc.events,octane.events"], "VOC_FAMILIES=product or --family product"),
        ("quality", replay("user-activity-events"), "VOC_FAMILIES=activity or --family activity"),
        ("voc,product", replay("user-activity-events"), "VOC_FAMILIES=activity or --family activity"),
        ("voc,product", vec!["verify", "--topic", "voc.events,calls"], "\"calls\" is none"),
    ] {
        let output = voc_processor(&arguments).env("VOC_FAMILIES", families).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains("1 error") && said.contains("--topic: found"), "{said}");
        assert!(said.contains(expected), "missing {expected:?} in:\n{said}");
    }
    // What the operator configured or named freely is no error; the number of the partition is.
    for (families, topics, topic) in [
        ("voc", "octane.events", "octane.events"),
        ("voc", "voc.events.v2", "voc.events"),
        ("voc", "voc.events", "calls"),
    ] {
        let output = voc_processor(&["replay", "--topic", topic, "--partition", "x", "--from", "0", "--until", "end"])
            .envs([("VOC_FAMILIES", families), ("KAFKA_TOPICS", topics)])
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(said.contains("1 error") && said.contains("--partition: found \"x\""), "{said}");
    }
}

#[test]
fn a_password_is_never_shown() {
    let output = voc_processor(&["--batch-size", "none"])
        .env("CLICKHOUSE_PASSWORD", "open sesame")
        .env("KAFKA_SASL_PASSWORD", "open sesame")
        .env("NLP_MODEL_API_KEY", "open sesame")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(!String::from_utf8_lossy(&output.stderr).contains("sesame"));
}

#[test]
fn help_names_flags_variables_and_defaults() {
    let output = voc_processor(&["--help"]).output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    let help = String::from_utf8_lossy(&output.stdout).split_whitespace().collect::<Vec<_>>().join(" ");
    for part in [
        "--kafka-bootstrap <BROKERS>",
        "[env: KAFKA_BOOTSTRAP, KAFKA_BOOTSTRAP_SERVERS, KAFKA_BROKERS] [default: localhost:9092]",
        "[env: BATCH_FLUSH_SECONDS, FLUSH_INTERVAL] [default: the preset of the family]",
        "[default: the family's, such as voc.events]",
        "--standalone",
        "migrate",
    ] {
        assert!(help.contains(part), "missing {part:?} in: {help}");
    }
    let output = voc_processor(&["dlq", "list", "--help"]).output().unwrap();
    let help = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(help.contains("--since") && help.contains("see voc-processor --help"), "{help}");
    assert!(!help.contains("--kafka-bootstrap"), "{help}");
}

#[test]
fn unusable_files_and_models_are_failures_before_anything_is_opened() {
    let directory = tempfile::tempdir().unwrap();
    let unsigned = directory.path().join("no-certificates.pem").display().to_string();
    std::fs::write(&unsigned, "").unwrap();
    for (arguments, expected) in [
        (&["--nlp-model", "http", "--nlp-model-url", "ftp://open:sesame@localhost"][..], "http:// or https://"),
        (&["--nlp-model", "onnx", "--nlp-model-path", "/nowhere"], "model.onnx of the model: not found in /nowhere"),
        (&["--standalone", "--api-keys-file", "/nowhere/keys.json"], "cannot read the API keys in /nowhere/keys.json"),
        (&["--standalone", "--jwt-secret-file", &unsigned], "expected a secret of at least 32 bytes"),
        (
            &["--schema-registry-url", "https://localhost", "--schema-registry-ssl-ca-location", &unsigned],
            "it contains no certificate",
        ),
    ] {
        let output = voc_processor(arguments).output().unwrap();
        let log = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{log}");
        assert!(log.contains(expected) && !log.contains("sesame"), "{log}");
    }
}

#[test]
fn an_unreachable_store_is_a_failure_after_the_retries() {
    let port = service::unused_port().to_string();
    let output = voc_processor(&["--clickhouse-host", "127.0.0.1", "--clickhouse-port", &port])
        .args(["--max-retries", "1", "--retry-delay", "0.01", "--http-port", "0"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    let log = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(log.contains("the store is not ready yet") && log.contains(&format!("127.0.0.1:{port}")), "{log}");
}

/// Only what serves tenants' data has to be reached by fewer.
#[test]
fn an_api_without_credentials_is_for_this_machine() {
    // Each with another error, so that nothing starts.
    let errors = |arguments: &[&str]| {
        let output = voc_processor(arguments).args(["--retry-delay", "never"]).output().unwrap();
        assert_eq!(output.status.code(), Some(2));
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    let everywhere = ["--http-host", "0.0.0.0"];
    let refused = errors(&[&everywhere[..], &["--standalone"]].concat());
    assert!(refused.contains("--http-host: found \"0.0.0.0\", expected 127.0.0.1"), "{refused}");
    for accepted in [
        &["--standalone"][..],
        &["--standalone", "--http-host", "0.0.0.0", "--api-open"],
        &["--standalone", "--http-host", "0.0.0.0", "--api-keys-file", "keys.json"],
        &["--standalone", "--http-host", "0.0.0.0", "--once", "--input", "events.ndjson"],
        &everywhere,
    ] {
        let errors = errors(accepted);
        assert!(!errors.contains("--http-host"), "{accepted:?}: {errors}");
    }
}

#[test]
fn the_configuration_is_printed_as_the_service_would_read_it() {
    let print = |environment: &[(&str, &str)]| {
        let output = voc_processor(&["config", "print"]).envs(environment.iter().copied()).output().unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap())
    };
    let (status, printed, said) = print(&[("VOC_FAMILIES", "voc"), ("NLP_MODEL_API_KEY", "sesame")]);
    assert_eq!((status, said.as_str()), (Some(0), ""));
    assert!(printed.contains("NLP_MODEL_API_KEY") && printed.contains("[hidden]"), "{printed}");
    assert!(!printed.contains("sesame"), "{printed}");
    // What conflicts only in the service is found as well.
    let (status, printed, said) = print(&[("KAFKA_SECURITY_PROTOCOL", "SASL_SSL")]);
    assert_eq!((status, printed.as_str()), (Some(2), ""));
    assert!(said.contains("SASL user name and password"), "{said}");
}

/// Whoever deploys the services copies them; the chart's values are checked by the schema.
#[test]
fn the_example_and_the_schema_of_the_variables_are_up_to_date() {
    service::check_configuration_files(env!("CARGO_BIN_EXE_voc-processor"), "voc-processor");
}

/// The variables of the services before this one, with the values of their documents, and the setting that each gives
/// its value to. One of them is refused: `CLICKHOUSE_PORT=8123` is HTTP.
#[test]
fn variables_of_the_services_before_this_one_are_accepted() {
    let voc: &[(&str, &str, &str)] = &[
        ("KAFKA_BOOTSTRAP", "kafka.data.svc.cluster.local:9092", "KAFKA_BOOTSTRAP"),
        ("KAFKA_GROUP_ID", "voc-processor", "KAFKA_GROUP_ID"),
        ("KAFKA_TOPICS", "voc.calls,voc.actions,voc.metrics", "KAFKA_TOPICS"),
        ("KAFKA_AUTO_OFFSET_RESET", "earliest", "KAFKA_AUTO_OFFSET_RESET"),
        ("CLICKHOUSE_HOST", "clickhouse.data.svc.cluster.local", "CLICKHOUSE_HOST"),
        ("CLICKHOUSE_USER", "voc_processor", "CLICKHOUSE_USER"),
        ("CLICKHOUSE_PASSWORD", "your-secure-password", "CLICKHOUSE_PASSWORD"),
        ("CLICKHOUSE_DB", "analytics", "CLICKHOUSE_DB"),
        ("HTTP_PORT", "8000", "HTTP_PORT"),
        ("BATCH_SIZE", "500", "BATCH_SIZE"),
        ("BATCH_FLUSH_SECONDS", "2.0", "BATCH_FLUSH_SECONDS"),
    ];
    let product: &[(&str, &str, &str)] = &[
        ("KAFKA_BOOTSTRAP_SERVERS", "kafka:9092", "KAFKA_BOOTSTRAP"),
        ("KAFKA_TOPIC", "octane.events", "KAFKA_TOPICS"),
        ("KAFKA_GROUP_ID", "analytics-worker", "KAFKA_GROUP_ID"),
        ("CLICKHOUSE_HOST", "clickhouse", "CLICKHOUSE_HOST"),
        ("BATCH_SIZE", "1000", "BATCH_SIZE"),
        ("FLUSH_INTERVAL", "5", "BATCH_FLUSH_SECONDS"),
    ];
    let activity: &[(&str, &str, &str)] = &[
        ("KAFKA_BROKERS", "localhost:9092", "KAFKA_BOOTSTRAP"),
        ("KAFKA_TOPIC", "user-activity-events", "KAFKA_TOPICS"),
        ("KAFKA_GROUP_ID", "processing-service-group", "KAFKA_GROUP_ID"),
        ("AUTO_OFFSET_RESET", "earliest", "KAFKA_AUTO_OFFSET_RESET"),
        ("ENABLE_AUTO_COMMIT", "true", "ENABLE_AUTO_COMMIT"),
        ("MAX_RETRIES", "5", "MAX_RETRIES"),
        ("RETRY_DELAY", "10", "RETRY_DELAY"),
        ("ENVIRONMENT", "development", "ENVIRONMENT"),
    ];
    let quality: &[(&str, &str, &str)] = &[
        ("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092", "KAFKA_BOOTSTRAP"),
        ("KAFKA_SECURITY_PROTOCOL", "PLAINTEXT", "KAFKA_SECURITY_PROTOCOL"),
        ("SCHEMA_REGISTRY_URL", "http://localhost:8081", "SCHEMA_REGISTRY_URL"),
        ("KAFKA_GROUP_ID", "my-consumer-group", "KAFKA_GROUP_ID"),
        ("KAFKA_AUTO_OFFSET_RESET", "earliest", "KAFKA_AUTO_OFFSET_RESET"),
    ];
    for (family, variables) in [("voc", voc), ("product", product), ("activity", activity), ("quality", quality)] {
        let given = variables.iter().map(|(variable, value, _)| (*variable, *value));
        let output =
            voc_processor(&["config", "print"]).env("VOC_FAMILIES", family).envs(given.clone()).output().unwrap();
        let printed = String::from_utf8(output.stdout).unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
        for (variable, value, setting) in variables {
            let shown =
                if matches!(*setting, "CLICKHOUSE_PASSWORD" | "SCHEMA_REGISTRY_URL") { "[hidden]" } else { value };
            let is_there = |line: &str| line.split_whitespace().eq([*setting, *variable, shown]);
            assert!(printed.lines().any(is_there), "{variable} of {family} is not in effect:\n{printed}");
        }
        let output = voc_processor(&["config", "check"])
            .env("VOC_FAMILIES", family)
            .envs(given)
            .env("CLICKHOUSE_PORT", "8123")
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(said.contains("1 error") && said.contains("8123 and 8443 are HTTP"), "{said}");
    }
}

/// A container's health does not depend on a secret that is away while it is renewed.
#[test]
fn health_depends_on_no_other_setting() {
    let output = voc_processor(&["health", "--http-port", &service::unused_port().to_string()])
        .envs([("CLICKHOUSE_PASSWORD_FILE", "/does/not/exist"), ("HTTP_PROXY", "http://127.0.0.1:9")])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("/healthz does not answer"), "{said}");
}
