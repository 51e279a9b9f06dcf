//! `cargo xtask <verb>`: the developer's commands.
//!
//! It must compile fast, because it is the first thing to run on a fresh clone. Therefore it depends on none of the
//! workspace's crates and runs their binaries instead.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command-line tool talks to its user")]

mod apt;
mod bench;
mod cache;
mod chaos;
mod ci;
mod clickhouse;
mod daemon;
mod demo;
mod deployment;
mod engine;
mod fuzz_api;
mod git;
mod http;
mod images;
mod integrity;
mod interrupt;
mod java;
mod job;
mod kafka;
mod licences;
mod metadata;
mod migrate;
mod monitoring;
mod npm;
mod onnxruntime;
mod product;
mod progress;
mod public_api;
mod python;
mod registry;
mod release;
mod revision;
mod sbom;
mod scratch;
mod servers;
mod service;
mod test;
#[cfg(test)]
mod tidy;
mod weights;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(bin_name = "cargo xtask", about = "Development tasks", version)]
struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// See the product in action: 35 000 events of four families, and the results.
    ///
    /// Fetches the embedded engine, builds the product, generates events of several tenants in two languages, lets
    /// `voc-processor --standalone` annotate and store them, prints counts by tenant and type, sentiment and topics,
    /// and serves the query API until Ctrl-C.
    Demo(demo::DemoArgs),
    /// Run all tests, with everything they need.
    ///
    /// Starts its own Kafka, unless KAFKA_BOOTSTRAP names one, and its own schema registry, unless VOC_TEST_REGISTRY
    /// names one (by the URL of its API, http://127.0.0.1:8081/apis/ccompat/v7). Creates a Python environment with
    /// Confluent's client, unless VOC_TEST_PYTHON names one. With VOC_TEST_CLICKHOUSE=host:9000 the tests of the
    /// ClickHouse store use that server instead of the embedded engine. Exits with the exit code of `cargo test`.
    Test(test::TestArgs),
    /// Fetch the embedded engine (libchdb) into the cache folder and print its path.
    ///
    /// It comes from the npm registry and is checked against a pinned hash. Set VOC_ENGINE_LIB to use your own
    /// libchdb.so. The cache folder is $VOC_CACHE_DIR, else $XDG_CACHE_HOME/voc, else ~/.cache/voc.
    Engine,
    /// Fetch the library of the ONNX Runtime into the cache folder and print its path, for NLP_MODEL=onnx and its
    /// tests.
    ///
    /// It comes from the npm registry and is checked against a pinned hash. Set ORT_DYLIB_PATH to use your own
    /// library.
    #[command(name = "onnxruntime")]
    OnnxRuntime,
    /// Run a real Apache Kafka on this machine, without Docker.
    Kafka(kafka::KafkaArgs),
    /// Run a real schema registry on this machine, without Docker: Apicurio Registry, which speaks Confluent's API.
    Registry(registry::RegistryArgs),
    /// Run a ClickHouse server on this machine, without Docker: the embedded engine behind the native protocol.
    #[command(name = "clickhouse")]
    ClickHouse(clickhouse::ClickHouseArgs),
    /// Create a migration of the store; apply what is missing, show what that would do, or report what is applied.
    ///
    /// `up`, `plan` and `status` run `voc-processor migrate`, which finds the server through CLICKHOUSE_HOST and the
    /// other variables.
    Migrate(migrate::MigrateArgs),
    /// Measure decoding, annotation, encoding and complete ingestion.
    Bench(bench::BenchArgs),
    /// Train voc-nlp's weights on a folder of labelled texts, and report how such weights perform on unseen texts.
    ///
    /// `train DIR --out crates/voc-nlp/weights/built-in.weights` recreates the built-in weights. docs/model-card.md
    /// describes the texts.
    Train(weights::WeightsArgs),
    /// Measure voc-nlp on a folder of labelled texts, compared with plain keyword rules.
    Eval(weights::WeightsArgs),
    /// Make a tenant's own calibration of the sentiment from texts that the tenant has labelled, and report whether it
    /// helps.
    ///
    /// `calibrate TEXTS --tenant NAME --out DIR` writes it to the folder that VOC_TENANTS_DIR names; `calibrate --
    /// --help` explains the file of texts and the report. docs/operations.md says how to use it.
    Calibrate(weights::WeightsArgs),
    /// Break a running system in every possible way, and prove that nothing is lost or duplicated.
    ///
    /// Kafka, the engine and several processors run as processes; on a schedule derived from the seed they are killed,
    /// stopped and disconnected under load. After each round Kafka's log is compared with the tables, event by event.
    /// The last line is `lost L, doubled D`, and the exit status agrees. Logs and data of a failed run are kept.
    Chaos(chaos::ChaosArgs),
    /// Send thousands of requests made from the API's own description, right and wrong ones, to the demo's service.
    ///
    /// Schemathesis, in a Python environment of its own, checks the answers: no status 5xx, none that is not
    /// described, bodies as described, wrong requests refused. Takes minutes, and is not a part of `ci`.
    FuzzApi(fuzz_api::FuzzApiArgs),
    /// Check the licences of all dependencies against deny.toml, and for advisories if cargo-deny is installed.
    Licences,
    /// Check what operators deploy: Kubernetes' manifests, the Helm chart, Compose's file, Prometheus' rules,
    /// Grafana's dashboards, and the script that checks ClickHouse servers, with the development server.
    ///
    /// Needs Go, Node.js with npm, and Python 3 with venv, with which it fetches the tools; and shellcheck, curl,
    /// openssl and promtool (Debian's package prometheus), which are installed if that may be done.
    Deployment,
    /// Hurt a running system, and see that Prometheus' alerts tell of it, and that they end when it is repaired.
    ///
    /// Starts Kafka, two stores, processors and services of the API, a load, and Prometheus and Alertmanager with the
    /// shipped rules. While all is well, runs the expressions of Grafana's dashboards. Then the store is stopped,
    /// processes are killed, records are broken, and more; each alert must fire, and be resolved after the repair.
    /// Takes a quarter of an hour. Prometheus and Alertmanager are Debian's packages, which are installed if that
    /// may be done, and do not run as services. The exit status is 1 if an alert did not fire, was not resolved, or
    /// was not expected.
    Monitoring(monitoring::MonitoringArgs),
    /// Build the images of the services without Docker, check them, and run them.
    ///
    /// Needs buildah and mmdebstrap (Debian), which are installed if that may be done. Checks the Dockerfile with
    /// hadolint; the images' user, health check, labels, files, bill of materials and size; and processes generated
    /// events in the one with the engine.
    Images(images::ImagesArgs),
    /// Write what a program is made of (CycloneDX), and the licences of its parts.
    Sbom(sbom::SbomArgs),
    /// Release a version: raise versions, complete the changelogs, check what is published, commit and tag.
    ///
    /// The product has one version, and the published crates, voc-events and voc-nlp, have their own; all are released
    /// together, under one tag, vX.Y.Z. A crate without changes keeps its version. Public items that are gone or
    /// different require a bump that cargo understands as breaking; a smaller one is refused with the items' names.
    /// Refuses a tree with changes, another branch than main, a tag that exists, a changelog that says nothing, and a
    /// migration that was released and has changed. Pushes and publishes nothing: it prints what to do by hand, in
    /// order. docs/releases.md says what versions promise.
    Release(release::ReleaseArgs),
    /// Build the programs of the last commit as archives, with their bills of materials, licences and checksums.
    ///
    /// They are written into target/archives/vX.Y.Z. The same files give the same bytes. Needs GNU tar and strip.
    Archives,
    /// Compare the public items of the published crates with the committed lists.
    ///
    /// Fails with the names of all items that were added, removed or changed compared with crates/*/public-api.txt.
    PublicApi(public_api::PublicApiArgs),
    /// Run all checks of continuous integration: format, clippy, documentation, public API, licences, packages, test,
    /// demo, chaos, deployment, images.
    Ci,
}

