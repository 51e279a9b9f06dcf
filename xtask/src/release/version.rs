//! Versions, and what raises them.

use std::fmt;
use std::str::FromStr;

use anyhow::{Result, bail};
use clap::ValueEnum;

/// A version without a pre-release.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Version {
    major: u64,
    minor: u64,
    patch: u64,
}

/// The part of a version that is raised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub(crate) enum Bump {
    /// The last number: repairs.
    Patch,
    /// The one in the middle: additions; before 1.0.0 also what breaks users.
    Minor,
    /// The first number: what breaks users.
    Major,
}

/// What a new version means for those who use the old one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Change {
    /// Nothing that they can name has changed.
    Internal,
    /// There is more than before.
    Addition,
    /// Something is gone or different.
    Breaking,
}

impl Version {
    pub(super) const fn new(major: u64, minor: u64, patch: u64) -> Self {
        Self { major, minor, patch }
    }

    pub(super) fn raised(self, bump: Bump) -> Self {
        match bump {
            Bump::Patch => Self { patch: self.patch + 1, ..self },
            Bump::Minor => Self::new(self.major, self.minor + 1, 0),
            Bump::Major => Self::new(self.major + 1, 0, 0),
        }
    }

    /// The smallest bump that cargo understands as this change: before 1.0.0 every part has the meaning of the next
    /// larger one.
    pub(super) fn bump_for(self, change: Change) -> Bump {
        match (change, self.major) {
            (Change::Internal, _) | (Change::Addition, 0) => Bump::Patch,
            (Change::Addition, _) | (Change::Breaking, 0) => Bump::Minor,
            (Change::Breaking, _) => Bump::Major,
        }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

impl FromStr for Version {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self> {
        let numbers: Option<Vec<u64>> = text.split('.').map(|number| number.parse().ok()).collect();
        match numbers.as_deref() {
            Some([major, minor, patch]) => Ok(Self::new(*major, *minor, *patch)),
            _ => bail!("found the version {text:?}, expected one such as 1.2.3"),
        }
    }
}

impl fmt::Display for Bump {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Patch => "patch",
            Self::Minor => "minor",
            Self::Major => "major",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bump_resets_the_smaller_parts() {
        let version: Version = "1.2.3".parse().unwrap();
        let raised = [Bump::Patch, Bump::Minor, Bump::Major].map(|bump| version.raised(bump).to_string());
        assert_eq!(raised, ["1.2.4", "1.3.0", "2.0.0"]);
        for wrong in ["1.2", "1.2.3-rc.1", "v1.2.3", ""] {
            assert!(wrong.parse::<Version>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn before_one_a_minor_version_may_break_callers() {
        let changes = [Change::Internal, Change::Addition, Change::Breaking];
        assert_eq!(
            changes.map(|change| Version::new(0, 4, 1).bump_for(change)),
            [Bump::Patch, Bump::Patch, Bump::Minor]
        );
        assert_eq!(
            changes.map(|change| Version::new(1, 4, 1).bump_for(change)),
            [Bump::Patch, Bump::Minor, Bump::Major]
        );
    }
}
