//! Exports of all events: how long they take, and how much more memory the process has meanwhile.

use std::{fmt, fs, io, time::Instant};

use anyhow::{Context as _, ensure};

use super::service::Service;

/// An export of all events.
pub(super) struct Export {
    pub(super) name: &'static str,
    pub(super) path: String,
}

/// What an export took.
pub(super) struct Exported {
    name: &'static str,
    bytes: u64,
    seconds: f64,
    grown: u64,
}

impl Export {
    /// Reads the export, and throws it away.
    pub(super) fn run(&self, service: &Service) -> anyhow::Result<Exported> {
        let (before, begun) = (resident("VmRSS")?, Instant::now());
        // The greatest size counts from here on.
        fs::write("/proc/self/clear_refs", "5").context("the process cannot follow its own memory")?;
        let mut answer = ureq::get(format!("http://{}{}", service.address(), self.path)).call()?;
        ensure!(answer.status() == 200, "{} was answered with {}", self.path, answer.status());
        let bytes = io::copy(&mut answer.body_mut().as_reader(), &mut io::sink())?;
        let grown = resident("VmHWM")?.saturating_sub(before);
        Ok(Exported { name: self.name, bytes, seconds: begun.elapsed().as_secs_f64(), grown })
    }
}

impl fmt::Display for Exported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, bytes, seconds, grown } = self;
        let (megabytes, mebibytes) = (*bytes as f64 / 1e6, grown.div_ceil(1024));
        write!(f, "{name:<32} {megabytes:.0} MB in {seconds:.1} s; the process grew by {mebibytes} MiB")
    }
}

/// A size of this process's memory that the kernel knows, in KiB.
fn resident(size: &str) -> anyhow::Result<u64> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix(size)?.strip_prefix(':'));
    let kibibytes = line.and_then(|line| line.split_whitespace().next()).context("the kernel does not tell")?;
    Ok(kibibytes.parse()?)
}