fn main() -> ExitCode {
    if let Some(code) = public_api::as_rustdoc() {
        return code;
    }
    let cli = Cli::parse();
    match interrupt::install().and_then(|()| run(cli.verb)) {
        Ok(code) => code,
        Err(error) if error.is::<interrupt::Interrupted>() => ExitCode::from(130),
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(verb: Verb) -> Result<ExitCode> {
    match verb {
        Verb::Demo(args) => return demo::run(&args),
        Verb::Test(args) => return test::run(&args),
        Verb::Engine => println!("{}", engine::ensure()?.display()),
        Verb::OnnxRuntime => println!("{}", onnxruntime::ensure()?.display()),
        Verb::Kafka(args) => return kafka::run(args),
        Verb::Registry(args) => return registry::run(args),
        Verb::ClickHouse(args) => return clickhouse::run(args),
        Verb::Migrate(args) => migrate::run(&args)?,
        Verb::Bench(args) => bench::run(&args)?,
        Verb::Train(args) => weights::train(&args)?,
        Verb::Eval(args) => weights::eval(&args)?,
        Verb::Calibrate(args) => weights::calibrate(&args)?,
        Verb::Chaos(args) => return chaos::run(&args),
        Verb::FuzzApi(args) => fuzz_api::run(&args)?,
        Verb::Licences => licences::run()?,
        Verb::Deployment => deployment::run()?,
        Verb::Monitoring(args) => return monitoring::run(&args),
        Verb::Images(args) => images::run(&args)?,
        Verb::Sbom(args) => sbom::run(&args)?,
        Verb::Release(args) => release::run(&args)?,
        Verb::Archives => release::build_archives()?,
        Verb::PublicApi(args) => public_api::run(&args)?,
        Verb::Ci => return ci::run(),
    }
    Ok(ExitCode::SUCCESS)
}
