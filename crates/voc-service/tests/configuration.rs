//! A configuration is read in full, or rejected with all of its errors.

#![expect(clippy::panic, reason = "helpers of tests fail this way")]

use std::{ffi::OsString, fs, time::Duration};

use voc_service::config::{
    ConfigCommand, ConfigurationError, Origin, Program, Rejected, Secret, Setting, Stop, Values,
    clickhouse::ClickHouseSettings,
    http::{HttpGroup, HttpSettings},
    lifecycle::LifecycleSettings,
    logging::{Format, LoggingSettings},
    parse,
};

const HTTP: HttpGroup = HttpGroup::new("8001", "0.0.0.0");
const BROKERS: Setting<Vec<String>> =
    Setting::new("kafka-bootstrap", &["KAFKA_BOOTSTRAP", "KAFKA_BROKERS"], "Addresses of brokers", parse::list)
        .group("Kafka")
        .value_name("HOST:PORT")
        .default("localhost:9092");
const FAMILIES: Setting<Vec<String>> = Setting::new("families", &["VOC_FAMILIES"], "Event families", parse::list);
const ONCE: Setting<bool> = Setting::switch("once", &["VOC_ONCE"], "Ends when the input ends");

#[derive(Debug)]
struct Config {
    clickhouse: ClickHouseSettings,
    http: HttpSettings,
    logging: LoggingSettings,
    brokers: Vec<String>,
    families: Option<Vec<String>>,
    once: bool,
    command: Vec<String>,
}

fn read_all(values: &mut Values) -> Result<Config, Rejected> {
    let (clickhouse, http) = (ClickHouseSettings::read(values), HTTP.read(values, "0.0.0.0"));
    let (logging, brokers) = (LoggingSettings::read(values), values.get(&BROKERS));
    let (families, once) = (values.get_optional(&FAMILIES), values.get(&ONCE));
    Ok(Config {
        clickhouse: clickhouse?,
        http: http?,
        logging: logging?,
        brokers: brokers?,
        families: families?,
        once: once?,
        command: values.command().into_iter().map(str::to_owned).collect(),
    })
}

fn program() -> Program {
    let migrate = Program::new("migrate", "1.2.3", "Changes the schema")
        .command(Program::new("up", "1.2.3", "Applies what is missing"))
        .command(Program::new("status", "1.2.3", "Shows what is applied"));
    Program::new("voc-test", "1.2.3", "Tests settings")
        .settings(ClickHouseSettings::specs())
        .settings(HTTP.specs())
        .settings(LoggingSettings::specs())
        .settings([BROKERS.spec(), FAMILIES.spec(), ONCE.spec()])
        .known_variables(["VOC_ENGINE_LIB", "VOC_TEST_*"])
        .command(migrate)
}

fn read(arguments: &[&str], environment: &[(&str, &str)]) -> Result<Config, Stop> {
    let environment = environment.iter().map(|(name, value)| (OsString::from(name), OsString::from(value)));
    program().read(std::iter::once("voc-test").chain(arguments.iter().copied()), environment, read_all)
}

fn errors(arguments: &[&str], environment: &[(&str, &str)]) -> Vec<String> {
    match read(arguments, environment) {
        Err(Stop::Errors(errors)) => errors.list().iter().map(ToString::to_string).collect(),
        other => panic!("expected errors, got {other:?}"),
    }
}

fn help(arguments: &[&str], environment: &[(&str, &str)]) -> String {
    match read(arguments, environment) {
        Err(stop @ Stop::Info(_)) => {
            assert_eq!(stop.status(), 0);
            stop.to_string()
        }
        other => panic!("expected help, got {other:?}"),
    }
}

#[test]
fn defaults_apply_if_nothing_is_given() {
    let config = read(&[], &[]).unwrap();
    assert_eq!(
        config.clickhouse,
        ClickHouseSettings {
            host: "localhost".to_owned(),
            port: 9000,
            other_hosts: Vec::new(),
            cluster: None,
            storage_policy: None,
            secure: false,
            ca_file: None,
            user: "default".to_owned(),
            password: Secret::default(),
            database: "default".to_owned(),
            connect_timeout: Duration::from_secs(5),
            query_timeout: Duration::from_secs(30),
            insert_timeout: Duration::from_secs(60),
            pool_size: 8,
        }
    );
    assert_eq!(config.http, HttpSettings { host: "0.0.0.0".to_owned(), port: 8001, metrics_port: None });
    assert_eq!(config.logging.filter, "info,actix_server=warn,klickhouse=off,rskafka=off");
    assert_eq!(config.brokers, ["localhost:9092"]);
    assert_eq!((config.families, config.once, config.command), (None, false, Vec::new()));
}

