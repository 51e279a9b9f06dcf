//! How long certificates are valid.

use std::time::SystemTime;

use voc_events::Timestamp;
use voc_service::certificates;

use super::section::Verdict;

const SECONDS_PER_DAY: i64 = 86_400;
/// When a certificate should be renewed, as the alert has it.
const SOON_DAYS: i64 = 21;

/// Whether a certificate, in DER if it could be read, is valid for long enough; `name` says whose it is.
pub(super) fn validity(certificate: Option<&[u8]>, name: &str) -> Verdict<()> {
    let expires = certificate.and_then(certificates::expires_at);
    let Some(expires) = expires else {
        return Verdict::failed(
            format!("{name} cannot be read"),
            "name a file in PEM that begins with the certificate",
        );
    };
    let left = expires - Timestamp::from(SystemTime::now()).as_millis() / 1000;
    let day = left.abs() / SECONDS_PER_DAY;
    match left {
        ..0 => Verdict::failed(format!("{name} expired {day} days ago"), "renew it"),
        left if left < SOON_DAYS * SECONDS_PER_DAY => {
            Verdict::warning(format!("{name} expires in {day} days"), "renew it before that", ())
        }
        _ => Verdict::ok(format!("{name} expires in {day} days"), ()),
    }
}
