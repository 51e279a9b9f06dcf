//! Files that this crate writes, and what helps where one cannot be written.

use std::io::{Error, ErrorKind};

use crate::DeliveryRemedy;

/// What helps.
///
/// A full disk is waited for, as a store's is: room is made without anybody looking at this program, and an import
/// that was ended instead would have to be started again for nothing. So is a network's disk that is away. Everything
/// else, a kind that is not known among it, stays as it is until somebody changes the path, or what it leads to.
pub(crate) fn remedy_of(error: &Error) -> DeliveryRemedy {
    match error.kind() {
        ErrorKind::StorageFull
        | ErrorKind::QuotaExceeded
        | ErrorKind::TimedOut
        | ErrorKind::StaleNetworkFileHandle
        | ErrorKind::Interrupted => DeliveryRemedy::Wait,
        _ => DeliveryRemedy::Repair(
            "see that the file's path exists, on a healthy disk, and that this user may write there",
        ),
    }
}