#[test]
fn further_servers_have_the_port_of_the_first_unless_they_name_their_own() {
    let hosts = ("CLICKHOUSE_OTHER_HOSTS", "ch-2, ch-3:9001,::1");
    let config = read(&[], &[hosts, ("CLICKHOUSE_PORT", "9440")]).unwrap();
    let expected = [("ch-2", 9440), ("ch-3", 9001), ("::1", 9440)].map(|(host, port)| (host.to_owned(), port));
    assert_eq!(config.clickhouse.other_hosts, expected);
    for wrong in ["ch-2:8123", "http://ch-2", "ch-2:x", "ch 2"] {
        let error = read(&[], &[("CLICKHOUSE_OTHER_HOSTS", wrong)]).unwrap_err().to_string();
        assert!(error.contains("CLICKHOUSE_OTHER_HOSTS") && error.contains("ch-3:9001"), "{error}");
    }
}

#[test]
fn a_flag_overrides_a_variable_and_the_first_variable_its_alias() {
    let config =
        read(&["--http-port=9", "--http-host", "::1"], &[("HTTP_PORT", "not looked at"), ("LOG_FORMAT", "text")])
            .unwrap();
    assert_eq!(config.http, HttpSettings { host: "::1".to_owned(), port: 9, metrics_port: None });
    assert_eq!(config.logging.format, Format::Text);
    let config = read(&[], &[("KAFKA_BROKERS", "b:1,c:2")]).unwrap();
    assert_eq!(config.brokers, ["b:1", "c:2"]);
    let config = read(&[], &[("KAFKA_BROKERS", "b:1"), ("KAFKA_BOOTSTRAP", "a:1")]).unwrap();
    assert_eq!(config.brokers, ["a:1"]);
    let config = read(&[], &[("KAFKA_BROKERS", "b:1"), ("KAFKA_BOOTSTRAP", "")]).unwrap();
    assert_eq!(config.brokers, ["b:1"], "an empty variable counts as not set");
}

#[test]
fn with_tls_the_port_is_another_unless_it_is_given() {
    let clickhouse = |arguments: &[&str]| read(arguments, &[("CLICKHOUSE_SECURE", "true")]).unwrap().clickhouse;
    let secure = clickhouse(&["--clickhouse-ca-file", "ca.pem"]);
    assert_eq!((secure.port, secure.secure, secure.ca_file), (9440, true, Some("ca.pem".into())));
    assert_eq!(clickhouse(&["--clickhouse-port", "9000"]).port, 9000);
    assert_eq!(clickhouse(&["--clickhouse-secure=false"]).port, 9000);
    assert_eq!(
        errors(&["--clickhouse-ca-file", "ca.pem"], &[]),
        [
            "--clickhouse-ca-file: found \"ca.pem\", expected a file of authorities only together with --clickhouse-secure"
        ]
    );
}

#[test]
fn switches_are_flags_without_a_value() {
    assert!(read(&["--once"], &[]).unwrap().once);
    assert!(read(&[], &[("VOC_ONCE", "yes")]).unwrap().once);
    assert!(!read(&["--once=false"], &[("VOC_ONCE", "true")]).unwrap().once);
    assert_eq!(errors(&["--once=perhaps"], &[]), ["--once: found \"perhaps\", expected true or false"]);
}

#[test]
fn subcommands_inherit_the_settings_of_their_program() {
    let config = read(&["--http-port", "1", "migrate", "up", "--clickhouse-port", "2"], &[]).unwrap();
    assert_eq!(config.command, ["migrate", "up"]);
    assert_eq!((config.http.port, config.clickhouse.port), (1, 2));
    let twice = errors(&["--http-port", "1", "migrate", "--http-port", "1", "up"], &[]);
    assert_eq!(twice, ["--http-port: given 2 times, expected once"]);
}

