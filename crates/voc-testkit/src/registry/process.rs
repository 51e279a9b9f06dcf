//! A test's own registry, which can be stopped and restarted.

use std::{
    fs::File,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use super::TestRegistry;
use crate::{requirements::not_run, service::unused_port};

/// Longest time until it answers: it takes 5 s on two idle cores.
const START_DEADLINE: Duration = Duration::from_secs(120);

/// How often it is polled meanwhile.
const POLL: Duration = Duration::from_millis(50);

/// A registry with its data in its own folder; killed when dropped, with its data.
///
/// It takes seconds to start: a [`Gate`](super::Gate) in front of the shared registry is faster where it suffices.
/// Unlike the shared one it accepts any version of a schema.
#[derive(Debug)]
pub struct RegistryProcess {
    jar: PathBuf,
    folder: TempDir,
    port: u16,
    process: Option<Child>,
}

impl RegistryProcess {
    /// Starts one on a free port; `None` if the environment does not name the jar: see [`not_run`].
    ///
    /// # Panics
    /// If `CI` is set and the jar is missing, or if the registry does not start.
    #[must_use]
    pub fn start_or_skip() -> Option<Self> {
        let Some(jar) = std::env::var_os("VOC_TEST_REGISTRY_JAR").filter(|value| !value.is_empty()) else {
            not_run("it needs the schema registry's jar (VOC_TEST_REGISTRY_JAR): run `cargo xtask test`");
            return None;
        };
        let folder = TempDir::with_prefix("voc-registry-").expect("a temporary folder");
        let mut registry = Self { jar: jar.into(), folder, port: unused_port(), process: None };
        registry.start();
        Some(registry)
    }

    /// The registry, for registering schemas. Its URL stays the same over a restart.
    #[must_use]
    pub fn registry(&self) -> TestRegistry {
        TestRegistry::at(format!("http://127.0.0.1:{}/apis/ccompat/v7", self.port))
    }

    /// Starts it again with its previous data; does nothing if it runs.
    ///
    /// # Panics
    /// If it does not start.
    pub fn start(&mut self) {
        if self.process.is_some() {
            return;
        }
        let log_path = self.folder.path().join("registry.log");
        let log = File::create(&log_path).expect("a log file");
        let mut java = command(&self.jar, self.folder.path(), self.port);
        java.stdin(Stdio::null()).stdout(log.try_clone().expect("a second handle")).stderr(log);
        let process = self.process.insert(java.spawn().expect("cannot start java: is it installed?"));
        let subjects = format!("http://127.0.0.1:{}/apis/ccompat/v7/subjects", self.port);
        let start = Instant::now();
        while ureq::get(&subjects).call().is_err() {
            let ended = process.try_wait().expect("its status");
            let log = || std::fs::read_to_string(&log_path).unwrap_or_default();
            assert!(ended.is_none(), "the registry ended while starting:\n{}", log());
            assert!(start.elapsed() < START_DEADLINE, "the registry does not answer:\n{}", log());
            std::thread::sleep(POLL);
        }
    }

    /// Stops it, and waits; its data is kept. Does nothing if it does not run.
    ///
    /// # Panics
    /// If the system does not permit it.
    pub fn stop(&mut self) {
        if let Some(mut process) = self.process.take() {
            kill_process(Pid::from_child(&process), Signal::TERM).expect("its process");
            process.wait().expect("its status");
        }
    }
}

impl Drop for RegistryProcess {
    fn drop(&mut self) {
        if let Some(mut process) = self.process.take() {
            // Both fail for a process that has already ended, which is fine.
            drop(process.kill());
            drop(process.wait());
        }
    }
}

fn command(jar: &Path, folder: &Path, port: u16) -> Command {
    let java = std::env::var_os("JAVA_HOME").map_or_else(|| "java".into(), |home| Path::new(&home).join("bin/java"));
    let mut command = Command::new(java);
    command
        // It also reads settings from files in its working folder.
        .current_dir(folder)
        .args(["-Xms64m", "-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"])
        .args(["-Dquarkus.http.host=127.0.0.1", &format!("-Dquarkus.http.port={port}")])
        .arg(format!("-Dquarkus.datasource.jdbc.url=jdbc:h2:file:{};WRITE_DELAY=0", folder.join("data").display()))
        .args(["-Dquarkus.datasource.jdbc.initial-size=2", "-Dquarkus.datasource.jdbc.min-size=2"])
        .args(["-Dquarkus.log.level=WARN", "-Dquarkus.log.category.\"io.apicurio\".level=WARN"])
        .arg("-jar")
        .arg(jar);
    command
}
