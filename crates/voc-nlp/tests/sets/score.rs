//! The shares of right answers.

use std::collections::BTreeMap;

/// Right answers and all answers, by kind.
#[derive(Default)]
pub(crate) struct Score {
    by_kind: BTreeMap<String, (usize, usize)>,
}

impl Score {
    pub(crate) fn count(&mut self, kind: &str, is_right: bool) {
        let (right, all) = self.by_kind.entry(kind.to_owned()).or_default();
        *right += usize::from(is_right);
        *all += 1;
    }

    /// Prints the shares.
    pub(crate) fn print(&self, set: &str) {
        let (right, all) = self.total();
        println!("{set}: {right} of {all} ({:.1} %)", 100.0 * share(right, all));
        for (kind, (right, all)) in &self.by_kind {
            println!("  {kind:<24} {right:>3} of {all:>3} ({:.0} %)", 100.0 * share(*right, *all));
        }
    }

    /// Fails if the share of all is below `least`, or that of a kind below `least_of_kind`.
    pub(crate) fn check(&self, least: f64, least_of_kind: f64) {
        let (right, all) = self.total();
        assert!(share(right, all) >= least, "{right} of {all} are right");
        for (kind, (right, all)) in &self.by_kind {
            assert!(share(*right, *all) >= least_of_kind, "{kind}: {right} of {all} are right");
        }
    }

    fn total(&self) -> (usize, usize) {
        self.by_kind.values().fold((0, 0), |(right, all), (more_right, more)| (right + more_right, all + more))
    }
}

fn share(right: usize, all: usize) -> f64 {
    right as f64 / all.max(1) as f64
}