#[test]
fn the_help_of_a_subcommand_shows_its_own_settings_only() {
    const DRY_RUN: Setting<bool> = Setting::switch("dry-run", &[], "Changes nothing");
    let command = Program::new("drop", "1.2.3", "Drops a table").settings([DRY_RUN.spec()]).example("Example: drop");
    let program = Program::new("voc-test", "1.2.3", "Tests settings").settings([ONCE.spec()]).command(command);
    let page = program.read(["voc-test", "drop", "--help"], [], |_| Ok(())).unwrap_err().to_string();
    assert!(page.contains("--dry-run") && page.contains("Example: drop"), "{page}");
    assert!(!page.contains("--once") && page.contains("see voc-test --help"), "{page}");
    let page = program.read(["voc-test", "--help"], [], |_| Ok(())).unwrap_err().to_string();
    assert!(page.contains("--once") && !page.contains("--dry-run"), "{page}");
}

#[test]
fn a_command_that_is_unknown_or_missing_is_one_error_that_lists_the_commands() {
    for (arguments, expected) in [
        (&["migrat", "up"][..], "\"migrat\": unknown, expected a flag or a command of voc-test: migrate"),
        (&["--once", "migrate", "down"], "\"down\": unknown, expected a command of voc-test migrate: up, status"),
        (&["migrate", "--once"], "voc-test migrate: incomplete, expected a command of voc-test migrate: up, status"),
        (&["migrate", "up", "now"], "\"now\": unexpected argument"),
    ] {
        assert_eq!(errors(arguments, &[]), [expected]);
    }
}

#[test]
fn a_misspelt_name_is_recognised_only_if_it_is_similar() {
    for (given, meant) in [
        ("--http-prot", ", did you mean --http-port?"),
        // The name of its second variable, nearly.
        ("--kafka-broker", ", did you mean --kafka-bootstrap?"),
        ("--topic", ""),
        ("--port", ""),
    ] {
        assert_eq!(errors(&[given, "1"], &[]), [format!("{given}: unknown{meant}")]);
    }
    for (given, meant) in [
        ("VOC_FAMILIE", ", did you mean VOC_FAMILIES?"),
        ("VOC_KAFKA_BROKERS", ", did you mean KAFKA_BROKERS?"),
        ("VOC_CALLS", ""),
    ] {
        assert_eq!(errors(&[], &[(given, "1")]), [format!("{given}: unknown{meant}")]);
    }
}

#[test]
fn levels_may_have_the_names_that_python_has_for_them() {
    for (given, filter) in [
        ("WARNING", "warn"),
        ("critical", "error"),
        ("INFO", "INFO"),
        ("info,voc_store=WARNING", "info,voc_store=warn"),
    ] {
        assert_eq!(read(&[], &[("LOG_LEVEL", given)]).unwrap().logging.filter, filter);
    }
}

#[test]
fn all_errors_are_listed_at_once() {
    let found = errors(
        &["--htpp-port", "80", "--once", "--kafka-bootstrap", "--clickhouse-pool-size=0", "-x", "stray", "--once"],
        &[
            ("CLICKHOUSE_PORT", "8123"),
            ("CLICKHOUSE_HOST", "http://clickhouse"),
            ("CLICKHOUSE_QUERY_TIMEOUT_SECONDS", "-1"),
            ("CLICKHOUSE_CONNECT_TIMEOUT_SECONDS", "soon"),
            ("HTTP_HOST", "every where"),
            ("HTTP_PORT", "65536"),
            ("LOG_LEVEL", "infoo"),
            ("LOG_FORMAT", "xml"),
            ("VOC_FAMILYS", "voc"),
            ("VOC_ZZZ", "1"),
            ("KAFKA_OPTS", "someone else's"),
        ],
    );
    let expected = [
        "--htpp-port: unknown, did you mean --http-port?",
        "--kafka-bootstrap: given without a value",
        "-x: unknown",
        "\"stray\": unknown, expected a flag or a command of voc-test: migrate",
        "CLICKHOUSE_HOST: found \"http://clickhouse\", expected a host name or address without scheme or port",
        "CLICKHOUSE_PORT: found \"8123\", expected the port of the native protocol, by default 9000 (8123 and 8443 are HTTP, which is not spoken here)",
        "--clickhouse-pool-size: found \"0\", expected a whole number from 1 to 256",
        "CLICKHOUSE_CONNECT_TIMEOUT_SECONDS: found \"soon\", expected a number of seconds above 0, at most 86400, such as 2.5",
        "CLICKHOUSE_QUERY_TIMEOUT_SECONDS: found \"-1\", expected a number of seconds above 0, at most 86400, such as 2.5",
        "HTTP_HOST: found \"every where\", expected an address such as 0.0.0.0 or ::, or a host name",
        "HTTP_PORT: found \"65536\", expected a whole number from 0 to 65535",
        "LOG_LEVEL: found \"infoo\", expected error, warn, info, debug, trace or off, or such levels by module, as in info,voc_store=debug",
        "LOG_FORMAT: found \"xml\", expected auto, text or json",
        "--once: given 2 times, expected once",
        "VOC_FAMILYS: unknown, did you mean VOC_FAMILIES?",
        "VOC_ZZZ: unknown",
    ];
    for line in &expected {
        assert!(found.iter().any(|error| error == line), "missing {line:?} in {found:#?}");
    }
    assert_eq!(found.len(), expected.len(), "{found:#?}");
}

