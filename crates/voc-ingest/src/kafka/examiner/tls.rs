//! TLS handshakes with a broker: librdkafka reports that one failed, and hardly why.

use std::{fs, io, net::TcpStream, path::Path, sync::Arc};

use rustls::{
    AlertDescription, CertificateError, ClientConfig, ClientConnection, RootCertStore, StreamOwned,
    pki_types::{CertificateDer, ServerName, pem::PemObject as _},
};

use super::obstacle::BrokerObstacle;
use crate::kafka::settings::KafkaSecurity;

/// A connection inside TLS.
pub(super) type TlsStream = StreamOwned<ClientConnection, TcpStream>;

/// Performs a handshake, without a certificate of the client's.
///
/// # Errors
/// The obstacle; `None` if it is not known, which includes a certificate for another name if names are not verified.
pub(super) fn handshake(
    stream: TcpStream,
    host: &str,
    security: &KafkaSecurity,
) -> Result<TlsStream, Option<BrokerObstacle>> {
    let trusted = authorities(security.ca_file.as_deref());
    let Some(mut connection) = connection(host, trusted) else { return Err(None) };
    let mut stream = stream;
    match connection.complete_io(&mut stream) {
        Ok(_) => Ok(StreamOwned::new(connection, stream)),
        Err(error) => Err(match obstacle(&error) {
            Some(BrokerObstacle::WrongName { .. }) if !security.verify_host_name => None,
            obstacle => obstacle,
        }),
    }
}

/// Whether a server answers the greeting of TLS with a certificate.
pub(super) fn is_spoken(stream: TcpStream, host: &str) -> bool {
    let Some(mut connection) = connection(host, RootCertStore::empty()) else { return false };
    let mut stream = stream;
    let Err(error) = connection.complete_io(&mut stream) else { return false };
    matches!(cause(&error), Some(rustls::Error::InvalidCertificate(_) | rustls::Error::AlertReceived(_)))
}

/// What an error of a stream says about TLS; `None` if that is nothing.
pub(super) fn obstacle(error: &io::Error) -> Option<BrokerObstacle> {
    let other = |reason: String| Some(BrokerObstacle::Tls { reason });
    match cause(error)? {
        rustls::Error::InvalidCertificate(reason) => match reason {
            CertificateError::UnknownIssuer => Some(BrokerObstacle::UnknownAuthority),
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                Some(BrokerObstacle::WrongName { reason: reason.to_string() })
            }
            CertificateError::Expired
            | CertificateError::ExpiredContext { .. }
            | CertificateError::NotValidYet
            | CertificateError::NotValidYetContext { .. } => {
                Some(BrokerObstacle::WrongTime { reason: reason.to_string() })
            }
            reason => other(reason.to_string()),
        },
        // With TLS 1.2, and from Java, a missing certificate is a handshake that failed, or a bad certificate.
        rustls::Error::AlertReceived(
            AlertDescription::CertificateRequired
            | AlertDescription::BadCertificate
            | AlertDescription::HandshakeFailure,
        ) => Some(BrokerObstacle::ExpectsCertificate),
        rustls::Error::InvalidMessage(_) => None,
        reason => other(reason.to_string()),
    }
}

fn cause(error: &io::Error) -> Option<&rustls::Error> {
    error.get_ref().and_then(|cause| cause.downcast_ref())
}

/// A connection to a host that is about to begin; `None` if there can be no certificate for it.
fn connection(host: &str, trusted: RootCertStore) -> Option<ClientConnection> {
    let name = ServerName::try_from(host.to_owned()).ok()?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let versions = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().ok()?;
    let config = versions.with_root_certificates(trusted).with_no_client_auth();
    ClientConnection::new(Arc::new(config), name).ok()
}

/// The authorities in a file, or those of the system. What cannot be read is not trusted.
fn authorities(file: Option<&Path>) -> RootCertStore {
    let certificates: Vec<CertificateDer<'static>> = match file {
        None => rustls_native_certs::load_native_certs().certs,
        Some(file) => {
            let pem = fs::read(file).unwrap_or_default();
            CertificateDer::pem_slice_iter(&pem).filter_map(Result::ok).collect()
        }
    };
    let mut trusted = RootCertStore::empty();
    trusted.add_parsable_certificates(certificates);
    trusted
}
