//! A service as operators run it: a process with flags and variables, queried over HTTP, stopped by signals.

#![expect(clippy::expect_used, clippy::panic, reason = "helpers of tests fail this way")]

use std::{
    fs,
    io::{BufRead as _, BufReader},
    net::{TcpListener, TcpStream},
    path::Path,
    process::{Child, ChildStderr, Command, ExitStatus, Stdio},
    sync::{Arc, Mutex, PoisonError},
    thread::JoinHandle,
    time::Duration,
};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

/// How often a condition is polled over a process's HTTP interface.
const POLL: Duration = Duration::from_millis(50);

/// A port that no process listens on.
///
/// # Panics
/// If the system has none.
#[must_use]
pub fn unused_port() -> u16 {
    let address = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
    address.expect("a free port").port()
}

/// A program with arguments, and without this process's own variables except those that name the embedded engine.
#[must_use]
pub fn command(program: impl AsRef<Path>, arguments: &[&str]) -> Command {
    let mut command = Command::new(program.as_ref());
    command.args(arguments).env_clear();
    for name in ["VOC_ENGINE_LIB", "VOC_CACHE_DIR", "XDG_CACHE_HOME", "HOME"] {
        if let Some(value) = std::env::var_os(name) {
            command.env(name, value);
        }
    }
    command
}

/// Checks that the files in `deploy/configuration` are what the `config` command of a program prints. With
/// `UPDATE_DOCS=1` they are written.
///
/// # Panics
/// If one of them differs.
pub fn check_configuration_files(program: impl AsRef<Path>, name: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy/configuration");
    for (verb, ending) in [("example", "env.example"), ("schema", "schema.json")] {
        let output = command(&program, &["config", verb]).output().expect("the program starts");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let path = folder.join(format!("{name}.{ending}"));
        if std::env::var_os("UPDATE_DOCS").is_some() {
            fs::create_dir_all(&folder).and_then(|()| fs::write(&path, &output.stdout)).expect("the file is written");
        }
        let written = fs::read(&path).unwrap_or_default();
        assert!(written == output.stdout, "{} differs: run the test with UPDATE_DOCS=1", path.display());
    }
}

/// A running service on a free port; killed when dropped.
pub struct ServiceProcess {
    process: Child,
    address: String,
    log: Arc<Mutex<String>>,
    /// Reads the log to the end, so that the process never blocks on writing it.
    log_reader: Option<JoinHandle<()>>,
    agent: ureq::Agent,
}

impl ServiceProcess {
    /// Starts a [`command`] and waits until it listens.
    ///
    /// # Panics
    /// If it ends before that.
    #[must_use]
    pub fn start(mut command: Command) -> Self {
        command.args(["--http-host", "127.0.0.1", "--http-port", "0", "--log-format", "json"]);
        let mut process = command.stderr(Stdio::piped()).spawn().expect("the program starts");
        let mut lines = BufReader::new(process.stderr.take().expect("its log"));
        let (address, seen) = listening_address(&mut lines);
        let log = Arc::new(Mutex::new(seen));
        let kept = Arc::clone(&log);
        let log_reader = std::thread::spawn(move || {
            for line in lines.lines().map_while(Result::ok) {
                let mut log = kept.lock().unwrap_or_else(PoisonError::into_inner);
                log.push_str(&line);
                log.push('\n');
            }
        });
        let config = ureq::Agent::config_builder().http_status_as_error(false);
        let agent = config.timeout_global(Some(Duration::from_secs(60))).build().into();
        Self { process, address, log, log_reader: Some(log_reader), agent }
    }

    /// Status and JSON body of an answer.
    ///
    /// # Panics
    /// If there is no answer, or it is not JSON.
    #[must_use]
    pub fn get(&self, path: &str) -> (u16, Value) {
        let mut response = self.agent.get(format!("http://{}{path}", self.address)).call().expect("an answer");
        let text = response.body_mut().read_to_string().expect("a body");
        let body = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
        (response.status().as_u16(), body)
    }

    /// Status of an answer to a request with an `Authorization`.
    ///
    /// # Panics
    /// If there is no answer.
    #[must_use]
    pub fn status_with(&self, path: &str, authorization: &str) -> u16 {
        let request = self.agent.get(format!("http://{}{path}", self.address)).header("authorization", authorization);
        request.call().expect("an answer").status().as_u16()
    }

