//! Why a caller is not served.

use std::time::Duration;

use super::scope::Scope;
use crate::{
    invalid_parameter::{InvalidParameter, Location},
    problem::Problem,
};

/// Why a caller is not served.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refusal {
    /// There is no credential, or an unknown or expired one: the answer does not say which.
    #[error("a valid API key or token is required, as 'Authorization: Bearer …' or 'X-Api-Key: …'")]
    Unauthenticated,
    #[error("the credential does not have the scope '{0}', which this requires")]
    MissingScope(Scope),
    /// The answer is the same whether the tenant exists or not.
    #[error("the credential is not for this tenant")]
    TenantNotAllowed,
    #[error("the credential is for no tenant")]
    NoTenant,
    #[error("value is required, because the credential is for several tenants")]
    SeveralTenants,
    /// A family without tenants, or what counts all tenants' records.
    #[error("this is answered only to credentials for all tenants")]
    NeedsAllTenants,
    /// Everyone on this machine may ask, but not through a name that is not this machine's.
    #[error(
        "without credentials the service answers requests to localhost only; create a key (voc-query keys create --help)"
    )]
    NotLocal,
    #[error("the credential's requests per second are used up")]
    TooManyRequests { retry_after: Duration },
    #[error("the rows that may be read per hour are used up; ask about shorter ranges, or less often")]
    RowsUsedUp { retry_after: Duration },
    #[error("too many questions are asked at once; wait for their answers")]
    TooManyAtOnce { retry_after: Duration },
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let detail = refusal.to_string();
        match refusal {
            Refusal::Unauthenticated => Self::Unauthorized(detail),
            Refusal::SeveralTenants => {
                let mistake = InvalidParameter::new(Location::query("tenant_id"), detail, "value_error.missing");
                Self::InvalidParameters(vec![mistake])
            }
            Refusal::NotLocal
            | Refusal::MissingScope(_)
            | Refusal::TenantNotAllowed
            | Refusal::NoTenant
            | Refusal::NeedsAllTenants => Self::Forbidden(detail),
            Refusal::TooManyRequests { retry_after } | Refusal::TooManyAtOnce { retry_after } => {
                Self::TooManyRequests { detail, retry_after }
            }
            Refusal::RowsUsedUp { retry_after } => Self::RowsUsedUp { detail, retry_after },
        }
    }
}
