//! Whose score a call's is.

use super::Role;

/// Whose score a call's is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Heard {
    /// Customers.
    Customers,
    /// All but agents and bots: no customer is known.
    AllButAgents,
    /// Everybody: neither customers nor agents are known.
    Everybody,
}

impl Heard {
    pub(super) fn hears(self, role: Role) -> bool {
        match self {
            Self::Customers => role == Role::Customer,
            Self::AllButAgents => !matches!(role, Role::Agent | Role::Bot),
            Self::Everybody => true,
        }
    }
}
