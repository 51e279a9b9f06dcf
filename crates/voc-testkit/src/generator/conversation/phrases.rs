//! The structure of a language's phrases.

/// How a customer feels at the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::generator) enum Mood {
    Positive = 0,
    Neutral = 1,
    Negative = 2,
}

/// One language's phrases, by their place in a conversation. Lists by mood are in the order positive, neutral,
/// negative.
pub(super) struct Phrases {
    pub(super) agent: &'static str,
    pub(super) customer: &'static str,
    pub(super) greetings: &'static [&'static str],
    /// The agent's phrases to gain time, and the customer's answers.
    pub(super) holds: &'static [(&'static str, &'static str)],
    pub(super) reactions: [&'static [&'static str]; 3],
    pub(super) closings: &'static [&'static str],
    pub(super) farewells: [&'static [&'static str]; 3],
    pub(super) scenarios: &'static [Scenario],
    pub(super) agents: &'static [&'static str],
    pub(super) customers: &'static [&'static str],
    pub(super) cities: &'static [&'static str],
    pub(super) products: &'static [&'static str],
    pub(super) plans: &'static [&'static str],
    pub(super) months: &'static [&'static str],
    /// Currency sign, with the blank that follows it in this language.
    pub(super) currency: &'static str,
    /// Decimal separator.
    pub(super) decimal: char,
}

/// A reason to call.
pub(super) struct Scenario {
    pub(super) queue: &'static str,
    pub(super) openings: &'static [&'static str],
    pub(super) questions: &'static [&'static str],
    pub(super) details: &'static [&'static str],
    pub(super) solved: &'static [&'static str],
    pub(super) unsolved: &'static [&'static str],
    /// The usual outcome of such a call.
    pub(super) mood: Mood,
}
