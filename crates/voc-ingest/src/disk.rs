//! Errors of files that this crate writes, and their remedies.

use std::io::{Error, ErrorKind};

use crate::DeliveryRemedy;

/// Maps an I/O error to its remedy.
///
/// A full disk is waited for, like a full store: space may be freed without anyone touching this program, and an
/// import that stopped instead would have to be restarted for nothing. The same goes for a network disk that is
/// unavailable. All other errors, unknown kinds included, persist until someone fixes the path or what it leads to.
pub(crate) fn remedy_of(error: &Error) -> DeliveryRemedy {
    match error.kind() {
        ErrorKind::StorageFull
        | ErrorKind::QuotaExceeded
        | ErrorKind::TimedOut
        | ErrorKind::StaleNetworkFileHandle
        | ErrorKind::Interrupted => DeliveryRemedy::Wait,
        _ => DeliveryRemedy::Repair("check that the path exists on a healthy disk and that this user may write to it"),
    }
}
