//! What an answer has cost.

use serde::Serialize;
use utoipa::ToSchema;

use crate::access::Caller;

/// What an answer says about itself that has no range.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub(crate) struct Cost {
    /// Rows that the store has read for this answer, for a credential of some tenants in blocks of 65536.
    rows_read: u64,
}

impl Cost {
    /// What was read so far for the request of a caller.
    pub(crate) fn of(caller: &Caller) -> Self {
        Self { rows_read: caller.rows_read() }
    }
}
