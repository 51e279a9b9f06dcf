//! Progress messages for the user.

use std::time::{Duration, Instant};

/// A named step of work; reports its start and its duration.
pub(crate) struct Step {
    name: String,
    started: Instant,
}

impl Step {
    pub(crate) fn begin(name: impl Into<String>) -> Self {
        let name = name.into();
        eprintln!("▸ {name}");
        Self { name, started: Instant::now() }
    }

    /// Reports that the step is complete; returns its duration.
    pub(crate) fn done(self) -> Duration {
        let took = self.started.elapsed();
        eprintln!("✓ {} ({})", self.name, seconds(took));
        took
    }
}

/// A duration in readable form: `0.4 s`, `12 s`, `3 min 05 s`.
pub(crate) fn seconds(duration: Duration) -> String {
    match duration.as_secs() {
        0..10 => format!("{:.1} s", duration.as_secs_f64()),
        whole @ 10..60 => format!("{whole} s"),
        whole => format!("{} min {:02} s", whole / 60, whole % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_readable() {
        assert_eq!(seconds(Duration::from_millis(420)), "0.4 s");
        assert_eq!(seconds(Duration::from_millis(12_900)), "12 s");
        assert_eq!(seconds(Duration::from_secs(185)), "3 min 05 s");
    }
}
