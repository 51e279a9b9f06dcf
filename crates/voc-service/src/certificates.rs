//! How long certificates are valid, as metrics.

use std::path::Path;

use rustls::pki_types::{CertificateDer, pem::PemObject as _};
use x509_parser::parse_x509_certificate;

use crate::metrics::Metric;

/// When a certificate expires, in seconds since 1970, by role and system.
pub const NOT_AFTER: &str = "voc_certificate_not_after_timestamp_seconds";

/// Describes the metric.
#[must_use]
pub fn metric() -> Metric {
    Metric::gauge(NOT_AFTER, "When a certificate expires, in seconds since 1970, by role and system")
}

/// Sets the metric for a certificate in DER. One that cannot be read has no expiry to tell; whoever uses it says why.
pub fn export(certificate: &[u8], role: &'static str, system: &'static str) {
    if let Some(expires) = expires_at(certificate) {
        metrics::gauge!(NOT_AFTER, "role" => role, "system" => system).set(expires as f64);
    }
}

/// When a certificate in DER expires, in seconds since 1970; `None` if it cannot be read.
#[must_use]
pub fn expires_at(certificate: &[u8]) -> Option<i64> {
    let (_, certificate) = parse_x509_certificate(certificate).ok()?;
    Some(certificate.validity().not_after.timestamp())
}

/// The first certificate of a PEM file, in DER; `None` if there is none.
#[must_use]
pub fn of_file(file: &Path) -> Option<Vec<u8>> {
    CertificateDer::from_pem_file(file).ok().map(|certificate| certificate.to_vec())
}