    /// Status and body of an answer to a request with an API key: a `POST` if it has a body.
    ///
    /// # Panics
    /// If there is no answer.
    #[must_use]
    pub fn ask(&self, path: &str, key: &str, body: Option<&Value>) -> (u16, String) {
        let (url, authorization) = (format!("http://{}{path}", self.address), format!("Bearer {key}"));
        let asked = match body {
            None => self.agent.get(url).header("authorization", authorization).call(),
            Some(body) => {
                let request = self.agent.post(url).header("authorization", authorization);
                request.content_type("application/json").send(body.to_string())
            }
        };
        let mut response = asked.expect("an answer");
        let text = response.body_mut().with_config().limit(64 << 20).read_to_string().expect("a body");
        (response.status().as_u16(), text)
    }

    /// Body of an answer.
    ///
    /// # Panics
    /// If there is no answer.
    #[must_use]
    pub fn text(&self, path: &str) -> String {
        let mut response = self.agent.get(format!("http://{}{path}", self.address)).call().expect("an answer");
        response.body_mut().read_to_string().expect("a body")
    }

    /// Polls until the answer is right; returns it.
    ///
    /// # Panics
    /// If that does not happen within `patience`.
    pub fn wait_for<T: std::fmt::Debug>(
        &self,
        patience: Duration,
        ask: impl Fn(&Self) -> T,
        is_right: impl Fn(&T) -> bool,
    ) -> T {
        let start = std::time::Instant::now();
        loop {
            let answer = ask(self);
            if is_right(&answer) {
                return answer;
            }
            assert!(start.elapsed() < patience, "still {answer:?} after {patience:?}; its log:\n{}", self.log());
            std::thread::sleep(POLL);
        }
    }

    /// Resident memory of the process, in bytes.
    ///
    /// # Panics
    /// If the system does not report it.
    #[must_use]
    pub fn resident_bytes(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id())).expect("its status");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("a line on memory");
        line.trim().trim_end_matches(" kB").parse::<u64>().expect("a number of KiB") * 1024
    }

    /// The log so far.
    #[must_use]
    pub fn log(&self) -> String {
        self.log.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The log of a process that has [ended](Self::end).
    #[must_use]
    pub fn whole_log(&mut self) -> String {
        // It fails only if the reader does, and then the log shows how far it got.
        drop(self.log_reader.take().map(JoinHandle::join));
        self.log()
    }

    /// The address it listens on.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Waits until it refuses connections.
    ///
    /// # Panics
    /// If that does not happen within `patience`.
    pub fn wait_until_refused(&self, patience: Duration) {
        self.wait_for(patience, |service| TcpStream::connect(&service.address).is_err(), |is_refused| *is_refused);
    }

    /// Sends a signal.
    ///
    /// # Panics
    /// If the process has already ended.
    pub fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.process), signal).expect("the process runs");
    }

    /// Waits for the end.
    ///
    /// # Panics
    /// If the system does not report it.
    pub fn wait(&mut self) -> ExitStatus {
        self.process.wait().expect("its status")
    }

    /// Sends a signal and waits for the end.
    ///
    /// # Panics
    /// If the process has already ended.
    pub fn end(&mut self, signal: Signal) -> ExitStatus {
        self.signal(signal);
        self.wait()
    }
}

impl Drop for ServiceProcess {
    fn drop(&mut self) {
        // Both fail for a process that has already ended, which is fine.
        drop(self.process.kill());
        drop(self.process.wait());
        drop(self.log_reader.take().map(JoinHandle::join));
    }
}

/// Reads the log up to the line that names the address; returns the address and what was read.
fn listening_address(log: &mut BufReader<ChildStderr>) -> (String, String) {
    let mut seen = String::new();
    loop {
        let start = seen.len();
        let bytes = log.read_line(&mut seen).expect("the log");
        assert_ne!(bytes, 0, "ended before it listened:\n{seen}");
        let line: Value =
            serde_json::from_str(&seen[start..]).unwrap_or_else(|error| panic!("{error}: {}", &seen[start..]));
        if line["message"] == "answering questions" {
            return (line["address"].as_str().expect("an address").to_owned(), seen);
        }
    }
}
