//! Questions without an answer.

/// Why a question has no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum UnansweredReason {
    /// The call failed, or an earlier one failed so that this one was not made.
    Failed,
    /// The answer was not usable.
    BadAnswer,
    /// Too many questions waited.
    QueueFull,
    /// The caller's time was over.
    TimedOut,
    /// The breaker was open.
    BreakerOpen,
    /// The budget was used up.
    OverBudget,
    /// All running calls took longer than a caller waits.
    Stalled,
}
