//! What is said, and by whom.

use std::fmt;

use serde::Serialize;

/// What a speaker is in a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Role {
    /// Who calls.
    Customer,
    /// Who answers for the company.
    Agent,
    /// A program that answers, or a system's message.
    Bot,
    /// Somebody whose part is not known.
    Other,
}

impl Role {
    /// `"customer"`, `"agent"`, `"bot"` or `"other"`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::Agent => "agent",
            Self::Bot => "bot",
            Self::Other => "other",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What one speaker says before another does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Turn<'a> {
    /// What the speaker is.
    pub role: Role,
    /// The speaker as named in the transcript, without brackets, marks and time; `None` for text that no name stands before.
    pub speaker: Option<&'a str>,
    /// What is said, without the name.
    pub text: &'a str,
    /// Where it begins in the transcript, in bytes.
    pub start: usize,
    /// The byte after its last.
    pub end: usize,
}
