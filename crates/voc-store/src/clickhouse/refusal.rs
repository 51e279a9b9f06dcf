//! Classifies a server's refusals.

use klickhouse::KlickhouseError;

use super::{ClickHouseConfig, reply::Exception};
use crate::StoreError;

const READ_ONLY_USER: i32 = 164;
const UNKNOWN_USER: i32 = 192;
const WRONG_PASSWORD: i32 = 193;
const REQUIRED_PASSWORD: i32 = 194;
const SETTING_CONSTRAINT_VIOLATION: i32 = 452;
const ACCESS_DENIED: i32 = 497;
const AUTHENTICATION_FAILED: i32 = 516;

/// Classifies an exception: a refused user is a configuration error, everything else depends on its code.
pub(super) fn refused(config: &ClickHouseConfig, Exception { code, message }: Exception) -> StoreError {
    let user = &config.user;
    let address = config.address();
    match code {
        UNKNOWN_USER | WRONG_PASSWORD | REQUIRED_PASSWORD | AUTHENTICATION_FAILED => StoreError::Misconfigured(
            format!("ClickHouse at {address} refused user {user:?}: no such user, or a wrong password (code {code})"),
        ),
        READ_ONLY_USER if message.contains("Cannot modify") => StoreError::Misconfigured(format!(
            "ClickHouse at {address} lets no statement of user {user:?} carry settings; set readonly = 2 in its profile, \
             instead of 1: {message} (code {code})"
        )),
        SETTING_CONSTRAINT_VIOLATION if message.contains("max_execution_time") => StoreError::Misconfigured(format!(
            "ClickHouse at {address} limits the time of statements of user {user:?}; raise max_execution_time in its \
             profile, or lower CLICKHOUSE_QUERY_TIMEOUT_SECONDS: {message} (code {code})"
        )),
        READ_ONLY_USER | ACCESS_DENIED => StoreError::Denied(format!(
            "ClickHouse at {address} does not allow this to user {user:?}: {message} (code {code})"
        )),
        _ => StoreError::from_code(code, message),
    }
}

/// Classifies a client's failure: exceptions as above, anything else is a broken connection.
pub(super) fn failed(config: &ClickHouseConfig, error: KlickhouseError) -> StoreError {
    match error {
        KlickhouseError::ServerException { code, message, .. } => refused(config, Exception { code, message }),
        other => broken(config, other),
    }
}

/// The connection ended or failed before the operation was proven complete.
pub(super) fn broken(config: &ClickHouseConfig, reason: impl std::fmt::Display) -> StoreError {
    StoreError::Unavailable(format!("the connection to ClickHouse at {} broke: {reason}", config.address()))
}
