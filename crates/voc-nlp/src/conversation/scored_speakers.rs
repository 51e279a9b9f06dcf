//! Whose score is the call's.

use super::Role;

/// Whose score is the call's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ScoredSpeakers {
    /// Customers.
    Customers,
    /// Everyone except agents and bots: no customer is known.
    AllButAgents,
    /// Everyone: neither customers nor agents are known.
    Everybody,
}

impl ScoredSpeakers {
    pub(super) fn hears(self, role: Role) -> bool {
        match self {
            Self::Customers => role == Role::Customer,
            Self::AllButAgents => !matches!(role, Role::Agent | Role::Bot),
            Self::Everybody => true,
        }
    }
}
