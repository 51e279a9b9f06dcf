//! What is said, and by whom.

use std::fmt;

use serde::Serialize;

/// The role of a speaker in a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Role {
    /// The caller.
    Customer,
    /// The person who answers for the company.
    Agent,
    /// A program that answers, or a system message.
    Bot,
    /// A speaker whose role is not known.
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

/// What one speaker says before another one does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Turn<'a> {
    /// The speaker's role.
    pub role: Role,
    /// The speaker's name in the transcript, without brackets, markup and time; `None` for text without a name.
    pub speaker: Option<&'a str>,
    /// The text, without the name.
    pub text: &'a str,
    /// Where it begins in the transcript, in bytes.
    pub start: usize,
    /// The byte after its last.
    pub end: usize,
}
