//! The program as a process.

#![expect(clippy::expect_used, clippy::panic, reason = "helpers of tests end them this way")]

use std::{
    io::{BufRead as _, BufReader},
    net::TcpListener,
    process::{Child, ChildStderr, Command, ExitStatus, Stdio},
    thread::JoinHandle,
    time::Duration,
};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

/// A port nobody listens on.
pub(crate) fn unused_port() -> u16 {
    let address = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
    address.expect("a free port").port()
}

/// A running `voc-query` on a free port; killed when dropped.
pub(crate) struct VocQuery {
    process: Child,
    address: String,
    /// Reads its log to the end, so that it never waits for a reader.
    log: Option<JoinHandle<()>>,
    agent: ureq::Agent,
}

impl VocQuery {
    /// The program with arguments, and without this process's own variables.
    pub(crate) fn command(arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_voc-query"));
        command.args(arguments).env_clear();
        command
    }

    /// Starts it and waits until it listens.
    pub(crate) fn start(arguments: &[&str]) -> Self {
        let mut command = Self::command(arguments);
        command.args(["--http-host", "127.0.0.1", "--http-port", "0", "--log-format", "json"]);
        let mut process = command.stderr(Stdio::piped()).spawn().expect("the program starts");
        let mut log = BufReader::new(process.stderr.take().expect("its log"));
        let address = listening_address(&mut log);
        let log = std::thread::spawn(move || log.lines().for_each(drop));
        let config = ureq::Agent::config_builder().http_status_as_error(false);
        let agent = config.timeout_global(Some(Duration::from_secs(60))).build().into();
        Self { process, address, log: Some(log), agent }
    }

    /// Status and JSON body of an answer.
    pub(crate) fn get(&self, path: &str) -> (u16, Value) {
        let mut response = self.agent.get(format!("http://{}{path}", self.address)).call().expect("an answer");
        let text = response.body_mut().read_to_string().expect("a body");
        let body = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
        (response.status().as_u16(), body)
    }

    /// Body of an answer.
    pub(crate) fn text(&self, path: &str) -> String {
        let mut response = self.agent.get(format!("http://{}{path}", self.address)).call().expect("an answer");
        response.body_mut().read_to_string().expect("a body")
    }

    /// Sends a signal and waits for the end.
    pub(crate) fn end(&mut self, signal: Signal) -> ExitStatus {
        kill_process(Pid::from_child(&self.process), signal).expect("the process runs");
        self.process.wait().expect("its status")
    }
}

impl Drop for VocQuery {
    fn drop(&mut self) {
        // Both fail for a process that has ended, which is what is wanted.
        drop(self.process.kill());
        drop(self.process.wait());
        drop(self.log.take().map(JoinHandle::join));
    }
}

/// Reads the log up to the line that names the address.
fn listening_address(log: &mut BufReader<ChildStderr>) -> String {
    let mut seen = String::new();
    loop {
        let start = seen.len();
        let bytes = log.read_line(&mut seen).expect("the log");
        assert_ne!(bytes, 0, "ended before it listened:\n{seen}");
        let line: Value =
            serde_json::from_str(&seen[start..]).unwrap_or_else(|error| panic!("{error}: {}", &seen[start..]));
        if line["message"] == "answering questions" {
            return line["address"].as_str().expect("an address").to_owned();
        }
    }
}
