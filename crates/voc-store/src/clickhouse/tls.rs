//! Encrypted connections: who is trusted, and why a server is not.

use std::{
    fmt, io,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use rustls::{
    CertificateError, ClientConfig, RootCertStore,
    pki_types::{CertificateDer, ServerName, pem::PemObject},
};
use tokio::net::TcpStream;
use tokio_rustls::{TlsConnector, client::TlsStream};

use crate::StoreError;

/// How to verify the certificate of a server: it must be for the host that is connected to, and signed by an authority
/// that is trusted. A server that is not verified gets nothing, not even a user name.
#[derive(Clone)]
pub struct ClickHouseTls {
    connector: TlsConnector,
    /// That of the server that was connected to last, in DER.
    certificate: Arc<Mutex<Option<Vec<u8>>>>,
}

impl fmt::Debug for ClickHouseTls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClickHouseTls")
    }
}

impl ClickHouseTls {
    /// Trusts the authorities that this machine trusts.
    ///
    /// # Errors
    /// [`StoreError::Misconfigured`] if it trusts none.
    pub fn with_authorities_of_system() -> Result<Self, StoreError> {
        Self::with_authorities(rustls_native_certs::load_native_certs().certs).ok_or_else(|| {
            StoreError::Misconfigured(
                "this machine trusts no certificate authority; install its ca-certificates, or name a file \
                 (CLICKHOUSE_CA_FILE)"
                    .to_owned(),
            )
        })
    }

    /// Trusts the authorities in a PEM file, and no others.
    ///
    /// # Errors
    /// [`StoreError::Misconfigured`] if the file cannot be read, or contains no certificate.
    pub fn with_authorities_of_file(file: &Path) -> Result<Self, StoreError> {
        let unusable = |reason: &dyn fmt::Display| {
            StoreError::Misconfigured(format!(
                "cannot use the certificate authorities in {} (CLICKHOUSE_CA_FILE): {reason}",
                file.display()
            ))
        };
        let pem = std::fs::read(file).map_err(|error| unusable(&error))?;
        let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&pem).collect();
        let certificates = certificates.map_err(|error| unusable(&error))?;
        Self::with_authorities(certificates).ok_or_else(|| unusable(&"it contains no certificate"))
    }

    /// `None` if none of the certificates is usable.
    fn with_authorities(certificates: Vec<CertificateDer<'static>>) -> Option<Self> {
        let mut trusted = RootCertStore::empty();
        let (added, _unusable) = trusted.add_parsable_certificates(certificates);
        if added == 0 { None } else { Some(Self { connector: connector(trusted)?, certificate: Arc::default() }) }
    }

    /// The certificate, in DER, of the server that was connected to last; `None` before the first connection.
    #[must_use]
    pub fn certificate(&self) -> Option<Vec<u8>> {
        self.certificate.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Encrypts a connection to a host, once the server is verified. Errors name it by its `address`.
    pub(super) async fn connect(
        &self,
        host: &str,
        address: &str,
        stream: TcpStream,
    ) -> Result<TlsStream<TcpStream>, StoreError> {
        let name = ServerName::try_from(host.to_owned()).map_err(|error| {
            StoreError::Misconfigured(format!("no certificate can be for the host {host:?}: {error}"))
        })?;
        let stream = self.connector.connect(name, stream).await.map_err(|error| explain(host, address, &error))?;
        let certificate = stream.get_ref().1.peer_certificates().and_then(|chain| chain.first());
        *self.certificate.lock().unwrap_or_else(PoisonError::into_inner) = certificate.map(|own| own.to_vec());
        Ok(stream)
    }
}

/// `None` if the provider of cryptography lacks a version of TLS, which ours does not.
fn connector(trusted: RootCertStore) -> Option<TlsConnector> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let versions = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().ok()?;
    let config = versions.with_root_certificates(trusted).with_no_client_auth();
    Some(TlsConnector::from(Arc::new(config)))
}

/// Whether a server answers a greeting of TLS with a certificate. It gets nothing else, because none is trusted.
pub(super) async fn is_spoken_by(host: &str, port: u16, patience: Duration) -> bool {
    let Some(connector) = connector(RootCertStore::empty()) else { return false };
    let Ok(name) = ServerName::try_from(host.to_owned()) else { return false };
    let greet = async {
        let stream = TcpStream::connect((host, port)).await?;
        connector.connect(name, stream).await
    };
    let Ok(Err(refused)) = tokio::time::timeout(patience, greet).await else { return false };
    let cause = refused.get_ref().and_then(|cause| cause.downcast_ref());
    matches!(cause, Some(rustls::Error::InvalidCertificate(_) | rustls::Error::AlertReceived(_)))
}

fn explain(host: &str, address: &str, error: &io::Error) -> StoreError {
    let cause = error.get_ref().and_then(|cause| cause.downcast_ref());
    match cause {
        Some(rustls::Error::InvalidMessage(_)) => StoreError::Misconfigured(format!(
            "{address} does not speak TLS; set the port for TLS, usually 9440, or connect without TLS \
             (CLICKHOUSE_SECURE=false)"
        )),
        Some(rustls::Error::InvalidCertificate(reason)) => untrusted(host, address, reason),
        _ if error.kind() == io::ErrorKind::UnexpectedEof => StoreError::Unavailable(format!(
            "{address} ended the connection before TLS was agreed; is it the port for TLS, usually 9440?"
        )),
        _ => StoreError::Unavailable(format!("cannot agree on TLS with ClickHouse at {address}: {error}")),
    }
}

fn untrusted(host: &str, address: &str, reason: &CertificateError) -> StoreError {
    let refused = format!("the certificate of {address} is not trusted");
    match reason {
        CertificateError::UnknownIssuer => StoreError::Misconfigured(format!(
            "{refused}: its authority is not known; name a file with the authority's certificate (CLICKHOUSE_CA_FILE)"
        )),
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            StoreError::Misconfigured(format!(
                "{refused}: it is not for {host:?} ({reason}); connect to a name that it is for (CLICKHOUSE_HOST)"
            ))
        }
        // A renewed certificate ends this without a change here.
        CertificateError::Expired
        | CertificateError::ExpiredContext { .. }
        | CertificateError::NotValidYet
        | CertificateError::NotValidYetContext { .. } => {
            StoreError::Unavailable(format!("{refused}: {reason}; renew it, or set the clocks right"))
        }
        _ => StoreError::Misconfigured(format!("{refused}: {reason}")),
    }
}
