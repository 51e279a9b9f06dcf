//! What can go wrong in a store, sorted by what the caller should do.

use std::time::Duration;

/// A failed store operation.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The store cannot be reached or cannot take more now; the same operation may succeed later.
    #[error("store unavailable: {0}")]
    Unavailable(String),
    /// No answer in time. Whether the operation took effect is unknown; an insert may be repeated under its token.
    #[error("{operation} did not finish within {limit:?}")]
    TimedOut {
        /// What was tried.
        operation: &'static str,
        /// The time allowed.
        limit: Duration,
    },
    /// Nothing was sent: no session with the store is as old as the batch's declaration, so the store may have died since then. The
    /// caller goes on with [`replay`](crate::EventStore::replay).
    #[error("no session with the store is as old as the batch's declaration")]
    NoSession,
    /// The store refused this statement or this data; repeating it will not help.
    #[error("store refused (code {code}): {message}")]
    Rejected {
        /// ClickHouse error code.
        code: i32,
        /// The store's own words.
        message: String,
    },
    /// The configuration cannot work, such as a wrong password or port.
    #[error("{0}")]
    Misconfigured(String),
    /// A migration could not be applied, or the schema is not what this version needs.
    #[error("{0}")]
    Migration(String),
}

/// ClickHouse codes of states that pass: time-outs (159, 209), network (101, 210, 279), too many queries (202), aborted or cancelled
/// (236, 394, 735), memory limit (241), read-only for now (242), disk full (243), too many parts (252), Keeper (225, 999), too few
/// replicas (285), fate of an insert unknown (319), the system or its threads (425, 439), a lock waited for (473), overload (745).
const PASSING_CODES: [i32; 21] =
    [101, 159, 202, 209, 210, 225, 236, 241, 242, 243, 252, 279, 285, 319, 394, 425, 439, 473, 735, 745, 999];

impl StoreError {
    /// Sorts a server's or the engine's exception: [`Unavailable`](Self::Unavailable) for states that pass, else
    /// [`Rejected`](Self::Rejected).
    #[must_use]
    pub fn from_code(code: i32, message: String) -> Self {
        if PASSING_CODES.contains(&code) { Self::Unavailable(message) } else { Self::Rejected { code, message } }
    }

    /// Whether the same operation may succeed later.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        matches!(self, Self::Unavailable(_) | Self::TimedOut { .. })
    }

    /// Stable name for metric labels.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Unavailable(_) => "store_unavailable",
            Self::TimedOut { .. } => "store_timeout",
            Self::NoSession => "store_no_session",
            Self::Rejected { .. } => "store_rejected",
            Self::Misconfigured(_) => "store_misconfigured",
            Self::Migration(_) => "store_migration",
        }
    }
}
