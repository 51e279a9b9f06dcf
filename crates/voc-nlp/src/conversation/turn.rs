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
    /// Where it begins in [`Conversation::text`](super::Conversation::text), in bytes.
    pub start: usize,
    /// The byte after its last.
    pub end: usize,
    /// When it begins, in milliseconds from the start of the call; `None` if the transcript does not say.
    pub start_ms: Option<u64>,
    /// When it ends, likewise.
    pub end_ms: Option<u64>,
}

/// A turn as whoever transcribed a call gives it, for
/// [`Conversation::of_turns`](super::Conversation::of_turns).
///
/// ```
/// use voc_nlp::{Conversation, GivenTurn, Role};
///
/// let turns = [
///     GivenTurn { speaker: Some("0"), ..GivenTurn::new("Thank you for calling, how can I help?") },
///     GivenTurn { speaker: Some("1"), ..GivenTurn::new("I was charged twice.") },
/// ];
/// let roles: Vec<Role> = Conversation::of_turns(turns).turns().iter().map(|turn| turn.role).collect();
/// assert_eq!(roles, [Role::Agent, Role::Customer]);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GivenTurn<'a> {
    /// The speaker's role, if it is known.
    pub role: Option<Role>,
    /// The speaker's name, number or channel, if it is known.
    pub speaker: Option<&'a str>,
    /// What is said.
    pub text: &'a str,
    /// When it begins, in milliseconds from the start of the call, if that is known.
    pub start_ms: Option<u64>,
    /// When it ends, likewise.
    pub end_ms: Option<u64>,
}

impl<'a> GivenTurn<'a> {
    /// A turn of which only the text is known.
    pub const fn new(text: &'a str) -> Self {
        Self { role: None, speaker: None, text, start_ms: None, end_ms: None }
    }
}