#[test]
fn lifecycle_settings_are_read() {
    let program = Program::new("voc-test", "1.2.3", "Tests settings").settings(LifecycleSettings::specs());
    let environment = [("MAX_RETRIES", "0"), ("RETRY_DELAY", "0.5")].map(|(name, value)| (name.into(), value.into()));
    let read = program.read(["voc-test", "--migrate"], environment, LifecycleSettings::read).unwrap();
    let expected = LifecycleSettings {
        environment: "development".to_owned(),
        migrate: true,
        partition_by: voc_store::PartitionBy::Month,
        max_retries: 0,
        retry_delay: Duration::from_millis(500),
        drain: Duration::ZERO,
        shutdown_deadline: Duration::from_secs(30),
    };
    assert_eq!(read, expected);

    let environment = [("VOC_DRAIN_SECONDS", "31")].map(|(name, value)| (name.into(), value.into()));
    let stop = program.read(["voc-test"], environment, LifecycleSettings::read).unwrap_err();
    let expected = "VOC_DRAIN_SECONDS: found \"31\", expected at most --shutdown-seconds, which it is a part of";
    assert!(stop.to_string().contains(expected), "{stop}");
}

#[test]
fn errors_exit_with_status_2_and_their_number() {
    let stop = read(&["--http-port", "x"], &[]).unwrap_err();
    assert_eq!(stop.status(), 2);
    assert!(stop.to_string().starts_with("1 error in the configuration of voc-test:\n  --http-port: found \"x\""));
}

#[test]
fn variables_of_other_programs_are_no_error() {
    let links = [
        ("VOC_ENGINE_LIB", "/lib/x.so"),
        ("VOC_TEST_CLICKHOUSE", "host:9000"),
        ("VOC_QUERY_SERVICE_HOST", "10.0.0.1"),
        ("VOC_QUERY_SERVICE_PORT", "8001"),
        ("VOC_QUERY_SERVICE_PORT_HTTP", "8001"),
        ("VOC_QUERY_PORT", "tcp://10.0.0.1:8001"),
        ("VOC_QUERY_PORT_8001_TCP", "tcp://10.0.0.1:8001"),
        ("VOC_QUERY_PORT_8001_TCP_ADDR", "10.0.0.1"),
    ];
    read(&[], &links).unwrap();
}

#[test]
fn a_kubernetes_service_link_in_a_port_is_explained() {
    let found = errors(&[], &[("CLICKHOUSE_PORT", "tcp://10.0.0.1:9000")]);
    assert_eq!(found.len(), 1);
    assert!(found[0].contains("enableServiceLinks: false"), "{found:?}");
}

#[test]
fn a_password_may_come_from_a_file() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("password");
    fs::write(&path, "s3cret\n").unwrap();
    let path = path.to_str().unwrap();
    let config = read(&[], &[("CLICKHOUSE_PASSWORD_FILE", path)]).unwrap();
    assert_eq!(config.clickhouse.password.expose(), "s3cret");
    let both = errors(&[], &[("CLICKHOUSE_PASSWORD_FILE", path), ("CLICKHOUSE_PASSWORD", "s3cret")]);
    assert_eq!(both.len(), 1);
    assert!(both[0].starts_with("CLICKHOUSE_PASSWORD_FILE: ") && both[0].contains("not both"), "{both:?}");
    assert!(!both[0].contains("s3cret"), "{both:?}");
    let config = read(&["--clickhouse-password-file", path], &[]).unwrap();
    assert_eq!(config.clickhouse.password.expose(), "s3cret");
    let empty = directory.path().join("empty");
    fs::write(&empty, "\n").unwrap();
    let empty = errors(&[], &[("CLICKHOUSE_PASSWORD_FILE", empty.to_str().unwrap())]);
    assert!(empty[0].contains("a file that is not empty"), "{empty:?}");
    let gone = errors(&[], &[("CLICKHOUSE_PASSWORD_FILE", "/does/not/exist")]);
    assert!(gone[0].starts_with("CLICKHOUSE_PASSWORD_FILE: found \"/does/not/exist\""), "{gone:?}");
}

