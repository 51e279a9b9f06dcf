//! What the oracle says of all families.

use crate::{family::Family, oracle::Verdict};

/// What the comparison says of each family.
pub(crate) struct Verdicts(pub(crate) Vec<(&'static Family, Verdict)>);

impl Verdicts {
    /// The families, and what is said of each.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &(&'static Family, Verdict)> {
        self.0.iter()
    }

    /// Whether all is as it should be.
    pub(crate) fn is_clean(&self) -> bool {
        self.0.iter().all(|(_, verdict)| verdict.is_clean())
    }

    /// Distinct events produced.
    pub(crate) fn events(&self) -> u64 {
        self.0.iter().map(|(_, verdict)| verdict.events).sum()
    }

    /// Events and bad records that are nowhere.
    pub(crate) fn lost(&self) -> u64 {
        self.0.iter().map(|(_, verdict)| verdict.lost.count).sum()
    }

    /// What is there more often than it should be.
    pub(crate) fn doubled(&self) -> u64 {
        self.0.iter().map(|(_, verdict)| verdict.doubled.count).sum()
    }
}
