//! The verdicts on all families.

use crate::{family::Family, oracle::Verdict};

/// The verdict on each family.
pub(crate) struct Verdicts(pub(crate) Vec<(&'static Family, Verdict)>);

impl Verdicts {
    /// The families with their verdicts.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &(&'static Family, Verdict)> {
        self.0.iter()
    }

    /// Whether all verdicts are clean.
    pub(crate) fn is_clean(&self) -> bool {
        self.0.iter().all(|(_, verdict)| verdict.is_clean())
    }

    /// Distinct events produced.
    pub(crate) fn events(&self) -> u64 {
        self.0.iter().map(|(_, verdict)| verdict.events).sum()
    }

    /// Number of lost events and bad records.
    pub(crate) fn lost(&self) -> u64 {
        self.0.iter().map(|(_, verdict)| verdict.lost.count).sum()
    }

    /// Number of doubled rows and dead letters.
    pub(crate) fn doubled(&self) -> u64 {
        self.0.iter().map(|(_, verdict)| verdict.doubled.count).sum()
    }
}
