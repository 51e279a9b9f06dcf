//! A container of an image that was built, and what every image must be.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use super::tools::buildah;
use crate::job::{self, Job};
use crate::progress::Step;
use crate::scratch::Scratch;
use crate::{interrupt, python};

/// The user of all images.
const USER: &str = "10001:10001";
/// Programs that would let an intruder do more.
const UNWANTED: [&str; 9] = ["sh", "bash", "dash", "busybox", "apt", "dpkg", "perl", "python3", "curl"];
/// Where the engine is.
const ENGINE: &str = "usr/local/lib/voc";
/// Time for a service to become healthy.
const PATIENCE: Duration = Duration::from_secs(60);

/// Checks bills of materials against CycloneDX's own schema.
const VALIDATOR: &[&str] = &["cyclonedx-python-lib[json-validation]==11.11.0"];
const VALIDATE: &str = "\
import sys
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
error = JsonStrictValidator(SchemaVersion.V1_5).validate_str(open(sys.argv[1]).read())
sys.exit(str(error) if error else 0)";

/// A container; removed when dropped.
pub(super) struct Container {
    name: String,
    root: PathBuf,
}

impl Container {
    pub(super) fn of(image: &str) -> Result<Self> {
        let name = job::output(buildah().args(["from", "--pull-never", image]), "buildah from")?.trim().to_owned();
        let mut container = Self { name, root: PathBuf::new() };
        container.root = job::output(buildah().args(["mount", &container.name]), "buildah mount")?.trim().into();
        Ok(container)
    }

    /// The container's program as its user, with these variables and folders of this machine; its arguments are still
    /// to be added.
    pub(super) fn command(&self, program: &str, variables: &[(&str, &str)], folders: &[(&Path, &str)]) -> Command {
        let mut run = buildah();
        run.args(["run", "--isolation", "chroot"]);
        for (name, value) in variables {
            run.args(["--env", &format!("{name}={value}")]);
        }
        for (folder, inside) in folders {
            run.args(["--volume", &format!("{}:{inside}:ro", folder.display())]);
        }
        run.args([&self.name, "--", &format!("/usr/local/bin/{program}")]);
        run
    }

    /// What every image must be.
    pub(super) fn check(&self, program: &str) -> Result<()> {
        self.check_configuration(program)?;
        self.check_files()?;
        self.check_bill_of_materials(program)?;
        let version = job::output(self.command(program, &[], &[]).arg("--version"), program)?;
        ensure!(version.starts_with(program), "--version prints {version}");
        // The defaults of the image are valid as they are.
        let mut check = self.command(program, &[("VOC_API_OPEN", "true")], &[]);
        job::output(check.args(["config", "check"]), &format!("{program} config check"))?;
        Ok(())
    }

    fn check_configuration(&self, program: &str) -> Result<()> {
        let inspected = job::output(buildah().args(["inspect", &self.name]), "buildah inspect")?;
        let inspected: Value = serde_json::from_str(&inspected).context("cannot understand buildah inspect")?;
        let config = &inspected["Docker"]["config"];
        let path = format!("/usr/local/bin/{program}");
        ensure!(config["User"] == USER, "the user is {}", config["User"]);
        ensure!(config["Entrypoint"] == serde_json::json!([path]), "the entry point is {}", config["Entrypoint"]);
        let health = serde_json::json!(["CMD", path, "health"]);
        ensure!(config["Healthcheck"]["Test"] == health, "the health check is {}", config["Healthcheck"]);
        for label in ["title", "description", "version", "revision", "licenses"] {
            let label = format!("org.opencontainers.image.{label}");
            let value = config["Labels"][&label].as_str().unwrap_or_default();
            ensure!(!value.is_empty(), "there is no label {label}");
        }
        Ok(())
    }

    /// No shell, nothing that runs as another user, certificates, licences.
    fn check_files(&self) -> Result<()> {
        for file in self.files()? {
            let name = file.file_name().and_then(OsStr::to_str).unwrap_or_default();
            ensure!(!UNWANTED.contains(&name), "there is {}", file.display());
            let mode = fs::symlink_metadata(&file)?.permissions().mode();
            ensure!(mode & 0o6000 == 0, "{} runs as another user", file.display());
        }
        for file in ["etc/ssl/certs/ca-certificates.crt", "usr/share/doc/voc/LICENSE-MIT"] {
            ensure!(self.root.join(file).is_file(), "there is no {file}");
        }
        Ok(())
    }

    fn check_bill_of_materials(&self, program: &str) -> Result<()> {
        let folder = self.root.join("usr/share/doc/voc");
        let bill = folder.join(format!("{program}.cdx.json"));
        let python = python::environment("cyclonedx", VALIDATOR, "CycloneDX's validator with pip (5 MB, once)")?;
        job::output(Command::new(python).args(["-c", VALIDATE]).arg(&bill), "the check of the bill of materials")?;
        let text = fs::read_to_string(&bill).with_context(|| format!("cannot read {}", bill.display()))?;
        for part in ["pkg:cargo/tokio@", "pkg:cargo/actix-web@", "pkg:cargo/voc-store@"] {
            ensure!(text.contains(part), "{} does not list {part}", bill.display());
        }
        let licences = folder.join(format!("{program}.licences.txt"));
        let licences = fs::read_to_string(&licences).with_context(|| format!("cannot read {}", licences.display()))?;
        ensure!(licences.contains("Apache License"), "the licences are not there");
        Ok(())
    }

    /// The bytes of all files.
    pub(super) fn bytes(&self) -> Result<u64> {
        self.files()?.iter().map(|file| Ok(fs::symlink_metadata(file)?.len())).sum()
    }

    /// The bytes of the embedded engine.
    pub(super) fn engine_bytes(&self) -> u64 {
        fs::metadata(self.root.join(ENGINE).join("libchdb.so")).map_or(0, |metadata| metadata.len())
    }

    fn files(&self) -> Result<Vec<PathBuf>> {
        let (mut files, mut folders) = (Vec::new(), vec![self.root.clone()]);
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))? {
                let entry = entry?;
                if entry.file_type()?.is_dir() { folders.push(entry.path()) } else { files.push(entry.path()) }
            }
        }
        Ok(files)
    }
}

impl Drop for Container {
    fn drop(&mut self) {
        if let Err(error) = job::output(buildah().args(["rm", &self.name]), "buildah rm") {
            eprintln!("{error:#}");
        }
    }
}

/// Starts a service in a container, and asks it for its health in another one, as an orchestrator does.
pub(super) fn health(image: &str, program: &str, variables: &[(&str, &str)]) -> Result<()> {
    let step = Step::begin(format!("asking {image} for its health"));
    let scratch = Scratch::new("health")?;
    let log = scratch.join("log");
    let output = fs::File::create(&log)?;
    let (service, asking) = (Container::of(image)?, Container::of(image)?);
    let mut serve = service.command(program, variables, &[]);
    let mut job = Job::start(serve.stdout(output.try_clone()?).stderr(output), image)?;
    let deadline = Instant::now() + PATIENCE;
    while let Err(error) = job::output(asking.command(program, variables, &[]).arg("health"), "health") {
        if job.ended()?.is_some() || Instant::now() >= deadline {
            bail!(error.context(job::last_lines(&log, 20)));
        }
        interrupt::pause()?;
    }
    job.stop()?;
    step.done();
    Ok(())
}
