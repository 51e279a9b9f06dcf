//! Failures of a store, classified by what the caller should do.

use std::time::Duration;

use voc_events::TableError;

use crate::QueryError;

/// A failed store operation.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The store cannot be reached or cannot accept more now; the same operation may succeed later.
    #[error("store unavailable: {0}")]
    Unavailable(String),
    /// No answer in time. Whether the operation took effect is unknown; an insert may be repeated under its token.
    #[error("{operation} did not finish within {limit:?}")]
    TimedOut {
        /// The operation.
        operation: &'static str,
        /// The timeout.
        limit: Duration,
    },
    /// Nothing was sent: no session with the store is as old as the batch's declaration, so the store may have died
    /// since then. The caller continues with [`reinsert`](crate::EventStore::reinsert).
    #[error("no session with the store is as old as the batch's declaration")]
    NoSession,
    /// The store refused this statement or this data; a repetition will not help.
    #[error("store refused (code {code}): {message}")]
    Rejected {
        /// ClickHouse error code.
        code: i32,
        /// The store's own message.
        message: String,
    },
    /// The store refused every piece of a batch, down to small ones, so single rows are not the cause.
    #[error("store refused all of {attempts} pieces of a batch, so no single row is at fault: {message}")]
    RefusesAll {
        /// Number of pieces tried.
        attempts: usize,
        /// The last error.
        message: String,
    },
    /// The user lacks a right that this needs.
    #[error("{0}")]
    Denied(String),
    /// The configuration cannot work, such as a wrong password or port.
    #[error("{0}")]
    Misconfigured(String),
    /// A migration could not be applied, or the schema is not the one this version needs.
    #[error("{0}")]
    Migration(String),
    /// A table cannot hold its family's events.
    #[error(transparent)]
    Table(#[from] TableError),
    /// A question that cannot be asked.
    #[error("invalid question: {0}")]
    Query(#[from] QueryError),
}

/// The remedy for an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Remedy {
    /// Wait: the same operation may succeed later; after [`StoreError::NoSession`], a re-insert.
    Wait,
    /// Leave out the offending rows: see [`EventStore::isolate`](crate::EventStore::isolate).
    Isolate,
    /// A change of the schema, the user's rights or the program. Repeating helps only after that.
    Repair,
}

/// ClickHouse codes of transient states: temporary failures of files and sockets (74, 75, 76, 95, 96, 204), timeouts
/// (159, 209), network (101, 198, 203, 210, 279, 364), memory (173, 241), an exhausted quota (201), too many queries
/// (202), aborted or cancelled (236, 394, 735), temporarily read-only (242), disk full (243), too many parts (252),
/// Keeper (225, 244, 999), too few replicas or a missed quorum (254, 285, 286), unknown fate of an insert (319), a
/// locked part (384), the system or its threads (425, 439), waiting for a lock (473), object storage (499), overload
/// (745).
const PASSING_CODES: [i32; 37] = [
    74, 75, 76, 95, 96, 101, 159, 173, 198, 201, 202, 203, 204, 209, 210, 225, 236, 241, 242, 243, 244, 252, 254, 279,
    285, 286, 319, 364, 384, 394, 425, 439, 473, 499, 735, 745, 999,
];

/// ClickHouse codes that blame the data: texts that cannot be parsed (6, 25, 26, 27) as dates (38, 41), numbers (72),
/// UUIDs (376), booleans (467), addresses (675, 676) or other types (441); values of the wrong type, size or range
/// (19, 53, 69, 70, 128, 131, 321, 346, 349, 407, 691), bad data as such (117), a division by zero or `throwIf` in a
/// computed column (153, 395), more rows or bytes than allowed at once (158, 307, 396), a violated constraint (469).
const DATA_CODES: [i32; 30] = [
    6, 19, 25, 26, 27, 38, 41, 53, 69, 70, 72, 117, 128, 131, 153, 158, 307, 321, 346, 349, 376, 395, 396, 407, 441,
    467, 469, 675, 676, 691,
];

/// ClickHouse's code for a missing right.
const ACCESS_DENIED: i32 = 497;

impl StoreError {
    /// Classifies an exception of a server or the engine: [`Unavailable`](Self::Unavailable) for transient states,
    /// [`Denied`](Self::Denied) for a missing right, else [`Rejected`](Self::Rejected).
    #[must_use]
    pub fn from_code(code: i32, message: String) -> Self {
        match code {
            ACCESS_DENIED => Self::Denied(message),
            code if PASSING_CODES.contains(&code) => Self::Unavailable(message),
            code => Self::Rejected { code, message },
        }
    }

    /// A select was given up, because nobody takes its rows any more.
    pub(crate) fn abandoned() -> Self {
        Self::Unavailable("nobody reads the answer any more".to_owned())
    }

    /// The remedy. A code that is not known to be transient or to blame the data calls for a repair: a stopped
    /// pipeline is noticed and loses nothing, but good events among the dead letters may go unnoticed.
    #[must_use]
    pub fn remedy(&self) -> Remedy {
        match self {
            Self::Unavailable(_) | Self::TimedOut { .. } | Self::NoSession => Remedy::Wait,
            Self::Rejected { code, .. } if DATA_CODES.contains(code) => Remedy::Isolate,
            Self::Rejected { .. }
            | Self::RefusesAll { .. }
            | Self::Denied(_)
            | Self::Misconfigured(_)
            | Self::Migration(_)
            | Self::Table(_)
            | Self::Query(_) => Remedy::Repair,
        }
    }

    /// Whether the remedy is to [wait](Remedy::Wait).
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        self.remedy() == Remedy::Wait
    }

    /// Stable name for metric labels.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Unavailable(_) => "store_unavailable",
            Self::TimedOut { .. } => "store_timeout",
            Self::NoSession => "store_no_session",
            Self::Rejected { .. } | Self::RefusesAll { .. } => "store_rejected",
            Self::Denied(_) | Self::Misconfigured(_) => "store_misconfigured",
            Self::Migration(_) | Self::Table(_) => "store_migration",
            Self::Query(_) => "store_query",
        }
    }
}
