//! A figure and its line in the table.

use std::{
    fmt,
    time::{Duration, Instant},
};

/// The result of a measurement.
pub(crate) struct Figure {
    name: String,
    items: usize,
    bytes: usize,
    best: Duration,
}

impl Figure {
    /// The best of several rounds of `work`, which handles `items` items of `bytes` bytes in total. A round's
    /// `prepare` is not measured.
    pub(crate) fn best_of<T>(
        name: impl Into<String>,
        rounds: usize,
        (items, bytes): (usize, usize),
        mut prepare: impl FnMut() -> anyhow::Result<T>,
        mut work: impl FnMut(T) -> anyhow::Result<()>,
    ) -> anyhow::Result<Self> {
        let mut measured = Self::unmeasured(name, (items, bytes));
        for _ in 0..rounds.max(1) {
            let prepared = prepare()?;
            measured.round(|| work(prepared))?;
        }
        Ok(measured)
    }

    /// A figure without measured rounds.
    pub(crate) fn unmeasured(name: impl Into<String>, (items, bytes): (usize, usize)) -> Self {
        Self { name: name.into(), items, bytes, best: Duration::MAX }
    }

    /// Measures one more round.
    pub(crate) fn round(&mut self, work: impl FnOnce() -> anyhow::Result<()>) -> anyhow::Result<()> {
        let start = Instant::now();
        work()?;
        self.best = self.best.min(start.elapsed());
        Ok(())
    }

    pub(crate) fn heading() -> String {
        format!("{:<34} {:>12} {:>10} {:>10}", "", "per second", "MB/s", "µs each")
    }
}

impl fmt::Display for Figure {
    #[expect(clippy::cast_precision_loss, reason = "rates do not need 53 bits")]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.best.as_secs_f64();
        let (rate, megabytes) = (self.items as f64 / seconds, self.bytes as f64 / seconds / 1e6);
        write!(f, "{:<34} {rate:>12.0} {megabytes:>10.0} {:>10.3}", self.name, 1e6 / rate)
    }
}
