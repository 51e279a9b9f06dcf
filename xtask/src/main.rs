//! `cargo xtask <verb>`: what a developer types.
//!
//! Compiles fast, for it is the first thing to run on a fresh clone: it knows none of the workspace's crates and runs
//! their binaries instead.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command-line tool talks to its user")]

mod bench;
mod cache;
mod chaos;
mod ci;
mod clickhouse;
mod daemon;
mod demo;
mod engine;
mod http;
mod integrity;
mod interrupt;
mod java;
mod job;
mod kafka;
mod licences;
mod migrate;
mod npm;
mod onnxruntime;
mod product;
mod progress;
mod public_api;
mod python;
mod registry;
mod scratch;
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
    /// See the product at work: 20 000 events of several tenants in two languages, and what it makes of them.
    ///
    /// Fetches the embedded engine, builds the product, generates events, lets `voc-processor --standalone` annotate and store
    /// them, prints counts per tenant and type, sentiment and topics, and serves the query API until Ctrl-C.
    Demo(demo::DemoArgs),
    /// Run all tests, with everything they need.
    ///
    /// Starts a Kafka of its own for them, unless KAFKA_BOOTSTRAP names one, and a schema registry, unless VOC_TEST_REGISTRY
    /// names one (by the URL of its API, http://127.0.0.1:8081/apis/ccompat/v7). Makes a Python with Confluent's client, unless
    /// VOC_TEST_PYTHON names one. With VOC_TEST_CLICKHOUSE=host:9000 the tests of the ClickHouse store use that server instead
    /// of the embedded engine. Ends with the exit code of `cargo test`.
    Test(test::TestArgs),
    /// Fetch the embedded engine (libchdb) into the cache folder and print its path.
    ///
    /// Comes from the npm registry, checked against a pinned hash. Set VOC_ENGINE_LIB to use a libchdb.so of your own.
    /// The cache folder is $VOC_CACHE_DIR, else $XDG_CACHE_HOME/voc, else ~/.cache/voc.
    Engine,
    /// Fetch the library of the ONNX Runtime into the cache folder and print its path, for NLP_MODEL=onnx and its tests.
    ///
    /// Comes from the npm registry, checked against a pinned hash. Set ORT_DYLIB_PATH to use a library of your own.
    #[command(name = "onnxruntime")]
    OnnxRuntime,
    /// Run a real Apache Kafka on this machine, without Docker.
    Kafka(kafka::KafkaArgs),
    /// Run a real schema registry on this machine, without Docker: Apicurio Registry, which speaks Confluent's API.
    Registry(registry::RegistryArgs),
    /// Run a ClickHouse server on this machine, without Docker: the embedded engine behind the native protocol.
    #[command(name = "clickhouse")]
    ClickHouse(clickhouse::ClickHouseArgs),
    /// Apply the store's migrations, or say which are applied.
    ///
    /// Runs `voc-processor migrate`, which is told by CLICKHOUSE_HOST and the other variables where the server is.
    Migrate(migrate::MigrateArgs),
    /// Measure decoding, annotation, encoding and whole ingestion.
    Bench(bench::BenchArgs),
    /// Make voc-nlp's weights of a folder of labelled texts, and report what such weights do on texts they were not made of.
    ///
    /// `train DIR --out crates/voc-nlp/weights/built-in.weights` makes the built-in ones anew. docs/model-card.md says of what.
    Train(weights::WeightsArgs),
    /// Measure voc-nlp on a folder of labelled texts, next to plain keyword rules.
    Eval(weights::WeightsArgs),
    /// Break a running system in every way it may break, and prove that nothing is lost and nothing doubled.
    ///
    /// Kafka, the engine and several processors run as processes; by a schedule made of the seed they are killed, stopped and
    /// cut off under load. After each round Kafka's log is compared with the tables, event by event. The last line is
    /// `lost L, doubled D`, and the exit status agrees. Logs and data of a run that failed are kept.
    Chaos(chaos::ChaosArgs),
    /// Check the licences of all dependencies against deny.toml, and for advisories where cargo-deny is installed.
    Licences,
    /// Compare the public items of the crates that other teams import with the lists that are committed.
    ///
    /// Fails if an item was added, removed or changed that is not in crates/*/public-api.txt, and names it.
    PublicApi(public_api::PublicApiArgs),
    /// Run all checks of continuous integration: format, clippy, documentation, public API, licences, packages, test, demo, chaos.
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
        Verb::Chaos(args) => return chaos::run(&args),
        Verb::Licences => licences::run()?,
        Verb::PublicApi(args) => public_api::run(&args)?,
        Verb::Ci => return ci::run(),
    }
    Ok(ExitCode::SUCCESS)
}