#[test]
fn secrets_stay_hidden() {
    let secret = ("CLICKHOUSE_PASSWORD", "hunter2");
    assert!(!help(&["--help"], &[secret]).contains("hunter2"));
    let config = read(&[], &[secret]).unwrap();
    assert_eq!(config.clickhouse.password.expose(), "hunter2");
    assert!(!format!("{config:?}").contains("hunter2"));
    let found = errors(&["--clickhouse-pasword", "hunter2"], &[]);
    assert_eq!(found, ["--clickhouse-pasword: unknown, did you mean --clickhouse-password?"]);
    let twice = errors(&["--clickhouse-password", "hunter2", "--clickhouse-password=hunter2"], &[]);
    assert_eq!(twice, ["--clickhouse-password: given 2 times, expected once"]);
}

#[cfg(unix)]
#[test]
fn a_secret_that_is_not_utf_8_is_not_quoted() {
    use std::os::unix::ffi::OsStringExt as _;
    let environment = [
        (OsString::from("CLICKHOUSE_PASSWORD"), OsString::from_vec(b"hunter2\xff".to_vec())),
        (OsString::from("CLICKHOUSE_USER"), OsString::from_vec(b"user\xff".to_vec())),
    ];
    let Err(Stop::Errors(errors)) = program().read(["voc-test"], environment, read_all) else { panic!("accepted") };
    let value = |name: &str, found: Option<&str>| ConfigurationError::Value {
        origin: Origin::Variable(name.to_owned()),
        found: found.map(str::to_owned),
        expected: "text in UTF-8".to_owned(),
    };
    assert_eq!(errors.list(), [value("CLICKHOUSE_USER", Some("user\u{fffd}")), value("CLICKHOUSE_PASSWORD", None)]);
}

#[test]
fn help_shows_flag_variables_default_and_meaning_by_group() {
    let page = help(&["--help"], &[("HTTP_PORT", "4711")]);
    let words: String = page.split_whitespace().collect::<Vec<_>>().join(" ");
    for part in [
        "Kafka:",
        "--kafka-bootstrap <HOST:PORT> Addresses of brokers [env: KAFKA_BOOTSTRAP, KAFKA_BROKERS] [default: localhost:9092]",
        "ClickHouse:",
        "--clickhouse-port <PORT>",
        "[env: CLICKHOUSE_PORT] [default: 9000; 9440 with --clickhouse-secure]",
        "--http-port <PORT>",
        "[env: HTTP_PORT] [default: 8001]",
        "--once[=<BOOL>] Ends when the input ends [env: VOC_ONCE]",
        "migrate Changes the schema",
    ] {
        assert!(words.contains(part), "missing {part:?} in:\n{page}");
    }
    assert!(!words.contains("4711"), "help must not depend on the environment");
    assert_eq!(help(&["--version"], &[]).trim(), "voc-test 1.2.3");
}

#[test]
fn a_setting_without_default_must_be_given() {
    const TOPIC: Setting<String> = Setting::new("topic", &["VOC_TOPIC"], "Topic", parse::text);
    let program = Program::new("voc-test", "1.2.3", "Tests settings").settings([TOPIC.spec()]);
    let stop = program.read(["voc-test"], [], |values| values.get(&TOPIC)).unwrap_err();
    assert_eq!(
        stop.to_string(),
        "1 error in the configuration of voc-test:\n  --topic (or VOC_TOPIC): not given, expected a text that is not empty"
    );
}

