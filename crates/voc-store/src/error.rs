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
    /// The store refused every piece of a batch, down to small ones: it is not single rows that are at fault.
    #[error("store refused all of {tries} pieces of a batch, so no single row is at fault: {message}")]
    RefusesAll {
        /// Pieces tried.
        tries: usize,
        /// The last error.
        message: String,
    },
    /// The configuration cannot work, such as a wrong password or port.
    #[error("{0}")]
    Misconfigured(String),
    /// A migration could not be applied, or the schema is not what this version needs.
    #[error("{0}")]
    Migration(String),
}

/// What helps against an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Remedy {
    /// Time: the same operation may succeed later; after [`StoreError::NoSession`] a replay.
    Wait,
    /// Leaving out the rows that are at fault: see [`EventStore::isolate`](crate::EventStore::isolate).
    Isolate,
    /// Somebody who changes the schema, the user's rights or the program. Repeating helps only once that is done.
    Repair,
}

/// ClickHouse codes of states that pass: files and sockets that fail for now (74, 75, 76, 95, 96, 204), time-outs (159, 209), network
/// (101, 198, 203, 210, 279, 364), memory (173, 241), a quota used up (201), too many queries (202), aborted or cancelled (236, 394,
/// 735), read-only for now (242), disk full (243), too many parts (252), Keeper (225, 244, 999), too few replicas or a quorum missed
/// (254, 285, 286), fate of an insert unknown (319), a part locked (384), the system or its threads (425, 439), a lock waited for
/// (473), object storage (499), overload (745).
const PASSING_CODES: [i32; 37] = [
    74, 75, 76, 95, 96, 101, 159, 173, 198, 201, 202, 203, 204, 209, 210, 225, 236, 241, 242, 243, 244, 252, 254, 279,
    285, 286, 319, 364, 384, 394, 425, 439, 473, 499, 735, 745, 999,
];

/// ClickHouse codes that blame the data: texts that cannot be parsed (6, 25, 26, 27) as dates (38, 41), numbers (72), UUIDs (376),
/// truth values (467), addresses (675, 676) or other types (441); values of the wrong type, size or range (19, 53, 69, 70, 128, 131,
/// 321, 346, 349, 407, 691), bad data as such (117), a division by zero or `throwIf` in a computed column (153, 395), more rows or
/// bytes than may come at once (158, 307, 396), a violated constraint (469).
const DATA_CODES: [i32; 30] = [
    6, 19, 25, 26, 27, 38, 41, 53, 69, 70, 72, 117, 128, 131, 153, 158, 307, 321, 346, 349, 376, 395, 396, 407, 441,
    467, 469, 675, 676, 691,
];

impl StoreError {
    /// Sorts a server's or the engine's exception: [`Unavailable`](Self::Unavailable) for states that pass, else
    /// [`Rejected`](Self::Rejected).
    #[must_use]
    pub fn from_code(code: i32, message: String) -> Self {
        if PASSING_CODES.contains(&code) { Self::Unavailable(message) } else { Self::Rejected { code, message } }
    }

    /// What helps. A code that is not known to be passing or to blame the data asks for a repair: a pipeline that stops is seen and
    /// loses nothing, good events among the dead letters may not be seen.
    #[must_use]
    pub fn remedy(&self) -> Remedy {
        match self {
            Self::Unavailable(_) | Self::TimedOut { .. } | Self::NoSession => Remedy::Wait,
            Self::Rejected { code, .. } if DATA_CODES.contains(code) => Remedy::Isolate,
            Self::Rejected { .. } | Self::RefusesAll { .. } | Self::Misconfigured(_) | Self::Migration(_) => {
                Remedy::Repair
            }
        }
    }

    /// Whether what helps is to [wait](Remedy::Wait).
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
            Self::Misconfigured(_) => "store_misconfigured",
            Self::Migration(_) => "store_migration",
        }
    }
}
