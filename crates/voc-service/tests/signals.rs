//! The first signal cancels the token; the second ends the process even if it hangs.
//!
//! Runs without the test harness, because the process under test is this program, restarted with an argument.

#![expect(clippy::unwrap_used, reason = "without the harness clippy does not see that this is a test")]

use std::{
    env,
    io::{BufRead as _, BufReader, Write as _},
    process::{Child, ChildStdout, Command, ExitCode, ExitStatus, Stdio},
};

use rustix::process::{Pid, Signal, kill_process};
use voc_service::signals::Signals;

fn main() -> ExitCode {
    match env::args().nth(1).as_deref() {
        Some(EARLY) => return service(EARLY),
        Some(FINISH) => return service(FINISH),
        Some(HANG) => return service(HANG),
        _ => {}
    }
    for signal in [Signal::TERM, Signal::INT] {
        let mut service = Service::start(FINISH);
        service.send(signal);
        assert_eq!(service.wait().code(), Some(0), "a graceful end after {signal:?}");

        let mut service = Service::start(EARLY);
        service.send(signal);
        service.resume();
        assert_eq!(service.wait().code(), Some(0), "a graceful end after {signal:?} before anything was started");
    }
    for (first, second, status) in
        [(Signal::TERM, Signal::TERM, 143), (Signal::INT, Signal::INT, 130), (Signal::TERM, Signal::INT, 130)]
    {
        let mut service = Service::start(HANG);
        service.send(first);
        service.expect_line("cancelled");
        service.send(second);
        assert_eq!(service.wait().code(), Some(status), "{second:?} after {first:?}");
    }
    ExitCode::SUCCESS
}

/// Ends when asked to.
const FINISH: &str = "finish";
/// The same, but waits for a line of input before it starts its work.
const EARLY: &str = "early";
/// Hangs when asked to end.
const HANG: &str = "hang";

fn service(manner: &str) -> ExitCode {
    let signals = Signals::catch().unwrap();
    say("ready");
    if manner == EARLY {
        std::io::stdin().read_line(&mut String::new()).unwrap();
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let token = signals.shutdown_token();
        token.cancelled().await;
        say("cancelled");
        if manner == HANG {
            // Blocks the runtime, as a hung library call would.
            loop {
                std::thread::park();
            }
        }
    });
    ExitCode::SUCCESS
}

fn say(line: &str) {
    let mut stdout = std::io::stdout();
    writeln!(stdout, "{line}").and_then(|()| stdout.flush()).unwrap();
}

struct Service {
    process: Child,
    stdout: BufReader<ChildStdout>,
}

impl Service {
    fn start(manner: &str) -> Self {
        let mut command = Command::new(env::current_exe().unwrap());
        let mut process = command.arg(manner).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let stdout = BufReader::new(process.stdout.take().unwrap());
        let mut service = Self { process, stdout };
        service.expect_line("ready");
        service
    }

    fn expect_line(&mut self, expected: &str) {
        let mut line = String::new();
        self.stdout.read_line(&mut line).unwrap();
        assert_eq!(line.trim_end(), expected);
    }

    fn resume(&mut self) {
        writeln!(self.process.stdin.as_mut().unwrap()).unwrap();
    }

    fn send(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.process), signal).unwrap();
    }

    fn wait(&mut self) -> ExitStatus {
        self.process.wait().unwrap()
    }
}