#[test]
fn the_configuration_is_checked_and_printed_with_its_origins() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("password");
    fs::write(&path, "hunter2\n").unwrap();
    let environment = [
        ("CLICKHOUSE_PASSWORD_FILE", path.to_str().unwrap()),
        ("CLICKHOUSE_USER", "two\nlines"),
        ("KAFKA_BROKERS", "kafka:9092"),
        ("HTTP_PORT", "4711"),
    ];
    let printed = output(&["config", "print", "--http-port", "4712"], &environment).unwrap();
    for row in [
        "CLICKHOUSE_HOST default localhost",
        "CLICKHOUSE_PORT default (9000; 9440 with --clickhouse-secure)",
        "CLICKHOUSE_PASSWORD CLICKHOUSE_PASSWORD_FILE [hidden]",
        "CLICKHOUSE_USER CLICKHOUSE_USER two\\nlines",
        "KAFKA_BOOTSTRAP KAFKA_BROKERS kafka:9092",
        "HTTP_PORT --http-port 4712",
        "VOC_FAMILIES not given -",
    ] {
        let is_there = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ") == row;
        assert!(printed.lines().any(is_there), "missing {row:?} in:\n{printed}");
    }
    assert!(!printed.contains("hunter2"), "{printed}");
    assert_eq!(output(&["config", "check"], &environment).unwrap(), "The configuration is valid.\n");
    for command in ["check", "print"] {
        let stop = output(&["config", command], &[("HTTP_PORT", "none"), ("VOC_FAMILLIES", "voc")]).unwrap_err();
        assert_eq!(stop.status(), 2);
        let said = stop.to_string();
        assert!(said.starts_with("2 errors") && said.contains("HTTP_PORT: found \"none\""), "{said}");
    }
    let Err(Stop::Errors(errors)) = output(&["config"], &[]) else { panic!("accepted") };
    assert_eq!(
        errors.list()[0].to_string(),
        "voc-test config: incomplete, expected a command of voc-test config: check, \
        print, example, schema"
    );
}

/// Such as what a shell passes with `<(…)`.
#[cfg(unix)]
#[test]
fn a_file_that_can_be_read_once_is_read_once() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("pipe");
    rustix::fs::mknodat(
        rustix::fs::CWD,
        &path,
        rustix::fs::FileType::Fifo,
        rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR,
        0,
    )
    .unwrap();
    let writing = {
        let path = path.clone();
        std::thread::spawn(move || fs::write(path, "hunter2"))
    };
    let printed = output(&["config", "print"], &[("CLICKHOUSE_PASSWORD_FILE", path.to_str().unwrap())]).unwrap();
    assert!(printed.contains("CLICKHOUSE_PASSWORD_FILE"), "{printed}");
    writing.join().unwrap().unwrap();
}

#[test]
fn an_example_and_a_schema_have_every_variable() {
    let example = output(&["config", "example"], &[]).unwrap();
    for line in ["#CLICKHOUSE_HOST=localhost", "#CLICKHOUSE_PASSWORD=", "#CLICKHOUSE_PASSWORD_FILE=", "##### Kafka"] {
        assert!(example.lines().any(|found| found == line), "missing {line:?} in:\n{example}");
    }
    assert!(example.lines().all(|line| line.is_empty() || line.starts_with('#')), "{example}");
    let schema: serde_json::Value = serde_json::from_str(&output(&["config", "schema"], &[]).unwrap()).unwrap();
    assert_eq!(schema["additionalProperties"], false);
    let property = |name: &str| schema["properties"][name].clone();
    assert_eq!(property("CLICKHOUSE_HOST")["default"], "localhost");
    assert_eq!(property("VOC_ONCE")["type"], serde_json::json!(["string", "boolean"]));
    for name in ["KAFKA_BOOTSTRAP", "KAFKA_BROKERS", "CLICKHOUSE_PASSWORD_FILE", "HTTP_PORT"] {
        assert!(property(name)["description"].is_string(), "{name}");
    }
}

/// What a command of `config` prints.
fn output(arguments: &[&str], environment: &[(&str, &str)]) -> Result<String, Stop> {
    let environment = environment.iter().map(|(name, value)| (OsString::from(name), OsString::from(value)));
    let arguments = std::iter::once("voc-test").chain(arguments.iter().copied());
    program().command(ConfigCommand::program("1.2.3")).read(arguments, environment, |values| {
        let Some(command) = ConfigCommand::of(&values.command()) else { return Ok(String::new()) };
        command.output(values, read_all)
    })
}
